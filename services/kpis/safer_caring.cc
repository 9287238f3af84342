#include "services/kpis/safer_caring.h"

#include <utility>

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/safer_caring.h"

namespace fosterwatch::kpis {

SaferCaring::SaferCaring(ledger::Ledger* ledger, v1::KpiPolicies policies,
                         clock::WorkingCalendar calendar, std::function<absl::Time()> now)
    : ledger_(ledger),
      policies_(std::move(policies)),
      calendar_(std::move(calendar)),
      now_(std::move(now)) {}

absl::StatusOr<ledger::Unit> SaferCaring::Report(ledger::Unit unit,
                                                 const v1::ReportedSaferCaringPlan& report,
                                                 const std::string& source) const {
  RETURN_IF_ERROR(domain::CheckReportedPlan(report, now_()));
  unit.changes.push_back(ledger::MakeChange<v1::SaferCaringPlan, v1::KpiFact>(
      kSaferCaringAggregate, report.carer_id(),
      [this, report, source](const v1::SaferCaringPlan& known, int64_t) {
        return domain::ReportPlan(known, report, source, {now_(), policies_, calendar_});
      }));
  return unit;
}

absl::StatusOr<v1::SaferCaringPlan> SaferCaring::Get(const std::string& agency_id,
                                                     const v1::GetSaferCaringPlanRequest& request) {
  const absl::Status none =
      Error(absl::StatusCode::kNotFound, "NOT_FOUND", "nobody has reported a plan of this carer",
            {{"carer_id", "names no carer of whom a plan was reported"}});
  if (request.carer_id().empty() || request.carer_id().size() > ledger::kMaxIdBytes) return none;
  auto plan =
      ledger_->LoadAs<v1::SaferCaringPlan>(agency_id, kSaferCaringAggregate, request.carer_id());
  if (absl::IsNotFound(plan.status())) return none;
  return plan;
}

ledger::Aggregate SaferCaringAggregate() {
  return ledger::MakeAggregate<v1::SaferCaringPlan, v1::KpiFact>(
      kSaferCaringAggregate,
      [](v1::SaferCaringPlan& plan, const v1::KpiFact& fact, const ledger::FactStamp&) {
        domain::Evolve(plan, fact);
      },
      nullptr, {});
}

}  // namespace fosterwatch::kpis
