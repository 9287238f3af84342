// Months of Europe/London, as figures that are reported from outside have them: "2026-10".
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace fosterwatch::kpis::domain {

// Nothing for what is written otherwise: "2026-1", "26-10", "2026-13".
std::optional<absl::CivilMonth> MonthOf(absl::string_view text);
std::string MonthText(absl::CivilMonth month);

// The month of London in which a moment lies, and the first moment of a month.
absl::CivilMonth MonthAt(absl::Time moment);
absl::Time StartOfMonth(absl::CivilMonth month);

}  // namespace fosterwatch::kpis::domain
