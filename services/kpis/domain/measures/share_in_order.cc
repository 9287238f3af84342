#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// Of what is open and has a due time: what is not past it.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!IsOpenAt(span, asked.at) || !span.due) return std::nullopt;
  return !IsLate(asked.stream, *span.due, asked.at);
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  SetShare(figure);
}

}  // namespace

const Measure& ShareInOrder() {
  static const Measure measure = {
      Counts,          SetValue, /*needs_due=*/true, /*needs_value=*/false, KnownFrom::kEvidence,
      Tally::kStanding};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
