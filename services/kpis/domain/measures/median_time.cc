#include <algorithm>

#include "libs/clock/proto_time.h"
#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// What ended in the period. What ended before its clock began, such as the notice of an absence to
// come, took no time.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!WasDoneIn(asked, span) || span.begin > *span.end) return std::nullopt;
  return true;
}

void SetValue(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
              v1::Figure& figure) {
  if (evidence.empty()) return;
  std::vector<double> times;
  for (const v1::Evidence& each : evidence) {
    const absl::Duration took =
        clock::FromProto(each.end_time()) - clock::FromProto(each.begin_time());
    times.push_back(absl::ToDoubleHours(took) /
                    (kpi.unit() == v1::KpiDefinition::UNIT_DAYS ? 24 : 1));
  }
  std::sort(times.begin(), times.end());
  const size_t middle = times.size() / 2;
  figure.set_value(times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2);
}

}  // namespace

const Measure& MedianTime() {
  static const Measure measure = {Counts, SetValue};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
