#include "libs/clock/working_calendar.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include <google/protobuf/util/json_util.h>

#include "fosterwatch/type/v1/bank_holidays.pb.h"
#include "libs/status/error.h"

namespace fosterwatch::clock {
namespace {

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "CALENDAR_INVALID", message);
}

}  // namespace

const absl::TimeZone& London() {
  static const absl::TimeZone* const zone = [] {
    auto* loaded = new absl::TimeZone;
    if (!absl::LoadTimeZone("Europe/London", loaded)) {
      std::fputs("no time zone data for Europe/London: install the package tzdata\n", stderr);
      std::abort();
    }
    return loaded;
  }();
  return *zone;
}

absl::CivilDay LondonDay(absl::Time time) { return absl::ToCivilDay(time, London()); }

absl::StatusOr<WorkingCalendar> WorkingCalendar::Parse(absl::string_view json) {
  type::v1::BankHolidays data;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &data);
  if (!parsed.ok()) {
    return Invalid(absl::StrCat("the calendar is not as fosterwatch.type.v1.BankHolidays has it: ",
                                std::string(parsed.message())));
  }
  if (data.version().empty()) return Invalid("the calendar has no version");
  if (data.division() != "england-and-wales") {
    return Invalid("the calendar is not of the division england-and-wales");
  }

  WorkingCalendar calendar;
  calendar.version_ = data.version();
  calendar.years_.insert(data.years().begin(), data.years().end());
  if (calendar.years_.empty()) return Invalid("the calendar speaks for no year");
  std::set<int> years_with_days;
  for (const auto& event : data.events()) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(event.date(), &day) || absl::FormatCivilTime(day) != event.date()) {
      return Invalid(absl::StrCat("the calendar has a day that does not exist: ", event.date()));
    }
    if (event.title().empty()) {
      return Invalid(absl::StrCat("the calendar has a day without a title: ", event.date()));
    }
    const int year = static_cast<int>(day.year());
    if (!calendar.Covers(year)) {
      return Invalid(
          absl::StrCat("the calendar has a day of a year that it does not list: ", event.date()));
    }
    years_with_days.insert(year);
    if (!calendar.holidays_.emplace(day, event.title()).second) {
      return Invalid(absl::StrCat("the calendar has a day twice: ", event.date()));
    }
  }
  if (years_with_days != calendar.years_) {
    return Invalid("the calendar lists a year of which it has no day");
  }
  return calendar;
}

bool WorkingCalendar::IsWorkingDay(absl::CivilDay day) const { return WhyNot(day).empty(); }

std::string WorkingCalendar::WhyNot(absl::CivilDay day) const {
  if (const auto holiday = holidays_.find(day); holiday != holidays_.end()) return holiday->second;
  switch (absl::GetWeekday(day)) {
    case absl::Weekday::saturday:
      return "Saturday";
    case absl::Weekday::sunday:
      return "Sunday";
    default:
      return "";
  }
}

}  // namespace fosterwatch::clock
