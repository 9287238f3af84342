#include <algorithm>
#include <cmath>

#include "libs/clock/proto_time.h"
#include "services/kpis/domain/reported_figure.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::KpiDefinition;

bool HasParts(const v1::Reported& reported) {
  return reported.has_numerator() && reported.has_denominator();
}

const v1::Reported* ReportOf(const std::vector<v1::Evidence>& evidence, absl::CivilMonth month) {
  const std::string period = FormatPeriod(MonthPeriod(month));
  for (const v1::Evidence& each : evidence) {
    if (each.reported().period() == period) return &each.reported();
  }
  return nullptr;
}

// Numerator and denominator of a figure with a value, from parts.
void SetParts(const KpiDefinition& kpi, double numerator, double denominator, v1::Figure& figure) {
  figure.set_denominator(std::llround(denominator));
  if (kpi.measure() == KpiDefinition::MEASURE_SURVEY &&
      denominator < static_cast<double>(kpi.minimum_answers())) {
    figure.set_suppressed(true);
    return;
  }
  figure.set_numerator(std::llround(numerator));
  if (kpi.unit() == KpiDefinition::UNIT_PERCENT) {
    if (denominator > 0) figure.set_value(100 * numerator / denominator);
  } else {
    figure.set_value(numerator);
  }
}

void SetValueOnly(const KpiDefinition& kpi, double value, v1::Figure& figure) {
  figure.set_parts_unknown(true);
  // How many answered is not known: they may be few.
  if (kpi.measure() == KpiDefinition::MEASURE_SURVEY) {
    figure.set_suppressed(true);
    return;
  }
  figure.set_value(value);
}

void SetOne(const KpiDefinition& kpi, const v1::Reported& reported, v1::Figure& figure) {
  if (HasParts(reported)) {
    SetParts(kpi, reported.numerator(), reported.denominator(), figure);
  } else if (reported.has_value()) {
    SetValueOnly(kpi, reported.value(), figure);
  }
}

}  // namespace

bool IsReportedMeasure(KpiDefinition::Measure measure) {
  return measure == KpiDefinition::MEASURE_IMPORTED || measure == KpiDefinition::MEASURE_SURVEY;
}

std::vector<absl::CivilMonth> MonthsBehind(const KpiDefinition& kpi, const Period& period) {
  std::vector<absl::CivilMonth> months = MonthsOf(period);
  if (!kpi.cumulative() || months.empty()) return months;
  const absl::CivilMonth last = months.back();
  months.clear();
  for (absl::CivilMonth month = FinancialYearOf(last); month <= last; ++month) {
    months.push_back(month);
  }
  return months;
}

std::vector<v1::Evidence> ReportedEvidence(const KpiDefinition& kpi,
                                           const std::vector<ReportedMonth>& reported,
                                           const Period& period, absl::Time now) {
  std::vector<v1::Evidence> evidence;
  for (const absl::CivilMonth month : MonthsBehind(kpi, period)) {
    if (MonthPeriod(month).Begin() > now) continue;
    const auto at = std::find_if(reported.begin(), reported.end(),
                                 [&](const ReportedMonth& each) { return each.month == month; });
    if (at == reported.end()) continue;
    v1::Evidence& each = evidence.emplace_back();
    each.set_key(FormatPeriod(MonthPeriod(month)));
    each.set_begin_fact_id(at->fact_id);
    *each.mutable_begin_recorded_time() = clock::ToProto(at->recorded);
    each.set_counted(true);
    v1::Reported& said = *each.mutable_reported();
    said.set_period(each.key());
    if (at->denominator) said.set_denominator(*at->denominator);
    if (kpi.measure() == KpiDefinition::MEASURE_SURVEY &&
        at->denominator.value_or(0) < kpi.minimum_answers()) {
      continue;
    }
    if (at->numerator) said.set_numerator(*at->numerator);
    if (at->value) said.set_value(*at->value);
  }
  return evidence;
}

void SetReported(const KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                 const Period& period, absl::Time now, v1::Figure& figure) {
  const std::vector<absl::CivilMonth> months = MonthsBehind(kpi, period);
  if (months.empty()) return;
  const v1::Reported* last = ReportOf(evidence, months.back());
  // What stands at the end of a month, and what is the year's to date already.
  const bool of_last = kpi.unit() == KpiDefinition::UNIT_COUNT ||
                       (kpi.cumulative() && last != nullptr && !HasParts(*last));
  if (of_last || months.size() == 1) {
    if (last != nullptr) SetOne(kpi, *last, figure);
    return;
  }
  double numerator = 0, denominator = 0;
  for (const absl::CivilMonth month : months) {
    if (MonthPeriod(month).Begin() > now) {
      // A year's aim is that of the month to which it adds up, not of months to come.
      if (kpi.cumulative()) return;
      continue;
    }
    const v1::Reported* reported = ReportOf(evidence, month);
    if (reported == nullptr) return;
    // Suppressed months count in the sum of answers only: then the sum is not known.
    if (!reported->has_numerator() || !reported->has_denominator()) {
      figure.set_suppressed(kpi.measure() == KpiDefinition::MEASURE_SURVEY);
      return;
    }
    numerator += reported->numerator();
    denominator =
        kpi.cumulative() ? reported->denominator() : denominator + reported->denominator();
  }
  SetParts(kpi, numerator, denominator, figure);
}

}  // namespace fosterwatch::kpis::domain
