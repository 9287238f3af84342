#include "services/kpis/domain/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fosterwatch::kpis::domain {
namespace {

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

v1::KpiDefinition Kpi(v1::KpiDefinition::Measure measure) {
  v1::KpiDefinition kpi;
  kpi.set_code("X1");
  kpi.set_measure(measure);
  return kpi;
}

Span Notice(const char* begin, const char* due, const char* end) {
  Span span;
  span.key = begin;
  span.begin = At(begin);
  if (due != nullptr) span.due = At(due);
  if (end != nullptr) span.end = At(end);
  return span;
}

v1::Figure Measure(v1::KpiDefinition::Measure measure, const std::vector<Span>& spans,
                   absl::CivilMonth month, absl::Time now) {
  const v1::KpiDefinition kpi = Kpi(measure);
  const Period period = MonthPeriod(month);
  return FigureOf(kpi, EvidenceOf(kpi, v1::Stream(), spans, period, now), period, now);
}

constexpr absl::CivilMonth kNovember(2026, 11);

const std::vector<Span>& Notices() {
  static const auto* const notices = new std::vector<Span>{
      Notice("2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z", "2026-11-02T11:00:00Z"),  // in time
      Notice("2026-11-04T10:00:00Z", "2026-11-05T10:00:00Z", "2026-11-05T10:00:00Z"),  // just
      Notice("2026-11-06T10:00:00Z", "2026-11-07T10:00:00Z", "2026-11-07T10:00:01Z"),  // late
      Notice("2026-11-08T10:00:00Z", "2026-11-09T10:00:00Z", nullptr),                 // never
      Notice("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", nullptr),  // not yet due on the 20th
  };
  return *notices;
}

TEST(RatioInTimeTest, OpenAndOverdueCountsAsAMissAndNotYetDueDoesNotCount) {
  const v1::Figure figure = Measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME, Notices(), kNovember,
                                    At("2026-11-20T12:00:00Z"));
  EXPECT_EQ(figure.numerator(), 2);
  EXPECT_EQ(figure.denominator(), 4);
  EXPECT_DOUBLE_EQ(figure.value(), 50.0);
}

TEST(RatioInTimeTest, WhatIsDueByTheLastDayOfAMonthBelongsToIt) {
  // By 30 November: too late at the first moment of December. Done on the last evening, in
  // December, and never.
  const char* due = "2026-12-01T00:00:00Z";
  const std::vector<Span> spans = {
      Notice("2026-11-02T10:00:00Z", due, "2026-11-30T23:59:59Z"),
      Notice("2026-11-03T10:00:00Z", due, due),
      Notice("2026-11-04T10:00:00Z", due, nullptr),
  };
  v1::Stream stream;
  const v1::KpiDefinition kpi = Kpi(v1::KpiDefinition::MEASURE_RATIO_IN_TIME);
  const auto measure = [&](absl::CivilMonth month, const char* now) {
    const Period period = MonthPeriod(month);
    return FigureOf(kpi, EvidenceOf(kpi, stream, spans, period, At(now)), period, At(now));
  };
  // Where the due time itself is in time, it is of the month in which it lies.
  EXPECT_EQ(measure(kNovember, "2027-01-01T00:00:00Z").denominator(), 0);
  EXPECT_EQ(measure(kNovember + 1, "2027-01-01T00:00:00Z").denominator(), 3);
  EXPECT_EQ(measure(kNovember + 1, "2027-01-01T00:00:00Z").numerator(), 2);
  stream.set_due_exclusive(true);
  EXPECT_EQ(measure(kNovember, "2027-01-01T00:00:00Z").denominator(), 3);
  EXPECT_EQ(measure(kNovember, "2027-01-01T00:00:00Z").numerator(), 1);
  EXPECT_EQ(measure(kNovember + 1, "2027-01-01T00:00:00Z").denominator(), 0);
  // On its last day only what is done counts; when the month is over, all of it.
  EXPECT_EQ(measure(kNovember, "2026-11-30T23:59:59Z").denominator(), 1);
  EXPECT_EQ(measure(kNovember, due).denominator(), 3);
}

TEST(RatioInTimeTest, GivenBeforeItsLimitCountsAtOnce) {
  const v1::Figure figure = Measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME, Notices(), kNovember,
                                    At("2026-11-02T11:00:00Z"));
  EXPECT_EQ(figure.numerator(), 1);
  EXPECT_EQ(figure.denominator(), 1);
}

TEST(RatioInTimeTest, NothingToCountIsNoValueAndNotZero) {
  const v1::Figure figure =
      Measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME, {}, kNovember, At("2026-11-20T12:00:00Z"));
  EXPECT_FALSE(figure.has_value());
  EXPECT_EQ(figure.denominator(), 0);
}

TEST(RatioInTimeTest, TheMonthIsOfLondonAlsoInSummer) {
  // 23:30 UTC on 31 May is half past midnight on 1 June in London.
  const std::vector<Span> spans = {
      Notice("2026-05-30T23:30:00Z", "2026-05-31T23:30:00Z", "2026-05-31T00:00:00Z")};
  const absl::Time now = At("2026-07-01T00:00:00Z");
  EXPECT_EQ(Measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME, spans, absl::CivilMonth(2026, 5), now)
                .denominator(),
            0);
  EXPECT_EQ(Measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME, spans, absl::CivilMonth(2026, 6), now)
                .denominator(),
            1);
}

TEST(MedianHoursTest, IsTheMiddleOrTheMeanOfTheTwoMiddleOnes) {
  const absl::Time now = At("2026-12-01T00:00:00Z");
  const v1::Figure three =
      Measure(v1::KpiDefinition::MEASURE_MEDIAN_HOURS, Notices(), kNovember, now);
  EXPECT_EQ(three.denominator(), 3);
  EXPECT_DOUBLE_EQ(three.value(), 24.0);
  const v1::Figure two = Measure(v1::KpiDefinition::MEASURE_MEDIAN_HOURS,
                                 {Notices()[0], Notices()[1]}, kNovember, now);
  EXPECT_DOUBLE_EQ(two.value(), 12.5);
  // The absence of a manager that begins in February, told in November.
  std::vector<Span> with_absence = {Notices()[0], Notices()[1]};
  with_absence.push_back(
      Notice("2027-02-01T09:00:00Z", "2027-01-02T00:00:00Z", "2026-11-22T14:00:00Z"));
  EXPECT_DOUBLE_EQ(
      Measure(v1::KpiDefinition::MEASURE_MEDIAN_HOURS, with_absence, kNovember, now).value(), 12.5);
}

TEST(OpenCountTest, StandsAsAtTheEndOfAPastMonth) {
  const absl::Time now = At("2027-01-15T00:00:00Z");
  std::vector<Span> events = {Notice("2026-10-30T10:00:00Z", nullptr, "2026-11-15T10:00:00Z"),
                              Notice("2026-11-10T10:00:00Z", nullptr, "2026-12-02T10:00:00Z"),
                              Notice("2026-12-20T10:00:00Z", nullptr, nullptr)};
  const auto open = [&](int month) {
    return Measure(v1::KpiDefinition::MEASURE_OPEN_COUNT, events, absl::CivilMonth(2026, 9 + month),
                   now)
        .value();
  };
  EXPECT_EQ(open(1), 1);  // October
  EXPECT_EQ(open(2), 1);  // November
  EXPECT_EQ(open(3), 1);  // December
}

TEST(OverdueCountTest, CountsWhatIsOpenAndPastDueOfAllThatIsOpen) {
  const v1::Figure figure = Measure(v1::KpiDefinition::MEASURE_OVERDUE_COUNT, Notices(), kNovember,
                                    At("2026-11-20T12:00:00Z"));
  EXPECT_EQ(figure.value(), 1);
  EXPECT_EQ(figure.numerator(), 1);
  EXPECT_EQ(figure.denominator(), 2);
}

TEST(FigureTest, AMonthThatHasNotBegunHasNoValue) {
  for (const auto measure :
       {v1::KpiDefinition::MEASURE_RATIO_IN_TIME, v1::KpiDefinition::MEASURE_OPEN_COUNT,
        v1::KpiDefinition::MEASURE_OVERDUE_COUNT, v1::KpiDefinition::MEASURE_MEDIAN_HOURS}) {
    EXPECT_FALSE(Measure(measure, Notices(), absl::CivilMonth(2026, 12), At("2026-11-20T12:00:00Z"))
                     .has_value());
  }
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
