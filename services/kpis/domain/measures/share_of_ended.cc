#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// Of what ended in the period: that of which the conditions hold.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!WasDoneIn(asked, span)) return std::nullopt;
  return Hold(asked.kpi.numerator_where(), span.attributes);
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  SetShare(figure);
}

}  // namespace

const Measure& ShareOfEnded() {
  static const Measure measure = {
      Counts,      SetValue, /*needs_due=*/false, /*needs_value=*/false, KnownFrom::kEvidence,
      Tally::kDone};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
