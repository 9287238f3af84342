#include "services/kpis/domain/month.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

#include "libs/clock/working_calendar.h"

namespace fosterwatch::kpis::domain {

std::optional<absl::CivilMonth> MonthOf(absl::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  for (const size_t place : {0, 1, 2, 3, 5, 6}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[place]))) return std::nullopt;
  }
  int year = 0, month = 0;
  if (!absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5), &month) ||
      year < 1 || month < 1 || month > 12) {
    return std::nullopt;
  }
  return absl::CivilMonth(year, month);
}

std::string MonthText(absl::CivilMonth month) { return absl::FormatCivilTime(month); }

absl::CivilMonth MonthAt(absl::Time moment) { return absl::CivilMonth(clock::LondonDay(moment)); }

absl::Time StartOfMonth(absl::CivilMonth month) {
  return absl::FromCivil(absl::CivilSecond(month), clock::London());
}

}  // namespace fosterwatch::kpis::domain
