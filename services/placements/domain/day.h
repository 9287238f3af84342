// Days as the messages carry them: ISO 8601 ("2026-11-22"), of London. As text they sort like days.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace fosterwatch::placements::domain {

// Whether it is a day that exists, spelled so, from 1900 on.
bool IsDay(absl::string_view text);

// Of what IsDay.
absl::CivilDay DayOf(absl::string_view text);

std::string TextOf(absl::CivilDay day);

// The day in London on which the moment falls.
std::string LondonDayText(absl::Time moment);

// Years completed on `day`. Who is born on 29 February completes one on 1 March of a year that has
// no such day.
int AgeOn(absl::CivilDay birth, absl::CivilDay day);

// The day on which that age is completed.
absl::CivilDay Birthday(absl::CivilDay birth, int age);

}  // namespace fosterwatch::placements::domain
