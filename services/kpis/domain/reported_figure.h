// Figures that are reported from outside, by the month.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {

// What counts for one month: the last report of it. Numerator and denominator come together.
struct ReportedMonth {
  absl::CivilMonth month;
  std::optional<double> numerator;
  std::optional<double> denominator;
  std::optional<double> value;
  std::string fact_id;
  absl::Time recorded;
};

bool IsReportedMeasure(v1::KpiDefinition::Measure measure);

// The months that a figure of the period rests on: its own, and where it is cumulative those since
// April.
std::vector<absl::CivilMonth> MonthsBehind(const v1::KpiDefinition& kpi, const Period& period);

// What is behind the figure, oldest first, one for each month that was reported and had begun by
// `now`. Of a survey, nothing that so few answered can be read from a month with too few answers.
std::vector<v1::Evidence> ReportedEvidence(const v1::KpiDefinition& kpi,
                                           const std::vector<ReportedMonth>& reported,
                                           const Period& period, absl::Time now);

// Sets value, numerator and denominator as kpi.proto says of MEASURE_IMPORTED and MEASURE_SURVEY.
// A month that has begun by `now` and was not reported leaves no value: unknown is not zero.
void SetReported(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                 const Period& period, absl::Time now, v1::Figure& figure);

}  // namespace fosterwatch::kpis::domain
