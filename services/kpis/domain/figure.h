// A figure from what is behind it. What is counted is decided by the kind of measure (measure.h,
// reported_figure.h), the figure by the evidence alone: whoever has the evidence can work it out
// again.
#pragma once

#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/span.h"

namespace fosterwatch::kpis::domain {

// What is counted for the period, as it stood at its end, or stands `now` in the present one: the
// denominator in full, each with whether it is in the numerator, by begin, record and key. A period
// that has not begun has nothing behind it, and what begins after a period counts for none in it.
// `stream` is the one that the KPI is of.
std::vector<v1::Evidence> EvidenceOf(const v1::KpiDefinition& kpi, const v1::Stream& stream,
                                     const std::vector<Span>& spans, const Period& period,
                                     absl::Time now);

// The figure that the evidence adds up to. Of a ratio or a median of nothing there is no value; a
// count of nothing is 0.
v1::Figure FigureOf(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                    const Period& period, absl::Time now);

}  // namespace fosterwatch::kpis::domain
