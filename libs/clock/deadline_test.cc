#include "libs/clock/deadline.h"

#include <fstream>
#include <sstream>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::clock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

static_assert(!std::is_convertible_v<ElapsedDeadline, CivilDeadline>);
static_assert(!std::is_convertible_v<CivilDeadline, ElapsedDeadline>);

const WorkingCalendar& Calendar() {
  static const auto* const calendar = [] {
    std::ifstream in(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) +
                     "/libs/clock/data/bank_holidays_england_and_wales.json");
    std::ostringstream text;
    text << in.rdbuf();
    return new WorkingCalendar(WorkingCalendar::Parse(text.str()).value());
  }();
  return *calendar;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
  return time;
}

std::string Show(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

TEST(AddElapsed, Counts24HoursAcrossTheClockChangesOfMarchAndOctober) {
  // 29 March 2026, 01:00 UTC: London goes from 01:00 to 02:00. 24 hours from 12:00 end at 13:00
  // BST.
  EXPECT_EQ(Show(AddElapsed(Utc("2026-03-28T12:00:00Z"), absl::Hours(24))->due()),
            "2026-03-29T12:00:00Z");
  EXPECT_EQ(Show(AddElapsed(Utc("2026-03-29T00:30:00Z"), absl::Hours(24))->due()),
            "2026-03-30T00:30:00Z");
  // 25 October 2026, 01:00 UTC: London goes from 02:00 to 01:00. The hour from 01:00 comes twice.
  EXPECT_EQ(Show(AddElapsed(Utc("2026-10-25T00:30:00Z"), absl::Hours(24))->due()),
            "2026-10-26T00:30:00Z");
  EXPECT_EQ(Show(AddElapsed(Utc("2026-10-25T01:30:00Z"), absl::Hours(24))->due()),
            "2026-10-26T01:30:00Z");
}

TEST(AddElapsed, IsDueAtOnceForNoDuration) {
  const absl::Time at = Utc("2026-11-22T06:00:00Z");
  EXPECT_EQ(AddElapsed(at, absl::ZeroDuration())->due(), at);
}

TEST(AddElapsed, RefusesWhatIsNoWholeNumberOfSecondsFromZeroOn) {
  for (const absl::Duration bad : {absl::Seconds(-1), absl::Milliseconds(1500),
                                   absl::InfiniteDuration(), -absl::InfiniteDuration()}) {
    const auto deadline = AddElapsed(absl::UnixEpoch(), bad);
    ASSERT_FALSE(deadline.ok());
    EXPECT_EQ(ReasonOf(deadline.status()), "DURATION_INVALID");
  }
}

TEST(AddWorkingDays, EndsAtMidnightInLondonAfterTheLastDay) {
  struct Case {
    const char* trigger;
    int n;
    const char* due;
    std::vector<std::string> skipped;
  };
  const Case cases[] = {
      // A Wednesday in winter: the end of Thursday.
      {"2026-11-18T10:00:00Z", 1, "2026-11-20T00:00:00Z", {}},
      // Late on a summer's evening in UTC it is the next day in London already.
      {"2026-07-01T23:30:00Z", 1, "2026-07-03T23:00:00Z", {}},
      {"2026-07-01T22:30:00Z", 1, "2026-07-02T23:00:00Z", {}},
      // From a Friday, over a weekend.
      {"2026-11-20T17:00:00Z",
       1,
       "2026-11-24T00:00:00Z",
       {"2026-11-21 Saturday", "2026-11-22 Sunday"}},
      // From a Saturday: that day does not count, nor does Sunday.
      {"2026-11-21T23:00:00Z", 3, "2026-11-26T00:00:00Z", {"2026-11-22 Sunday"}},
      // Over Easter and the clock change of March 2027 (28 March): ends in summer time.
      {"2027-03-25T12:00:00Z",
       1,
       "2027-03-30T23:00:00Z",
       {"2027-03-26 Good Friday", "2027-03-27 Saturday", "2027-03-28 Sunday",
        "2027-03-29 Easter Monday"}},
      // Over Christmas 2026, when Boxing Day is taken on Monday.
      {"2026-12-24T12:00:00Z",
       2,
       "2026-12-31T00:00:00Z",
       {"2026-12-25 Christmas Day", "2026-12-26 Saturday", "2026-12-27 Sunday",
        "2026-12-28 Boxing Day"}},
      // Both clock-change nights.
      {"2026-03-28T22:00:00Z", 1, "2026-03-30T23:00:00Z", {"2026-03-29 Sunday"}},
      {"2026-10-24T22:30:00Z", 1, "2026-10-27T00:00:00Z", {"2026-10-25 Sunday"}},
  };
  for (const Case& c : cases) {
    const auto deadline = AddWorkingDays(Utc(c.trigger), c.n, Calendar());
    ASSERT_TRUE(deadline.ok()) << c.trigger;
    EXPECT_EQ(Show(deadline->due()), c.due) << c.trigger;
    EXPECT_THAT(deadline->step().skipped(), testing::ElementsAreArray(c.skipped)) << c.trigger;
    EXPECT_TRUE(deadline->warning().ok()) << c.trigger;
    EXPECT_EQ(deadline->calendar_version(), Calendar().version());
  }
}

TEST(AddWorkingDays, WarnsWhereTheCountPassesThroughAYearThatTheCalendarDoesNotKnow) {
  const absl::Time trigger = Utc("2028-12-29T12:00:00Z");
  const auto deadline = AddWorkingDays(trigger, 1, Calendar());
  ASSERT_TRUE(deadline.ok());
  EXPECT_EQ(Show(deadline->due()), "2029-01-02T00:00:00Z");
  EXPECT_EQ(deadline->warning().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReasonOf(deadline->warning()), "CALENDAR_YEAR_UNKNOWN");
  EXPECT_THAT(Explain({}, trigger, *deadline).warnings(),
              ElementsAre("no bank holidays are known for 2029"));
}

TEST(AddWorkingDays, RefusesFewerThanOneDay) {
  for (const int bad : {0, -1, 1001}) {
    const auto deadline = AddWorkingDays(absl::UnixEpoch(), bad, Calendar());
    ASSERT_FALSE(deadline.ok());
    EXPECT_EQ(ReasonOf(deadline.status()), "WORKING_DAYS_INVALID");
  }
}

TEST(Explain, SaysWhatWasCountedFromWhatByWhichRule) {
  const absl::Time trigger = Utc("2026-11-20T17:00:00Z");
  const RuleReference rule = {"recorded_time", "SIGN_OFF_DUE", "v1", "policy", "medium"};
  const auto explanation = Explain(rule, trigger, *AddWorkingDays(trigger, 1, Calendar()));
  EXPECT_EQ(explanation.trigger(), "recorded_time");
  EXPECT_EQ(FromProto(explanation.trigger_time()), trigger);
  EXPECT_EQ(explanation.rule(), "SIGN_OFF_DUE");
  EXPECT_EQ(explanation.rule_version(), "v1");
  EXPECT_EQ(explanation.source(), "policy");
  EXPECT_EQ(explanation.confidence(), "medium");
  EXPECT_EQ(explanation.calendar_version(), Calendar().version());
  EXPECT_THAT(explanation.warnings(), IsEmpty());
  EXPECT_EQ(Show(FromProto(explanation.due_time())), "2026-11-24T00:00:00Z");
  // Elapsed time knows no calendar.
  EXPECT_EQ(Explain(rule, trigger, *AddElapsed(trigger, absl::Hours(1))).calendar_version(), "");
}

// By hand: the end of the day in London is 23:00 UTC in summer, midnight UTC in winter.
TEST(AddCalendarMonths, EndsWithTheDayOfTheSameNumberOrTheLastOfAShorterMonth) {
  const struct {
    const char* trigger;
    int months;
    const char* due;
  } cases[] = {
      {"2026-11-20T09:00:00Z", -1, "2026-10-20T23:00:00Z"},
      {"2026-11-20T09:00:00Z", 1, "2026-12-21T00:00:00Z"},
      {"2027-03-31T12:00:00Z", -1, "2027-03-01T00:00:00Z"},
      {"2028-03-31T12:00:00Z", -1, "2028-03-01T00:00:00Z"},
      {"2027-01-15T12:00:00Z", -1, "2026-12-16T00:00:00Z"},
      {"2026-12-31T12:00:00Z", 2, "2027-03-01T00:00:00Z"},
      {"2027-02-01T12:00:00Z", -14, "2025-12-02T00:00:00Z"},
  };
  for (const auto& c : cases) {
    const auto deadline = AddCalendarMonths(Utc(c.trigger), c.months);
    ASSERT_TRUE(deadline.ok()) << deadline.status();
    EXPECT_EQ(Show(deadline->due()), c.due) << c.trigger << " " << c.months;
    EXPECT_EQ(deadline->calendar_version(), "");
    EXPECT_EQ(Recompute(Explain({}, Utc(c.trigger), *deadline), Calendar()).value(),
              deadline->due());
  }
  EXPECT_EQ(ReasonOf(AddCalendarMonths(Utc("2026-11-20T09:00:00Z"), 121).status()),
            "MONTHS_INVALID");
}

TEST(AddCalendarDays, CountsEveryDayAndEndsWithTheLast) {
  // Over Christmas and two weekends; the clocks go forward on 28 March 2027.
  EXPECT_EQ(Show(AddCalendarDays(Utc("2026-12-20T23:59:59Z"), 7)->due()), "2026-12-28T00:00:00Z");
  EXPECT_EQ(Show(AddCalendarDays(Utc("2027-03-25T12:00:00Z"), 7)->due()), "2027-04-01T23:00:00Z");
  EXPECT_EQ(ReasonOf(AddCalendarDays(Utc("2026-11-20T09:00:00Z"), 0).status()),
            "CALENDAR_DAYS_INVALID");
  const auto deadline = AddCalendarDays(Utc("2027-03-25T12:00:00Z"), 7);
  EXPECT_EQ(Recompute(Explain({}, Utc("2027-03-25T12:00:00Z"), *deadline), Calendar()).value(),
            deadline->due());
}

TEST(Recompute, RefusesWhatItCannotVouchFor) {
  const absl::Time trigger = Utc("2026-11-20T17:00:00Z");
  type::v1::Explanation explanation;
  EXPECT_EQ(ReasonOf(Recompute(explanation, Calendar()).status()), "EXPLANATION_INVALID");
  explanation.add_steps()->set_amount(3);
  EXPECT_EQ(ReasonOf(Recompute(explanation, Calendar()).status()), "EXPLANATION_INVALID");
  explanation = Explain({}, trigger, *AddWorkingDays(trigger, 1, Calendar()));
  explanation.set_calendar_version("of another year");
  EXPECT_EQ(ReasonOf(Recompute(explanation, Calendar()).status()), "CALENDAR_VERSION_MISMATCH");
}

RC_GTEST_PROP(Recompute, GivesTheDueTimeFromTriggerAndStepsAlone, ()) {
  const absl::Time trigger = absl::FromUnixMicros(
      *rc::gen::inRange<int64_t>(1'704'067'200'000'000, 1'900'000'000'000'000));
  const bool civil = *rc::gen::arbitrary<bool>();
  type::v1::Explanation explanation;
  absl::Time due;
  if (civil) {
    const auto deadline = AddWorkingDays(trigger, *rc::gen::inRange(1, 65), Calendar());
    explanation = Explain({}, trigger, *deadline);
    due = deadline->due();
  } else {
    const auto deadline = AddElapsed(trigger, absl::Seconds(*rc::gen::inRange(0, 1'000'000)));
    explanation = Explain({}, trigger, *deadline);
    due = deadline->due();
  }
  explanation.clear_due_time();
  for (auto& step : *explanation.mutable_steps()) {
    step.clear_from_time();
    step.clear_to_time();
    step.clear_skipped();
  }
  RC_ASSERT(Recompute(explanation, Calendar()).value() == due);
}

RC_GTEST_PROP(AddWorkingDays, CountsExactlyNWorkingDaysAfterTheDayOfTheTrigger, ()) {
  const absl::Time trigger =
      absl::FromUnixSeconds(*rc::gen::inRange<int64_t>(1'704'067'200, 1'840'000'000));
  const int n = *rc::gen::inRange(1, 40);
  const absl::Time due = AddWorkingDays(trigger, n, Calendar())->due();
  int counted = 0;
  for (absl::CivilDay day = LondonDay(trigger) + 1; absl::FromCivil(day, London()) < due; ++day) {
    if (Calendar().IsWorkingDay(day)) ++counted;
  }
  RC_ASSERT(counted == n);
  RC_ASSERT(Calendar().IsWorkingDay(LondonDay(due - absl::Seconds(1))));
}

}  // namespace
}  // namespace fosterwatch::clock
