// From the register's facts to the mails that leave: notices, their repetition, and what is listed.
// (Alerts are in alert_delivery_test.cc.)
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

TEST_F(DeliveryTest, AReportedEventTellsTheBodyAndTheManager) {
  Report("e1");
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 1));
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));

  const mail::ScriptedSmtpServer::Received notice = MailsTo("duty@northshire.example").front();
  EXPECT_EQ(notice.Header("Subject"), "Notice under regulation 36");
  EXPECT_EQ(notice.Header("Auto-Submitted"), "auto-generated");
  EXPECT_THAT(notice.data, HasSubstr("Agency: northern\r\nEvent: e1\r\nNotices: 1\r\n"));
  const mail::ScriptedSmtpServer::Received alert = MailsTo("rm1@agency.example").front();
  EXPECT_EQ(alert.Header("Subject"), "Fosterwatch: an event needs your attention");
  EXPECT_THAT(alert.data, HasSubstr("http://127.0.0.1:8410/events/e1"));

  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 2; }));
  const v1::Send send = NoticeSends("e1").at(0);
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(send.result_code(), "SMTP_250");
  EXPECT_EQ(send.body_id(), "northshire");
  EXPECT_EQ(send.message_id(), notice.Header("Message-ID"));
  EXPECT_EQ(send.template_(), "notice");
  EXPECT_EQ(send.template_version(), "7");
  EXPECT_EQ(send.content_sha256(), ledger::Sha256("Agency: northern\nEvent: e1\nNotices: 1\n"));
  EXPECT_THAT(MailsTo("dm1@agency.example"), IsEmpty());
}

TEST_F(DeliveryTest, WhatLeftIsPublished) {
  Owe("e1", "n1", "northshire");
  auto subscription = *bus_->Subscribe({"watch", {kNotificationsTopic}, "", /*live=*/false});
  std::vector<std::string> names;
  v1::NoticeSent sent;
  ASSERT_TRUE(AwaitTrue([&] {
    const auto records = subscription->Poll(100, absl::Milliseconds(50));
    if (!records.ok()) return false;
    for (const bus::Record& record : *records) {
      v1::NotificationFact fact;
      EXPECT_TRUE(fact.ParseFromString(record.value));
      EXPECT_EQ(record.key, "northern/e1");
      names.push_back((*ledger::EnvelopeOf(record)).fact_name);
      if (fact.has_notice_sent()) sent = fact.notice_sent();
    }
    return names.size() == 3;
  }));
  EXPECT_THAT(names, ElementsAre("dispatch_opened", "send_begun", "notice_sent"));
  EXPECT_EQ(sent.event_id(), "e1");
  EXPECT_THAT(sent.notice_ids(), ElementsAre("n1"));
  EXPECT_EQ(sent.send().result_code(), "SMTP_250");
}

TEST_F(DeliveryTest, TheSameFactTwiceIsOneMail) {
  Owe("e1", "n1", "northshire", false, "fact-1");
  Owe("e1", "n1", "northshire", false, "fact-1");
  Owe("e1", "n2", "northshire", false, "fact-2");
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  EXPECT_THAT(MailsTo("duty@northshire.example"), SizeIs(2));
}

TEST_F(DeliveryTest, ACrashAfterTheAnswerSendsAgainUnderTheSameMessageIdAndSaysSo) {
  mail_.Expect({.before_end = [this] {
    running_->RequestStop();
    LetIn(false);
  }});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 1));
  Halt();
  LetIn(true);
  Start();
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  const auto mails = MailsTo("duty@northshire.example");
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_TRUE(mails[0].taken);
  EXPECT_EQ(mails[0].Header("Message-ID"), mails[1].Header("Message-ID"));
  const v1::Send send = NoticeSends("e1").at(0);
  EXPECT_TRUE(send.possible_repeat());
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(send.message_id(), mails[0].Header("Message-ID"));
}

TEST_F(DeliveryTest, AMailThatIsNotTakenNowIsTriedAgainLater) {
  mail_.Expect({.end_of_data = "451 later"});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "SMTP_451");
  Pass(absl::Seconds(5));
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  const std::vector<v1::Send> sends = NoticeSends("e1");
  EXPECT_EQ(sends[1].result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(sends[1].reason_code(), "RETRY");
  EXPECT_EQ(sends[1].message_id(), sends[0].message_id());
  EXPECT_FALSE(sends[1].possible_repeat());
}

TEST_F(DeliveryTest, AMailThatIsRefusedBecomesAPersonsAndIsAlerted) {
  mail_.Expect({.rcpt = "550 no such user"});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  const v1::Alert alert = AlertOf("e1", v1::Alert::KIND_NOTICE_FAILED);
  EXPECT_EQ(alert.reason_code(), "SMTP_550");
  EXPECT_THAT(alert.notice_ids(), ElementsAre("n1"));
  EXPECT_EQ(NoticeSends("e1").at(0).result(), v1::Send::RESULT_REFUSED);
  Pass(absl::Hours(2));
  Owe("e2", "n2", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e2", 1));
  EXPECT_THAT(NoticeSends("e1"), SizeIs(1));
}

TEST_F(DeliveryTest, NoticesForAPersonAreAlertedUntilTheLastIsGiven) {
  Owe("e1", "n1", "ofsted", /*by_person=*/true, "fact-1");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_EQ(NoticeSends("e1").at(0).result(), v1::Send::RESULT_HANDED_TO_PERSON);
  EXPECT_THAT(AlertOf("e1", v1::Alert::KIND_NOTICE_NEEDS_PERSON).notice_ids(), ElementsAre("n1"));
  Give("e1", "n1");
  ASSERT_TRUE(AwaitTrue([&] {
    return AlertOf("e1", v1::Alert::KIND_NOTICE_NEEDS_PERSON).state() == v1::Alert::STATE_CLEARED;
  }));
  EXPECT_EQ(Alerts().open_count(), 0);
  EXPECT_EQ(Dump("view.timer", "id"), "");
}

TEST_F(DeliveryTest, ABodyWithoutAMailAddressIsLeftToAPerson) {
  directory::v1::Body body;
  body.set_body_id("healthshire");
  AddContact(body, type::v1::CHANNEL_TELEPHONE, "0123");
  owners_.SetBody(body);
  Owe("e1", "n1", "healthshire");
  Owe("e2", "n2", "nowhere");
  for (const char* event_id : {"e1", "e2"}) {
    ASSERT_TRUE(AwaitNoticeSends(event_id, 1));
    EXPECT_EQ(NoticeSends(event_id)[0].result(), v1::Send::RESULT_HANDED_TO_PERSON);
    EXPECT_EQ(NoticeSends(event_id)[0].result_code(), "NO_CONTACT");
    EXPECT_EQ(AlertOf(event_id, v1::Alert::KIND_NOTICE_NEEDS_PERSON).state(),
              v1::Alert::STATE_OPEN);
  }
}

TEST_F(DeliveryTest, OfTwoProcessesOneSends) {
  const auto other = Process();
  for (int i = 0; i < 20; ++i) Owe("e1", absl::StrCat("n", i), "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 20));
  EXPECT_THAT(MailsTo("duty@northshire.example"), SizeIs(20));
}

TEST_F(DeliveryTest, AMailServerThatIsAwayDelaysAndLosesNothing) {
  mail_.Always({.greeting = ""});
  for (int i = 0; i < 3; ++i) Owe(absl::StrCat("e", i), absl::StrCat("n", i), "northshire");
  ASSERT_TRUE(AwaitTrue([&] { return !Sends().empty(); }));
  EXPECT_THAT(running_->sender().MailServer(), HasReason("MAIL_SERVER_AWAY"));
  mail_.Always({});
  Pass(absl::Minutes(5));
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 3));
  EXPECT_TRUE(AwaitTrue([&] { return running_->sender().MailServer().ok(); }));
  std::set<std::string> message_ids;
  for (const auto& mail : MailsTo("duty@northshire.example")) {
    message_ids.insert(mail.Header("Message-ID"));
  }
  EXPECT_THAT(message_ids, SizeIs(3));
}

TEST_F(DeliveryTest, AnOwnerThatRestartsIsWaitedForWithoutATrace) {
  owners_.SetAway(true);
  Report("e1");
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitTrue([&] { return owners_.asked_away() >= 2; }));
  owners_.SetAway(false);
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_SENT);
  EXPECT_FALSE(NoticeSends("e1")[0].possible_repeat());
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
}

TEST_F(DeliveryTest, AnOwnerThatStaysAwayIsSeenInTheLog) {
  owners_.SetAway(true);
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitTrue([&] { return owners_.asked_away() >= 1; }));
  Pass(absl::Seconds(11));
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_FAILED);
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "CONTENT_UNAVAILABLE");
  owners_.SetAway(false);
  Pass(absl::Seconds(5));
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 1));
}

TEST_F(DeliveryTest, ARebuildGivesTheSameViewsAndSendsNothing) {
  mail_.Expect({.end_of_data = "451 later"});
  Report("e1", events::EVENT_KIND_CHILD_DEATH);
  Owe("e1", "n1", "northshire", false, "fact-1");
  Owe("e1", "n2", "ofsted", true, "fact-2");
  Report("e2");
  ASSERT_TRUE(AwaitTrue([&] { return Sends().size() >= 4; }));
  ASSERT_THAT(Acknowledge(AlertOf("e2", v1::Alert::KIND_EVENT_REPORTED).alert_id(), "Seen"),
              IsOk());
  Halt();
  const std::map<std::string, std::string> tables = {
      {"view.alert", "alert_id"}, {"view.send", "send_id"}, {"view.timer", "kind, id"}};
  std::map<std::string, std::string> before;
  for (const auto& [table, order] : tables) {
    before[table] = Dump(table, order);
    EXPECT_NE(before[table], "") << table;
  }
  const size_t mails = mail_.received().size();

  const v1::NotificationFact fact;
  ledger::Ledger::Options options;
  options.conninfo = database_.service();
  options.relay_conninfo = database_.relay();
  options.fact = &fact;
  options.aggregates = Aggregates();
  auto ledger = ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(kMasterKey));
  ASSERT_THAT(ledger, IsOk());
  ASSERT_THAT((*ledger)->Rebuild(), IsOk());
  for (const auto& [table, order] : tables) EXPECT_EQ(Dump(table, order), before[table]);
  EXPECT_EQ(mail_.received().size(), mails);
}

TEST_F(DeliveryTest, WhatCannotBeReadIsParkedAndTheNextEventIsHandled) {
  bus::Record record;
  record.topic = kEventsTopic;
  record.key = "northern/e1";
  record.headers = {{"ce_id", "bad"},
                    {"ce_type", "fosterwatch.notifiable_events.v1.event_reported"},
                    {"ce_time", "2026-11-22T00:00:00Z"},
                    {"ce_subject", "e1"},
                    {"ce_agencyid", kAgency}};
  record.value = "\xff\xff";
  ASSERT_THAT(bus_->Publish({record}), IsOk());
  Report("e2");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  // Of another key, so in no order with the one that is mailed.
  EXPECT_TRUE(AwaitTrue([&] {
    return Dump("ledger.parked", "parked_id").find("MALFORMED_FACT") != std::string::npos;
  }));
}

}  // namespace
}  // namespace fosterwatch::notifications
