#include "apps/fosterwatch/feed_figures.h"

#include <variant>

#include "absl/strings/str_cat.h"

#include "libs/status/status_macros.h"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/reported.h"
#include "services/kpis/domain/safer_caring.h"

namespace fosterwatch::app {

namespace domain = kpis::domain;

absl::StatusOr<FeedFigures::Effect> FeedFigures::Take(const std::string& source,
                                                      const kpis::IntakeData& data) {
  if (const auto* plan = std::get_if<kpis::v1::ReportedSaferCaringPlan>(&data)) {
    return TakePlan(source, *plan);
  }
  return TakeFigure(std::get<kpis::v1::ReportedFigure>(data));
}

absl::StatusOr<FeedFigures::Effect> FeedFigures::TakeFigure(
    const kpis::v1::ReportedFigure& figure) {
  const auto* kpi = domain::Find(rules_.catalogue, figure.code());
  RETURN_IF_ERROR(domain::CheckReported(figure, kpi, now_));
  auto& known = figures_[absl::StrCat(figure.code(), ".", figure.period())];
  ASSIGN_OR_RETURN(const domain::Facts facts, domain::Report(known, figure, kpi, now_));
  for (const auto& fact : facts) domain::Evolve(known, fact, {"", now_, ""});
  if (facts.empty()) {
    return Effect{"CHANGES_NOTHING", "says what the feed has said of its KPI and month before"};
  }
  if (facts[0].has_figure_corrected()) {
    return Effect{"WOULD_CORRECT", "would correct what the feed has said of its KPI and month"};
  }
  return Effect{"WOULD_RECORD", "would be the figure of its KPI and month"};
}

absl::StatusOr<FeedFigures::Effect> FeedFigures::TakePlan(
    const std::string& source, const kpis::v1::ReportedSaferCaringPlan& plan) {
  RETURN_IF_ERROR(domain::CheckReportedPlan(plan, now_));
  auto& known = plans_[plan.carer_id()];
  const auto facts =
      domain::ReportPlan(known, plan, source, {now_, rules_.policies, rules_.calendar});
  if (plan.withdrawn() && !facts.ok()) {
    return Effect{
        "WOULD_TAKE_BACK",
        "would take back what the register has of the day; the feed reports nothing of it"};
  }
  RETURN_IF_ERROR(facts.status());
  for (const auto& fact : *facts) domain::Evolve(known, fact);
  if (plan.withdrawn()) {
    return Effect{"WOULD_TAKE_BACK", "would take back what the feed has said of the day"};
  }
  if (facts->empty())
    return Effect{"CHANGES_NOTHING", "is of a day that the feed has named before"};
  return Effect{"WOULD_RECORD", "would be a day on which the household's plan was reviewed"};
}

}  // namespace fosterwatch::app
