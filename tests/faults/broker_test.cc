// Apache Kafka goes away: reports are taken all the same, and leave when it is back.
// reliability.md B1, B5 and B9.
#include "libs/testing/broker.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "tests/component/http_client.h"
#include "tests/faults/scale.h"
#include "tests/faults/trial.h"
#include "tests/support/agency.h"
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

  // The gauge, or 0.
  static double OldestUnsent(uint16_t port) {
    testing::HttpConnection connection(port);
    connection.Send(testing::HttpText("GET", "/metrics", {}));
    const std::string body = connection.Read().body;
    const std::string name = "\nfosterwatch_notifiable_events_relay_oldest_unsent_seconds ";
    const size_t found = body.find(name);
    return found == std::string::npos ? 0 : std::stod(body.substr(found + name.size()));
  }

  std::unique_ptr<Installation> installation_;
};

TEST_F(BrokerTest, ReportsAreTakenWhileItIsAwayAndLeaveAfterItsReturn) {
  installation_->Start({{"FOSTERWATCH_METRICS_LISTEN", "127.0.0.1:0"}});
  auto metrics = installation_->process().AwaitLine("\"metrics\":\"127.0.0.1:", absl::Seconds(60));
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  const auto metrics_port = static_cast<uint16_t>(std::stoi(*metrics));
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  Trial trial(installation_.get());
  const Trial::Load load = Full() ? Trial::Load{.threads = 8, .requests = 1'500, .rate = 200}
                                  : Trial::Load{.threads = 4, .requests = 100, .rate = 50};
  trial.Report(load);
  const absl::Duration usual = trial.p99();
  testing::StopBroker();
  // What a watchdog in another process looks at.
  const absl::Time gone = absl::Now();
  absl::Duration said = absl::InfiniteDuration();
  absl::Duration unsent = absl::InfiniteDuration();
  std::thread watchdog([&] {
    AwaitTrue(
        [&] {
          const absl::Duration since = absl::Now() - gone;
          if (absl::StrContains(Ready().body, "bus is not ready: kafka does not answer")) {
            said = std::min(said, since);
          }
          if (OldestUnsent(metrics_port) > 3) unsent = std::min(unsent, since);
          return said < since && unsent < since;
        },
        absl::Seconds(60));
  });
  trial.Report(load);
  watchdog.join();
  std::printf("said after %s; facts seen to wait for more than 3 s after %s\n",
              absl::FormatDuration(said).c_str(), absl::FormatDuration(unsent).c_str());
  EXPECT_LT(said, absl::InfiniteDuration());
  EXPECT_LT(unsent, absl::InfiniteDuration());
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
}

TEST_F(BrokerTest, ServicesStartWithoutItSayWhyTheyAreNotReadyAndRecoverByThemselves) {
  testing::StopBroker();
  installation_->Start();
  auto listening = installation_->process().AwaitLine("\"msg\":\"listening\"", absl::Seconds(60));
  ASSERT_TRUE(listening.ok()) << listening.status();
  testing::HttpAnswer ready;
  EXPECT_TRUE(AwaitTrue([&] {
    ready = Ready();
    return ready.status == 503 && absl::StrContains(ready.body, "[-] bus is not ready") &&
           absl::StrContains(ready.body, "Connection refused");
  })) << ready.body;
  EXPECT_FALSE(absl::StrContains(ready.body, testing::TestBrokers())) << "nor where it would be";
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

TEST_F(BrokerTest, AReportTooLargeForTheBusIsRefusedAtTheDoorAndHoldsNothingUp) {
  installation_->Start();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  Trial trial(installation_.get());
  testing::Agency agency(installation_.get(), "oversize-agency");
  const auto facts = [&] {
    return installation_->Database("notifiable_events")
        ->Query("SELECT count(*) FROM ledger.fact")
        ->Int(0, 0);
  };
  const int64_t before = facts();
  for (const size_t size : {size_t{20'001}, bus::kMaxRecordBytes + 1}) {
    notifiable_events::v1::ReportEventRequest request;
    request.set_request_id(absl::StrCat("oversize-", size));
    *request.mutable_report() = agency.Report(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
    request.mutable_report()->set_summary(std::string(size, 'x'));
    const absl::Status refused = agency.Call(agency.Caseworker(), "ReportEvent", request).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  }
  EXPECT_EQ(facts(), before);
  trial.Report({.threads = 2, .requests = 10});
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << installation_->process().Output();
}

}  // namespace
}  // namespace fosterwatch::faults
