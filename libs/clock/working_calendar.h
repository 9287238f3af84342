// The working days of England and Wales: not a Saturday, a Sunday or a bank holiday (Banking and
// Financial Dealings Act 1971). Good Friday and Christmas Day are in the same published list, so
// one calendar serves the fostering, care planning and complaints regulations. The days are data
// (data/bank_holidays_england_and_wales.json), so that a new bank holiday needs no new program.
//
// Immutable after Parse and free to share between threads.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace fosterwatch::clock {

// Europe/London from the system's time zone data (Debian: tzdata). Stops the program where that is
// not installed: every civil day would be wrong without it.
const absl::TimeZone& London();

// The day in London on which a moment falls.
absl::CivilDay LondonDay(absl::Time time);

class WorkingCalendar {
 public:
  // Reads one division of gov.uk's bank-holidays.json with "version" and "years" added
  // (fosterwatch.type.v1.BankHolidays). INVALID_ARGUMENT (CALENDAR_INVALID) for unknown fields,
  // another division, a day that does not exist or is in no listed year, a year without any day, a
  // day twice, or no version.
  static absl::StatusOr<WorkingCalendar> Parse(absl::string_view json);

  const std::string& version() const { return version_; }

  // Whether the file speaks for that year. IsWorkingDay still answers for one that it does not, by
  // weekends alone; whoever uses the answer must say so (AddWorkingDays does).
  bool Covers(int year) const { return years_.count(year) != 0; }

  bool IsWorkingDay(absl::CivilDay day) const;

  // Why a day is no working day: "Christmas Day", "Saturday"; empty for a working day.
  std::string WhyNot(absl::CivilDay day) const;

 private:
  std::string version_;
  std::set<int> years_;
  std::map<absl::CivilDay, std::string> holidays_;
};

}  // namespace fosterwatch::clock
