// Taking back what was reported in error. The record stays and says so; it no longer counts as an
// event in figures. Notices that nobody has given fall away. Those that were given stay given:
// whether the bodies that were told hear of the withdrawal is a person's choice, and that person
// tells them; nothing is sent by itself.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "services/notifiable_events/domain/command.h"

namespace fosterwatch::notifiable_events::domain {

// EventWithdrawn. FAILED_PRECONDITION: EVENT_CONCLUDED, EVENT_WITHDRAWN. INVALID_ARGUMENT:
// REQUIRED, TEXT_TOO_LONG for "reason".
absl::StatusOr<Facts> Withdraw(const v1::NotifiableEvent& event,
                               const v1::WithdrawEventRequest& request, const Actor& actor,
                               absl::Time now);

// The fact itself, for an event that is open; `repeat_of` is the event that it repeats, if any.
v1::NotifiableEventFact Withdrawn(const v1::NotifiableEvent& event, const Actor& actor,
                                  const std::string& reason, const std::string& repeat_of,
                                  absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
