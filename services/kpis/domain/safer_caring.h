// Safer caring plans of households, as case systems report them: that one was made or reviewed on
// a day, and until when it is current by the policy of that day. Pure functions.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "services/kpis/domain/plan.h"

namespace fosterwatch::kpis::domain {

// INVALID_ARGUMENT, naming the field: REQUIRED, INVALID_ID, INVALID_DATE, TOO_LONG_AGO (before
// 2000), IN_THE_FUTURE (after today in London).
absl::Status CheckReportedPlan(const v1::ReportedSaferCaringPlan& report, absl::Time now);

// What a good report adds to what is known. A day that is known already is nothing new.
// FAILED_PRECONDITION (NOTHING_REPORTED) where it takes back what nobody reported.
absl::StatusOr<Facts> ReportPlan(const v1::SaferCaringPlan& known,
                                 const v1::ReportedSaferCaringPlan& report,
                                 const std::string& source, const Given& given);

// Applies one fact; total.
void Evolve(v1::SaferCaringPlan& plan, const v1::KpiFact& fact);

}  // namespace fosterwatch::kpis::domain
