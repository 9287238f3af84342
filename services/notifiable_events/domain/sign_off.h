// Approval of the record in two stages: a manager, then the registered manager, who carries the
// duty of regulation 36. Four eyes: never one's own report, and never both stages by one person,
// whatever roles that person holds. Somebody who is neither team manager nor registered manager
// signs only under a delegation that the registered manager has given and that is in force.
// Agency policy, confidence medium; notices never wait for it.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/people.h"

namespace fosterwatch::notifiable_events::domain {

// The two stages with their due times, unsigned, as a new event needs them.
absl::StatusOr<std::vector<v1::SignOff>> SignOffsFor(const Law& law,
                                                     const clock::WorkingCalendar& calendar,
                                                     absl::Time recorded, NewId new_id);

// SignedOff. PERMISSION_DENIED: ROLE_REQUIRED (the manager's stage takes a team manager or the
// registered manager, the other one the registered manager), NO_DELEGATION (a deputy, or somebody
// whose delegation is not in force; the message says what is missing), OWN_REPORT, SAME_PERSON (has
// signed the other stage). FAILED_PRECONDITION: SIGNED_BEFORE, MANAGER_FIRST, ONLY_SECOND_SIGNER
// (whoever signs the manager's stage would leave nobody who may sign the other one),
// EVENT_WITHDRAWN. INVALID_ARGUMENT: REQUIRED for "stage", TEXT_TOO_LONG for "comment".
absl::StatusOr<Facts> SignOff(const v1::NotifiableEvent& event,
                              const v1::SignOffEventRequest& request, const Actor& actor,
                              const People& people, absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
