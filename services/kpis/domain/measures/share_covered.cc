#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// Of what is open: what is covered, by something that is not past its due time.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!IsOpenAt(span, asked.at)) return std::nullopt;
  return asked.cover != nullptr && asked.at < *asked.cover->due;
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  SetShare(figure);
}

}  // namespace

const Measure& ShareCovered() {
  static const Measure measure = {Counts, SetValue, /*needs_due=*/false, /*needs_value=*/false,
                                  KnownFrom::kCover};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
