#include "services/notifiable_events/domain/provisional.h"

#include <string>
#include <utility>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/report.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// A refusal of the report, said of the fields that were asked for. That it happened is not asked.
absl::Status OfRequest(const absl::Status& refused) {
  std::vector<Violation> violations;
  for (Violation violation : ViolationsOf(OfOwnFields(refused))) {
    if (violation.field == "occurred_time") continue;
    if (violation.field == "kinds") violation.field = "kind";
    violations.push_back(std::move(violation));
  }
  if (violations.empty()) return refused;
  return Error(refused.code(), ReasonOf(refused), refused.message(), std::move(violations));
}

}  // namespace

bool IsProvisional(const v1::NotifiableEvent& event) {
  return event.has_provisional() && event.provisional().completed_by().empty();
}

absl::Status CheckCompleted(const v1::NotifiableEvent& event) {
  if (!IsProvisional(event)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "PROVISIONAL",
               "the report is provisional; it has to be completed first");
}

v1::EventReport ReportOf(const v1::ReportProvisionalEventRequest& request, absl::Time now) {
  v1::EventReport report;
  if (request.kind() != v1::EVENT_KIND_UNSPECIFIED) report.add_kinds(request.kind());
  report.set_child_id(request.child_id());
  report.set_carer_id(request.carer_id());
  report.set_summary(request.summary());
  *report.mutable_became_aware_time() =
      request.has_became_aware_time() ? request.became_aware_time() : clock::ToProto(now);
  *report.mutable_occurred_time() = report.became_aware_time();
  return report;
}

absl::StatusOr<Facts> ReportProvisionally(const v1::NotifiableEvent& event,
                                          const v1::ReportProvisionalEventRequest& request,
                                          absl::string_view event_id, const Actor& actor,
                                          const Law& law, const clock::WorkingCalendar& calendar,
                                          const v1::ReportingPolicies& policies,
                                          const Circumstances& circumstances, absl::Time now,
                                          NewId new_id) {
  v1::ReportEventRequest whole;
  *whole.mutable_report() = ReportOf(request, now);
  auto facts = Report(event, whole, event_id, actor, /*source=*/"", law, calendar, circumstances,
                      now, new_id);
  if (!facts.ok()) return OfRequest(facts.status());
  ASSIGN_OR_RETURN(const PolicyTime time, CompletionDue(InForce(policies, now), now, calendar));
  auto* provisional = facts->front().mutable_event_reported()->mutable_provisional();
  provisional->set_completion_id(new_id());
  *provisional->mutable_due_time() = clock::ToProto(time.due);
  *provisional->mutable_explanation() = time.explanation;
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
