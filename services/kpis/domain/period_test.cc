#include "services/kpis/domain/period.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/status/error.h"

namespace fosterwatch::kpis::domain {
namespace {

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(PeriodTest, EachCadenceIsWrittenInItsOwnWay) {
  const struct {
    const char *text, *begin, *until;
    v1::Cadence cadence;
  } cases[] = {
      {"2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", v1::CADENCE_MONTH},
      {"2026-11-22", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", v1::CADENCE_DAY},
      {"2026-W47", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", v1::CADENCE_WEEK},
      {"2026-Q4", "2026-10-01T00:00:00+01:00", "2027-01-01T00:00:00Z", v1::CADENCE_QUARTER},
      {"2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", v1::CADENCE_YEAR},
      // London: summer begins on 29 March and ends on 25 October.
      {"2026-06", "2026-06-01T00:00:00+01:00", "2026-07-01T00:00:00+01:00", v1::CADENCE_MONTH},
      {"2026-03-29", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00+01:00", v1::CADENCE_DAY},
      {"2026-10-25", "2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00Z", v1::CADENCE_DAY},
      // A week belongs to the year of its Thursday: 2026 has 53.
      {"2026-W01", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z", v1::CADENCE_WEEK},
      {"2026-W53", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z", v1::CADENCE_WEEK},
      {"2027-W01", "2027-01-04T00:00:00Z", "2027-01-11T00:00:00Z", v1::CADENCE_WEEK},
  };
  for (const auto& each : cases) {
    const auto period = ParsePeriod(each.text);
    ASSERT_TRUE(period.ok()) << each.text;
    EXPECT_EQ(period->cadence, each.cadence) << each.text;
    EXPECT_EQ(period->Begin(), At(each.begin)) << each.text;
    EXPECT_EQ(period->Until(), At(each.until)) << each.text;
    EXPECT_EQ(FormatPeriod(*period), each.text);
    EXPECT_EQ(PeriodAt(period->Begin(), each.cadence), *period) << each.text;
    EXPECT_EQ(PeriodAt(period->Until() - absl::Microseconds(1), each.cadence), *period)
        << each.text;
  }
}

TEST(PeriodTest, WhatIsWrittenOtherwiseIsRefused) {
  for (const char* bad :
       {"",          "2026-13",  "2026-00",  "2026-1",   "11-2026",  "2026-11-31",
        "2026-11-1", "2026-Q0",  "2026-Q5",  "2026-W00", "2026-W54", "2025-W53",
        "2026-w47",  "2026W47",  "1999",     "2201",     "26",       "2026-11-22T00",
        "nonsense",  "2026-Q 1", "2026-W 1", "2026-W+1"}) {
    const auto period = ParsePeriod(bad);
    EXPECT_EQ(ReasonOf(period.status()), "INVALID_PERIOD") << bad;
  }
}

TEST(PeriodTest, EveryPeriodOfTwentyYearsFollowsTheOneBefore) {
  for (const auto cadence : {v1::CADENCE_DAY, v1::CADENCE_WEEK, v1::CADENCE_MONTH,
                             v1::CADENCE_QUARTER, v1::CADENCE_YEAR}) {
    Period period = PeriodAt(At("2015-01-01T12:00:00Z"), cadence);
    while (period.first < absl::CivilDay(2035, 1, 1)) {
      const Period next = Shifted(period, 1);
      ASSERT_EQ(next.first, period.after) << FormatPeriod(period);
      ASSERT_EQ(Shifted(next, -1), period) << FormatPeriod(period);
      const auto again = ParsePeriod(FormatPeriod(period));
      ASSERT_TRUE(again.ok()) << FormatPeriod(period);
      ASSERT_EQ(*again, period);
      period = next;
    }
  }
}

TEST(PeriodTest, KnowsItsMonthsAndItsFinancialYear) {
  EXPECT_THAT(MonthsOf(*ParsePeriod("2026-Q1")),
              testing::ElementsAre(absl::CivilMonth(2026, 1), absl::CivilMonth(2026, 2),
                                   absl::CivilMonth(2026, 3)));
  EXPECT_TRUE(MonthsOf(*ParsePeriod("2026-W14")).empty());
  EXPECT_EQ(LastMonthOf(*ParsePeriod("2026-W14")), absl::CivilMonth(2026, 4)) << "30 March on";
  EXPECT_EQ(FinancialYearOf(absl::CivilMonth(2026, 3)), absl::CivilMonth(2025, 4));
  EXPECT_EQ(FinancialYearOf(absl::CivilMonth(2026, 4)), absl::CivilMonth(2026, 4));
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
