// At the minutes of the policy without success, at a refusal and at a bounce: the next channel.
#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/heard.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// One event with a notice to a body that has so many contacts.
class NextChannelTest : public ::testing::Test, protected History {
 protected:
  NextChannelTest() {
    OwedNotice notice;
    notice.notice_id = "n1";
    notice.body_id = "northshire";
    notice.moment = "MOMENT_EVENT";
    notice.channel = type::v1::CHANNEL_WEBHOOK;
    notice.due = Start() + absl::Hours(24);
    Record(OpenDispatches(state, "e1", {notice}, "f1", given()));
  }

  std::string id() const { return dispatch().dispatch_id(); }

  // An attempt by the present channel.
  Facts Try(MailResult::Kind kind, const std::string& code, int contacts = 2) {
    return TryBy(dispatch().channels_given_up(), kind, code, contacts);
  }
  Facts TryBy(int channel, MailResult::Kind kind, const std::string& code, int contacts = 2) {
    Mailing mailing = MailingOf(absl::StrCat("s", ++sends_));
    mailing.channel_index = channel;
    mailing.last_channel = channel + 1 == contacts;
    mailing.text = absl::StrCat("said in ", mailing.send_id);
    return Record(NoticeMailed(state, id(), {"n1"}, mailing, {kind, code}, given()));
  }
  void Late() {
    now = clock::FromProto(dispatch().next_channel_time());
    Record(GiveUpChannel(state, id(), given()));
  }
  v1::Returned Bounce(int channel, const std::string& returned_id = "r1") {
    v1::Returned returned;
    returned.set_returned_id(returned_id);
    returned.set_message_id(MessageIdOf(id(), channel));
    returned.set_kind(v1::Returned::KIND_BOUNCED);
    returned.set_status_code("5.1.1");
    return returned;
  }
  Facts Take(const v1::Returned& returned) {
    const auto facts = NoticeReturned(state, id(), returned, given());
    EXPECT_THAT(facts, IsOk());
    return Record(*facts);
  }
  const v1::Send& last_send() const { return dispatch().sends(dispatch().sends_size() - 1); }
  int OpenAlerts() const {
    return std::count_if(state.alerts().begin(), state.alerts().end(), [](const v1::Alert& alert) {
      return alert.state() == v1::Alert::STATE_OPEN;
    });
  }

  int sends_ = 0;
};

TEST_F(NextChannelTest, AtFifteenMinutesTheManagerIsAlertedAndTheNextChannelTried) {
  Try(MailResult::Kind::kFailed, "HTTP_503");
  now = Start() + absl::Minutes(15) - absl::Seconds(1);
  EXPECT_THAT(GiveUpChannel(state, id(), given()), IsEmpty());
  now = Start() + absl::Minutes(15);
  Record(GiveUpChannel(state, id(), given()));

  ASSERT_THAT(state.alerts(), SizeIs(1));
  EXPECT_EQ(alert().kind(), v1::Alert::KIND_NOTICE_FAILED);
  EXPECT_EQ(alert().reason_code(), "NOT_IN_TIME");
  EXPECT_TRUE(alert().has_next_climb_time());
  EXPECT_EQ(dispatch().channels_given_up(), 1);
  EXPECT_EQ(clock::FromProto(dispatch().next_attempt_time()), now);
  EXPECT_EQ(clock::FromProto(dispatch().next_channel_time()), now + absl::Minutes(15));

  Try(MailResult::Kind::kFailed, "SMTP_451");
  EXPECT_EQ(last_send().reason_code(), "NEXT_CHANNEL");
  EXPECT_EQ(clock::FromProto(dispatch().next_attempt_time()), now + BackOff(1));
  Try(MailResult::Kind::kSent, "SMTP_250");
  EXPECT_EQ(last_send().reason_code(), "RETRY");
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_SENT);
  EXPECT_EQ(alert().state(), v1::Alert::STATE_CLEARED);
  EXPECT_FALSE(dispatch().has_next_channel_time());
}

TEST_F(NextChannelTest, EachChannelHasAMessageIdOfItsOwn) {
  Try(MailResult::Kind::kFailed, "HTTP_503");
  Try(MailResult::Kind::kFailed, "HTTP_503");
  Late();
  Try(MailResult::Kind::kFailed, "SMTP_451");
  const auto& sends = dispatch().sends();
  EXPECT_EQ(sends[0].message_id(), "<" + id() + "@fosterwatch>");
  EXPECT_EQ(sends[1].message_id(), sends[0].message_id());
  EXPECT_EQ(sends[2].message_id(), "<" + id() + ".1@fosterwatch>");
}

TEST_F(NextChannelTest, AnAlertThatIsOpenIsNotRaisedASecondTime) {
  for (int i = 0; i < kFailuresBeforeAlert; ++i) Try(MailResult::Kind::kFailed, "HTTP_503");
  ASSERT_EQ(OpenAlerts(), 1);
  Late();
  EXPECT_EQ(OpenAlerts(), 1);
}

TEST_F(NextChannelTest, OneThatWasAcknowledgedIs) {
  for (int i = 0; i < kFailuresBeforeAlert; ++i) Try(MailResult::Kind::kFailed, "HTTP_503");
  Record(*AcknowledgeAlert(state, alert().alert_id(), "rm1", "Waiting", now));
  Late();
  EXPECT_EQ(OpenAlerts(), 1);
}

TEST_F(NextChannelTest, ARefusalGoesOnAtOnce) {
  Try(MailResult::Kind::kRefused, "HTTP_410");
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_WAITING);
  EXPECT_EQ(dispatch().channels_given_up(), 1);
  EXPECT_EQ(clock::FromProto(dispatch().next_attempt_time()), now);
  EXPECT_EQ(alert().reason_code(), "HTTP_410");
}

TEST_F(NextChannelTest, TheLastChannelsRefusalIsAPersons) {
  Try(MailResult::Kind::kRefused, "HTTP_410");
  Try(MailResult::Kind::kRefused, "SMTP_550");
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_REFUSED);
  EXPECT_FALSE(IsToBeSent(dispatch()));
  EXPECT_EQ(OpenAlerts(), 2);
}

TEST_F(NextChannelTest, AfterTheLastChannelAPersonIsAskedAndTheLastOneTriedOn) {
  Late();
  Try(MailResult::Kind::kFailed, "SMTP_451");
  Late();
  Record(HandOver(state, id(), "NO_FURTHER_CHANNEL", type::v1::CHANNEL_TELEPHONE, given()));
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_HANDED_TO_PERSON);
  EXPECT_EQ(last_send().reason_code(), "NEXT_CHANNEL");
  EXPECT_EQ(last_send().result_code(), "NO_FURTHER_CHANNEL");
  EXPECT_EQ(last_send().channel(), type::v1::CHANNEL_TELEPHONE);
  EXPECT_EQ(OpenAlerts(), 1);
  EXPECT_EQ(dispatch().channels_given_up(), 1) << "the last channel goes on";
  EXPECT_FALSE(dispatch().has_next_channel_time());
  ASSERT_TRUE(IsToBeSent(dispatch()));
  Try(MailResult::Kind::kSent, "SMTP_250");
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_SENT);
  EXPECT_EQ(OpenAlerts(), 0);
}

TEST_F(NextChannelTest, WhatAPersonThenGivesIsNotSentAnyMore) {
  Late();
  Late();
  Record(HandOver(state, id(), "NO_FURTHER_CHANNEL", type::v1::CHANNEL_TELEPHONE, given()));
  Record(GiveByPerson(state, "n1"));
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_GIVEN_BY_PERSON);
  EXPECT_FALSE(IsToBeSent(dispatch()));
  EXPECT_THAT(BeginNotice(state, id(), "s9", 1), IsEmpty());
}

TEST_F(NextChannelTest, ALateSuccessOfTheFormerChannelIsTakenAsSent) {
  Record(BeginNotice(state, id(), "s0"));
  Late();
  TryBy(0, MailResult::Kind::kSent, "HTTP_202");
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_SENT);
  EXPECT_FALSE(IsToBeSent(dispatch()));
  EXPECT_EQ(OpenAlerts(), 0);
}

TEST_F(NextChannelTest, ALateFailureOfTheFormerChannelIsARowAndNoMore) {
  Record(BeginNotice(state, id(), "s0"));
  Late();
  const absl::Time next = clock::FromProto(dispatch().next_attempt_time());
  now += absl::Seconds(1);
  for (const auto kind : {MailResult::Kind::kFailed, MailResult::Kind::kRefused}) {
    const Facts facts = TryBy(0, kind, "HTTP_503");
    ASSERT_THAT(facts, SizeIs(1));
    EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_WAITING);
    EXPECT_EQ(dispatch().channels_given_up(), 1);
    EXPECT_EQ(clock::FromProto(dispatch().next_attempt_time()), next);
  }
  EXPECT_THAT(BeginNotice(state, id(), "s9", 0), IsEmpty());
}

TEST_F(NextChannelTest, WithoutAPolicyOfItsDayNothingIsGivenUp) {
  state.mutable_dispatches(0)->clear_next_channel_time();  // opened before there was one
  now += absl::Hours(2);
  EXPECT_THAT(GiveUpChannel(state, id(), given()), IsEmpty());
}

TEST_F(NextChannelTest, ABounceIsAFailureAnAlertAndTheNextChannelAtOnce) {
  Try(MailResult::Kind::kSent, "SMTP_250");
  now += absl::Minutes(3);
  Take(Bounce(0));
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_WAITING);
  EXPECT_EQ(dispatch().channels_given_up(), 1);
  EXPECT_EQ(clock::FromProto(dispatch().next_attempt_time()), now);
  EXPECT_THAT(dispatch().open_notice_ids(), ElementsAre("n1"));
  EXPECT_EQ(last_send().result(), v1::Send::RESULT_REFUSED);
  EXPECT_EQ(last_send().result_code(), "BOUNCED_5.1.1");
  EXPECT_EQ(last_send().reason_code(), "RETURNED");
  EXPECT_EQ(alert().kind(), v1::Alert::KIND_NOTICE_FAILED);
  EXPECT_THAT(alert().notice_ids(), ElementsAre("n1"));

  Try(MailResult::Kind::kSent, "SMTP_250");
  EXPECT_EQ(last_send().reason_code(), "NEXT_CHANNEL");
  EXPECT_EQ(alert().state(), v1::Alert::STATE_CLEARED);
}

TEST_F(NextChannelTest, AfterABounceOfTheLastChannelItIsNotTriedOn) {
  Try(MailResult::Kind::kSent, "SMTP_250", 1);
  Take(Bounce(0));
  Record(HandOver(state, id(), "NO_FURTHER_CHANNEL", type::v1::CHANNEL_TELEPHONE, given()));
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_HANDED_TO_PERSON);
  EXPECT_FALSE(IsToBeSent(dispatch()));
  EXPECT_EQ(OpenAlerts(), 1);
}

// H4: duplicated, out of order, of another channel, forged, unknown.
TEST_F(NextChannelTest, WhatComesBackNeverUndoesWhatIsFinal) {
  Try(MailResult::Kind::kSent, "SMTP_250");
  v1::Returned delivered = Bounce(0, "r0");
  delivered.set_kind(v1::Returned::KIND_DELIVERED);
  Take(delivered);
  EXPECT_THAT(Take(Bounce(0)), SizeIs(1)) << "delivered, then bounced: recorded only";
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_SENT);
  EXPECT_THAT(Take(Bounce(0)), IsEmpty()) << "the same again";
}

TEST_F(NextChannelTest, ALateBounceOfAFormerChannelChangesNothing) {
  Try(MailResult::Kind::kSent, "SMTP_250");
  Take(Bounce(0));
  Try(MailResult::Kind::kSent, "SMTP_250");
  EXPECT_THAT(Take(Bounce(0, "r2")), SizeIs(1));
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_SENT);
  EXPECT_EQ(dispatch().channels_given_up(), 1);
}

TEST_F(NextChannelTest, WhatIsDelayedOrAnsweredByAMachineIsRecordedOnly) {
  Try(MailResult::Kind::kSent, "SMTP_250");
  for (const auto kind : {v1::Returned::KIND_DELAYED, v1::Returned::KIND_AUTO_REPLY}) {
    v1::Returned returned = Bounce(0, v1::Returned::Kind_Name(kind));
    returned.set_kind(kind);
    EXPECT_THAT(Take(returned), SizeIs(1));
  }
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_SENT);
  EXPECT_THAT(state.returned(), SizeIs(2));
}

TEST_F(NextChannelTest, AMailThatNeverLeftCannotComeBack) {
  EXPECT_THAT(NoticeReturned(state, id(), Bounce(0), given()), HasReason("UNKNOWN_MAIL"));
  Try(MailResult::Kind::kSent, "SMTP_250");
  EXPECT_THAT(NoticeReturned(state, id(), Bounce(1), given()), HasReason("UNKNOWN_MAIL"));
  EXPECT_THAT(NoticeReturned(state, "other", Bounce(0), given()), HasReason("UNKNOWN_MAIL"));
}

TEST_F(NextChannelTest, AWithdrawnEventsNoticesDoNotLeave) {
  for (int i = 0; i < kFailuresBeforeAlert; ++i) Try(MailResult::Kind::kFailed, "HTTP_503");
  Record(EventWithdrawn(state));
  EXPECT_EQ(dispatch().state(), v1::Dispatch::STATE_WITHDRAWN);
  EXPECT_FALSE(IsToBeSent(dispatch()));
  EXPECT_EQ(OpenAlerts(), 0);
  EXPECT_THAT(EventWithdrawn(state), IsEmpty());
}

TEST_F(NextChannelTest, WhatWasSaidIsKeptOfTheLastSendOnly) {
  Try(MailResult::Kind::kFailed, "HTTP_503");
  Try(MailResult::Kind::kFailed, "HTTP_503");
  EXPECT_EQ(dispatch().sends(0).text(), "");
  EXPECT_EQ(dispatch().sends(1).text(), "said in s2");
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
