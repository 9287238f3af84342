#include "services/watchdog/watcher.h"

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::watchdog {
namespace {

using fosterwatch::testing::HasReason;
using fosterwatch::testing::IsOk;
using operations::v1::Vitals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromCivil(absl::CivilSecond(2026, 7, 1, 12), absl::UTCTimeZone());

constexpr char kPolicy[] = R"({
  "version": "1", "source": "agency policy", "grade": "M",
  "askEverySeconds": 2, "remindEveryMinutes": 60,
  "watches": [
    {"name": "away", "kind": "KIND_PROCESS_AWAY", "forSeconds": 15, "text": "It is away."},
    {"name": "not_ready", "kind": "KIND_NOT_READY", "forSeconds": 20, "text": "Not ready."},
    {"name": "behind", "kind": "KIND_GAUGE_ABOVE", "of": "*_unsent_seconds", "limit": 10,
     "text": "Behind."},
    {"name": "notice", "kind": "KIND_GAUGE_BELOW", "of": "next_due_seconds", "limit": 3600,
     "forSeconds": 60, "text": "A notice."},
    {"name": "grows", "kind": "KIND_GAUGE_GROWS", "of": "*_behind", "limit": 100,
     "forSeconds": 60, "text": "It grows."},
    {"name": "silent", "kind": "KIND_LOOP_SILENT", "of": "*", "limit": 60, "text": "It hangs."}
  ]})";

v1::WatchPolicy Policy() { return *ParseWatchPolicy(kPolicy); }

Vitals Healthy() { return {}; }

Vitals WithGauge(const std::string& name, double value) {
  Vitals vitals;
  auto* gauge = vitals.add_gauges();
  gauge->set_name(name);
  gauge->set_value(value);
  return vitals;
}

std::vector<std::string> Names(const std::vector<Notice>& notices) {
  std::vector<std::string> names;
  for (const Notice& notice : notices) {
    names.push_back(absl::StrCat(notice.process, "/", notice.watch, "/", notice.item));
  }
  return names;
}

class WatcherTest : public ::testing::Test {
 protected:
  // What is told after a process was heard at that second.
  Report At(int second, const std::optional<Vitals>& vitals, const std::string& process = "kpis") {
    const absl::Time now = kStart + absl::Seconds(second);
    watcher_.Hear(process, vitals, now);
    return watcher_.Tell(now);
  }
  Watcher watcher_{Policy(), {}};
};

TEST_F(WatcherTest, TellsOfAProcessThatIsAwayOnceItHasLastedAndOnceWhenItIsOver) {
  EXPECT_TRUE(At(0, std::nullopt).empty());
  EXPECT_TRUE(At(14, std::nullopt).empty());
  EXPECT_THAT(Names(At(15, std::nullopt).begun), ElementsAre("kpis/away/"));
  EXPECT_EQ(watcher_.open(), 1);
  EXPECT_TRUE(At(17, std::nullopt).empty());
  const Report over = At(19, Healthy());
  EXPECT_THAT(Names(over.over), ElementsAre("kpis/away/"));
  EXPECT_EQ(SubjectOf(over), "Fosterwatch: all alarms are over");
  EXPECT_EQ(watcher_.open(), 0);
  EXPECT_TRUE(At(21, Healthy()).empty());
}

TEST_F(WatcherTest, SaysNothingOfWhatWasShort) {
  EXPECT_TRUE(At(0, std::nullopt).empty());
  EXPECT_TRUE(At(10, Healthy()).empty());
  EXPECT_TRUE(At(12, std::nullopt).empty());
  EXPECT_TRUE(At(26, std::nullopt).empty());
  EXPECT_FALSE(At(27, std::nullopt).empty());
}

TEST_F(WatcherTest, TellsAgainOfAllThatIsOpenAfterAnHour) {
  At(0, std::nullopt);
  ASSERT_FALSE(At(15, std::nullopt).empty());
  EXPECT_TRUE(At(15 + 3599, std::nullopt).empty());
  const Report again = At(15 + 3600, std::nullopt);
  EXPECT_THAT(again.begun, IsEmpty());
  EXPECT_THAT(Names(again.still), ElementsAre("kpis/away/"));
  EXPECT_EQ(SubjectOf(again), "Fosterwatch: still 1 alarm open");
  EXPECT_TRUE(At(15 + 3602, std::nullopt).empty());
}

TEST_F(WatcherTest, NamesTheCheckThatIsNotGoodAndWhy) {
  Vitals vitals;
  auto* check = vitals.add_checks();
  check->set_name("kpis database");
  check->set_decides(true);
  check->set_text("it cannot be reached");
  auto* remark = vitals.add_checks();
  remark->set_name("watchdog");
  At(0, vitals);
  const Report report = At(20, vitals);
  ASSERT_THAT(Names(report.begun), ElementsAre("kpis/not_ready/kpis database"));
  const std::string text =
      TextOf(report, Policy(), "http://127.0.0.1:8410", kStart + absl::Seconds(20));
  EXPECT_THAT(text, HasSubstr("* kpis, kpis database: it cannot be reached\n"));
  EXPECT_THAT(text, HasSubstr("since 13:00:00 on Wednesday  1 July 2026"));
  EXPECT_THAT(text, HasSubstr("Not ready."));
  EXPECT_EQ(SubjectOf(report), "Fosterwatch: alarm, kpis (not_ready)");
}

TEST_F(WatcherTest, ComparesGaugesWithTheirLimits) {
  EXPECT_TRUE(At(0, WithGauge("kpis_relay_unsent_seconds", 10)).empty());
  EXPECT_THAT(Names(At(2, WithGauge("kpis_relay_unsent_seconds", 10.5)).begun),
              ElementsAre("kpis/behind/kpis_relay_unsent_seconds"));
  EXPECT_TRUE(At(4, WithGauge("another", 1000), "other").empty());
  EXPECT_TRUE(At(6, WithGauge("next_due_seconds", 3599), "events").empty());
  EXPECT_THAT(Names(At(66, WithGauge("next_due_seconds", -5), "events").begun),
              ElementsAre("events/notice/next_due_seconds"));
}

TEST_F(WatcherTest, WhatCannotBeReadIsNotFine) {
  const Report report = At(0, WithGauge("kpis_relay_unsent_seconds", std::nan("")));
  ASSERT_THAT(report.begun, SizeIs(1));
  EXPECT_EQ(report.begun[0].text, "it cannot be read");
}

TEST_F(WatcherTest, TellsOfALagOnlyWhileItDoesNotFall) {
  for (int second = 0; second <= 300; second += 10) {
    EXPECT_TRUE(At(second, WithGauge("kpis_behind", 100'000 - second)).empty()) << second;
  }
  for (int second = 310; second < 360; second += 10) {
    EXPECT_TRUE(At(second, WithGauge("kpis_behind", 99'700 + second)).empty()) << second;
  }
  EXPECT_THAT(Names(At(360, WithGauge("kpis_behind", 101'000)).begun),
              ElementsAre("kpis/grows/kpis_behind"));
  EXPECT_THAT(Names(At(370, WithGauge("kpis_behind", 100'900)).over),
              ElementsAre("kpis/grows/kpis_behind"));
  EXPECT_TRUE(At(380, WithGauge("kpis_behind", 3)).empty());
}

TEST_F(WatcherTest, TellsOfALoopThatHangs) {
  Vitals vitals;
  auto* loop = vitals.add_loops();
  loop->set_name("kpis relay");
  loop->set_silent_seconds(60);
  EXPECT_TRUE(At(0, vitals).empty());
  loop->set_silent_seconds(62.5);
  const Report report = At(2, vitals);
  ASSERT_THAT(report.begun, SizeIs(1));
  EXPECT_EQ(report.begun[0].text, "it has been silent for 62 seconds");
}

TEST_F(WatcherTest, KeepsWhatItKnewOfAProcessThatIsSilent) {
  EXPECT_FALSE(At(0, WithGauge("kpis_relay_unsent_seconds", 11)).empty());
  EXPECT_TRUE(At(2, std::nullopt).empty());
  EXPECT_EQ(watcher_.open(), 1);
  EXPECT_THAT(Names(At(4, Healthy()).over), ElementsAre("kpis/behind/kpis_relay_unsent_seconds"));
}

TEST_F(WatcherTest, SaysNothingOfAProcessThatDrains) {
  Vitals vitals = WithGauge("kpis_relay_unsent_seconds", 99);
  vitals.set_stopping(true);
  EXPECT_TRUE(At(0, vitals).empty());
}

TEST_F(WatcherTest, GoesOnAfterARestartWithoutTellingTwice) {
  At(0, std::nullopt);
  ASSERT_FALSE(At(15, std::nullopt).empty());
  v1::WatchState state;
  watcher_.Save(&state);
  Watcher restarted(Policy(), state);
  restarted.Hear("kpis", std::nullopt, kStart + absl::Seconds(30));
  EXPECT_TRUE(restarted.Tell(kStart + absl::Seconds(30)).empty());
  restarted.Hear("kpis", Healthy(), kStart + absl::Seconds(32));
  const Report over = restarted.Tell(kStart + absl::Seconds(32));
  ASSERT_THAT(over.over, SizeIs(1));
  EXPECT_EQ(over.over[0].since, kStart);
}

TEST(WatchPolicyTest, TheOneThatShipsIsGood) {
  std::ifstream file(
      absl::StrCat(std::getenv("FOSTERWATCH_SOURCE_DIR"), "/services/watchdog/policy/watch.json"));
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_THAT(ParseWatchPolicy(text.str()), IsOk());
}

TEST(WatchPolicyTest, RefusesWhatCannotBeMeant) {
  const struct {
    const char* from;
    const char* to;
  } cases[] = {
      {"\"version\": \"1\"", "\"version\": \"\""},
      {"agency policy", ""},
      {"\"M\"", "\"X\""},
      {"\"askEverySeconds\": 2", "\"askEverySeconds\": 0"},
      {"\"remindEveryMinutes\": 60", "\"remindEveryMinutes\": -1"},
      {"\"name\": \"grows\"", "\"name\": \"silent\""},
      {"KIND_LOOP_SILENT", "KIND_UNSPECIFIED"},
      {"KIND_LOOP_SILENT", "KIND_PROCESS_AWAY"},
      {"\"of\": \"*_behind\"", "\"of\": \"\""},
      {"\"text\": \"It hangs.\"", "\"text\": \"\""},
      {"\"forSeconds\": 15", "\"forSeconds\": -15"},
      {"\"limit\": 100", "\"limits\": 100"},
  };
  ASSERT_THAT(ParseWatchPolicy(kPolicy), IsOk());
  for (const auto& c : cases) {
    EXPECT_THAT(ParseWatchPolicy(absl::StrReplaceAll(kPolicy, {{c.from, c.to}})),
                HasReason("POLICY_INVALID"))
        << c.to;
  }
}

TEST(MatchesTest, KnowsStars) {
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("bus", "bus"));
  EXPECT_FALSE(Matches("bus", "buses"));
  EXPECT_TRUE(Matches("*_seconds", "kpis_relay_seconds"));
  EXPECT_FALSE(Matches("*_seconds", "kpis_seconds_total"));
  EXPECT_TRUE(Matches("a*b*c", "axxbyyc"));
  EXPECT_FALSE(Matches("a*b*c", "axxcyyb"));
}

}  // namespace
}  // namespace fosterwatch::watchdog
