// How far the data behind a KPI can be relied on: what is missing, doubled or impossible, by rules
// alone. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/data_quality.pb.h"
#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "services/kpis/domain/plan.h"

namespace fosterwatch::kpis::domain {

// A month of a KPI.
struct MonthSeen {
  absl::CivilMonth month;
  bool over = false;
  bool has_value = false;
  // Of a KPI that is reported: all reports of the month.
  v1::ImportedFigure reported;
};

// What is to be found now. Months are consecutive, the oldest first. Before the first month that
// has a figure nothing is missing. Of each finding: id, code, period, kind, and of a silence since
// when the figure was expected.
std::vector<v1::Finding> FindingsOf(const v1::KpiDefinition& kpi,
                                    const std::vector<MonthSeen>& months, const Given& given);

// FindingMade for what is new or back, FindingCleared for what is gone, each with its attention,
// for the day's digest. Only months in [from, until] were looked at: what was found of others
// stays. Asked again with the same findings it gives nothing.
Facts Reconcile(const v1::FindingFile& file, const std::vector<v1::Finding>& found,
                absl::CivilMonth from, absl::CivilMonth until, absl::Time now);

// Months that should have a figure, and how many have one; nothing where none ever had.
std::optional<v1::Coverage> CoverageOf(const v1::KpiDefinition& kpi,
                                       const std::vector<MonthSeen>& months);

// Applies one fact; total.
void Evolve(v1::FindingFile& file, const v1::KpiFact& fact);

}  // namespace fosterwatch::kpis::domain
