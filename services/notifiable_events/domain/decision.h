// A decision not to notify. "Serious" is a judgement in rows 3, 5, 7 and 9 of Schedule 7, and
// Ofsted does not want to hear of what does not qualify; who judged, when and why is kept as
// carefully as an event, and another person agrees: the registered manager or the deputy, by the
// time that the agency's policy sets (reporting_policy.h). A decision opens no notice. It is
// reversed by reporting the event after all, which names it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/reporting_policy.h"

namespace fosterwatch::notifiable_events::domain {

// The decision as its facts say. Never fails; facts about events change nothing.
void EvolveDecision(v1::Decision& decision, const v1::NotifiableEventFact& fact);

// DecisionRecorded. INVALID_ARGUMENT with the reasons of a report (report.h), said of the request's
// own fields, and REQUIRED, TEXT_TOO_LONG for "reason".
absl::StatusOr<Facts> RecordDecision(const v1::RecordDecisionRequest& request,
                                     absl::string_view decision_id, const Actor& actor,
                                     const Law& law, const clock::WorkingCalendar& calendar,
                                     const v1::ReportingPolicies& policies,
                                     const Circumstances& circumstances, absl::Time now);

// DecisionAgreed. PERMISSION_DENIED: ROLE_REQUIRED, OWN_DECISION. FAILED_PRECONDITION:
// AGREED_BEFORE, DECISION_REVERSED. INVALID_ARGUMENT: TEXT_TOO_LONG for "comment".
absl::StatusOr<Facts> AgreeDecision(const v1::Decision& decision,
                                    const v1::AgreeDecisionRequest& request, const Actor& actor,
                                    absl::Time now);

// The first moment at which RecordAgreementOverdue has something to record.
std::optional<absl::Time> NextOverdue(const v1::Decision& decision);

// DutyOverdue, once, where nobody has agreed and the due time has passed. AgreeDecision and
// ReverseDecision then record DutySettled too.
Facts RecordAgreementOverdue(const v1::Decision& decision, absl::Time now);

// DecisionReversed, by the report that is recorded with it as `event_id`. FAILED_PRECONDITION:
// DECISION_REVERSED. INVALID_ARGUMENT of "from_decision_id": OTHER_SUBJECT where the report is
// about another child, or about none and another carer.
absl::StatusOr<Facts> ReverseDecision(const v1::Decision& decision, const v1::EventReport& report,
                                      absl::string_view event_id, const Actor& actor,
                                      absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
