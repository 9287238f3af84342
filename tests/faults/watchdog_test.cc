// The process that sends is killed: another process tells a person, once, and again when it is
// over, whatever happens to itself meanwhile. reliability.md H7.
#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "fosterwatch/operations/v1/vitals_service.pb.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "services/watchdog/watcher.h"
#include "tests/component/http_client.h"
#include "tests/faults/scale.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HttpAnswer;
using ::fosterwatch::testing::HttpConnection;
using ::fosterwatch::testing::HttpText;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Process;
using mail::ScriptedSmtpServer;
using ::testing::HasSubstr;

std::string Text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string ShippedPolicy() {
  return Text(
      absl::StrCat(std::getenv("FOSTERWATCH_SOURCE_DIR"), "/services/watchdog/policy/watch.json"));
}

class WatchdogTest : public ::testing::Test {
 protected:
  WatchdogTest()
      : installation_({.certificates = true}), http_port_(fosterwatch::testing::FreePort()) {}

  void StartSuite() {
    installation_.Start();
    ASSERT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
  }

  void StartWatchdog() {
    // In a full run with the limits that ship; else those for the process itself are short.
    const std::string policy = installation_.folder() + "/watch.json";
    std::ofstream(policy) << (Full() ? ShippedPolicy()
                                     : std::regex_replace(ShippedPolicy(),
                                                          std::regex("\"forSeconds\": 15"),
                                                          "\"forSeconds\": 2"));
    std::map<std::string, std::string> settings = installation_.Settings();
    settings["FOSTERWATCH_ENDPOINTS"] = "fosterwatch=" + installation_.grpc_address();
    settings["FOSTERWATCH_GRPC_LISTEN"] = "127.0.0.1:0";
    settings["FOSTERWATCH_METRICS_LISTEN"] = absl::StrCat("127.0.0.1:", http_port_);
    settings["FOSTERWATCH_WATCH_MAIL_TO"] = "ops@example.org,manager@example.org";
    settings["FOSTERWATCH_WATCH_SMTP_URL"] = mail_.url();
    settings["FOSTERWATCH_WATCH_POLICY"] = policy;
    // It needs neither.
    settings["FOSTERWATCH_POSTGRES"] = "host=127.0.0.1 port=1";
    settings["FOSTERWATCH_KAFKA"] = "127.0.0.1:1";
    watchdog_.reset();
    watchdog_ = std::make_unique<Process>(*Process::Start(
        {{absl::StrCat(std::getenv("FOSTERWATCH_BIN_DIR"), "/fosterwatch-watchdog")},
         std::move(settings),
         {},
         installation_.folder() + "/watchdog.log"}));
  }

  operations::v1::Vitals VitalsOfSuite() {
    const auto answer = installation_.Call<operations::v1::Vitals>(
        {"*", "fosterwatch-watchdog", {options::v1::ROLE_SERVICE}},
        "fosterwatch.operations.v1.VitalsService", "GetVitals", operations::v1::GetVitalsRequest());
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? *answer : operations::v1::Vitals();
  }
  double GaugeOf(const std::string& name) {
    const operations::v1::Vitals vitals = VitalsOfSuite();
    for (const auto& gauge : vitals.gauges()) {
      if (gauge.name() == name) return gauge.value();
    }
    ADD_FAILURE() << "there is no gauge " << name;
    return 0;
  }

  // Whether the watchdog has put down that each message was taken by all whom it is for.
  bool NothingWaits() const {
    const std::string state = Text(installation_.folder() + "/watchdog/state.json");
    return !state.empty() && !absl::StrContains(state, "\"messages\"");
  }
  std::vector<std::string> SubjectsTo(const std::string& address) const {
    std::vector<std::string> subjects;
    for (const ScriptedSmtpServer::Received& mail : mail_.received()) {
      if (absl::StrContains(mail.recipient, address)) subjects.push_back(mail.Header("Subject"));
    }
    return subjects;
  }
  HttpAnswer Get(uint16_t port, const std::string& path) {
    try {
      HttpConnection connection(port);
      connection.Send(HttpText("GET", path, {}));
      return connection.Read();
    } catch (const std::exception&) {
      return {};
    }
  }

  Installation installation_;
  const uint16_t http_port_;
  ScriptedSmtpServer mail_;
  std::unique_ptr<Process> watchdog_;
};

TEST_F(WatchdogTest, TellsAPersonWithinAMinuteThatTheSenderIsDeadAndWhenItIsBack) {
  StartSuite();
  EXPECT_THAT(
      Get(installation_.http_port(), "/readyz").body,
      HasSubstr(
          "[~] watchdog is not ready: nobody watches: no watchdog has asked since the start"));
  StartWatchdog();
  ASSERT_TRUE(
      AwaitTrue([&] { return Get(http_port_, "/readyz").status == 200; }, absl::Seconds(60)))
      << Get(http_port_, "/readyz").body << watchdog_->Output();
  ASSERT_TRUE(AwaitTrue([&] {
    return absl::StrContains(Get(installation_.http_port(), "/readyz?verbose").body,
                             "[+] watchdog is ready: a watchdog asked ");
  })) << Get(installation_.http_port(), "/readyz?verbose").body;
  EXPECT_THAT(mail_.received(), ::testing::IsEmpty());

  const absl::Time died = absl::Now();
  installation_.process().Kill(SIGKILL);
  ASSERT_TRUE(AwaitTrue([&] { return SubjectsTo("manager@").size() == 1; }, absl::Seconds(60)))
      << watchdog_->Output();
  std::printf("told %.1f s after the process had died\n",
              absl::ToDoubleSeconds(absl::Now() - died));
  EXPECT_EQ(SubjectsTo("ops@")[0], "Fosterwatch: alarm, fosterwatch (process_away)");
  EXPECT_THAT(mail_.received()[0].data, HasSubstr("it does not answer"));

  // Its own restart changes nothing once it knows that everybody took it: nobody is told again.
  ASSERT_TRUE(AwaitTrue([&] { return NothingWaits(); }));
  watchdog_->Kill(SIGKILL);
  ASSERT_TRUE(watchdog_->Wait().ok());
  StartWatchdog();
  ASSERT_TRUE(
      AwaitTrue([&] { return Get(http_port_, "/readyz").status == 200; }, absl::Seconds(60)));

  StartSuite();
  ASSERT_TRUE(AwaitTrue([&] { return SubjectsTo("manager@").size() == 2; }, absl::Seconds(60)))
      << watchdog_->Output();
  EXPECT_EQ(SubjectsTo("manager@")[1], "Fosterwatch: all alarms are over");
  EXPECT_TRUE(AwaitTrue([&] { return SubjectsTo("ops@").size() == 2; }));
}

TEST_F(WatchdogTest, KeepsWhatNobodyTookAndTellsItLater) {
  mail_.Always({.greeting = "421 not now"});
  StartWatchdog();
  ASSERT_TRUE(AwaitTrue([&] { return mail_.connections() > 0; }, absl::Seconds(60)))
      << watchdog_->Output();
  // The check of its channels says so, too.
  ASSERT_TRUE(AwaitTrue([&] {
    return absl::StrContains(Get(http_port_, "/readyz").body,
                             "telling is not ready: it cannot be reached");
  })) << Get(http_port_, "/readyz").body;
  watchdog_->Kill(SIGKILL);
  ASSERT_TRUE(watchdog_->Wait().ok());
  mail_.Always({});
  StartWatchdog();
  ASSERT_TRUE(AwaitTrue([&] { return SubjectsTo("ops@").size() == 1; }, absl::Seconds(60)))
      << watchdog_->Output();
  EXPECT_EQ(SubjectsTo("ops@")[0], "Fosterwatch: alarm, fosterwatch (process_away)");
}

// No body of this agency is reached by mail: a person gives its notices, and has not yet.
TEST_F(WatchdogTest, SeesWhenTheNextNoticeIsDueThatNothingProvesToHaveBeenSent) {
  StartSuite();
  EXPECT_EQ(GaugeOf("notifiable_events_next_notice_due_seconds"),
            std::numeric_limits<double>::infinity());
  const fosterwatch::testing::Agency agency(&installation_, "agency-a");
  notifiable_events::v1::ReportEventRequest request;
  *request.mutable_report() =
      agency.Report(notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  ASSERT_THAT(agency.Call(agency.Caseworker(), "ReportEvent", request), IsOk());
  ASSERT_TRUE(
      AwaitTrue([&] { return GaugeOf("notifiable_events_next_notice_due_seconds") < 24 * 3600; },
                absl::Seconds(60)));
  EXPECT_GT(GaugeOf("notifiable_events_next_notice_due_seconds"), 0);
}

// A watch of something that is nowhere would watch nothing.
TEST_F(WatchdogTest, EachWatchThatShipsIsOfSomethingThatIsThere) {
  StartSuite();
  const auto policy = watchdog::ParseWatchPolicy(ShippedPolicy());
  ASSERT_THAT(policy, IsOk());
  const operations::v1::Vitals vitals = VitalsOfSuite();
  std::set<std::string> names;
  for (const auto& gauge : vitals.gauges()) names.insert(gauge.name());
  for (const auto& check : vitals.checks()) names.insert(check.name());
  for (const auto& loop : vitals.loops()) names.insert(loop.name());
  for (const auto& watch : policy->watches()) {
    if (watch.of().empty()) continue;
    EXPECT_TRUE(
        std::any_of(names.begin(), names.end(),
                    [&](const std::string& name) { return watchdog::Matches(watch.of(), name); }))
        << watch.name() << " is of " << watch.of();
  }
}

}  // namespace
}  // namespace fosterwatch::faults
