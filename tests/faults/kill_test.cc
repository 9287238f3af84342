// The real binary is killed at the worst moments, under load, again and again: nothing that was
// acknowledged is lost, nothing happens that was not, effects happen once and in order.
// reliability.md A1, A2, C1 and C2.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;

struct Way {
  std::string bus;
  int kills_at_each_point;
  int kills_from_outside;
  // Among how many batches of a consumer the one is chosen in which it dies. On Kafka a group waits
  // ten seconds for the member that was killed, so there are few.
  int batches;
};

class KillTest : public ::testing::TestWithParam<Way> {};

TEST_P(KillTest, NothingIsLostTwiceOrOutOfOrderWhereverTheProcessDies) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
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
  trial.Report({.threads = 4, .requests = 20});

  // Each with the passes among which one is chosen: commits are many, batches are few.
  const std::map<std::string, int> points = {{"before_commit", 30},
                                             {"after_commit_before_reply", 30},
                                             {"after_publish_before_mark", 6},
                                             {"after_receive", GetParam().batches},
                                             {"after_effect_before_offset", GetParam().batches}};
  std::vector<std::string> kills(GetParam().kills_from_outside, "");
  for (const auto& [point, passes] : points) {
    kills.insert(kills.end(), GetParam().kills_at_each_point, point);
  }
  std::shuffle(kills.begin(), kills.end(), random);
  std::map<std::string, int> died;
  for (const std::string& point : kills) {
    installation.process().Kill(SIGKILL);
    std::map<std::string, std::string> settings;
    if (!point.empty()) {
      settings["FOSTERWATCH_CRASH_AT"] = absl::StrCat(point, ":", 1 + random() % points.at(point));
    }
    installation.Start(settings);
    // It may die of what it finds at its start, too.
    if (!installation.AwaitReady()) {
      ++died[point + " at the start"];
      continue;
    }
    const int requests = 5 + static_cast<int>(random() % 25);
    trial.Report({.threads = 4, .requests = requests});
    if (!point.empty() &&
        AwaitTrue([&] { return !installation.process().Running(); }, absl::Seconds(30))) {
      EXPECT_EQ(*installation.process().Wait(), 137) << installation.process().Output();
      ++died[point];
    } else {
      ++died["from outside"];
    }
  }
  installation.process().Kill(SIGKILL);
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  trial.Settle();
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  for (const auto& [point, times] : died) std::printf("killed %s: %d\n", point.c_str(), times);
  std::printf("%lld facts: %s\n", static_cast<long long>(trial.facts()),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << "\nseed " << seed << "\n"
                            << installation.process().Output();
  EXPECT_GT(trial.facts(), 100);
  for (const auto& [point, passes] : points) {
    EXPECT_GT(died[point] + died[point + " at the start"], 0) << point << " was never reached";
  }
}

INSTANTIATE_TEST_SUITE_P(PostgresBus, KillTest, ::testing::Values(Way{"postgres", 6, 4, 6}));
INSTANTIATE_TEST_SUITE_P(KafkaBus, KillTest, ::testing::Values(Way{"kafka", 1, 1, 2}));

}  // namespace
}  // namespace fosterwatch::faults
