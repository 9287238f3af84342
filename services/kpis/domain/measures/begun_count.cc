#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

// What began in the period.
std::optional<bool> Counts(const Asked& asked, const Span& span) {
  if (span.begin < asked.from || span.begin >= asked.until || span.begin > asked.at) {
    return std::nullopt;
  }
  return true;
}

void SetValue(const v1::KpiDefinition&, const std::vector<v1::Evidence>&, v1::Figure& figure) {
  figure.set_value(static_cast<double>(figure.numerator()));
}

}  // namespace

const Measure& BegunCount() {
  static const Measure measure = {
      Counts,      SetValue, /*needs_due=*/false, /*needs_value=*/false, KnownFrom::kStream,
      Tally::kDone};
  return measure;
}

}  // namespace fosterwatch::kpis::domain
