// What reports of figures and safer caring plans would bring about, by the rules in production:
// each is judged after those before it in the feed. It knows nothing of what a server has. One
// thread.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/kpis/v1/kpi_policy.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/kpis/intake_data.h"

namespace fosterwatch::app {

class FeedFigures {
 public:
  struct Rules {
    const kpis::v1::Catalogue& catalogue;
    const kpis::v1::KpiPolicies& policies;
    const clock::WorkingCalendar& calendar;
  };
  // What the rules name outlives it.
  FeedFigures(const Rules& rules, absl::Time now) : rules_(rules), now_(now) {}

  // What the intake would make of it: a code and a text that repeats no value. WOULD_RECORD,
  // WOULD_CORRECT, WOULD_TAKE_BACK or CHANGES_NOTHING; else its refusal.
  struct Effect {
    std::string code;
    std::string text;
  };
  absl::StatusOr<Effect> Take(const std::string& source, const kpis::IntakeData& data);

 private:
  absl::StatusOr<Effect> TakeFigure(const kpis::v1::ReportedFigure& figure);
  absl::StatusOr<Effect> TakePlan(const std::string& source,
                                  const kpis::v1::ReportedSaferCaringPlan& plan);

  const Rules rules_;
  const absl::Time now_;
  std::map<std::string, kpis::v1::ImportedFigure> figures_;  // by code and month
  std::map<std::string, kpis::v1::SaferCaringPlan> plans_;   // by carer
};

}  // namespace fosterwatch::app
