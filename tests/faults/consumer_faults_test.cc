// Consumers when members come and go, fall silent and wake up again, when everything comes again,
// and when they are slow. reliability.md C3 to C8.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/testing/await.h"
#include "tests/faults/world.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Process;

class ConsumerFaults : public World {
 protected:
  // All that was published so far had its effect.
  bool AwaitEffects(int64_t count, absl::Duration patience = absl::Seconds(60)) {
    return AwaitTrue([&] { return Effects() >= count; }, patience);
  }
  // How many records the group has not handled, as the bus has it.
  int64_t Behind() {
    auto positions = bus().PositionsOf("group", {topic()});
    if (!positions.ok()) return -1;
    int64_t behind = 0;
    for (const bus::GroupPosition& position : *positions) behind += position.behind();
    return behind;
  }
  // Everything comes again to the group, whose members are gone.
  void GoBackToTheBeginning() {
    absl::Status moved;
    EXPECT_TRUE(AwaitTrue(
        [&] {
          auto positions = bus().PositionsOf("group", {topic()});
          if (!positions.ok()) return false;
          for (bus::GroupPosition& position : *positions) position.committed = 0;
          moved = bus().MoveGroup("group", *positions);
          return moved.ok();
        },
        absl::Seconds(60)))
        << moved;
  }
};

int64_t ResidentKilobytes(const Process& process) {
  std::ifstream status(absl::StrCat("/proc/", process.pid(), "/status"));
  for (std::string line; std::getline(status, line);) {
    int64_t kilobytes = 0;
    if (std::sscanf(line.c_str(), "VmRSS: %ld kB", &kilobytes) == 1) return kilobytes;
  }
  return 0;
}

// ---- C3 ----

TEST_P(ConsumerFaults, MembersThatComeAndGoEverySecondLoseAndRepeatNothing) {
  std::mt19937 random(Seed());
  const int rounds = Scaled(6, 120);
  std::vector<std::unique_ptr<Process>> members;
  for (int i = 0; i < 3; ++i) members.push_back(StartConsumer(absl::StrCat("member-", i)));
  Tally tally(GetParam());
  int64_t published = 0;
  for (int round = 0; round < rounds; ++round) {
    const int i = static_cast<int>(random() % members.size());
    const bool kill = random() % 2 == 0;
    if (kill) {
      members[i]->Kill(SIGKILL);
    } else {
      EXPECT_THAT(members[i]->Stop(), IsOk());
    }
    members[i] = StartConsumer(absl::StrCat("member-", i));
    tally.Add(kill ? "killed and back" : "left and back");
    // 200 records a second, for a second.
    const absl::Time begin = absl::Now();
    for (int tick = 0; tick < 10; ++tick) {
      absl::SleepFor(begin + tick * absl::Milliseconds(100) - absl::Now());
      Publish(20, 1);
      published += 20;
    }
  }
  const absl::Time end = absl::Now();
  EXPECT_TRUE(AwaitEffects(published)) << Effects() << " of " << published;
  const absl::Duration late = absl::Now() - end;
  const oracle::Verdict verdict = JudgeEffects();
  tally.Say("member");
  std::printf("%lld records, all handled %s after the last came and went: %s\n",
              static_cast<long long>(published), absl::FormatDuration(late).c_str(),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
}

// ---- C4 ----

TEST_P(ConsumerFaults, AMemberThatWakesUpAfterItWasGivenUpDoesNoHarm) {
  std::mt19937 random(Seed());
  Tally tally(GetParam());
  int64_t published = 0;
  const int rounds = Scaled(1, 5);
  for (int round = 0; round < rounds; ++round) {
    for (const std::string point : {"after_receive", "after_effect_before_offset"}) {
      auto sleeper = StartConsumer(
          "sleeper", {{"FOSTERWATCH_STOP_AT", absl::StrCat(point, ":", 1 + random() % 3)}});
      // Records until it falls asleep in the middle of some.
      EXPECT_TRUE(AwaitTrue(
          [&] {
            Publish(8, 2);
            published += 16;
            return IsStopped(*sleeper);
          },
          absl::Seconds(60)));
      auto other = StartConsumer("other");
      // Kafka gives it up when its session ends; here the database's session does.
      if (!kafka()) CutSessionsWithBus("sleeper");
      EXPECT_TRUE(AwaitEffects(published)) << "the other takes its part over";
      sleeper->Kill(SIGCONT);
      tally.Add(absl::StrCat("stopped ", point));
      Publish(8, 2);
      published += 16;
      EXPECT_TRUE(AwaitEffects(published));
      EXPECT_TRUE(AwaitTrue([&] { return Behind() == 0; }, absl::Seconds(30)));
      EXPECT_TRUE(sleeper->Running()) << sleeper->Output();
      EXPECT_THAT(sleeper->Stop(), IsOk());
      EXPECT_THAT(other->Stop(), IsOk());
    }
  }
  const oracle::Verdict verdict = JudgeEffects();
  tally.Say("member");
  std::printf("%lld records: %s\n", static_cast<long long>(published), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
}

// ---- C5, C7 ----

TEST_P(ConsumerFaults, AWholeTopicThatComesAgainMuchLaterHasNoEffect) {
  const int keys = 500, versions = Scaled(10, 200);
  const int64_t records = int64_t{keys} * versions;
  Publish(keys, versions);
  {
    auto first = StartConsumer("");
    EXPECT_TRUE(AwaitEffects(records, absl::Minutes(5))) << Effects() << " of " << records;
    EXPECT_TRUE(AwaitTrue([&] { return Behind() == 0; }, absl::Seconds(30)));
    EXPECT_THAT(first->Stop(), IsOk());
  }
  GoBackToTheBeginning();
  EXPECT_EQ(Behind(), records);
  // Longer than any dead letter waits for a person.
  auto again = StartConsumer("", {{"WORKER_DAYS_LATER", "400"}});
  EXPECT_TRUE(AwaitTrue([&] { return Behind() < records; }, absl::Seconds(60)));
  const int64_t left = Behind();
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(AwaitTrue([&] { return Behind() == 0; }, absl::Minutes(5)));
  const absl::Duration took = absl::Now() - begin;
  EXPECT_EQ(Effects(), records);
  const oracle::Verdict verdict = JudgeEffects();
  std::printf("%lld records again, the last of them in %s, %.0f/s: %s\n",
              static_cast<long long>(records), absl::FormatDuration(took).c_str(),
              left / absl::ToDoubleSeconds(took), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
}

TEST_P(ConsumerFaults, NoRoleOfAServiceCanForgetWhatWasTaken) {
  for (const std::string& role : {database_.role(), database_.role() + "_relay"}) {
    for (const std::string right : {"DELETE", "UPDATE", "TRUNCATE"}) {
      EXPECT_EQ(Number("SELECT has_table_privilege($1, 'ledger.inbox', $2)::int", {role, right}), 0)
          << role << " has the right to " << right;
    }
  }
}

// ---- C6 ----

TEST_P(ConsumerFaults, TenCopiesOfEachInAnyOrderAndYearsLateCountOnce) {
  std::mt19937 random(Seed());
  const int versions = Scaled(5, 34);
  auto consumer = StartConsumer("");
  // Of now, an hour, forty days and two years ago: each comes in order the first time.
  int64_t records = 0;
  for (const absl::Duration age :
       {absl::ZeroDuration(), absl::Hours(1), 40 * absl::Hours(24), 2 * 365 * absl::Hours(24)}) {
    Publish(40, versions, 0, age);
    records += 40 * versions;
  }
  PublishCopies(9, random);
  EXPECT_TRUE(AwaitEffects(records));
  EXPECT_TRUE(AwaitTrue([&] { return Behind() == 0; }, absl::Minutes(2))) << Behind();
  const oracle::Verdict verdict = JudgeEffects();
  std::printf("%lld records, ten times each: %s\n", static_cast<long long>(records),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
}

// ---- C8 ----

TEST_P(ConsumerFaults, ASlowConsumerStaysSmallSaysHowFarItIsBehindAndGoesOn) {
  constexpr size_t kRecordBytes = 20'000;
  const int records = 50 * Scaled(80, 200);
  const absl::Duration watched = Scaled(absl::Seconds(8), absl::Seconds(60));
  Publish(50, records / 50, kRecordBytes);
  auto consumer = StartConsumer("", {{"WORKER_MILLISECONDS", Scaled("4", "20")}});
  EXPECT_TRUE(AwaitTrue([&] { return Effects() > 0; }, absl::Seconds(60)));
  const int64_t begin = Effects();
  int64_t largest = 0;
  const absl::Time until = absl::Now() + watched;
  while (absl::Now() < until) {
    largest = std::max(largest, ResidentKilobytes(*consumer));
    absl::SleepFor(absl::Milliseconds(100));
  }
  const int64_t handled = Effects() - begin;
  int64_t behind = 0;
  // A member that is being given its partitions is behind by nothing for a moment.
  EXPECT_TRUE(AwaitTrue([&] {
    return absl::SimpleAtoi(Said(*consumer, "behind"), &behind) && behind > 0;
  })) << "it says that it is behind";
  std::printf("backlog of %.0f MB, largest process %.0f MB, %lld handled in %s, %lld behind\n",
              records * kRecordBytes / 1e6, largest / 1e3, static_cast<long long>(handled),
              absl::FormatDuration(watched).c_str(), static_cast<long long>(behind));
  EXPECT_GT(handled, 0) << "it goes on";
  EXPECT_LE(behind, records);
  EXPECT_LT(largest, 80'000) << "the backlog stays on the bus";
  EXPECT_EQ(Said(*consumer, "status"), "OK");
  const oracle::Verdict verdict = JudgeEffects();
  EXPECT_TRUE(verdict.duplicate.empty() && verdict.out_of_order.empty()) << verdict.ToString();
}

INSTANTIATE_TEST_SUITE_P(Bus, ConsumerFaults, ::testing::Values("postgres", "kafka"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fosterwatch::faults
