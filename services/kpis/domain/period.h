// The periods that figures are of, each of Europe/London: "2026-11-22", "2026-W47" (ISO 8601, from
// Monday), "2026-11", "2026-Q4", "2026".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::kpis::domain {

struct Period {
  v1::Cadence cadence = v1::CADENCE_MONTH;
  absl::CivilDay first;
  absl::CivilDay after;  // the first day that is no longer in it

  // [Begin, Until)
  absl::Time Begin() const;
  absl::Time Until() const;
  bool operator==(const Period&) const = default;
};

// INVALID_ARGUMENT (field period, INVALID_PERIOD) for what is written otherwise, does not exist, or
// does not lie in the years 2000 to 2200.
absl::StatusOr<Period> ParsePeriod(absl::string_view text);
std::string FormatPeriod(const Period& period);

// The period of that cadence in which a moment lies; CADENCE_UNSPECIFIED is the month.
Period PeriodAt(absl::Time moment, v1::Cadence cadence);
Period MonthPeriod(absl::CivilMonth month);

// The period that is `count` after it, before it where negative.
Period Shifted(const Period& period, int count);

// A month as figures that are reported from outside have it: "2026-10". Nothing for what is written
// otherwise: "2026-1", "26-10", "2026-13".
std::optional<absl::CivilMonth> MonthOf(absl::string_view text);
std::string MonthText(absl::CivilMonth month);

// The month of London in which a moment lies, and the first moment of a month.
absl::CivilMonth MonthAt(absl::Time moment);
absl::Time StartOfMonth(absl::CivilMonth month);

// The calendar months that it consists of; none for a day or a week.
std::vector<absl::CivilMonth> MonthsOf(const Period& period);

// The month of its last day: whose target it stands beside.
absl::CivilMonth LastMonthOf(const Period& period);

// The first month of the financial year (from April) in which a month lies.
absl::CivilMonth FinancialYearOf(absl::CivilMonth month);

}  // namespace fosterwatch::kpis::domain
