// Monthly figures that other systems report: which can be true, and what is new in one. Pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"

namespace fosterwatch::kpis::domain {

// To be recorded in this order, in one transaction.
using Facts = std::vector<v1::KpiFact>;

// In Unicode characters.
inline constexpr int kMaxSource = 200;
inline constexpr int kMaxReason = 2000;

// Whether figures of this KPI are reported, and not counted from facts.
bool IsReported(const v1::KpiDefinition& kpi);

// OK, or INVALID_ARGUMENT with every fault; `kpi` is null where the code names none:
//   code         REQUIRED, UNKNOWN_KPI, NOT_REPORTED (counted from facts)
//   period       REQUIRED, INVALID_PERIOD, IN_THE_FUTURE, TOO_LONG_AGO (before 2000)
//   numerator, denominator  TOGETHER (one without the other), NEGATIVE, TOO_LARGE,
//                NUMERATOR_TOO_LARGE (a percentage of more than all; a KPI that adds up over the
//                year is a share of the year's aim, and may pass it), NOT_A_RATIO (of a count)
//   value        REQUIRED (nothing is reported), INVALID_VALUE (no number), NEGATIVE, TOO_LARGE,
//                IMPOSSIBLE_VALUE (a percentage beyond 100, a count that is not whole),
//                VALUE_DISAGREES (with numerator and denominator, by more than rounding to one
//                decimal explains), GIVE_ONE (both, where it adds up over the year: numerators are
//                the month's, values the year's)
//   source       TEXT_TOO_LONG
absl::Status CheckReported(const v1::ReportedFigure& figure, const v1::KpiDefinition* kpi,
                           absl::Time now);

// What a report brings: FigureImported where nothing was known of the month, FigureCorrected where
// something else was, nothing where the same was. Refuses as CheckReported does.
absl::StatusOr<Facts> Report(const v1::ImportedFigure& known, const v1::ReportedFigure& figure,
                             const v1::KpiDefinition* kpi, absl::Time now);

// FAILED_PRECONDITION (NOTHING_REPORTED); INVALID_ARGUMENT (reason: REQUIRED, TEXT_TOO_LONG).
absl::StatusOr<Facts> Withdraw(const v1::ImportedFigure& known, absl::string_view reason,
                               absl::string_view person_id);

// The report that counts; null where there is none, or it was withdrawn.
const v1::FigureReport* Current(const v1::ImportedFigure& known);

// What the ledger says of a fact beside the fact.
struct FactStamp {
  std::string fact_id;
  absl::Time recorded;
  std::string actor;
};

// Applies one fact; total.
void Evolve(v1::ImportedFigure& known, const v1::KpiFact& fact, const FactStamp& stamp);

}  // namespace fosterwatch::kpis::domain
