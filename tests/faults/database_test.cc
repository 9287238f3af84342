// The database crashes under load and comes back, again and again: what was acknowledged is there,
// everything goes on by itself and soon. reliability.md F2.
#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "tests/faults/scale.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

TEST(DatabaseTest, CrashesUnderLoadLoseNothingAndAreOverSoon) {
  std::mt19937 random(Seed());
  testing::Installation installation({});
  ASSERT_EQ(installation.Run({"topics", "apply"}), 0);
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  Trial trial(&installation);
  trial.Report({.threads = 4, .requests = 10});

  const int crashes = Scaled(4, 20);
  absl::Duration longest;
  for (int i = 0; i < crashes; ++i) {
    std::thread reports([&] { trial.Report({.threads = 8, .requests = 200}); });
    absl::SleepFor(absl::Milliseconds(100 + random() % 400));
    installation.cluster().Crash();
    reports.join();
    EXPECT_GT(trial.unanswered(), 0) << "nobody noticed";
    installation.cluster().Start();
    const absl::Time begin = absl::Now();
    ASSERT_TRUE(installation.AwaitReady(absl::Seconds(60))) << installation.process().Output();
    trial.Report({.threads = 1, .requests = 2});
    EXPECT_EQ(trial.unanswered(), 0);
    longest = std::max(longest, absl::Now() - begin);
  }
  trial.Settle();
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  std::printf("%d crashes, %lld facts, answered again after %.1f s at most: %s\n", crashes,
              static_cast<long long>(trial.facts()), absl::ToDoubleSeconds(longest),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << "\n" << installation.process().Output();
  EXPECT_GT(trial.facts(), 50);
  EXPECT_LT(longest, absl::Seconds(30));
}

}  // namespace
}  // namespace fosterwatch::faults
