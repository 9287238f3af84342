// Alerts from the fact that raises them to the mail, the climb and the acknowledgement.
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "services/notifications/dead_ends.h"
#include "services/notifications/testing/delivery_fixture.h"

namespace fosterwatch::notifications {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kTimesClimbed = 25;

TEST_F(DeliveryTest, WhatIsUrgentGoesFirstAlsoWhereSomethingElseWasDueBefore) {
  Report("e1", events::EVENT_KIND_CHILD_MISSING);
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  Pass(absl::Minutes(57));
  Report("e2", events::EVENT_KIND_CHILD_DEATH);
  // Recorded, not only received: what is being worked on is not looked at.
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e2").size() == 1; }));
  Pass(absl::Minutes(6));  // both are to climb: the first for three minutes, the death for one
  ASSERT_TRUE(AwaitMails("dm1@agency.example", 2));
  EXPECT_EQ(MailsTo("dm1@agency.example")[0].Header("Subject"),
            "Fosterwatch: urgent, an event needs your attention");
}

TEST_F(DeliveryTest, ADeathClimbsByMinutesUntilItIsAcknowledged) {
  Report("e1", events::EVENT_KIND_CHILD_DEATH);
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_EQ(MailsTo("rm1@agency.example")[0].Header("Subject"),
            "Fosterwatch: urgent, an event needs your attention");
  Pass(absl::Minutes(5));
  ASSERT_TRUE(AwaitMails("dm1@agency.example", 1));
  EXPECT_NE(MailsTo("rm1@agency.example")[0].Header("Message-ID"),
            MailsTo("dm1@agency.example")[0].Header("Message-ID"));

  const std::string alert_id = AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).alert_id();
  const auto acknowledged = Acknowledge(alert_id, "On my way", "request-1");
  ASSERT_THAT(acknowledged, IsOk());
  EXPECT_EQ(acknowledged->state(), v1::Alert::STATE_ACKNOWLEDGED);
  EXPECT_EQ(acknowledged->acknowledged_by(), "rm1");
  EXPECT_EQ(acknowledged->comment(), "On my way");
  EXPECT_EQ(Alerts("e1").alerts(0).comment(), "On my way");
  EXPECT_EQ(Dump("view.timer", "id"), "");

  EXPECT_THAT(Acknowledge(alert_id, "On my way", "request-1"), IsOk());
  EXPECT_THAT(Acknowledge(alert_id, "Other words", "request-1"), HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(Acknowledge(alert_id), HasReason("ALERT_NOT_OPEN"));
}

TEST_F(DeliveryTest, ClimbsOnAfterARestart) {
  Report("e1");
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 1; }));
  Halt();
  Pass(absl::Hours(1));
  Start();
  ASSERT_TRUE(AwaitMails("dm1@agency.example", 1));
}

TEST_F(DeliveryTest, WithoutARegisteredManagerTheDeputyIsToldAtOnce) {
  owners_.RemoveHolders();
  owners_.SetHolder("dm1", options::v1::ROLE_DEPUTY_MANAGER, "dm1@agency.example");
  Report("e1");
  ASSERT_TRUE(AwaitMails("dm1@agency.example", 1));
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 2; }));
  EXPECT_EQ(Sends("e1")[1].result_code(), "NO_CONTACT");
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).rung(), 1);
}

TEST_F(DeliveryTest, AnIntakeRecordThatWasParkedIsAlerted) {
  events::NotifiableEventFact fact;
  fact.mutable_intake_record_parked()->set_parked_id("p1");
  fact.mutable_intake_record_parked()->set_reason_code("MALFORMED_JSON");
  Publish(fact, "intake_record_parked", "p1");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  ASSERT_THAT(Alerts().alerts(), SizeIs(1));
  EXPECT_EQ(Alerts().alerts(0).kind(), v1::Alert::KIND_INTAKE_RECORD_PARKED);
  EXPECT_EQ(Alerts().alerts(0).parked_id(), "p1");
}

TEST_F(DeliveryTest, ListsGoPageByPageForOneAgencyOnly) {
  for (int i = 0; i < 5; ++i) Report(absl::StrCat("e", i));
  Report("other", events::EVENT_KIND_CHILD_MISSING, "southern");
  ASSERT_TRUE(AwaitTrue([&] { return Sends().size() == 5; }));
  ASSERT_THAT(Acknowledge(AlertOf("e3", v1::Alert::KIND_EVENT_REPORTED).alert_id()), IsOk());

  v1::ListAlertsRequest request;
  request.set_page_size(2);
  std::vector<std::string> listed;
  std::string second_page;
  do {
    const auto page = running_->app().ListAlerts(CallOf(), request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->open_count(), 4);
    for (const v1::Alert& alert : page->alerts()) listed.push_back(alert.event_id());
    request.set_page_token(page->next_page_token());
    if (second_page.empty()) second_page = page->next_page_token();
  } while (!request.page_token().empty());
  ASSERT_THAT(listed, SizeIs(5));
  EXPECT_EQ(listed.back(), "e3");  // open ones first
  EXPECT_THAT(std::set<std::string>(listed.begin(), listed.end()), SizeIs(5));

  request.set_page_token(second_page);
  request.set_state(v1::Alert::STATE_OPEN);
  EXPECT_THAT(running_->app().ListAlerts(CallOf(), request), HasReason("INVALID_PAGE_TOKEN"));
  request.set_page_token("nonsense");
  EXPECT_THAT(running_->app().ListAlerts(CallOf(), request), HasReason("INVALID_PAGE_TOKEN"));
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_THAT(running_->app().ListAlerts(CallOf(), request),
              StatusIs(absl::StatusCode::kInvalidArgument));

  v1::ListSendsRequest sends;
  sends.set_page_size(3);
  const auto first = running_->app().ListSends(CallOf(), sends);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->sends(), SizeIs(3));
  sends.set_page_token(first->next_page_token());
  const auto rest = running_->app().ListSends(CallOf(), sends);
  ASSERT_THAT(rest, IsOk());
  EXPECT_THAT(rest->sends(), SizeIs(2));
  EXPECT_EQ(rest->next_page_token(), "");

  const std::string foreign =
      running_->app().ListAlerts(CallOf("southern"), {})->alerts(0).alert_id();
  EXPECT_THAT(Acknowledge(foreign), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Acknowledge("no-such"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DeliveryTest, WhereNobodyCanBeReachedThatIsADeadEndUntilSomebodyIsAppointed) {
  owners_.RemoveHolders();
  owners_.SetHolder("dm1", options::v1::ROLE_DEPUTY_MANAGER, "no address");
  DeadEnds dead_ends(database_.relay());
  EXPECT_EQ(dead_ends.Count(), 0);
  Report("e1", events::EVENT_KIND_CHILD_DEATH);
  ASSERT_TRUE(AwaitTrue([&] { return dead_ends.Count() == 1; }));
  const v1::Alert alert = AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED);
  EXPECT_TRUE(alert.unreachable());
  EXPECT_EQ(alert.state(), v1::Alert::STATE_OPEN);
  EXPECT_TRUE(alert.has_next_climb_time());
  // Each rung is in the log with its reason: nobody, no address, nobody, and again none of all.
  std::vector<std::string> codes, persons;
  for (const v1::Send& send : alert.sends()) {
    codes.push_back(send.result_code());
    persons.push_back(send.person_id());
  }
  EXPECT_THAT(codes, ElementsAre("NO_CONTACT", "NO_CONTACT", "NO_CONTACT", "NO_CONTACT"));
  EXPECT_THAT(persons, ElementsAre("", "dm1", "", "dm1"));
  EXPECT_THAT(Sends("e1"), SizeIs(4));

  owners_.SetHolder("ri1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, "ri1@agency.example");
  directory::v1::DirectoryFact fact;
  fact.mutable_holder_appointed()->mutable_holder()->set_holder_id("h1");
  PublishOn(kDirectoryTopic, "fosterwatch.directory.v1.holder_appointed", fact, "h1");
  ASSERT_TRUE(AwaitMails("ri1@agency.example", 1));
  ASSERT_TRUE(AwaitTrue([&] { return dead_ends.Count() == 0; }));
  EXPECT_FALSE(AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).unreachable());
}

TEST_F(DeliveryTest, ADeadEndIsTriedAgainWhenSomebodyIsBackCoversOrTheCheckSaysOtherwise) {
  DeadEnds dead_ends(database_.relay());
  std::vector<std::pair<std::string, directory::v1::DirectoryFact>> facts(3);
  facts[0].first = "absence_ended";
  facts[0].second.mutable_absence_ended()->mutable_absence()->set_absence_id("a1");
  facts[1].first = "absence_recorded";
  facts[1].second.mutable_absence_recorded()->mutable_absence()->set_covered_by_person_id("x");
  facts[2].first = "directory_checked";
  facts[2].second.mutable_directory_checked()->mutable_check();
  for (const auto& [name, fact] : facts) {
    owners_.RemoveHolders();
    Report(name, events::EVENT_KIND_CHILD_DEATH);
    ASSERT_TRUE(AwaitTrue([&] { return dead_ends.Count() == 1; })) << name;
    const std::string address = absl::StrCat(name, "@agency.example");
    owners_.SetHolder("ri1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, address);
    PublishOn(kDirectoryTopic, absl::StrCat("fosterwatch.directory.v1.", name), fact, "a1");
    ASSERT_TRUE(AwaitMails(address, 1)) << name;
    ASSERT_TRUE(AwaitTrue([&] { return dead_ends.Count() == 0; })) << name;
  }
}

TEST_F(DeliveryTest, AnAcknowledgementWaitsForAMailThatIsOnItsWay) {
  std::atomic<bool> acknowledged = false;
  std::thread person;
  mail_.Expect({.before_end = [&] {
    const std::string alert_id = AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).alert_id();
    person = std::thread([&, alert_id] {
      EXPECT_THAT(Acknowledge(alert_id), IsOk());
      acknowledged = true;
    });
    // It is recorded, and not yet answered: the mail is still with the server.
    EXPECT_TRUE(AwaitTrue([&] {
      return AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).state() == v1::Alert::STATE_ACKNOWLEDGED;
    }));
    EXPECT_FALSE(acknowledged);
  }});
  Report("e1");
  ASSERT_TRUE(AwaitTrue([&] { return acknowledged.load(); }));
  person.join();
  EXPECT_THAT(Sends("e1"), SizeIs(1));
  EXPECT_EQ(Sends("e1")[0].result(), v1::Send::RESULT_SENT);
}

TEST_F(DeliveryTest, OnceAnAcknowledgementIsAnsweredNoMailLeavesEvenOneThatWasDue) {
  owners_.SetHolder("dm2", options::v1::ROLE_DEPUTY_MANAGER, "dm2@agency.example");
  owners_.SetHolder("dm3", options::v1::ROLE_DEPUTY_MANAGER, "dm3@agency.example");
  int climbed = 0;
  for (int round = 0; round < 25; ++round) {
    const std::string event_id = absl::StrCat("e", round);
    Report(event_id, events::EVENT_KIND_CHILD_DEATH);
    ASSERT_TRUE(AwaitTrue([&] { return Sends(event_id).size() == 1; }));
    const std::string alert_id = AlertOf(event_id, v1::Alert::KIND_EVENT_REPORTED).alert_id();
    const size_t before = mail_.received().size();
    Pass(absl::Minutes(5));  // it is to climb now, at the same time as somebody acknowledges it
    // Sometimes at once, sometimes while the deputies are being told.
    if (round % 3 == 1) {
      ASSERT_TRUE(AwaitTrue([&] { return mail_.received().size() > before; }));
    }
    ASSERT_THAT(Acknowledge(alert_id), IsOk());
    const size_t at_answer = mail_.received().size();
    climbed += at_answer > before;
    // Somebody else's alert comes after whatever was still to come for this one.
    Report(absl::StrCat("after-", event_id));
    ASSERT_TRUE(AwaitTrue([&] { return Sends(absl::StrCat("after-", event_id)).size() == 1; }));
    EXPECT_EQ(mail_.received().size(), at_answer + 1) << event_id;
    ASSERT_THAT(
        Acknowledge(
            AlertOf(absl::StrCat("after-", event_id), v1::Alert::KIND_EVENT_REPORTED).alert_id()),
        IsOk());
  }
  EXPECT_GE(climbed, 8) << "the race was run";
}

TEST_F(DeliveryTest, UrgentOpenAlertsAreListedFirst) {
  Report("urgent", events::EVENT_KIND_CHILD_DEATH);
  ASSERT_TRUE(AwaitTrue([&] { return Sends().size() == 1; }));
  Report("seen", events::EVENT_KIND_CHILD_DEATH);
  ASSERT_TRUE(AwaitTrue([&] { return Sends().size() == 2; }));
  for (const char* event_id : {"older", "newer"}) {
    Pass(absl::Seconds(1));
    Report(event_id);
    ASSERT_TRUE(AwaitTrue([&] { return Sends(event_id).size() == 1; }));
  }
  ASSERT_THAT(Acknowledge(AlertOf("seen", v1::Alert::KIND_EVENT_REPORTED).alert_id()), IsOk());
  v1::ListAlertsRequest request;
  request.set_page_size(1);
  std::vector<std::string> listed;
  do {
    const auto page = running_->app().ListAlerts(CallOf(), request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Alert& alert : page->alerts()) listed.push_back(alert.event_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(listed, ElementsAre("urgent", "newer", "older", "seen"));
}

TEST_F(DeliveryTest, TheLogHasEverySendAndTheAlertTheLastOnes) {
  Report("e1", events::EVENT_KIND_CHILD_DEATH);
  for (size_t mails = 1; mails <= kTimesClimbed; ++mails) {
    ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() >= mails; }));
    Pass(absl::Minutes(30));
  }
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() > kTimesClimbed; }));
  const v1::Alert alert = AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED);
  EXPECT_THAT(alert.sends(), SizeIs(domain::kSendsKept));
  EXPECT_TRUE(AwaitTrue([&] {
    return AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).sends(domain::kSendsKept - 1).send_id() ==
           Sends("e1")[0].send_id();
  }));
}

}  // namespace
}  // namespace fosterwatch::notifications
