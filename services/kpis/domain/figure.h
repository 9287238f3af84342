// A figure from what is behind it. What is counted is decided by the kind of measure (measure.h,
// reported_figure.h), the figure by the evidence alone: whoever has the evidence can work it out
// again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/span.h"

namespace fosterwatch::kpis::domain {

// What is counted for the period, as it stood at its end, or stands `now` in the present one: the
// denominator in full, each with whether it is in the numerator, by begin, record and key. A period
// that has not begun has nothing behind it, and what begins after a period counts for none in it.
// `stream` is the one that the KPI is of; `covers` are the elements of covered_by, where it has
// one.
std::vector<v1::Evidence> EvidenceOf(const v1::KpiDefinition& kpi, const v1::Stream& stream,
                                     const std::vector<Span>& spans, const Period& period,
                                     absl::Time now, const std::vector<Span>& covers = {});

// What the evidence adds up to, which is all that a figure needs of it; of a median it is not.
struct Counted {
  int64_t numerator = 0;
  int64_t denominator = 0;
  int64_t sum = 0;
  // Of the numerator, by the codes of group_by; empty where the KPI has none.
  std::map<std::string, int64_t> shares;
};
Counted CountedOf(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence);

// The figure that the evidence adds up to. Of a ratio or a median of nothing there is no value; a
// count of nothing is 0, and has no value where `known_from` is after `now` or the period, or is
// nothing: a figure that KnownFrom says more of than its evidence needs it.
v1::Figure FigureOf(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                    const Period& period, absl::Time now,
                    std::optional<absl::Time> known_from = absl::InfinitePast());

// The same of a measure whose elements were counted before (Measure.tally).
v1::Figure FigureOf(const v1::KpiDefinition& kpi, const Counted& counted, const Period& period,
                    absl::Time now, std::optional<absl::Time> known_from);

}  // namespace fosterwatch::kpis::domain
