#include "services/kpis/domain/status.h"

namespace fosterwatch::kpis::domain {

const v1::Target* TargetIn(const v1::KpiDefinition& kpi, const std::string& period) {
  const v1::Target* found = nullptr;
  for (const v1::Target& target : kpi.targets()) {
    // Both are "YYYY-MM": their order is that of the months.
    if (target.effective_from() <= period) found = &target;
  }
  return found;
}

Standing StandingOf(const v1::KpiDefinition& kpi, const v1::Figure& figure) {
  const v1::Target* target = TargetIn(kpi, figure.period());
  if (target == nullptr || !figure.has_value()) return Standing::kMissing;
  const bool met = kpi.direction() == v1::KpiDefinition::DIRECTION_LOWER_IS_BETTER
                       ? figure.value() <= target->value()
                       : figure.value() >= target->value();
  return met ? Standing::kMet : Standing::kWorse;
}

StatusOfMonth StatusOf(Standing month, Standing one_before, Standing two_before) {
  if (month == Standing::kMissing) return {v1::STATUS_INCOMPLETE};
  if (month == Standing::kMet) return {v1::STATUS_GREEN};
  if (one_before == Standing::kMet || two_before == Standing::kMet) return {v1::STATUS_AMBER};
  if (one_before == Standing::kWorse && two_before == Standing::kWorse) return {v1::STATUS_RED};
  return {v1::STATUS_AMBER, /*red_not_ruled_out=*/true};
}

void SetStatus(const v1::KpiDefinition& kpi, const v1::Figure& one_before,
               const v1::Figure& two_before, v1::Figure& figure) {
  const v1::Target* target = TargetIn(kpi, figure.period());
  if (target == nullptr) return;
  figure.set_target(target->value());
  const StatusOfMonth status =
      StatusOf(StandingOf(kpi, figure), StandingOf(kpi, one_before), StandingOf(kpi, two_before));
  figure.set_status(status.status);
  figure.set_red_not_ruled_out(status.red_not_ruled_out);
}

}  // namespace fosterwatch::kpis::domain
