// How a figure stands to its target, month by month: one pure function over three months.
#pragma once

#include <string>

#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::kpis::domain {

// One month beside its target.
enum class Standing {
  kMet,      // at the target or better than it
  kWorse,    // worse than it
  kMissing,  // without a value, or without a target: nobody knows
};

// By which reading of the board's printed key: what is better by the KPI's direction, or by its
// letter, for which higher is always better.
enum class Reading { kAware, kLiteral };

// At the target is met, whichever direction is better.
Standing StandingOf(const v1::KpiDefinition& kpi, const v1::Figure& figure,
                    Reading reading = Reading::kAware);

struct StatusOfMonth {
  v1::Status status = v1::STATUS_UNSPECIFIED;
  bool red_not_ruled_out = false;
  bool operator==(const StatusOfMonth&) const = default;
};

// Green where the month is met; amber where it is worse; red where the two before are worse too; a
// missing month is incomplete, never green and never red. Worse with a missing month among the two
// before, and none of them met, is amber of which red cannot be ruled out. (The source's key: red
// after three consecutive months.)
StatusOfMonth StatusOf(Standing month, Standing one_before, Standing two_before);

// The target in force in a period, by the month of its last day; null where there is none, or the
// period is none.
const v1::Target* TargetIn(const v1::KpiDefinition& kpi, const std::string& period);
const v1::Benchmark* BenchmarkIn(const v1::KpiDefinition& kpi, const std::string& period);

// Puts target, benchmark and status, by both readings, into a figure, beside the figures of the two
// periods before it. Each of them stands beside the target of its own day.
//
// A cumulative figure begins anew in April: months of the financial year before make no streak with
// those of this one, so that April and May are amber at worst. Red is of periods as often as the
// KPI is made (months): a figure over another length of time is green, amber or incomplete.
void SetStatus(const v1::KpiDefinition& kpi, const v1::Figure& one_before,
               const v1::Figure& two_before, v1::Figure& figure);

}  // namespace fosterwatch::kpis::domain
