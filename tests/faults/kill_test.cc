// The real binary is killed at the worst moments, under load, again and again: nothing that was
// acknowledged is lost, nothing happens that was not, effects happen once and in order.
// reliability.md A1, A2, C1 and C2.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "tests/faults/scale.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;

struct Way {
  std::string bus;
  int kills;  // at each point, and as many from outside at any moment
};

class KillTest : public ::testing::TestWithParam<Way> {};

// The points of libs/testing/crash_point.h on the way of a report, each with the passes among which
// one is chosen: round trips and commits are many, batches are few.
std::map<std::string, int> PointsOf(const std::string& bus) {
  std::map<std::string, int> points = {
      {"after_db_begin", 30},
      {"after_insert", 30},
      {"after_commit", 30},
      {"before_reply", 30},
      {"after_send_before_answer", 200},
      {"after_relay_read", 6},
      {"after_ack_before_mark", 6},
      {"after_receive", 6},
      {"after_effect_before_offset", 6},
      {"after_offset", 6},
  };
  if (bus == "kafka") points["after_produce_before_ack"] = 6;
  return points;
}

TEST_P(KillTest, NothingIsLostTwiceOrOutOfOrderWhereverTheProcessDies) {
  const unsigned seed = Seed();
  std::mt19937 random(seed);
  Installation::Options options;
  options.bus = GetParam().bus;
  if (options.bus == "kafka") {
    testing::StartBroker();
    options.kafka = testing::TestBrokers();
  }
  Installation installation(std::move(options));
  ASSERT_EQ(installation.Run({"topics", "apply"}), 0);
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  Trial trial(&installation);
  trial.Report({.threads = 4, .requests = 10});

  const std::map<std::string, int> points = PointsOf(GetParam().bus);
  std::vector<std::string> kills(GetParam().kills, "");
  for (const auto& [point, passes] : points) kills.insert(kills.end(), GetParam().kills, point);
  std::shuffle(kills.begin(), kills.end(), random);
  Tally tally(GetParam().bus);
  const absl::Time begin = absl::Now();
  for (size_t i = 0; i < kills.size(); ++i) {
    const std::string& point = kills[i];
    installation.process().Kill(SIGKILL);
    std::map<std::string, std::string> settings;
    if (!point.empty()) {
      settings["FOSTERWATCH_CRASH_AT"] = absl::StrCat(point, ":", 1 + random() % points.at(point));
    }
    installation.Start(settings);
    const int requests = 3 + static_cast<int>(random() % 8);
    if (point.empty()) {
      // At any moment: while it starts, while it works.
      const bool early = random() % 4 == 0;
      if (!early) {
        ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
      }
      std::thread reports([&] { trial.Report({.threads = 4, .requests = 2 * requests}); });
      absl::SleepFor(absl::Milliseconds(random() % 200));
      installation.process().Kill(SIGKILL);
      reports.join();
      tally.Add("from outside");
      continue;
    }
    // It may die of what it finds at its start, too; else it gets reports until it dies.
    if (installation.AwaitReady()) {
      const absl::Time until = absl::Now() + absl::Seconds(30);
      while (installation.process().Running() && absl::Now() < until) {
        trial.Report({.threads = 4, .requests = requests});
      }
    }
    auto code = installation.process().Wait(absl::Seconds(1));
    ASSERT_TRUE(code.ok()) << point << " was not reached, seed " << seed << "\n" << code.status();
    EXPECT_EQ(*code, 137) << installation.process().Output();
    tally.Add(point);
    if (Full() && i % 100 == 99) {
      std::printf("%zu of %zu kills, %s\n", i + 1, kills.size(),
                  absl::FormatDuration(absl::Now() - begin).c_str());
      std::fflush(stdout);
    }
  }
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  trial.Settle();
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  tally.Say("killed");
  std::printf("%s, %zu kills, %lld facts: %s\n", GetParam().bus.c_str(), kills.size(),
              static_cast<long long>(trial.facts()), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << "\nseed " << seed << "\n"
                            << installation.process().Output();
  EXPECT_GT(trial.facts(), 50);
  for (const auto& [point, passes] : points) EXPECT_EQ(tally.of(point), GetParam().kills) << point;
}

INSTANTIATE_TEST_SUITE_P(PostgresBus, KillTest, ::testing::Values(Way{"postgres", Scaled(3, 60)}));
INSTANTIATE_TEST_SUITE_P(KafkaBus, KillTest, ::testing::Values(Way{"kafka", Scaled(1, 25)}));

}  // namespace
}  // namespace fosterwatch::faults
