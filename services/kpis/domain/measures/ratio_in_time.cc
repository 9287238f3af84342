#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// What was due by a moment of the period: done by then, or not. What is not yet due counts only
// once it is done; what was no longer owed before it was due does not count.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (!span.due) return std::nullopt;
  const absl::Time last = LastInTime(asked.stream, *span.due);
  if (last < asked.from || last >= asked.until) return std::nullopt;
  const bool ended = HasEndedAt(span, asked.at);
  const bool by_then = ended && !IsLate(asked.stream, *span.due, *span.end);
  if (by_then && span.lapsed) return std::nullopt;
  if (by_then) return true;
  if (IsLate(asked.stream, *span.due, asked.now)) return false;
  return std::nullopt;
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  SetShare(figure);
}

}  // namespace

const Measure& RatioInTime() {
  static const Measure measure = {
      Counts,     SetValue, /*needs_due=*/true, /*needs_value=*/false, KnownFrom::kEvidence,
      Tally::kDue};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
