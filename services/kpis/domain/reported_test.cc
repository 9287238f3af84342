#include "services/kpis/domain/reported.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/status/error.h"
#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::KpiDefinition;
using v1::ReportedFigure;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 12), absl::UTCTimeZone());

KpiDefinition Kpi(KpiDefinition::Unit unit = KpiDefinition::UNIT_PERCENT, bool cumulative = false) {
  KpiDefinition kpi;
  kpi.set_code("SC5");
  kpi.set_unit(unit);
  kpi.set_measure(KpiDefinition::MEASURE_IMPORTED);
  kpi.set_cumulative(cumulative);
  return kpi;
}

ReportedFigure Ratio(int64_t numerator, int64_t denominator) {
  ReportedFigure figure;
  figure.set_code("SC5");
  figure.set_period("2026-10");
  figure.set_numerator(numerator);
  figure.set_denominator(denominator);
  return figure;
}

ReportedFigure Value(double value) {
  ReportedFigure figure;
  figure.set_code("SC5");
  figure.set_period("2026-10");
  figure.set_value(value);
  return figure;
}

ReportedFigure Both(int64_t numerator, int64_t denominator, double value) {
  ReportedFigure figure = Ratio(numerator, denominator);
  figure.set_value(value);
  return figure;
}

ReportedFigure Of(const std::string& code, const std::string& period) {
  ReportedFigure figure = Value(1);
  figure.set_code(code);
  figure.set_period(period);
  return figure;
}

struct Case {
  const char* what;
  ReportedFigure figure;
  KpiDefinition kpi;
  const char* reason;  // "" where it is taken
  const char* field;
};

TEST(ReportedFigureTest, WhatCannotBeTrueIsRefusedWithTheFieldAtFault) {
  const KpiDefinition percent = Kpi();
  const KpiDefinition count = Kpi(KpiDefinition::UNIT_COUNT);
  const KpiDefinition year = Kpi(KpiDefinition::UNIT_PERCENT, true);
  KpiDefinition counted = Kpi();
  counted.set_measure(KpiDefinition::MEASURE_RATIO_IN_TIME);
  ReportedFigure half = Value(1);
  half.clear_value();
  half.set_numerator(1);
  ReportedFigure nothing = Value(1);
  nothing.clear_value();
  ReportedFigure talkative = Value(1);
  talkative.set_source(std::string(201, 'x'));
  const Case cases[] = {
      {"a ratio", Ratio(11, 30), percent, "", ""},
      {"a ratio of nothing", Ratio(0, 0), percent, "", ""},
      {"all of them", Ratio(30, 30), percent, "", ""},
      {"a value alone", Value(36.7), percent, "", ""},
      {"both, rounded", Both(11, 30, 36.7), percent, "", ""},
      {"both, a half rounded down", Both(1, 400, 0.2), percent, "", ""},
      {"both, a half rounded up", Both(1, 400, 0.3), percent, "", ""},
      {"a count", Value(902), count, "", ""},
      {"more than the year's aim", Ratio(12, 10), year, "", ""},
      {"more than the year's aim, as a value", Value(104.2), year, "", ""},
      {"the running month", Of("SC5", "2026-11"), percent, "", ""},
      {"no code", Of("", "2026-10"), percent, "REQUIRED", "code"},
      {"counted from facts", Value(1), counted, "NOT_REPORTED", "code"},
      {"no month", Of("SC5", ""), percent, "REQUIRED", "period"},
      {"a month without a nought", Of("SC5", "2026-9"), percent, "INVALID_PERIOD", "period"},
      {"a thirteenth month", Of("SC5", "2026-13"), percent, "INVALID_PERIOD", "period"},
      {"a day", Of("SC5", "2026-10-01"), percent, "INVALID_PERIOD", "period"},
      {"a month with a sign", Of("SC5", "+026-10"), percent, "INVALID_PERIOD", "period"},
      {"a month to come", Of("SC5", "2026-12"), percent, "IN_THE_FUTURE", "period"},
      {"long ago", Of("SC5", "1999-12"), percent, "TOO_LONG_AGO", "period"},
      {"a numerator alone", half, percent, "TOGETHER", "denominator"},
      {"nothing at all", nothing, percent, "REQUIRED", "value"},
      {"a ratio of a count", Ratio(1, 2), count, "NOT_A_RATIO", "numerator"},
      {"a negative numerator", Ratio(-1, 3), percent, "NEGATIVE", "numerator"},
      {"a negative denominator", Ratio(0, -3), percent, "NEGATIVE", "denominator"},
      {"a telephone number", Ratio(1, 2'071'234'567), percent, "TOO_LARGE", "denominator"},
      {"more than all", Ratio(31, 30), percent, "NUMERATOR_TOO_LARGE", "numerator"},
      {"some of nothing", Ratio(1, 0), percent, "NUMERATOR_TOO_LARGE", "numerator"},
      {"no number", Value(std::nan("")), percent, "INVALID_VALUE", "value"},
      {"without end", Value(std::numeric_limits<double>::infinity()), percent, "INVALID_VALUE",
       "value"},
      {"less than nothing", Value(-0.1), percent, "NEGATIVE", "value"},
      {"beyond all", Value(100.1), percent, "IMPOSSIBLE_VALUE", "value"},
      {"half a child", Value(902.5), count, "IMPOSSIBLE_VALUE", "value"},
      {"another value than they make", Both(11, 30, 36.8), percent, "VALUE_DISAGREES", "value"},
      {"a value of nothing", Both(0, 0, 0), percent, "VALUE_DISAGREES", "value"},
      {"the month's and the year's", Both(1, 10, 10), year, "GIVE_ONE", "value"},
      {"a long source", talkative, percent, "TEXT_TOO_LONG", "source"},
  };
  for (const Case& each : cases) {
    const absl::Status status = CheckReported(each.figure, &each.kpi, kNow);
    EXPECT_EQ(ReasonOf(status), each.reason) << each.what << ": " << status;
    EXPECT_EQ(status.ok(), each.reason[0] == '\0') << each.what << ": " << status;
    if (status.ok()) continue;
    ASSERT_FALSE(ViolationsOf(status).empty()) << each.what;
    EXPECT_EQ(ViolationsOf(status)[0].field, each.field) << each.what;
  }
  EXPECT_EQ(ReasonOf(CheckReported(Value(1), nullptr, kNow)), "UNKNOWN_KPI");
}

TEST(ReportedFigureTest, EveryFaultIsNamedAtOnce) {
  ReportedFigure figure = Ratio(-1, 2'000'000'000);
  figure.set_period("soon");
  const KpiDefinition kpi = Kpi();
  std::vector<std::string> fields;
  for (const Violation& each : ViolationsOf(CheckReported(figure, &kpi, kNow))) {
    fields.push_back(each.field);
  }
  EXPECT_THAT(fields, ::testing::ElementsAre("period", "numerator", "denominator"));
}

// One figure, as reports make it.
class KnownTest : public ::testing::Test {
 protected:
  absl::StatusOr<Facts> Take(const ReportedFigure& figure) {
    auto facts = Report(known_, figure, &kpi_, kNow);
    if (facts.ok()) Record(*facts);
    return facts;
  }
  void Record(const Facts& facts) {
    for (const v1::KpiFact& fact : facts) {
      Evolve(known_, fact, {absl::StrCat("fact-", ++facts_), kNow, "manager-1"});
    }
  }

  const KpiDefinition kpi_ = Kpi();
  v1::ImportedFigure known_;
  int facts_ = 0;
};

TEST_F(KnownTest, TheSameAgainIsNothingNewAndAnotherContentCorrects) {
  auto first = Take(Ratio(11, 30));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), 1u);
  EXPECT_TRUE((*first)[0].has_figure_imported());

  ReportedFigure again = Ratio(11, 30);
  again.set_source("another system that counts the same");
  auto second = Take(again);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->empty());

  auto third = Take(Ratio(10, 30));
  ASSERT_TRUE(third.ok());
  ASSERT_EQ(third->size(), 1u);
  EXPECT_EQ((*third)[0].figure_corrected().before().numerator(), 11);
  EXPECT_EQ((*third)[0].figure_corrected().figure().numerator(), 10);

  // What an earlier report said is a correction like any other.
  ASSERT_EQ(Take(Ratio(11, 30))->size(), 1u);
  ASSERT_EQ(known_.reports_size(), 3);
  EXPECT_EQ(known_.reports(1).figure().numerator(), 10);
  EXPECT_EQ(known_.reports(1).fact_id(), "fact-2");
  EXPECT_EQ(Current(known_)->figure().numerator(), 11);
}

TEST_F(KnownTest, NoughtIsNotTheSameAsNothing) {
  ASSERT_TRUE(Take(Ratio(0, 0)).ok());
  auto facts = Take(Value(0));
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->size(), 1u);
}

TEST_F(KnownTest, WhatWasReportedCanBeTakenBackOnceWithAReason) {
  EXPECT_EQ(ReasonOf(Withdraw(known_, "another month's", "manager-1").status()),
            "NOTHING_REPORTED");
  ASSERT_TRUE(Take(Ratio(11, 30)).ok());
  EXPECT_EQ(ReasonOf(Withdraw(known_, " ", "manager-1").status()), "REQUIRED");
  EXPECT_EQ(ReasonOf(Withdraw(known_, std::string(2001, 'x'), "manager-1").status()),
            "TEXT_TOO_LONG");
  auto facts = Withdraw(known_, "another month's", "manager-1");
  ASSERT_TRUE(facts.ok()) << facts.status();
  Record(*facts);
  EXPECT_EQ(Current(known_), nullptr);
  EXPECT_EQ(known_.reports(1).reason(), "another month's");
  EXPECT_EQ(ReasonOf(Withdraw(known_, "again", "manager-1").status()), "NOTHING_REPORTED");

  auto back = Take(Ratio(11, 30));
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->size(), 1u);
  EXPECT_TRUE((*back)[0].has_figure_imported()) << "known as new, though it is what it was";
}

TEST(MonthTest, IsLondonsAndReadsWhatItWrites) {
  for (absl::CivilMonth month(1999, 11); month < absl::CivilMonth(2001, 3); ++month) {
    EXPECT_EQ(MonthOf(MonthText(month)), month);
    EXPECT_EQ(MonthAt(StartOfMonth(month)), month);
    EXPECT_EQ(MonthAt(StartOfMonth(month) - absl::Microseconds(1)), month - 1);
  }
  // In summer the month begins an hour before it does in UTC.
  EXPECT_EQ(absl::FormatTime(StartOfMonth(absl::CivilMonth(2026, 7)), absl::UTCTimeZone()),
            "2026-06-30T23:00:00+00:00");
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
