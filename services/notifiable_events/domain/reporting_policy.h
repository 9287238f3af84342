// The agency's own rules of reporting, read from data: until when a provisional report is to be
// completed and a decision not to notify agreed to, and which reports look alike. The law is silent
// on them.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/reporting_policy.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::notifiable_events::domain {

// Reads policy/reporting.json (fosterwatch.notifiable_events.v1.ReportingPolicies).
// INVALID_ARGUMENT (POLICY_INVALID) for unknown fields; no edition, or editions not in the order of
// their days; and in an edition no version or day, working days outside 1 to 1000, hours outside 1
// to 1000, a group of fewer than two kinds, a missing source, or a grade that is not H, M or L.
absl::StatusOr<v1::ReportingPolicies> ParseReportingPolicies(absl::string_view json);

// The edition that holds at a moment: the last whose day has begun in London; before the first
// one's day, the first.
const v1::ReportingPolicy& InForce(const v1::ReportingPolicies& policies, absl::Time moment);

struct PolicyTime {
  absl::Time due;
  type::v1::Explanation explanation;
};

// A provisional report that was recorded then. Trigger "recorded_time", rule "COMPLETION_DUE".
absl::StatusOr<PolicyTime> CompletionDue(const v1::ReportingPolicy& policy, absl::Time recorded,
                                         const clock::WorkingCalendar& calendar);

// A decision not to notify that was made then. Trigger "decided_time", rule "AGREEMENT_DUE".
absl::StatusOr<PolicyTime> AgreementDue(const v1::ReportingPolicy& policy, absl::Time decided,
                                        const clock::WorkingCalendar& calendar);

// Whether a report repeats another one. Trigger "recorded_time", rule "REPEAT_DECISION_DUE".
absl::StatusOr<PolicyTime> RepeatDecisionDue(const v1::ReportingPolicy& policy,
                                             absl::Time recorded);

}  // namespace fosterwatch::notifiable_events::domain
