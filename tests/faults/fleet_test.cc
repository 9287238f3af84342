// Services as processes of their own. Three replicas of each consumer that come and go under load:
// nothing is lost, done twice or out of order. Started in any order, all become ready and a report
// raises its alert. reliability.md J7, and "Scale out".
#include "tests/faults/fleet.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "tests/faults/scale.h"
#include "tests/faults/trial.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::Person;

Installation::Options OnBus(const std::string& bus) {
  Installation::Options options;
  options.bus = bus;
  if (bus == "kafka") {
    testing::StartBroker();
    options.kafka = testing::TestBrokers();
  }
  return options;
}

class ReplicasTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ReplicasTest, ThreeOfEachConsumerThatComeAndGoUnderLoadLoseNothingAndDoNothingTwice) {
  std::mt19937 random(Seed());
  Installation installation(OnBus(GetParam()));
  ASSERT_EQ(installation.Run({"topics", "apply"}), 0);
  Fleet fleet(&installation);
  std::vector<std::string> names = {"directory", "placements", "carers", "notifiable-events"};
  for (const std::string& service : names) installation.Route(service, fleet.AddressOf(service));
  std::vector<std::string> replicas;
  for (const char* service : {"notifications", "kpis"}) {
    replicas.insert(replicas.end(),
                    {service, absl::StrCat(service, "/2"), absl::StrCat(service, "/3")});
  }
  names.insert(names.end(), {"allegations", "complaints"});
  names.insert(names.end(), replicas.begin(), replicas.end());
  for (const std::string& name : names) fleet.Start(name);
  for (const std::string& name : names) {
    ASSERT_TRUE(fleet.AwaitReady(name)) << name << "\n" << fleet.Output(name);
  }
  Trial trial(&installation);
  trial.Report({.threads = 4, .requests = 5});

  Tally tally(GetParam());
  std::thread reports(
      [&] { trial.Report({.threads = 4, .requests = Scaled(60, 1'800), .rate = 40}); });
  const int moves = Scaled(12, 240);
  for (int i = 0; i < moves; ++i) {
    const std::string& name = replicas[random() % replicas.size()];
    if (!fleet.IsRunning(name)) {
      fleet.Start(name);
      tally.Add("started");
    } else if (random() % 2 == 0) {
      fleet.End(name, SIGKILL);
      tally.Add("killed");
    } else {
      EXPECT_EQ(fleet.End(name, SIGTERM), 0) << fleet.Output(name);
      tally.Add("stopped");
    }
    absl::SleepFor(absl::Milliseconds(random() % 700));
  }
  reports.join();
  EXPECT_EQ(trial.unanswered(), 0);
  for (const std::string& name : replicas) {
    if (!fleet.IsRunning(name)) fleet.Start(name);
  }
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  tally.Say("replicas");
  std::printf("%s, %lld facts: %s\n", GetParam().c_str(), static_cast<long long>(trial.facts()),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_GT(trial.facts(), 100);
  EXPECT_GT(tally.of("killed"), 0);
  EXPECT_GT(tally.of("stopped"), 0);
}

INSTANTIATE_TEST_SUITE_P(PostgresBus, ReplicasTest, ::testing::Values("postgres"));
INSTANTIATE_TEST_SUITE_P(KafkaBus, ReplicasTest, ::testing::Values("kafka"));

class StartOrderTest : public ::testing::Test {
 protected:
  template <typename Response>
  absl::StatusOr<Response> Call(const Person& person, const std::string& service,
                                const std::string& full_service, const std::string& method,
                                const google::protobuf::Message& request) {
    return fleet_.client().Call<Response>(service, full_service, method, request,
                                          {.token = installation_.TokenOf(person)});
  }

  bool HasAlert(const Agency& agency, const std::string& event_id) {
    notifications::v1::ListAlertsRequest request;
    request.set_event_id(event_id);
    const auto alerts = Call<notifications::v1::ListAlertsResponse>(
        agency.RegisteredManager(), "notifications",
        "fosterwatch.notifications.v1.NotificationsService", "ListAlerts", request);
    return alerts.ok() && alerts->alerts_size() > 0;
  }

  Installation installation_{OnBus("kafka")};
  Fleet fleet_{&installation_};
};

TEST_F(StartOrderTest, InAnyOrderAllBecomeReadyAndAReportRaisesItsAlert) {
  const unsigned seed = Seed();
  std::mt19937 random(seed);
  ASSERT_EQ(installation_.Run({"topics", "apply"}), 0);
  installation_.Start();
  ASSERT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
  const Agency agency(&installation_, absl::StrCat("order-", absl::Hex(std::random_device()())));
  ASSERT_TRUE(installation_.process().Stop().ok());

  constexpr char kDatabase[] = "database";
  std::vector<std::string> order = AllServices();
  order.push_back(kDatabase);
  const int orders = Scaled(3, 20);
  absl::Duration slowest;
  for (int i = 0; i < orders; ++i) {
    installation_.cluster().Crash();
    std::shuffle(order.begin(), order.end(), random);
    const std::string said = absl::StrCat("seed ", seed, ", ", absl::StrJoin(order, " "));
    for (const std::string& name : order) {
      name == kDatabase ? installation_.cluster().Start() : fleet_.Start(name);
      absl::SleepFor(absl::Milliseconds(random() % 300));
    }
    const absl::Time all = absl::Now();
    for (const std::string& name : AllServices()) {
      ASSERT_TRUE(fleet_.AwaitReady(name)) << said << "\n" << name << fleet_.Output(name);
    }
    slowest = std::max(slowest, absl::Now() - all);
    notifiable_events::v1::ReportEventRequest request;
    request.set_request_id(absl::StrCat(agency.id(), "-", i));
    *request.mutable_report() = agency.Report(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
    const auto event = Call<notifiable_events::v1::NotifiableEvent>(
        agency.Caseworker(), "notifiable-events", testing::kEvents, "ReportEvent", request);
    ASSERT_TRUE(event.ok()) << said << "\n" << event.status();
    ASSERT_TRUE(AwaitTrue([&] { return HasAlert(agency, event->event_id()); }, absl::Seconds(60)))
        << said << "\n"
        << fleet_.Output("notifications");
    std::shuffle(order.begin(), order.end(), random);
    for (const std::string& name : order) {
      if (name == kDatabase) continue;
      EXPECT_EQ(fleet_.End(name, SIGTERM), 0) << said << "\n" << fleet_.Output(name);
    }
  }
  std::printf("%d orders of %zu processes: all ready %.1f s after the last start at most\n", orders,
              order.size(), absl::ToDoubleSeconds(slowest));
}

}  // namespace
}  // namespace fosterwatch::faults
