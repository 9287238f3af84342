// Records that a consumer has not handled are gone from the bus: it stands still and says so until
// an operator lets it go on. reliability.md B10; what the buses do is in bus_server_test.cc and
// bus_kafka_test.cc.
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "tests/component/http_client.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;

constexpr char kTopic[] = "fosterwatch.notifiable-events.v1";

class ResumeTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ResumeTest, AConsumerWhosePlaceIsGoneStandsStillUntilAnOperatorLetsItGoOn) {
  Installation::Options options;
  options.bus = GetParam();
  if (options.bus == "kafka") {
    testing::StartBroker();
    options.kafka = testing::TestBrokers();
  }
  Installation installation(std::move(options));
  ASSERT_EQ(installation.Run({"topics", "apply"}), 0);
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  Trial trial(&installation);
  trial.Report({.threads = 2, .requests = 10});
  ASSERT_TRUE(trial.JudgeWhenSettled().ok());
  installation.process().Kill(SIGKILL);
  ASSERT_TRUE(installation.process().Wait().ok());

  // As it looks when the broker is restored from an older state: the group has read more than there
  // is.
  const auto bus = installation.OpenBus();
  auto positions = bus->PositionsOf("kpis", {kTopic});
  ASSERT_TRUE(positions.ok()) << positions.status();
  for (bus::GroupPosition& position : *positions) position.committed = position.end + 1'000;
  ASSERT_TRUE(
      AwaitTrue([&] { return bus->MoveGroup("kpis", *positions).ok(); }, absl::Seconds(30)));

  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  const auto ready = [&] {
    testing::HttpConnection connection(installation.http_port());
    connection.Send(testing::HttpText("GET", "/readyz?verbose", {}));
    return connection.Read().body;
  };
  const auto says_so = [&] { return absl::StrContains(ready(), "no longer has offset"); };
  EXPECT_TRUE(AwaitTrue(says_so, absl::Seconds(30))) << ready();
  // Others go on; this one does not.
  trial.Report({.threads = 2, .requests = 10});
  const oracle::Verdict before = trial.JudgeWhenSettled(absl::Seconds(3));
  EXPECT_FALSE(before.lost.empty());
  for (const std::string& entry : before.lost) {
    EXPECT_TRUE(absl::StrContains(entry, "(kpis)")) << entry;
  }
  EXPECT_TRUE(says_so()) << ready();

  ASSERT_EQ(installation.Run({"consumers", "list"}), 0);
  ASSERT_EQ(installation.Run({"consumers", "resume", "kpis"}), 0);
  EXPECT_TRUE(AwaitTrue([&] { return !says_so(); }, absl::Seconds(30))) << ready();
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << installation.process().Output();
  EXPECT_EQ(installation.Run({"consumers", "resume", "kpis"}), 0) << "and again does nothing";
  EXPECT_EQ(installation.Run({"consumers", "resume", "nobody"}), 3);
}

INSTANTIATE_TEST_SUITE_P(Buses, ResumeTest, ::testing::Values("postgres", "kafka"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fosterwatch::faults
