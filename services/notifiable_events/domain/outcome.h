// What came of an event, known before the event is concluded, and whether the Chief Inspector is
// told of it. Ofsted asks for an update of an enquiry's conclusion (which that enquiry's own notice
// is) and has blamed an agency for silence when other matters concluded; so the manager chooses for
// those, with a reason. Only where the Chief Inspector was a recipient by law or standard.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// Whether the Chief Inspector had to be told of the event, by law or standard.
bool RegulatorWasTold(const v1::NotifiableEvent& event);

// Whether somebody must choose if the Chief Inspector is told how it ended: not for an enquiry,
// whose outcome is a notice anyway.
bool RegulatorUpdateIsChosen(const v1::NotifiableEvent& event);

// OutcomeRecorded, then NoticesOwed where the update is chosen: one notice of MOMENT_CONCLUSION to
// the body that was told. FAILED_PRECONDITION: OUTCOME_RECORDED_BEFORE, EVENT_CONCLUDED.
// INVALID_ARGUMENT: REQUIRED ("outcome", "outcome_time", "regulator_update" and "reason" where
// somebody must choose), NOT_APPLICABLE ("regulator_update" where nobody does), TEXT_TOO_LONG, an
// outcome_time in the future or before it happened.
absl::StatusOr<Facts> RecordOutcome(const v1::NotifiableEvent& event,
                                    const v1::RecordOutcomeRequest& request, const Actor& actor,
                                    const Law& law, const Circumstances& circumstances,
                                    absl::Time now, NewId new_id);

}  // namespace fosterwatch::notifiable_events::domain
