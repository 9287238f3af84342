// How often an alert climbs, read from data: the law gives the agency 24 hours for a notice
// (National Minimum Standard 29.1) and leaves to it how it makes its own staff look.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/policy.pb.h"

namespace fosterwatch::notifications::domain {

// Reads policy/alerts.json (fosterwatch.notifications.v1.AlertPolicy). INVALID_ARGUMENT
// (POLICY_INVALID) for unknown fields, no version, minutes outside 1 to 1440, a missing source, or
// a grade that is not H, M or L.
absl::StatusOr<v1::AlertPolicy> ParseAlertPolicy(absl::string_view json);

absl::Duration ClimbsEvery(const v1::AlertPolicy& policy, bool urgent);

}  // namespace fosterwatch::notifications::domain
