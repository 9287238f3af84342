// By which rungs an alert climbs, read from data: the law gives the agency 24 hours for a notice
// (National Minimum Standard 29.1) and leaves to it how it makes its own staff look.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/policy.pb.h"
#include "fosterwatch/options/v1/options.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::notifications::domain {

// Reads policy/alerts.json (fosterwatch.notifications.v1.AlertPolicies). INVALID_ARGUMENT
// (POLICY_INVALID) for unknown fields; no edition, or editions not in the order of their days; and
// in an edition no version or day, a ladder without rungs, a rung without roles, roles that no
// person holds, minutes outside 1 to 1440, a digest at no time of day, a missing source, or a grade
// that is not H, M or L.
absl::StatusOr<v1::AlertPolicies> ParseAlertPolicies(absl::string_view json);

// The edition that holds at a moment: the last whose day has begun in London; before the first
// one's day, the first.
const v1::AlertPolicy& InForce(const v1::AlertPolicies& policies, absl::Time moment);

struct Rung {
  std::vector<options::v1::Role> roles;
  absl::Duration until_next;
  // No rung but a round: the ladder is at its end, all are told again and again.
  bool round = false;
};

// When the next digest leaves: the policy's time of day in London, on a working day, after
// `moment`.
absl::Time NextDigest(const v1::AlertPolicy& policy, const clock::WorkingCalendar& calendar,
                      absl::Time moment);

// Where an alert is that has climbed so many times.
Rung RungAt(const v1::AlertPolicy& policy, bool urgent, int climbed);

}  // namespace fosterwatch::notifications::domain
