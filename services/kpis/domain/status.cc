#include "services/kpis/domain/status.h"

#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {
namespace {

template <typename Dated>
const typename Dated::value_type* InForce(const Dated& dated, const std::string& period) {
  const absl::StatusOr<Period> parsed = ParsePeriod(period);
  if (!parsed.ok()) return nullptr;
  const std::string month = FormatPeriod(MonthPeriod(LastMonthOf(*parsed)));
  const typename Dated::value_type* found = nullptr;
  for (const auto& each : dated) {
    // Both are "YYYY-MM": their order is that of the months.
    if (each.effective_from() <= month) found = &each;
  }
  return found;
}

v1::Cadence CadenceOf(const v1::KpiDefinition& kpi) {
  return kpi.cadence() == v1::CADENCE_UNSPECIFIED ? v1::CADENCE_MONTH : kpi.cadence();
}

// Whether a period before makes a streak with this one.
bool CountsWith(const v1::KpiDefinition& kpi, const v1::Figure& before, const v1::Figure& figure) {
  const absl::StatusOr<Period> period = ParsePeriod(figure.period());
  const absl::StatusOr<Period> earlier = ParsePeriod(before.period());
  if (!period.ok() || !earlier.ok()) return true;
  if (period->cadence != CadenceOf(kpi)) return false;
  return !kpi.cumulative() ||
         FinancialYearOf(LastMonthOf(*period)) == FinancialYearOf(LastMonthOf(*earlier));
}

}  // namespace

const v1::Target* TargetIn(const v1::KpiDefinition& kpi, const std::string& period) {
  return InForce(kpi.targets(), period);
}

const v1::Benchmark* BenchmarkIn(const v1::KpiDefinition& kpi, const std::string& period) {
  return InForce(kpi.benchmarks(), period);
}

Standing StandingOf(const v1::KpiDefinition& kpi, const v1::Figure& figure, Reading reading) {
  const v1::Target* target = TargetIn(kpi, figure.period());
  if (target == nullptr || !figure.has_value()) return Standing::kMissing;
  const bool lower =
      reading == Reading::kAware && kpi.direction() == v1::KpiDefinition::DIRECTION_LOWER_IS_BETTER;
  const bool met = lower ? figure.value() <= target->value() : figure.value() >= target->value();
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
  if (const v1::Benchmark* benchmark = BenchmarkIn(kpi, figure.period())) {
    figure.set_benchmark(benchmark->value());
  }
  const v1::Target* target = TargetIn(kpi, figure.period());
  if (target == nullptr) return;
  figure.set_target(target->value());
  const auto status = [&](Reading reading) {
    // What makes no streak breaks it.
    const auto before = [&](const v1::Figure& earlier) {
      return CountsWith(kpi, earlier, figure) ? StandingOf(kpi, earlier, reading) : Standing::kMet;
    };
    return StatusOf(StandingOf(kpi, figure, reading), before(one_before), before(two_before));
  };
  const StatusOfMonth aware = status(Reading::kAware), literal = status(Reading::kLiteral);
  figure.set_status(aware.status);
  figure.set_red_not_ruled_out(aware.red_not_ruled_out);
  figure.set_status_literal(literal.status);
  figure.set_literal_red_not_ruled_out(literal.red_not_ruled_out);
}

}  // namespace fosterwatch::kpis::domain
