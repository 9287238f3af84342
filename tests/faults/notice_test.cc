// The process dies between a mail server's answer and its record of it, and before that answer; the
// connection breaks in between. Every notice leaves, a second copy says what it is.
// reliability.md H1, F7.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/tcp_gate.h"
#include "tests/faults/scale.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::TcpGate;
using mail::ScriptedSmtpServer;
namespace events = notifiable_events::v1;

class NoticeFaults : public ::testing::Test {
 protected:
  NoticeFaults()
      : installation_({}), gate_(std::string(absl::StripPrefix(server_.url(), "smtp://"))) {}

  // Everything of this installation goes through the gate.
  void Start(const std::string& crash_at = "") {
    installation_.Start({{"FOSTERWATCH_SMTP_URL", absl::StrCat("smtp://", gate_.address())},
                         {"FOSTERWATCH_CRASH_AT", crash_at}});
    ASSERT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
  }
  // An agency whose authority is reached by mail: one mail for each event.
  void MakeAgency() {
    agency_ = std::make_unique<Agency>(&installation_, "agency-a");
    directory::v1::RecordBodyRequest request;
    request.mutable_body()->set_body_id("northshire");
    request.mutable_body()->set_kind(directory::v1::Body::KIND_LOCAL_AUTHORITY);
    request.mutable_body()->set_name("Northshire");
    request.mutable_body()->set_police_body_id("police");
    request.mutable_body()->set_health_body_id("health");
    auto* contact = request.mutable_body()->add_contacts();
    contact->set_channel(type::v1::CHANNEL_EMAIL);
    contact->set_address("duty@northshire.example");
    ASSERT_THAT(installation_.Call<directory::v1::Body>(agency_->Administrator(),
                                                        "fosterwatch.directory.v1.DirectoryService",
                                                        "RecordBody", request),
                IsOk());
    ASSERT_TRUE(AwaitTrue([&] {
      auto known = installation_.Database("notifiable_events")
                       ->Query(
                           "SELECT 1 FROM reference.body WHERE body_id = 'northshire'"
                           " AND NOT released_by_person");
      return known.ok() && known->rows() == 1;
    })) << "the register gets to know how the authority is reached";
  }
  void Report() {
    events::ReportEventRequest request;
    request.set_request_id(absl::StrCat("request-", events_++));
    *request.mutable_report() = agency_->Report(events::EVENT_KIND_CHILD_MISSING);
    // It may die before it answers; the same id again is the same event.
    agency_->Call(agency_->Caseworker(), "ReportEvent", request).status().IgnoreError();
    all_.push_back(request);
    asked_.push_back(std::move(request));
  }
  // Until every event has its notice on record, asking again for those without an answer.
  bool AwaitAllSent() {
    for (const events::ReportEventRequest& request : asked_) {
      if (!AwaitTrue(
              [&] { return agency_->Call(agency_->Caseworker(), "ReportEvent", request).ok(); })) {
        return false;
      }
    }
    asked_.clear();
    return AwaitTrue([&] { return static_cast<int>(Sent().size()) == events_; }, absl::Seconds(60));
  }
  // What the ledger says was sent by mail, by Message-ID: whether it may have been a repeat.
  std::map<std::string, bool> Sent() {
    std::map<std::string, bool> sent;
    auto rows = installation_.Database("notifications")
                    ->Query("SELECT payload FROM ledger.fact WHERE name = 'notice_sent'");
    EXPECT_THAT(rows, IsOk());
    for (int row = 0; rows.ok() && row < rows->rows(); ++row) {
      notifications::v1::NotificationFact fact;
      EXPECT_TRUE(fact.ParseFromString(rows->Text(row, 0)));
      const auto& send = fact.notice_sent().send();
      EXPECT_TRUE(sent.emplace(send.message_id(), send.possible_repeat()).second)
          << "sent twice by the ledger";
    }
    return sent;
  }
  // How often each mail came, by Message-ID.
  std::map<std::string, int> Copies() {
    std::map<std::string, int> copies;
    for (const auto& mail : server_.received()) {
      ++copies[std::string(
          absl::StripSuffix(absl::StripPrefix(mail.Header("Message-ID"), "<"), ">"))];
    }
    return copies;
  }
  // What the recipient has, against what the ledger says. Copies are counted.
  void Judge(int interrupted) {
    const std::map<std::string, int> copies = Copies();
    const auto sent = Sent();
    int lost = 0, ghosts = 0, repeated = 0, too_often = 0, unmarked = 0, marked = 0;
    for (const auto& [message_id, possible_repeat] : sent) {
      const auto found =
          copies.find(std::string(absl::StripSuffix(absl::StripPrefix(message_id, "<"), ">")));
      lost += found == copies.end();
      if (found == copies.end()) continue;
      repeated += found->second == 2;
      too_often += found->second > 2;
      unmarked += found->second > 1 && !possible_repeat;
      marked += possible_repeat;
    }
    for (const auto& [message_id, count] : copies) {
      ghosts += sent.count(message_id) + sent.count(absl::StrCat("<", message_id, ">")) == 0;
    }
    std::printf(
        "%d events, %d interrupted: %zu notices, lost %d, ghost %d, a second copy %d, "
        "more %d, unmarked %d, marked %d\n",
        events_, interrupted, sent.size(), lost, ghosts, repeated, too_often, unmarked, marked);
    EXPECT_EQ(sent.size(), events_);
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(ghosts, 0);
    EXPECT_EQ(too_often, 0);
    EXPECT_EQ(unmarked, 0);
    EXPECT_EQ(repeated, interrupted) << "each that was interrupted left twice, and no other";
  }
  // The backup is taken while it works; some was sent after it, of which the restored databases
  // know nothing. reliability.md F7.
  void BackUpAndRestore(const std::function<void()>& back_up,
                        const std::function<void()>& restore) {
    Start();
    MakeAgency();
    const int before = Scaled(5, 50), during = Scaled(5, 50), after = Scaled(3, 30);
    for (int i = 0; i < before; ++i) Report();
    ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
    const std::map<std::string, bool> sent_before = Sent();
    std::thread backup(back_up);
    for (int i = 0; i < during; ++i) Report();
    backup.join();
    ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
    for (int i = 0; i < after; ++i) Report();
    ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();

    installation_.process().Kill(SIGKILL);
    installation_.cluster().Crash();
    const absl::Time begin = absl::Now();
    restore();
    Start();
    // What was reported since is reported again, by people or by a case system, under its own ids:
    // each is there once in the end, and its notice has left.
    const auto is_there = [&](const std::string& request_id) {
      auto rows = installation_.Database("notifiable_events")
                      ->Query("SELECT 1 FROM ledger.request WHERE request_id = $1", {request_id});
      return rows.ok() && rows->rows() == 1;
    };
    int lost = 0;
    for (const auto& request : all_) lost += !is_there(request.request_id());
    EXPECT_GE(lost, after) << "they came after the backup";
    EXPECT_LE(lost, during + after);
    asked_ = all_;
    ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
    const absl::Duration again = absl::Now() - begin;
    const std::map<std::string, int> copies = Copies();
    const auto copies_of = [&](const std::string& message_id) {
      const auto found =
          copies.find(std::string(absl::StripSuffix(absl::StripPrefix(message_id, "<"), ">")));
      return found == copies.end() ? 0 : found->second;
    };
    int again_sent = 0;
    for (const auto& [message_id, possible_repeat] : Sent()) {
      const int times = copies_of(message_id);
      EXPECT_GE(times, 1) << message_id << " is on record and never came";
      EXPECT_LE(times, sent_before.contains(message_id) ? 1 : 2) << message_id;
      again_sent += times > 1;
    }
    for (const auto& [message_id, possible_repeat] : sent_before) {
      EXPECT_EQ(copies_of(message_id), 1) << message_id << " was sent before the backup";
    }
    std::printf(
        "%d events, %d after what the backup holds; restored and all sent in %.1f s; sent twice, of"
        " those under way during the backup: %d\n",
        events_, lost, absl::ToDoubleSeconds(again), again_sent);
  }

  ScriptedSmtpServer server_;
  Installation installation_;
  TcpGate gate_;
  std::unique_ptr<Agency> agency_;
  int events_ = 0;
  std::vector<events::ReportEventRequest> all_;
  std::vector<events::ReportEventRequest> asked_;  // and not known to be there
};

TEST_F(NoticeFaults, ANoticeWhoseAnswerWasNotRecordedLeavesOnceMoreUnderItsOwnName) {
  std::mt19937 random(Seed());
  Start();
  MakeAgency();
  Report();
  ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
  const std::vector<std::string> points = {"after_250_before_record", "after_smtp_data_before_250"};
  Tally tally("notice");
  const int each = Scaled(2, 30);
  std::vector<std::string> kills;
  for (const std::string& point : points) kills.insert(kills.end(), each, point);
  std::shuffle(kills.begin(), kills.end(), random);
  for (const std::string& point : kills) {
    installation_.process().Kill(SIGKILL);
    const bool before = point == "after_smtp_data_before_250";
    Start(before ? "" : point);
    if (before) {
      // The mail is there whole, and its answer has not left.
      ScriptedSmtpServer::Script script;
      script.before_end = [pid = installation_.process().pid()] { kill(pid, SIGKILL); };
      server_.Expect(std::move(script));
    }
    Report();
    ASSERT_TRUE(AwaitTrue([&] { return !installation_.process().Running(); }, absl::Seconds(30)))
        << point << " was not reached\n"
        << installation_.process().Output();
    tally.Add(point);
    Start();
    ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
  }
  tally.Say("killed");
  Judge(static_cast<int>(kills.size()));
}

TEST_F(NoticeFaults, ANoticeWhoseAnswerWasLostOnTheWayLeavesOnceMoreUnderItsOwnName) {
  ScriptedSmtpServer::Script script;
  script.end_of_data = "250 queued-as-1";
  server_.Always(script);
  Start();
  MakeAgency();
  const int each = Scaled(1, 5);
  for (int i = 0; i < each; ++i) {
    gate_.Set(TcpGate::Way::kToClient, TcpGate::CloseBefore("queued-as", 1));
    Report();
    ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
  }
  EXPECT_EQ(gate_.closed_by_fault(), each);
  // Before the mail has gone over, a broken connection leaves no copy behind.
  gate_.Set(TcpGate::Way::kToServer, TcpGate::CloseBefore("RCPT", 1));
  Report();
  ASSERT_TRUE(AwaitAllSent()) << installation_.process().Output();
  EXPECT_EQ(gate_.closed_by_fault(), each + 1);
  Judge(each);
}

TEST_F(NoticeFaults, WhatWasSentBeforeABackupIsNotSentAgainAfterItsRestore) {
  BackUpAndRestore([&] { installation_.cluster().BackUp("backup"); },
                   [&] {
                     installation_.cluster().Restore("backup");
                     installation_.cluster().Start();
                   });
}

TEST_F(NoticeFaults, NorAfterADumpIsReadIntoAnotherCluster) {
  // A cluster that has worked for a while, and counts transactions where a new one does not yet.
  ASSERT_THAT(installation_.Database("directory")
                  ->Script("DO $$ BEGIN FOR i IN 1..100000 LOOP"
                           " PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"),
              IsOk());
  BackUpAndRestore([&] { installation_.cluster().Dump("dump"); },
                   [&] {
                     installation_.cluster().RestoreDump("dump");
                     // Somebody forgets to set it up. It is said, and what is recorded waits.
                     Start();
                     ASSERT_TRUE(AwaitTrue([&] {
                       return absl::StrContains(installation_.process().Output(),
                                                "LEDGER_OF_ANOTHER_CLUSTER");
                     }));
                     Report();
                     installation_.process().Kill(SIGKILL);
                     ASSERT_EQ(installation_.Run({"database", "setup"}), 0);
                   });
}

}  // namespace
}  // namespace fosterwatch::faults
