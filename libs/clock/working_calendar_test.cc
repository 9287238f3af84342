#include "libs/clock/working_calendar.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/status/error.h"

namespace fosterwatch::clock {
namespace {

std::string OurFile() {
  std::ifstream in(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) +
                   "/libs/clock/data/bank_holidays_england_and_wales.json");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Written by hand from https://www.gov.uk/bank-holidays.
const std::map<std::string, std::string> kHolidays = {
    {"2024-01-01", "New Year’s Day"},      {"2024-03-29", "Good Friday"},
    {"2024-04-01", "Easter Monday"},       {"2024-05-06", "Early May bank holiday"},
    {"2024-05-27", "Spring bank holiday"}, {"2024-08-26", "Summer bank holiday"},
    {"2024-12-25", "Christmas Day"},       {"2024-12-26", "Boxing Day"},
    {"2025-01-01", "New Year’s Day"},      {"2025-04-18", "Good Friday"},
    {"2025-04-21", "Easter Monday"},       {"2025-05-05", "Early May bank holiday"},
    {"2025-05-26", "Spring bank holiday"}, {"2025-08-25", "Summer bank holiday"},
    {"2025-12-25", "Christmas Day"},       {"2025-12-26", "Boxing Day"},
    {"2026-01-01", "New Year’s Day"},      {"2026-04-03", "Good Friday"},
    {"2026-04-06", "Easter Monday"},       {"2026-05-04", "Early May bank holiday"},
    {"2026-05-25", "Spring bank holiday"}, {"2026-08-31", "Summer bank holiday"},
    {"2026-12-25", "Christmas Day"},       {"2026-12-28", "Boxing Day"},
    {"2027-01-01", "New Year’s Day"},      {"2027-03-26", "Good Friday"},
    {"2027-03-29", "Easter Monday"},       {"2027-05-03", "Early May bank holiday"},
    {"2027-05-31", "Spring bank holiday"}, {"2027-08-30", "Summer bank holiday"},
    {"2027-12-27", "Christmas Day"},       {"2027-12-28", "Boxing Day"},
    {"2028-01-03", "New Year’s Day"},      {"2028-04-14", "Good Friday"},
    {"2028-04-17", "Easter Monday"},       {"2028-05-01", "Early May bank holiday"},
    {"2028-05-29", "Spring bank holiday"}, {"2028-08-28", "Summer bank holiday"},
    {"2028-12-25", "Christmas Day"},       {"2028-12-26", "Boxing Day"},
};

TEST(WorkingCalendar, KnowsEveryDayFrom2024To2028) {
  const auto calendar = WorkingCalendar::Parse(OurFile());
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  for (absl::CivilDay day(2024, 1, 1); day <= absl::CivilDay(2028, 12, 31); ++day) {
    const std::string name = absl::FormatCivilTime(day);
    const auto weekday = absl::GetWeekday(day);
    std::string expected;
    if (const auto holiday = kHolidays.find(name); holiday != kHolidays.end()) {
      expected = holiday->second;
    } else if (weekday == absl::Weekday::saturday) {
      expected = "Saturday";
    } else if (weekday == absl::Weekday::sunday) {
      expected = "Sunday";
    }
    EXPECT_EQ(calendar->WhyNot(day), expected) << name;
    EXPECT_EQ(calendar->IsWorkingDay(day), expected.empty()) << name;
  }
}

TEST(WorkingCalendar, SaysWhichYearsItSpeaksFor) {
  const auto calendar = WorkingCalendar::Parse(OurFile());
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  EXPECT_FALSE(calendar->Covers(2018));
  EXPECT_TRUE(calendar->Covers(2019));
  EXPECT_TRUE(calendar->Covers(2028));
  EXPECT_FALSE(calendar->Covers(2029));
  EXPECT_FALSE(calendar->version().empty());
}

TEST(WorkingCalendar, RefusesAFileThatCannotBeTrusted) {
  struct Case {
    std::string what;
    std::string json;
  };
  const std::string event =
      R"({"title":"Christmas Day","date":"2026-12-25","notes":"","bunting":true})";
  const auto file = [](std::string events, std::string rest) {
    return "{\"events\":[" + events + "]," + rest + "}";
  };
  const std::string good = R"("division":"england-and-wales","version":"1","years":[2026])";
  ASSERT_TRUE(WorkingCalendar::Parse(file(event, good)).ok());
  const Case cases[] = {
      {"no JSON", "{"},
      {"an unknown field", file(event, good + R"(,"extra":1)")},
      {"another division", file(event, R"("division":"scotland","version":"1","years":[2026])")},
      {"no version", file(event, R"("division":"england-and-wales","years":[2026])")},
      {"no years", file("", R"("division":"england-and-wales","version":"1")")},
      {"a year without a day",
       file(event, R"("division":"england-and-wales","version":"1","years":[2026,2027])")},
      {"a day of an unlisted year",
       file(event + R"(,{"title":"Good Friday","date":"2027-03-26"})", good)},
      {"a day twice", file(event + "," + event, good)},
      {"a day that does not exist", file(R"({"title":"x","date":"2026-02-30"})", good)},
      {"a day in another form", file(R"({"title":"x","date":"2026-2-3"})", good)},
      {"a day without a title", file(R"({"date":"2026-02-03"})", good)},
  };
  for (const Case& c : cases) {
    const auto calendar = WorkingCalendar::Parse(c.json);
    ASSERT_FALSE(calendar.ok()) << c.what;
    EXPECT_EQ(ReasonOf(calendar.status()), "CALENDAR_INVALID") << c.what;
  }
}

TEST(LondonDay, ChangesAtMidnightInLondonAndNotInUtc) {
  const absl::Time summer_evening =
      absl::FromCivil(absl::CivilSecond(2026, 7, 1, 23, 30, 0), absl::UTCTimeZone());
  EXPECT_EQ(LondonDay(summer_evening), absl::CivilDay(2026, 7, 2));
}

}  // namespace
}  // namespace fosterwatch::clock
