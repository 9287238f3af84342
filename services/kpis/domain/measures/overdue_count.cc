#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// Of what is open: what is past its due time.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!IsOpenAt(span, asked.at)) return std::nullopt;
  return span.due && IsLate(asked.stream, *span.due, asked.at);
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  figure.set_value(static_cast<double>(figure.numerator()));
}

}  // namespace

const Measure& OverdueCount() {
  static const Measure measure = {
      Counts,          SetValue, /*needs_due=*/true, /*needs_value=*/false, KnownFrom::kStream,
      Tally::kStanding};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
