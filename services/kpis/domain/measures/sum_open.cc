#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// What is open when the figure stands, each with its value.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!IsOpenAt(span, asked.at)) return std::nullopt;
  return span.value.has_value();
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  figure.set_value(static_cast<double>(figure.sum()));
}

}  // namespace

const Measure& SumOpen() {
  static const Measure measure = {
      Counts,          SetValue, /*needs_due=*/false, /*needs_value=*/true, KnownFrom::kStream,
      Tally::kStanding};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
