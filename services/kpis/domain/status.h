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

// At the target is met, whichever direction is better.
Standing StandingOf(const v1::KpiDefinition& kpi, const v1::Figure& figure);

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

// The target in force in a period such as "2026-11"; null where there is none.
const v1::Target* TargetIn(const v1::KpiDefinition& kpi, const std::string& period);

// Puts target and status into a figure, beside the figures of the two months before it.
void SetStatus(const v1::KpiDefinition& kpi, const v1::Figure& one_before,
               const v1::Figure& two_before, v1::Figure& figure);

}  // namespace fosterwatch::kpis::domain
