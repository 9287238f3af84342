// Reports of safer caring plans become facts of this service's own ledger, one aggregate for each
// household; the figure follows from these and from the register of carers.
//
// Threads: any.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi_policy.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "fosterwatch/kpis/v1/safer_caring_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::kpis {

inline constexpr char kSaferCaringAggregate[] = "safer_caring_plan";  // by carer

class SaferCaring {
 public:
  SaferCaring(ledger::Ledger* ledger, v1::KpiPolicies policies, clock::WorkingCalendar calendar,
              std::function<absl::Time()> now);

  // The unit that a report asks for; `unit` says who asks, for which agency. Refuses what can never
  // be taken before there is a unit.
  absl::StatusOr<ledger::Unit> Report(ledger::Unit unit, const v1::ReportedSaferCaringPlan& report,
                                      const std::string& source) const;
  absl::StatusOr<v1::SaferCaringPlan> Get(const std::string& agency_id,
                                          const v1::GetSaferCaringPlanRequest& request);

  ledger::Ledger& ledger() { return *ledger_; }

 private:
  ledger::Ledger* const ledger_;
  const v1::KpiPolicies policies_;
  const clock::WorkingCalendar calendar_;
  const std::function<absl::Time()> now_;
};

ledger::Aggregate SaferCaringAggregate();

}  // namespace fosterwatch::kpis
