#include "libs/clock/deadline.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <type_traits>
#include <vector>

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

// Monday 16 November 2026, noon.
absl::Time Monday() { return Utc("2026-11-16T12:00:00Z"); }

TEST(AddWorkingDaysWithPauses, CostsTheWorkingDaysAtWhoseEndTheClockStands) {
  struct Case {
    const char* what;
    std::vector<Pause> pauses;
    const char* due;  // three working days from Monday: Thursday, where nothing pauses
  };
  const auto at = [](int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2026, 11, day, hour), London());
  };
  const Case cases[] = {
      {"none", {}, "2026-11-20T00:00:00Z"},
      {"within one day", {{at(17, 9), at(17, 17)}}, "2026-11-20T00:00:00Z"},
      {"over one night", {{at(17, 14), at(18, 10)}}, "2026-11-21T00:00:00Z"},
      {"over two nights", {{at(17, 14), at(19, 10)}}, "2026-11-24T00:00:00Z"},
      {"midnight to midnight", {{at(17, 0), at(18, 0)}}, "2026-11-21T00:00:00Z"},
      {"the trigger's own day, which never counts",
       {{at(16, 8), at(17, 0)}},
       "2026-11-20T00:00:00Z"},
      {"before it all", {{at(9, 0), at(16, 12)}}, "2026-11-20T00:00:00Z"},
      {"behind it all", {{at(20, 0), at(25, 0)}}, "2026-11-20T00:00:00Z"},
      {"a weekend", {{at(20, 18), at(23, 8)}}, "2026-11-20T00:00:00Z"},
      {"twice, overlapping and out of order",
       {{at(18, 1), at(19, 1)}, {at(17, 14), at(18, 10)}},
       "2026-11-24T00:00:00Z"},
      {"without an end, behind it all", {{at(20, 0)}}, "2026-11-20T00:00:00Z"},
  };
  for (const Case& c : cases) {
    const auto deadline = AddWorkingDays(Monday(), 3, Calendar(), c.pauses);
    ASSERT_TRUE(deadline.ok()) << c.what;
    EXPECT_EQ(Show(deadline->due()), c.due) << c.what;
    EXPECT_EQ(deadline->step().pauses_size(), static_cast<int>(c.pauses.size())) << c.what;
    EXPECT_EQ(Recompute(Explain({}, Monday(), *deadline), Calendar()).value(), deadline->due())
        << c.what;
  }
}

TEST(AddWorkingDaysWithPauses, IsDueNeverWhileThePauseLasts) {
  const auto deadline = AddWorkingDays(Monday(), 3, Calendar(), {{Monday() + absl::Hours(30)}});
  ASSERT_TRUE(deadline.ok()) << deadline.status();
  EXPECT_EQ(deadline->due(), absl::InfiniteFuture());
  const auto explanation = Explain({}, Monday(), *deadline);
  EXPECT_FALSE(explanation.has_due_time());
  EXPECT_FALSE(explanation.steps(0).has_to_time());
  EXPECT_THAT(explanation.warnings(),
              ElementsAre("the clock is paused: nothing is due before it runs again"));
  EXPECT_EQ(Recompute(explanation, Calendar()).value(), absl::InfiniteFuture());
}

TEST(AddWorkingDaysWithPauses, WarnsOnlyOfYearsThatItCountedIn) {
  const absl::Time trigger = Utc("2028-12-28T12:00:00Z");
  const auto past = AddWorkingDays(trigger, 1, Calendar(),
                                   {{Utc("2028-12-28T00:00:00Z"), Utc("2029-02-01T09:00:00Z")}});
  ASSERT_TRUE(past.ok()) << past.status();
  EXPECT_EQ(Show(past->due()), "2029-02-02T00:00:00Z");
  EXPECT_EQ(ReasonOf(past->warning()), "CALENDAR_YEAR_UNKNOWN");
  const auto within = AddWorkingDays(trigger, 1, Calendar(), {{Utc("2028-12-30T00:00:00Z")}});
  ASSERT_TRUE(within.ok()) << within.status();
  EXPECT_TRUE(within->warning().ok());
}

TEST(AddWorkingDaysWithPauses, RefusesAPauseThatEndsNoLaterThanItBegins) {
  for (const Pause& bad : {Pause{Monday(), Monday()}, Pause{Monday(), Monday() - absl::Seconds(1)},
                           Pause{Monday(), Monday() + absl::Nanoseconds(1)},
                           Pause{absl::InfinitePast(), Monday()}, Pause{absl::InfiniteFuture()}}) {
    const auto deadline = AddWorkingDays(Monday(), 1, Calendar(), {bad});
    ASSERT_FALSE(deadline.ok());
    EXPECT_EQ(ReasonOf(deadline.status()), "PAUSE_INVALID");
  }
}

TEST(SubtractWorkingDays, EndsWithTheDayByWhichItHadToBeDone) {
  // The panel meets on Tuesday 29 December 2026; papers five working days before.
  const auto deadline = SubtractWorkingDays(Utc("2026-12-29T10:00:00Z"), 5, Calendar());
  ASSERT_TRUE(deadline.ok()) << deadline.status();
  EXPECT_EQ(Show(deadline->due()), "2026-12-19T00:00:00Z");
  EXPECT_THAT(deadline->step().skipped(),
              ElementsAre("2026-12-28 Boxing Day", "2026-12-27 Sunday", "2026-12-26 Saturday",
                          "2026-12-25 Christmas Day", "2026-12-20 Sunday", "2026-12-19 Saturday"));
  EXPECT_EQ(deadline->step().amount(), -5);
  EXPECT_EQ(Recompute(Explain({}, Utc("2026-12-29T10:00:00Z"), *deadline), Calendar()).value(),
            deadline->due());
  EXPECT_EQ(ReasonOf(SubtractWorkingDays(Monday(), 0, Calendar()).status()),
            "WORKING_DAYS_INVALID");
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

absl::Time AnyTime() {  // from 2019 to 2028
  return absl::FromUnixMicros(
      *rc::gen::inRange<int64_t>(1'546'300'800'000'000, 1'853'000'000'000'000));
}

std::vector<Pause> AnyPauses(absl::Time trigger) {
  std::vector<Pause> pauses;
  for (int n = *rc::gen::inRange(0, 5); n > 0; --n) {
    const absl::Time from = trigger + absl::Minutes(*rc::gen::inRange(-5'000, 60'000));
    pauses.push_back({from, from + absl::Minutes(*rc::gen::inRange(1, 30'000))});
  }
  return pauses;
}

// What the header says, in the most simple words.
absl::Time CountedByHand(absl::Time trigger, int n, const std::vector<Pause>& pauses) {
  absl::CivilDay day = LondonDay(trigger);
  while (n > 0) {
    ++day;
    const absl::Time last = absl::FromCivil(day + 1, London()) - absl::Microseconds(1);
    const bool paused = std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
      return pause.from <= last && last < pause.until;
    });
    if (Calendar().IsWorkingDay(day) && !paused) --n;
  }
  return absl::FromCivil(day + 1, London());
}

RC_GTEST_PROP(AddWorkingDays, AddedAndSubtractedLeadsBackToTheDay, ()) {
  const absl::Time trigger = AnyTime();
  const int n = *rc::gen::inRange(1, 130);
  RC_PRE(Calendar().IsWorkingDay(LondonDay(trigger)));
  const absl::Time later = AddWorkingDays(trigger, n, Calendar())->due() - absl::Microseconds(1);
  RC_ASSERT(SubtractWorkingDays(later, n, Calendar())->due() ==
            absl::FromCivil(LondonDay(trigger) + 1, London()));
  const absl::Time sooner =
      SubtractWorkingDays(trigger, n, Calendar())->due() - absl::Microseconds(1);
  RC_ASSERT(AddWorkingDays(sooner, n, Calendar())->due() ==
            absl::FromCivil(LondonDay(trigger) + 1, London()));
}

RC_GTEST_PROP(AddWorkingDays, CountsOnWhereItStopped, ()) {
  const absl::Time trigger = AnyTime();
  const int first = *rc::gen::inRange(1, 60);
  const int then = *rc::gen::inRange(1, 60);
  const absl::Time stop = AddWorkingDays(trigger, first, Calendar())->due() - absl::Microseconds(1);
  RC_ASSERT(AddWorkingDays(stop, then, Calendar())->due() ==
            AddWorkingDays(trigger, first + then, Calendar())->due());
}

RC_GTEST_PROP(AddWorkingDaysWithPauses, CountsTheDaysThatAreNotPaused, ()) {
  const absl::Time trigger = AnyTime();
  const int n = *rc::gen::inRange(1, 65);
  const std::vector<Pause> pauses = AnyPauses(trigger);
  const auto deadline = AddWorkingDays(trigger, n, Calendar(), pauses);
  RC_ASSERT(deadline->due() == CountedByHand(trigger, n, pauses));
  RC_ASSERT(Recompute(Explain({}, trigger, *deadline), Calendar()).value() == deadline->due());
}

RC_GTEST_PROP(AddWorkingDaysWithPauses, OneThatIsCutInTwoIsOne, ()) {
  const absl::Time trigger = AnyTime();
  const int n = *rc::gen::inRange(1, 65);
  const Pause whole = {trigger + absl::Minutes(*rc::gen::inRange(-5'000, 60'000)),
                       absl::InfiniteFuture()};
  const absl::Time cut = whole.from + absl::Minutes(*rc::gen::inRange(1, 30'000));
  const absl::Time end = cut + absl::Minutes(*rc::gen::inRange(1, 30'000));
  RC_ASSERT(AddWorkingDays(trigger, n, Calendar(), {{whole.from, end}})->due() ==
            AddWorkingDays(trigger, n, Calendar(), {{cut, end}, {whole.from, cut}})->due());
  RC_ASSERT(AddWorkingDays(trigger, n, Calendar(), {whole})->due() ==
            AddWorkingDays(trigger, n, Calendar(), {{whole.from, cut}, {cut}})->due());
}

RC_GTEST_PROP(AddWorkingDaysWithPauses, NeverBringsTheDueTimeNearer, ()) {
  const absl::Time trigger = AnyTime();
  const int n = *rc::gen::inRange(1, 65);
  std::vector<Pause> pauses = AnyPauses(trigger);
  const absl::Time before = AddWorkingDays(trigger, n, Calendar(), pauses)->due();
  for (const Pause& more : AnyPauses(trigger)) pauses.push_back(more);
  RC_ASSERT(AddWorkingDays(trigger, n, Calendar(), pauses)->due() >= before);
  RC_ASSERT(before >= AddWorkingDays(trigger, n, Calendar())->due());
}

}  // namespace
}  // namespace fosterwatch::clock
