// What follows an event until it can be concluded: the outcome of a child protection enquiry (the
// second notifiable moment of Schedule 7, row 10), the return of a missing child (row 8), and
// actions (National Minimum Standard 29.2: a written record of action taken and its outcome).
//
// Each is refused on a concluded event: FAILED_PRECONDITION (EVENT_CONCLUDED).
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/people.h"

namespace fosterwatch::notifiable_events::domain {

// EnquiryOutcomeRecorded, then NoticesOwed, due from the awareness of the outcome.
// `circumstances` are those of the event's effective report now. FAILED_PRECONDITION: NO_ENQUIRY,
// OUTCOME_RECORDED_BEFORE. INVALID_ARGUMENT: occurred_time <= outcome_time <= became_aware_time <=
// now (+ kClockSkew) must hold, and nobody learns the outcome before the enquiry; REQUIRED,
// TEXT_TOO_LONG for "outcome".
absl::StatusOr<Facts> RecordEnquiryOutcome(const v1::NotifiableEvent& event,
                                           const v1::RecordEnquiryOutcomeRequest& request,
                                           const Actor& actor, const Law& law,
                                           const Circumstances& circumstances, absl::Time now,
                                           NewId new_id);

// ChildReturned. FAILED_PRECONDITION: NO_MISSING_CHILD, RETURNED_BEFORE. INVALID_ARGUMENT for a
// returned_time in the future or before the child went missing.
absl::StatusOr<Facts> RecordChildReturn(const v1::NotifiableEvent& event,
                                        const v1::RecordChildReturnRequest& request,
                                        const Actor& actor, absl::Time now);

// ActionAdded; refusals of libs/actions, and INVALID_ARGUMENT (NO_ROLE_HOLDER) for an "owner_id"
// who holds no role in the agency now.
absl::StatusOr<Facts> AddAction(const v1::NotifiableEvent& event,
                                const v1::AddActionRequest& request, const People& people,
                                absl::Time now, NewId new_id);

// ActionClosed; refusals of libs/actions, and NOT_FOUND (UNKNOWN_ACTION).
absl::StatusOr<Facts> CloseAction(const v1::NotifiableEvent& event,
                                  const v1::CloseActionRequest& request, const Actor& actor,
                                  absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
