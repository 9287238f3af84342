// What people look at in each service is looked at daily; who did so unusually is alerted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications::domain {

void EvolveAccessWatch(v1::AccessWatch& watch, const v1::NotificationFact& fact);

// AccessWatchPlanned, from the beginning of this day in London on and due at once; nothing where it
// is watched already.
Facts PlanAccessWatch(const v1::AccessWatch& watch, const std::string& service, absl::Time now);

// What is to be looked at now: whole days in London that nobody has looked at, a month at most.
struct Span {
  absl::Time from;
  absl::Time until;
};
// Nothing where no day is over.
std::optional<Span> SpanToLookAt(const v1::AccessWatch& watch, absl::Time now);

// AccessLooked. `next` is later than now; where days are left it is now.
Facts AccessLookedAt(const v1::AccessWatch& watch, const std::optional<Span>& span, int found,
                     absl::Time now, absl::Time next);

// What was found of one person in one service.
struct UnusualAccess {
  std::string service;
  std::string person_id;
  absl::Time looked_from;             // the begin of the span in which it was found
  std::vector<std::string> findings;  // as Alert.findings
};
// AlertRaised to the registered manager and the responsible individual, but not to that person;
// nothing where it was raised before.
Facts UnusualAccessFound(const v1::Notifications& state, const UnusualAccess& found,
                         const Given& given);

}  // namespace fosterwatch::notifications::domain
