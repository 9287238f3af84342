// What happens to a notice whose body cannot be told at once, from the first attempt to the last
// channel and back; what was said; and what the directory's check and the register tell the staff.
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "services/notifications/testing/delivery_fixture.h"

namespace fosterwatch::notifications {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NextChannelDeliveryTest : public DeliveryTest {
 protected:
  // A body with two mail addresses.
  void TwoAddresses() {
    directory::v1::Body body;
    body.set_body_id("northshire");
    AddContact(body, type::v1::CHANNEL_EMAIL, "duty@northshire.example");
    AddContact(body, type::v1::CHANNEL_EMAIL, "second@northshire.example");
    owners_.SetBody(body);
  }

  absl::StatusOr<v1::GetSendResponse> GetSend(const std::string& send_id) {
    v1::GetSendRequest request;
    request.set_send_id(send_id);
    return running_->app().GetSend(CallOf(), request);
  }
  absl::StatusOr<v1::TakeReturnedMailResponse> Return(const std::string& mail) {
    v1::TakeReturnedMailRequest request;
    request.set_mail(mail);
    return running_->app().TakeReturnedMail(CallOf(), request);
  }
  static std::string Bounce(const std::string& message_id) {
    return absl::StrCat(
        "From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b1\r\n\r\n"
        "--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
        "mx.example\r\n\r\n"
        "Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ",
        message_id, "\r\n\r\n--b1--\r\n");
  }
  static std::string Away(const std::string& message_id) {
    return absl::StrCat("Subject: Out of office\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: ",
                        message_id, "\r\n\r\nI am away.\r\n");
  }
  // By the register, whose facts these are.
  void Overdue(events::OverdueDuty kind, bool settled = false) {
    events::NotifiableEventFact fact;
    if (settled) {
      fact.mutable_duty_settled()->set_event_id("e1");
      fact.mutable_duty_settled()->set_duty_id("d1");
      return Publish(fact, "duty_settled", "e1");
    }
    events::DutyOverdue* overdue = fact.mutable_duty_overdue();
    overdue->set_event_id("e1");
    overdue->set_duty_id("d1");
    overdue->set_kind(kind);
    *overdue->mutable_due_time() = clock::ToProto(Now());
    Publish(fact, "duty_overdue", "e1");
  }
};

TEST_F(NextChannelDeliveryTest, AtFifteenMinutesTheManagerIsAlertedAndTheNextContactTold) {
  TwoAddresses();
  mail_.Expect({.end_of_data = "451 later"});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  Halt();  // nothing is tried in between
  Pass(absl::Minutes(15));
  Start();
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  const v1::Send second = NoticeSends("e1")[1];
  EXPECT_EQ(second.reason_code(), "NEXT_CHANNEL");
  EXPECT_EQ(second.result(), v1::Send::RESULT_SENT);
  EXPECT_NE(second.message_id(), NoticeSends("e1")[0].message_id());
  EXPECT_THAT(MailsTo("second@northshire.example"), SizeIs(1));
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_NOTICE_FAILED).reason_code(), "NOT_IN_TIME");
}

TEST_F(NextChannelDeliveryTest, AfterTheLastContactAPersonIsAskedAndTheMailStillTried) {
  mail_.Always({.end_of_data = "451 later"});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  Halt();
  Pass(absl::Minutes(15));
  Start();
  ASSERT_TRUE(AwaitTrue([&] {
    const auto sends = NoticeSends("e1");
    return std::any_of(sends.begin(), sends.end(), [](const v1::Send& send) {
      return send.result() == v1::Send::RESULT_HANDED_TO_PERSON &&
             send.result_code() == "NO_FURTHER_CHANNEL";
    });
  }));
  mail_.Always({});
  Pass(absl::Minutes(10));
  ASSERT_TRUE(
      AwaitTrue([&] { return NoticeSends("e1").back().result() == v1::Send::RESULT_SENT; }));
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_NOTICE_FAILED).state(), v1::Alert::STATE_CLEARED);
}

TEST_F(NextChannelDeliveryTest, ABounceIsAlertedAndTheNextContactToldAtOnce) {
  TwoAddresses();
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  const std::string message_id = NoticeSends("e1")[0].message_id();
  const auto taken = Return(Bounce(message_id));
  ASSERT_THAT(taken, IsOk());
  ASSERT_THAT(taken->taken(), SizeIs(1));
  EXPECT_EQ(taken->taken(0).kind(), v1::Returned::KIND_BOUNCED);
  ASSERT_TRUE(AwaitMails("second@northshire.example", 1));
  ASSERT_TRUE(AwaitNoticeSends("e1", 3));
  EXPECT_EQ(NoticeSends("e1")[1].result_code(), "BOUNCED_5.1.1");
  EXPECT_EQ(NoticeSends("e1")[2].reason_code(), "NEXT_CHANNEL");
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_NOTICE_FAILED).reason_code(), "BOUNCED_5.1.1");

  ASSERT_THAT(Return(Bounce(message_id)), IsOk());
  EXPECT_THAT(NoticeSends("e1"), SizeIs(3)) << "the same again";
  EXPECT_THAT(GetSend(NoticeSends("e1")[0].send_id())->returned(), SizeIs(1));
}

TEST_F(NextChannelDeliveryTest, AfterTheBounceOfTheOnlyAddressAPersonIsAskedToRing) {
  directory::v1::Body body;
  body.set_body_id("northshire");
  AddContact(body, type::v1::CHANNEL_EMAIL, "duty@northshire.example");
  AddContact(body, type::v1::CHANNEL_TELEPHONE, "01632 960001");
  body.mutable_contacts(1)->set_released_by_person(true);
  owners_.SetBody(body);
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  ASSERT_THAT(Return(Bounce(NoticeSends("e1")[0].message_id())), IsOk());
  ASSERT_TRUE(AwaitNoticeSends("e1", 3));
  const v1::Send handed = NoticeSends("e1")[2];
  EXPECT_EQ(handed.result(), v1::Send::RESULT_HANDED_TO_PERSON);
  EXPECT_EQ(handed.channel(), type::v1::CHANNEL_TELEPHONE);
}

TEST_F(NextChannelDeliveryTest, WhatIsForgedHasNoEffectAndWhatIsNoReturnIsRefused) {
  Report("e1");
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 1; }));
  const auto forged = Return(Bounce("<forged@fosterwatch>"));
  ASSERT_THAT(forged, IsOk());
  EXPECT_THAT(forged->taken(), IsEmpty());
  EXPECT_EQ(running_->app().unknown_returned(), 1);
  EXPECT_THAT(Return(""), HasReason("REQUIRED"));
  EXPECT_THAT(Return("Subject: Re: hello\r\n\r\nThank you.\r\n"), HasReason("NOT_RETURNED_MAIL"));
  EXPECT_THAT(Return(std::string((1 << 20) + 1, 'a')), HasReason("TEXT_TOO_LONG"));
  // Another agency's mail is nobody's here.
  v1::TakeReturnedMailRequest request;
  request.set_mail(Away(Sends("e1")[0].message_id()));
  const auto other = running_->app().TakeReturnedMail(CallOf("southern"), request);
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(other->taken(), IsEmpty());
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).rung(), 0);
}

TEST_F(NextChannelDeliveryTest, AManagersAbsenceNoticeClimbsAtOnce) {
  Report("e1");
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 1; }));
  ASSERT_THAT(Return(Away(Sends("e1")[0].message_id())), IsOk());
  ASSERT_TRUE(AwaitMails("dm1@agency.example", 1));
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).rung(), 1);
}

TEST_F(NextChannelDeliveryTest, WhatWasSaidIsShownWordByWord) {
  Report("e1");
  Owe("e1", "n1", "northshire", false, "f1");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  Owe("e1", "n2", "northshire", false, "f2");
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  for (const v1::Send& send : NoticeSends("e1")) {
    EXPECT_EQ(send.text(), "") << "lists do not";
    const auto shown = GetSend(send.send_id());
    ASSERT_THAT(shown, IsOk());
    EXPECT_EQ(shown->send().subject(), "Notice under regulation 36");
    EXPECT_EQ(shown->send().text(), "Agency: northern\nEvent: e1\nNotices: 1\n");
    EXPECT_TRUE(shown->text_kept());
    EXPECT_TRUE(shown->hash_agrees());
    EXPECT_THAT(shown->attempts(), SizeIs(1));
  }
  EXPECT_THAT(GetSend("none"), HasReason("NOT_FOUND"));
  EXPECT_THAT(GetSend(""), HasReason("NOT_FOUND"));
  const v1::ListAlertsResponse alerts = Alerts("e1");
  for (const v1::Alert& alert : alerts.alerts()) {
    for (const v1::Send& send : alert.sends()) EXPECT_EQ(send.text(), "");
  }
  // "Agency: northern" in hexadecimal, as the database shows bytes.
  EXPECT_THAT(Dump("view.send", "send_id"),
              ::testing::Not(HasSubstr("4167656e63793a206e6f72746865726e")));
  EXPECT_THAT(Dump("ledger.fact", "fact_id"),
              ::testing::Not(HasSubstr("4167656e63793a206e6f72746865726e")));
}

TEST_F(NextChannelDeliveryTest, ATemplateIsPreviewedInTheVersionThatASendNames) {
  Report("e1");
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 1; }));
  v1::PreviewTemplateRequest request;
  request.set_name(Sends("e1")[0].template_());
  request.set_version(Sends("e1")[0].template_version());
  const auto preview = running_->app().PreviewTemplate(request);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->subject(), MailsTo("rm1@agency.example")[0].Header("Subject"));
  request.set_version("none");
  EXPECT_THAT(running_->app().PreviewTemplate(request), HasReason("NOT_FOUND"));
  request.clear_version();
  request.set_name("line_urgent");
  EXPECT_THAT(running_->app().PreviewTemplate(request), HasReason("NOT_FOUND"));
  EXPECT_EQ(running_->app().ListTemplates({})->version_in_force(), "4");
}

TEST_F(NextChannelDeliveryTest, AnOverdueDutyIsAlertedUntilItIsSettled) {
  Overdue(events::OVERDUE_DUTY_WRITTEN_CONFIRMATION);
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_DUTY_OVERDUE).reason_code(), "WRITTEN_CONFIRMATION");
  Overdue(events::OVERDUE_DUTY_WRITTEN_CONFIRMATION, /*settled=*/true);
  ASSERT_TRUE(AwaitTrue([&] {
    return AlertOf("e1", v1::Alert::KIND_DUTY_OVERDUE).state() == v1::Alert::STATE_CLEARED;
  }));
}

TEST_F(NextChannelDeliveryTest, AnOverdueActionWaitsForTheDigestOfTheNextWorkingDay) {
  Overdue(events::OVERDUE_DUTY_ACTION);
  ASSERT_TRUE(AwaitTrue([&] { return Alerts().alerts_size() == 2; }));
  EXPECT_THAT(MailsTo("rm1@agency.example"), IsEmpty());
  Pass(absl::Hours(24 * 4));  // longer than any weekend with its bank holiday
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_EQ(MailsTo("rm1@agency.example")[0].Header("Subject"), "Fosterwatch: what is open");
  EXPECT_THAT(MailsTo("rm1@agency.example")[0].data, HasSubstr("/events/e1"));
  Overdue(events::OVERDUE_DUTY_ACTION, /*settled=*/true);
  ASSERT_TRUE(AwaitTrue([&] {
    return AlertOf("e1", v1::Alert::KIND_DUTY_OVERDUE).state() == v1::Alert::STATE_CLEARED;
  }));
  Pass(absl::Hours(24 * 4));
  ASSERT_TRUE(AwaitTrue(
      [&] { return AlertOf("", v1::Alert::KIND_DIGEST).state() == v1::Alert::STATE_CLEARED; }));
  EXPECT_THAT(MailsTo("rm1@agency.example"), SizeIs(1));
}

TEST_F(NextChannelDeliveryTest, WhomNobodyCouldReachIsAlertedUntilACheckFindsNothing) {
  directory::v1::DirectoryFact fact;
  directory::v1::Finding* finding =
      fact.mutable_directory_checked()->mutable_check()->add_findings();
  finding->set_code(directory::v1::Finding::CODE_ROLE_UNHELD);
  finding->set_severity(directory::v1::Finding::SEVERITY_UNREACHABLE);
  finding->set_role(options::v1::ROLE_DEPUTY_MANAGER);
  PublishOn(kDirectoryTopic, "fosterwatch.directory.v1.directory_checked", fact, "check");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_THAT(MailsTo("rm1@agency.example")[0].data, HasSubstr("ROLE_UNHELD ROLE_DEPUTY_MANAGER"));
  fact.mutable_directory_checked()->mutable_check()->clear_findings();
  PublishOn(kDirectoryTopic, "fosterwatch.directory.v1.directory_checked", fact, "check");
  ASSERT_TRUE(AwaitTrue([&] {
    return AlertOf("", v1::Alert::KIND_DIRECTORY_FINDINGS).state() == v1::Alert::STATE_CLEARED;
  }));
}

TEST_F(NextChannelDeliveryTest, AWithdrawnEventsNoticesDoNotLeave) {
  mail_.Always({.end_of_data = "451 later"});
  Report("e1");
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  events::NotifiableEventFact fact;
  fact.mutable_event_withdrawn()->set_event_id("e1");
  Publish(fact, "event_withdrawn", "e1");
  ASSERT_TRUE(AwaitTrue([&] { return Alerts("e1").open_count() == 0; }));
  EXPECT_EQ(Dump("view.timer", "id"), "");
}

}  // namespace
}  // namespace fosterwatch::notifications
