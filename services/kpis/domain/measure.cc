#include "services/kpis/domain/measure.h"

#include <algorithm>

namespace fosterwatch::kpis::domain {

const Measure* MeasureOf(v1::KpiDefinition::Measure measure) {
  switch (measure) {
    case v1::KpiDefinition::MEASURE_RATIO_IN_TIME:
      return &RatioInTime();
    case v1::KpiDefinition::MEASURE_MEDIAN_HOURS:
      return &MedianTime();
    case v1::KpiDefinition::MEASURE_OPEN_COUNT:
      return &OpenCount();
    case v1::KpiDefinition::MEASURE_OVERDUE_COUNT:
      return &OverdueCount();
    case v1::KpiDefinition::MEASURE_BEGUN_COUNT:
      return &BegunCount();
    case v1::KpiDefinition::MEASURE_ENDED_COUNT:
      return &EndedCount();
    case v1::KpiDefinition::MEASURE_SHARE_IN_ORDER:
      return &ShareInOrder();
    case v1::KpiDefinition::MEASURE_SUM_OPEN:
      return &SumOpen();
    case v1::KpiDefinition::MEASURE_SHARE_OF_ENDED:
      return &ShareOfEnded();
    case v1::KpiDefinition::MEASURE_SHARE_COVERED:
      return &ShareCovered();
    default:
      return nullptr;
  }
}

bool HasEndedAt(const Span& span, absl::Time at) { return span.end && *span.end <= at; }

bool IsOpenAt(const Span& span, absl::Time at) { return span.begin <= at && !HasEndedAt(span, at); }

bool IsLate(const v1::Stream& stream, absl::Time due, absl::Time moment) {
  return stream.due_exclusive() ? moment >= due : moment > due;
}

absl::Time LastInTime(const v1::Stream& stream, absl::Time due) {
  return stream.due_exclusive() ? due - absl::Microseconds(1) : due;
}

bool WasDoneIn(const Asked& asked, const Span& span) {
  return HasEndedAt(span, asked.at) && !span.lapsed && *span.end >= asked.from &&
         *span.end < asked.until;
}

bool Hold(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
          const std::map<std::string, std::string>& attributes) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const v1::Condition& condition) {
    const auto at = attributes.find(condition.field());
    const std::string code = at == attributes.end() ? "" : at->second;
    const bool any = std::find(condition.any_of().begin(), condition.any_of().end(), code) !=
                     condition.any_of().end();
    return any != condition.none_of();
  });
}

void SetShare(v1::Figure& figure) {
  if (figure.denominator() == 0) return;
  figure.set_value(100.0 * static_cast<double>(figure.numerator()) /
                   static_cast<double>(figure.denominator()));
}

}  // namespace fosterwatch::kpis::domain
