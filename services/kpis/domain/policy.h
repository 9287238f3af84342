// What the agency asks of itself when figures are bad or missing, read from data.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi_policy.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::kpis::domain {

// Reads policy/kpis.json (fosterwatch.kpis.v1.KpiPolicies). INVALID_ARGUMENT (POLICY_INVALID) for
// unknown fields; no edition, or editions not in the order of their days; and in an edition no
// version or day, a limit that has not exactly one of working days (1 to 1000), calendar days (1 to
// 1000) and calendar months (1 to 120), a source or a grade P, S or M missing, or no
// repeated_month_from.
absl::StatusOr<v1::KpiPolicies> ParseKpiPolicies(absl::string_view json);

// The edition that holds at a moment: the last whose day has begun in London; before the first
// one's day, the first.
const v1::KpiPolicy& InForce(const v1::KpiPolicies& policies, absl::Time moment);

struct DueTime {
  absl::Time due;
  type::v1::Explanation explanation;
};

// `trigger` names the moment that starts the clock, as Explanation has it.
DueTime DueAfter(absl::Time start, absl::string_view trigger, absl::string_view rule,
                 const v1::KpiPolicy& policy, const v1::KpiPolicy::Limit& limit,
                 const clock::WorkingCalendar& calendar);

}  // namespace fosterwatch::kpis::domain
