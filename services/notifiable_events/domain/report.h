// Reporting an event, completing a report made in a hurry, and correcting it: the ways in which
// duties to notify come about from an event itself. Regulation 36(1): without delay; National
// Minimum Standard 29.1: within 24 hours. One incident may be of several kinds, and brings about
// one notice for each kind, recipient and body.
//
// Refusals are INVALID_ARGUMENT with a violation for every fault found, so that a form can show
// them together; the reason is that of the first. Reasons: REQUIRED, UNKNOWN_KIND, DUPLICATE_KIND,
// UNKNOWN_CHILD, UNKNOWN_CARER, BEFORE_THE_LAW, INVALID_TIME, IN_THE_FUTURE, BEFORE_OCCURRED,
// TOO_LONG_AGO, TEXT_TOO_LONG. Fields as in the requests: "report.child_id".
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/field_check.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// What is wrong with a whole report, into `check`; the awareness where both moments are right.
std::optional<absl::Time> CheckReport(FieldCheck& check, const v1::EventReport& report,
                                      const Law& law, const Circumstances& circumstances,
                                      absl::Time now);

// Such a refusal, said of fields of the same names that stand in the request itself.
absl::Status OfOwnFields(const absl::Status& refused);

// EventReported, with the discussion to be held where a child is named, then NoticesOwed. `event`
// is the empty message, or ALREADY_EXISTS (EVENT_EXISTS). `source` is the CloudEvents source of the
// report, empty for a person. Moments: 1990 <= occurred_time <= became_aware_time <= now (+
// kClockSkew).
absl::StatusOr<Facts> Report(const v1::NotifiableEvent& event,
                             const v1::ReportEventRequest& request, absl::string_view event_id,
                             const Actor& actor, absl::string_view source, const Law& law,
                             const clock::WorkingCalendar& calendar,
                             const Circumstances& circumstances, absl::Time now, NewId new_id);

// EventCorrected, then NoticesOwed where the correction brings about notices that do not exist yet:
// those of a kind that it adds, and those of a child or carer that it names where none was named.
// They are due from the awareness that the correction states, else from the one that holds. Notices
// that exist keep their body, and their due time unless the correction states an earlier awareness:
// then DueTimesMoved comes before NoticesOwed (awareness.h). `circumstances` are those of the
// corrected report (EffectiveReport with the request's child and carer filled in).
//
// INVALID_ARGUMENT, beside the above: REQUIRED without "reason", NOTHING_CORRECTED with an empty
// report, CANNOT_CHANGE for another child or carer than the one that is named: other bodies have
// been told of this one, so the other event is reported by itself. FAILED_PRECONDITION
// (EVENT_CONCLUDED) where a concluded event would get new notices; other corrections it takes.
absl::StatusOr<Facts> Correct(const v1::NotifiableEvent& event,
                              const v1::CorrectEventRequest& request, const Actor& actor,
                              const Law& law, const Circumstances& circumstances, absl::Time now,
                              NewId new_id);

// A provisional report is made whole: ReportCompleted, then what follows from it as from a
// correction. What was first said stays beside it. FAILED_PRECONDITION: EVENT_CONCLUDED,
// EVENT_WITHDRAWN, NOT_PROVISIONAL, COMPLETED_BEFORE. INVALID_ARGUMENT as for a correction, and
// REQUIRED without report.occurred_time, LATER_THAN_FIRST_SAID for a later awareness.
absl::StatusOr<Facts> Complete(const v1::NotifiableEvent& event,
                               const v1::CompleteReportRequest& request, const Actor& actor,
                               const Law& law, const Circumstances& circumstances, absl::Time now,
                               NewId new_id);

}  // namespace fosterwatch::notifiable_events::domain
