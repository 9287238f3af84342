#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// What is open when the figure stands, each with its value.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!IsOpenAt(span, asked.at)) return std::nullopt;
  return span.value.has_value();
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>& evidence,
              v1::Figure& figure) {
  int64_t sum = 0;
  for (const v1::Evidence& each : evidence) sum += each.value();
  figure.set_sum(sum);
  figure.set_value(static_cast<double>(sum));
}

}  // namespace

const Measure& SumOpen() {
  static const Measure measure = {Counts, SetValue, /*needs_due=*/false, /*needs_value=*/true,
                                  KnownFrom::kStream};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
