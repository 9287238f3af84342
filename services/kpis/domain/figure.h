// A figure from what is behind it: one pure function for each kind of measure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::kpis::domain {

// From "2026-11"; INVALID_ARGUMENT (field period) for anything else.
absl::StatusOr<absl::CivilMonth> ParsePeriod(const std::string& period);
std::string FormatPeriod(absl::CivilMonth month);

// The first moment of a month in Europe/London.
absl::Time BeginOf(absl::CivilMonth month);

// One element of a stream, from its beginning to its end.
struct Span {
  std::string key;
  std::string aggregate_id;
  absl::Time begin;
  std::optional<absl::Time> due;
  std::optional<absl::Time> end;
  std::string begin_fact_id;
  std::string end_fact_id;
};

// What is counted for the month, as it stood at its end, or stands `now` in the present month: the
// denominator in full, each with whether it is in the numerator. A month that has not begun has
// nothing behind it.
std::vector<v1::Evidence> EvidenceOf(const v1::KpiDefinition& kpi, const std::vector<Span>& spans,
                                     absl::CivilMonth month, absl::Time now);

// The figure that the evidence adds up to. Of a ratio or a median of nothing there is no value; a
// count of nothing is 0.
v1::Figure FigureOf(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                    absl::CivilMonth month, absl::Time now);

}  // namespace fosterwatch::kpis::domain
