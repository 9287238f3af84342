#include "services/notifications/domain/dispatch.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/heard.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kEmail = type::v1::CHANNEL_EMAIL;
constexpr auto kForm = type::v1::CHANNEL_ONLINE_FORM;

OwedNotice Owed(const std::string& notice_id, const std::string& body_id,
                type::v1::Channel channel = kEmail, bool by_person = false) {
  OwedNotice notice;
  notice.notice_id = notice_id;
  notice.body_id = body_id;
  notice.moment = "MOMENT_EVENT";
  notice.channel = channel;
  notice.released_by_person = by_person;
  notice.due = Start() + absl::Hours(24);
  return notice;
}

std::vector<std::string> Ids(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  return {ids.begin(), ids.end()};
}

// An event with one notice to a body that has a mail address.
class Mailed : public History {
 public:
  Mailed() { Record(OpenDispatches(state, "e1", {Owed("n1", "northshire")}, "f1", given())); }
  std::string id() const { return dispatch().dispatch_id(); }

  Facts Try(const std::string& send_id, MailResult::Kind kind, const std::string& code) {
    const bool repeat = WasBegun(state, MessageIdOf(id()));
    Record(BeginNotice(state, id(), send_id));
    return Record(
        NoticeMailed(state, id(), {"n1"}, MailingOf(send_id, repeat), {kind, code}, given()));
  }
};

TEST(OpenDispatchesTest, NoticesToOneBodyLeaveTogether) {
  History history;
  history.Record(
      OpenDispatches(history.state, "e1",
                     {Owed("n1", "northshire"), Owed("n2", "police"), Owed("n3", "northshire")},
                     "f1", history.given()));
  ASSERT_THAT(history.state.dispatches(), SizeIs(2));
  EXPECT_THAT(Ids(history.dispatch(0).notice_ids()), ElementsAre("n1", "n3"));
  EXPECT_THAT(Ids(history.dispatch(1).notice_ids()), ElementsAre("n2"));
  for (const v1::Dispatch& dispatch : history.state.dispatches()) {
    EXPECT_EQ(dispatch.state(), v1::Dispatch::STATE_WAITING);
    EXPECT_EQ(clock::FromProto(dispatch.next_attempt_time()), Start());
  }
  EXPECT_THAT(history.state.alerts(), IsEmpty());
}

TEST(OpenDispatchesTest, TheTwoMomentsOfAnEnquiryAreToldApart) {
  History history;
  OwedNotice outcome = Owed("n2", "northshire");
  outcome.moment = "MOMENT_ENQUIRY_OUTCOME";
  history.Record(OpenDispatches(history.state, "e1", {Owed("n1", "northshire"), outcome}, "f1",
                                history.given()));
  EXPECT_THAT(history.state.dispatches(), SizeIs(2));
}

TEST(OpenDispatchesTest, TheSameFactAgainOpensNothing) {
  Mailed event;
  EXPECT_THAT(OpenDispatches(event.state, "e1", {Owed("n1", "northshire")}, "f1", event.given()),
              IsEmpty());
}

TEST(OpenDispatchesTest, ADispatchIsDueWhenItsFirstNoticeIs) {
  History history;
  OwedNotice death = Owed("n2", "northshire");
  death.due = Start();
  history.Record(OpenDispatches(history.state, "e1", {Owed("n1", "northshire"), death}, "f1",
                                history.given()));
  EXPECT_EQ(clock::FromProto(history.dispatch().due_time()), Start());
}

struct ByPerson {
  const char* name;
  OwedNotice notice;
  const char* code;
};

class HandedToPersonTest : public ::testing::TestWithParam<ByPerson> {};

TEST_P(HandedToPersonTest, WaitsForAPersonAndAlertsOne) {
  History history;
  history.Record(OpenDispatches(history.state, "e1", {GetParam().notice}, "f1", history.given()));
  const v1::Dispatch& dispatch = history.dispatch();
  EXPECT_EQ(dispatch.state(), v1::Dispatch::STATE_HANDED_TO_PERSON);
  EXPECT_FALSE(dispatch.has_next_attempt_time());
  ASSERT_THAT(dispatch.sends(), SizeIs(1));
  EXPECT_EQ(dispatch.sends(0).result(), v1::Send::RESULT_HANDED_TO_PERSON);
  EXPECT_EQ(dispatch.sends(0).result_code(), GetParam().code);
  ASSERT_THAT(history.state.alerts(), SizeIs(1));
  EXPECT_EQ(history.alert().kind(), v1::Alert::KIND_NOTICE_NEEDS_PERSON);
  EXPECT_THAT(Ids(history.alert().notice_ids()), ElementsAre("n1"));
}

INSTANTIATE_TEST_SUITE_P(
    All, HandedToPersonTest,
    ::testing::Values(
        ByPerson{"OnlineForm", Owed("n1", "ofsted", kForm, true), "RELEASED_BY_PERSON"},
        ByPerson{"AgencysOwnChoice", Owed("n1", "northshire", kEmail, true), "RELEASED_BY_PERSON"},
        ByPerson{"NotByMail", Owed("n1", "health", type::v1::CHANNEL_TELEPHONE),
                 "RELEASED_BY_PERSON"},
        ByPerson{"NoBody", Owed("n1", ""), "NO_BODY"}),
    [](const auto& info) { return info.param.name; });

TEST(OpenDispatchesTest, OneAlertNamesAllNoticesThatWaitForAPerson) {
  History history;
  OwedNotice early = Owed("n3", "");
  early.due = Start() + absl::Hours(1);
  history.Record(OpenDispatches(
      history.state, "e1", {Owed("n1", "ofsted", kForm, true), Owed("n2", "northshire"), early},
      "f1", history.given()));
  ASSERT_THAT(history.state.alerts(), SizeIs(1));
  EXPECT_THAT(Ids(history.alert().notice_ids()), ElementsAre("n1", "n3"));
  EXPECT_EQ(clock::FromProto(history.alert().due_time()), early.due);
  EXPECT_FALSE(history.alert().urgent());
}

TEST(OpenDispatchesTest, ADeathThatIsAddedLaterAlertsByMinutes) {
  History history;
  history.Record(EventReported(history.state, "e1", /*of_death=*/false, history.given()));
  OwedNotice death = Owed("n1", "northshire");
  death.of_death = true;
  history.Record(OpenDispatches(history.state, "e1", {death}, "f2", history.given()));
  ASSERT_THAT(history.state.alerts(), SizeIs(2));
  EXPECT_TRUE(history.alert(1).urgent());
  EXPECT_EQ(history.alert(1).reason_code(), "KIND_ADDED");
}

TEST(OpenDispatchesTest, ADeathThatWasReportedAsOneIsAlertedOnce) {
  History history;
  history.Record(EventReported(history.state, "e1", /*of_death=*/true, history.given()));
  OwedNotice death = Owed("n1", "northshire");
  death.of_death = true;
  history.Record(OpenDispatches(history.state, "e1", {death}, "f2", history.given()));
  EXPECT_THAT(history.state.alerts(), SizeIs(1));
}

TEST(BackOffTest, GrowsToFiveMinutesAndStaysThere) {
  const absl::Duration expected[] = {absl::Seconds(5), absl::Seconds(15), absl::Minutes(1),
                                     absl::Minutes(5), absl::Minutes(5),  absl::Minutes(5)};
  for (int attempt = 1; attempt <= 6; ++attempt) {
    EXPECT_EQ(BackOff(attempt), expected[attempt - 1]) << attempt;
  }
}

TEST(NoticeMailedTest, ASentNoticeSaysWhatLeft) {
  Mailed event;
  event.Try("s1", MailResult::Kind::kSent, "SMTP_250");
  const v1::Dispatch& dispatch = event.dispatch();
  EXPECT_EQ(dispatch.state(), v1::Dispatch::STATE_SENT);
  EXPECT_THAT(dispatch.open_notice_ids(), IsEmpty());
  EXPECT_FALSE(dispatch.has_next_attempt_time());
  ASSERT_THAT(dispatch.sends(), SizeIs(1));
  const v1::Send& send = dispatch.sends(0);
  EXPECT_EQ(send.message_id(), "<" + event.id() + "@fosterwatch>");
  EXPECT_EQ(send.reason_code(), "NOTICE_OWED");
  EXPECT_EQ(send.template_(), "template");
  EXPECT_EQ(send.content_sha256(), "hash");
  EXPECT_FALSE(send.possible_repeat());
  EXPECT_FALSE(WasBegun(event.state, send.message_id()));
}

TEST(NoticeMailedTest, AFailedOneIsTriedAgainUnderTheSameMessageId) {
  Mailed event;
  const absl::Duration waits[] = {absl::Seconds(5), absl::Seconds(15), absl::Minutes(1),
                                  absl::Minutes(5), absl::Minutes(5)};
  for (int attempt = 0; attempt < 5; ++attempt) {
    event.Try("s" + std::to_string(attempt), MailResult::Kind::kFailed, "CONNECTION_REFUSED");
    EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_WAITING);
    EXPECT_EQ(clock::FromProto(event.dispatch().next_attempt_time()), event.now + waits[attempt]);
    event.now += waits[attempt];
  }
  event.Try("s9", MailResult::Kind::kSent, "SMTP_250");
  ASSERT_THAT(event.dispatch().sends(), SizeIs(6));
  for (const v1::Send& send : event.dispatch().sends()) {
    EXPECT_EQ(send.message_id(), MessageIdOf(event.id()));
  }
  EXPECT_EQ(event.dispatch().sends(0).reason_code(), "NOTICE_OWED");
  EXPECT_EQ(event.dispatch().sends(5).reason_code(), "RETRY");
}

TEST(NoticeMailedTest, APersonIsAlertedWhileTheAttemptsGoOnUntilOneSucceeds) {
  Mailed event;
  for (int attempt = 1; attempt < kFailuresBeforeAlert; ++attempt) {
    event.Try("s" + std::to_string(attempt), MailResult::Kind::kFailed, "TIMEOUT");
    EXPECT_THAT(event.state.alerts(), IsEmpty());
  }
  for (const char* send_id : {"s7", "s8"}) {
    event.Try(send_id, MailResult::Kind::kFailed, "TIMEOUT");
    ASSERT_THAT(event.state.alerts(), SizeIs(1));
    EXPECT_EQ(event.alert().kind(), v1::Alert::KIND_NOTICE_FAILED);
    EXPECT_EQ(event.alert().state(), v1::Alert::STATE_OPEN);
  }
  event.Try("s9", MailResult::Kind::kSent, "SMTP_250");
  EXPECT_EQ(event.alert().state(), v1::Alert::STATE_CLEARED);
}

TEST(NoticeMailedTest, ARefusedOneBecomesAPersons) {
  Mailed event;
  event.Try("s1", MailResult::Kind::kRefused, "SMTP_550");
  EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_REFUSED);
  EXPECT_FALSE(event.dispatch().has_next_attempt_time());
  ASSERT_THAT(event.state.alerts(), SizeIs(1));
  EXPECT_EQ(event.alert().kind(), v1::Alert::KIND_NOTICE_FAILED);
  EXPECT_EQ(event.alert().reason_code(), "SMTP_550");
  EXPECT_THAT(Ids(event.alert().notice_ids()), ElementsAre("n1"));

  event.Record(GiveByPerson(event.state, "n1"));
  EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_GIVEN_BY_PERSON);
  EXPECT_EQ(event.alert().state(), v1::Alert::STATE_CLEARED);
}

TEST(NoticeMailedTest, ASendThatWasBegunAndNeverEndedMakesTheNextAPossibleRepeat) {
  Mailed event;
  event.Record(BeginNotice(event.state, event.id(), "s1"));
  EXPECT_TRUE(WasBegun(event.state, MessageIdOf(event.id())));
  event.Try("s2", MailResult::Kind::kSent, "SMTP_250");
  ASSERT_THAT(event.dispatch().sends(), SizeIs(1));
  EXPECT_TRUE(event.dispatch().sends(0).possible_repeat());
}

TEST(NoticeMailedTest, SoDoesOneWhoseAnswerNeverCame) {
  Mailed event;
  event.Try("s1", MailResult::Kind::kFailed, kOutcomeUnknown);
  event.Try("s2", MailResult::Kind::kSent, "SMTP_250");
  EXPECT_FALSE(event.dispatch().sends(0).possible_repeat());
  EXPECT_TRUE(event.dispatch().sends(1).possible_repeat());
}

TEST(NoticeMailedTest, ItStaysAPossibleRepeatUntilOneSucceeds) {
  Mailed event;
  event.Record(BeginNotice(event.state, event.id(), "s1"));
  event.Try("s2", MailResult::Kind::kFailed, "CONNECTION_REFUSED");
  event.Try("s3", MailResult::Kind::kSent, "SMTP_250");
  EXPECT_TRUE(event.dispatch().sends(1).possible_repeat());
  EXPECT_FALSE(WasBegun(event.state, MessageIdOf(event.id())));
}

TEST(NoticeMailedTest, IsNotTriedAgainBeforeTheRecipientAllows) {
  Mailed event;
  Mailing mailing = MailingOf("s1");
  mailing.channel = type::v1::CHANNEL_WEBHOOK;
  event.Record(NoticeMailed(event.state, event.id(), {"n1"}, mailing,
                            {MailResult::Kind::kFailed, "HTTP_429", absl::Minutes(2)},
                            event.given()));
  EXPECT_EQ(event.dispatch().sends(0).channel(), type::v1::CHANNEL_WEBHOOK);
  EXPECT_EQ(clock::FromProto(event.dispatch().next_attempt_time()), event.now + absl::Minutes(2));
  event.Record(NoticeMailed(event.state, event.id(), {"n1"}, MailingOf("s2"),
                            {MailResult::Kind::kFailed, "HTTP_503", absl::Seconds(1)},
                            event.given()));
  EXPECT_EQ(clock::FromProto(event.dispatch().next_attempt_time()), event.now + BackOff(2));
}

TEST(NoticeMailedTest, TheSameSendIsRecordedOnce) {
  Mailed event;
  event.Try("s1", MailResult::Kind::kSent, "SMTP_250");
  EXPECT_THAT(event.Try("s1", MailResult::Kind::kSent, "SMTP_250"), IsEmpty());
}

TEST(BeginNoticeTest, WhatAPersonGaveIsNotMailed) {
  Mailed event;
  event.Record(GiveByPerson(event.state, "n1"));
  EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_GIVEN_BY_PERSON);
  EXPECT_FALSE(event.dispatch().has_next_attempt_time());
  EXPECT_THAT(BeginNotice(event.state, event.id(), "s1"), IsEmpty());
}

TEST(GiveByPersonTest, AMailOnItsWayIsStillRecorded) {
  Mailed event;
  event.Record(BeginNotice(event.state, event.id(), "s1"));
  event.Record(GiveByPerson(event.state, "n1"));
  event.Record(NoticeMailed(event.state, event.id(), {"n1"}, MailingOf("s1"),
                            {MailResult::Kind::kSent, "SMTP_250"}, event.given()));
  EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_GIVEN_BY_PERSON);
  EXPECT_THAT(event.dispatch().sends(), SizeIs(1));
}

TEST(GiveByPersonTest, AMailThatFailsAfterAPersonGaveItIsNotTriedAgain) {
  Mailed event;
  event.Record(BeginNotice(event.state, event.id(), "s1"));
  event.Record(GiveByPerson(event.state, "n1"));
  event.Record(NoticeMailed(event.state, event.id(), {"n1"}, MailingOf("s1"),
                            {MailResult::Kind::kFailed, "TIMEOUT"}, event.given()));
  EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_GIVEN_BY_PERSON);
  EXPECT_FALSE(event.dispatch().has_next_attempt_time());
}

TEST(GiveByPersonTest, TheRegistersEchoOfOurOwnMailIsNoPerson) {
  Mailed event;
  event.Try("s1", MailResult::Kind::kSent, "SMTP_250");
  EXPECT_THAT(GiveByPerson(event.state, "n1"), IsEmpty());
}

TEST(GiveByPersonTest, AnUnknownNoticeIsNothing) {
  Mailed event;
  EXPECT_THAT(GiveByPerson(event.state, "n9"), IsEmpty());
}

TEST(GiveByPersonTest, TheAlertGoesWithItsLastNotice) {
  History history;
  history.Record(OpenDispatches(history.state, "e1",
                                {Owed("n1", "ofsted", kForm, true), Owed("n2", "")}, "f1",
                                history.given()));
  history.Record(GiveByPerson(history.state, "n1"));
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_OPEN);
  EXPECT_THAT(Ids(history.alert().notice_ids()), ElementsAre("n2"));
  history.Record(GiveByPerson(history.state, "n2"));
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_CLEARED);
  EXPECT_FALSE(history.alert().has_next_climb_time());
}

TEST(HandOverTest, AMailWithoutAnAddressBecomesAPersons) {
  Mailed event;
  event.Record(HandOver(event.state, event.id(), "NO_CONTACT", type::v1::CHANNEL_UNSPECIFIED,
                        event.given()));
  EXPECT_EQ(event.dispatch().state(), v1::Dispatch::STATE_HANDED_TO_PERSON);
  ASSERT_THAT(event.state.alerts(), SizeIs(1));
  EXPECT_EQ(event.alert().kind(), v1::Alert::KIND_NOTICE_NEEDS_PERSON);
  EXPECT_EQ(event.alert().reason_code(), "NO_CONTACT");
  EXPECT_THAT(
      HandOver(event.state, event.id(), "NO_CONTACT", type::v1::CHANNEL_UNSPECIFIED, event.given()),
      IsEmpty());
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
