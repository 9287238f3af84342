#include "services/kpis/domain/figure.h"

#include <algorithm>

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::KpiDefinition;

v1::Evidence Of(const Span& span, bool counted) {
  v1::Evidence evidence;
  evidence.set_key(span.key);
  evidence.set_aggregate_id(span.aggregate_id);
  *evidence.mutable_begin_time() = clock::ToProto(span.begin);
  if (span.due) *evidence.mutable_due_time() = clock::ToProto(*span.due);
  if (span.end) *evidence.mutable_end_time() = clock::ToProto(*span.end);
  evidence.set_begin_fact_id(span.begin_fact_id);
  evidence.set_end_fact_id(span.end_fact_id);
  evidence.set_counted(counted);
  return evidence;
}

double Hours(const v1::Evidence& evidence) {
  return absl::ToDoubleHours(clock::FromProto(evidence.end_time()) -
                             clock::FromProto(evidence.begin_time()));
}

}  // namespace

absl::StatusOr<absl::CivilMonth> ParsePeriod(const std::string& period) {
  absl::CivilMonth month;
  if (period.size() != 7 || !absl::ParseCivilTime(period, &month) || month.year() < 2000 ||
      month.year() > 2200) {
    return InvalidField("period", "INVALID_PERIOD", "is not a month such as 2026-11");
  }
  return month;
}

std::string FormatPeriod(absl::CivilMonth month) { return absl::FormatCivilTime(month); }

absl::Time BeginOf(absl::CivilMonth month) {
  return absl::FromCivil(absl::CivilSecond(month), clock::London());
}

std::vector<v1::Evidence> EvidenceOf(const KpiDefinition& kpi, const std::vector<Span>& spans,
                                     absl::CivilMonth month, absl::Time now) {
  const absl::Time from = BeginOf(month);
  const absl::Time until = BeginOf(month + 1);
  std::vector<v1::Evidence> evidence;
  if (now < from) return evidence;
  const absl::Time at = std::min(now, until);
  for (const Span& span : spans) {
    const bool ended = span.end && *span.end <= at;
    switch (kpi.measure()) {
      case KpiDefinition::MEASURE_RATIO_IN_TIME: {
        if (!span.due || *span.due < from || *span.due >= until) break;
        const bool in_time = ended && *span.end <= *span.due;
        if (in_time || *span.due <= now) evidence.push_back(Of(span, in_time));
        break;
      }
      case KpiDefinition::MEASURE_MEDIAN_HOURS:
        // What ended before its clock began, such as the notice of an absence to come, took no
        // time.
        if (span.end && *span.end >= from && *span.end < until && span.begin <= *span.end) {
          evidence.push_back(Of(span, true));
        }
        break;
      case KpiDefinition::MEASURE_OPEN_COUNT:
        if (span.begin <= at && !ended) evidence.push_back(Of(span, true));
        break;
      case KpiDefinition::MEASURE_OVERDUE_COUNT:
        if (span.begin <= at && !ended) evidence.push_back(Of(span, span.due && *span.due < at));
        break;
      default:
        break;
    }
  }
  return evidence;
}

v1::Figure FigureOf(const KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                    absl::CivilMonth month, absl::Time now) {
  v1::Figure figure;
  figure.set_code(kpi.code());
  figure.set_period(FormatPeriod(month));
  *figure.mutable_as_at_time() = clock::ToProto(std::min(now, BeginOf(month + 1)));
  const int64_t counted = std::count_if(evidence.begin(), evidence.end(),
                                        [](const v1::Evidence& e) { return e.counted(); });
  figure.set_numerator(counted);
  figure.set_denominator(static_cast<int64_t>(evidence.size()));
  if (now < BeginOf(month)) return figure;
  switch (kpi.measure()) {
    case KpiDefinition::MEASURE_RATIO_IN_TIME:
      if (!evidence.empty()) figure.set_value(100.0 * counted / evidence.size());
      break;
    case KpiDefinition::MEASURE_MEDIAN_HOURS: {
      if (evidence.empty()) break;
      std::vector<double> hours;
      for (const v1::Evidence& e : evidence) hours.push_back(Hours(e));
      std::sort(hours.begin(), hours.end());
      const size_t middle = hours.size() / 2;
      figure.set_value(hours.size() % 2 == 1 ? hours[middle]
                                             : (hours[middle - 1] + hours[middle]) / 2);
      break;
    }
    case KpiDefinition::MEASURE_OPEN_COUNT:
    case KpiDefinition::MEASURE_OVERDUE_COUNT:
      figure.set_value(static_cast<double>(counted));
      break;
    default:
      break;
  }
  return figure;
}

}  // namespace fosterwatch::kpis::domain
