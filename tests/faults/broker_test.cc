// Apache Kafka goes away: reports are taken all the same, and leave when it is back.
// reliability.md B1 and B5.
#include "libs/testing/broker.h"

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "tests/component/http_client.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::testing::HasSubstr;

class BrokerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::StartBroker();
    installation_ = std::make_unique<Installation>(
        Installation::Options{.bus = "kafka", .kafka = testing::TestBrokers()});
    ASSERT_EQ(installation_->Run({"topics", "apply"}), 0);
  }
  void TearDown() override { testing::StartBroker(); }

  testing::HttpAnswer Ready() {
    testing::HttpConnection connection(installation_->http_port());
    connection.Send(testing::HttpText("GET", "/readyz?verbose", {}));
    return connection.Read();
  }

  std::unique_ptr<Installation> installation_;
};

TEST_F(BrokerTest, ReportsAreTakenWhileItIsAwayAndLeaveWithinThirtySecondsOfItsReturn) {
  installation_->Start();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  Trial trial(installation_.get());
  constexpr Trial::Load kLoad = {.threads = 4, .requests = 100, .rate = 50};
  trial.Report(kLoad);
  const absl::Duration usual = trial.p99();
  testing::StopBroker();
  trial.Report(kLoad);
  EXPECT_EQ(trial.unanswered(), 0) << "the ledger answers, with or without a broker";
  const absl::Duration away = trial.p99();
  EXPECT_TRUE(installation_->client().CheckHealth("any", absl::Seconds(5)).ok());
  testing::StartBroker();
  const absl::Time back = absl::Now();
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  std::printf("p99 %s, without the broker %s; all was there %s after its return\n%s\n",
              absl::FormatDuration(usual).c_str(), absl::FormatDuration(away).c_str(),
              absl::FormatDuration(absl::Now() - back).c_str(), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << installation_->process().Output();
  EXPECT_LT(absl::Now() - back, absl::Seconds(30));
  EXPECT_LT(away, std::max(3 * usual, absl::Milliseconds(200)));
}

TEST_F(BrokerTest, ServicesStartWithoutItSayWhyTheyAreNotReadyAndRecoverByThemselves) {
  testing::StopBroker();
  installation_->Start();
  auto listening = installation_->process().AwaitLine("\"msg\":\"listening\"", absl::Seconds(60));
  ASSERT_TRUE(listening.ok()) << listening.status();
  EXPECT_TRUE(AwaitTrue([&] {
    const testing::HttpAnswer ready = Ready();
    return ready.status == 503 && absl::StrContains(ready.body, "[-] bus is not ready");
  })) << Ready().body;
  EXPECT_FALSE(installation_->client().CheckHealth("any", absl::Seconds(5)).ok());
  testing::StartBroker();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  EXPECT_TRUE(AwaitTrue([&] { return Ready().status == 200; })) << Ready().body;
  Trial trial(installation_.get());
  trial.Report({.threads = 2, .requests = 10});
  EXPECT_EQ(trial.unanswered(), 0);
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << installation_->process().Output();
}

}  // namespace
}  // namespace fosterwatch::faults
