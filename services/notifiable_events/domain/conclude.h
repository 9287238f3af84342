// Concluding an event: the end of its record, which the regulator is told of by an update under its
// own reference. National Minimum Standard 29.2 (the outcome is recorded); Schedule 7, row 10 (an
// enquiry cannot end before each recipient has been told its outcome).
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/status/error.h"
#include "services/notifiable_events/domain/command.h"

namespace fosterwatch::notifiable_events::domain {

// Everything that still stands between an event and its conclusion; empty where nothing does.
// Fields: "report" (provisional), "possible_repeats" (undecided), "notices[ID]" for each notice not
// given that law, standard or the manager's choice of an update asks for, and
// "notices[ID].written_confirmation" for one told by telephone, "sign_offs[MANAGER]",
// "sign_offs[REGISTERED_MANAGER]", "discussion", "enquiry_outcome", "child_return" (unless the
// child has died), "actions[ID]", and of the request "outcome" and "regulator_update" with its
// "reason" (where no outcome was recorded before) and "regulator_reference"; the last three only
// where the Chief Inspector was a recipient. Descriptions name kind, recipient and body_id.
std::vector<Violation> MissingForConclusion(const v1::NotifiableEvent& event,
                                            const v1::ConcludeEventRequest& request);

// EventConcluded; before it OutcomeRecorded, where the outcome is stated here only now: one whose
// update is to be given is recorded by itself first. OUTCOME_RECORDED_BEFORE for another outcome
// than the recorded one, NOT_APPLICABLE for an update that nobody chooses. FAILED_PRECONDITION:
// NOT_READY_TO_CONCLUDE with all of the above as violations, EVENT_CONCLUDED a second time.
// PERMISSION_DENIED (ROLE_REQUIRED) but for the registered manager. INVALID_ARGUMENT
// (TEXT_TOO_LONG).
absl::StatusOr<Facts> Conclude(const v1::NotifiableEvent& event,
                               const v1::ConcludeEventRequest& request, const Actor& actor,
                               absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
