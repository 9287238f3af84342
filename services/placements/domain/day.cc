#include "services/placements/domain/day.h"

#include "libs/clock/working_calendar.h"

namespace fosterwatch::placements::domain {

bool IsDay(absl::string_view text) {
  absl::CivilDay day;
  return text.size() == 10 && absl::ParseCivilTime(text, &day) && day.year() >= 1900 &&
         absl::FormatCivilTime(day) == text;
}

absl::CivilDay DayOf(absl::string_view text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

std::string TextOf(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string LondonDayText(absl::Time moment) { return TextOf(clock::LondonDay(moment)); }

int AgeOn(absl::CivilDay birth, absl::CivilDay day) {
  const int years = static_cast<int>(day.year() - birth.year());
  return Birthday(birth, years) <= day ? years : years - 1;
}

absl::CivilDay Birthday(absl::CivilDay birth, int age) {
  return absl::CivilDay(birth.year() + age, birth.month(), birth.day());
}

}  // namespace fosterwatch::placements::domain
