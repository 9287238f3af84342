#include "services/notifiable_events/domain/notices.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;

v1::GiveNoticeRequest Giving(const v1::NotifiableEvent& event, int notice) {
  v1::GiveNoticeRequest request;
  request.set_event_id("event");
  request.set_notice_id(event.notices(notice).notice_id());
  request.set_channel(type::v1::CHANNEL_TELEPHONE);
  request.set_reference("call with the duty desk");
  return request;
}

Delivery Mail(const v1::NotifiableEvent& event) {
  Delivery delivery;
  for (const auto& notice : event.notices()) delivery.notice_ids.push_back(notice.notice_id());
  delivery.channel = type::v1::CHANNEL_EMAIL;
  delivery.attempt_time = kNow;
  delivery.result_code = "SMTP_250";
  delivery.reference = "<1@fosterwatch>";
  return delivery;
}

TEST(NoticesFor, SaysHowEachBodyIsToBeTold) {
  const auto event = Reported({v1::EVENT_KIND_SEXUAL_EXPLOITATION});
  ASSERT_EQ(event.notices_size(), 4);
  EXPECT_EQ(event.notices(0).channel(), type::v1::CHANNEL_ONLINE_FORM);
  EXPECT_TRUE(event.notices(0).released_by_person());
  EXPECT_EQ(event.notices(1).channel(), type::v1::CHANNEL_EMAIL);
  EXPECT_FALSE(event.notices(1).released_by_person());
  for (const auto& notice : event.notices()) {
    EXPECT_EQ(notice.state(), v1::Notice::STATE_OWED);
    EXPECT_EQ(clock::FromProto(notice.owed_time()), kNow);
    EXPECT_FALSE(notice.has_in_time_explanation());
  }
}

TEST(NoticesFor, ExplainsTheTimeLimitOfADeathBesideItsDueTime) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  for (const auto& notice : event.notices()) {
    EXPECT_EQ(Show(notice.in_time_explanation().due_time()), Show(notice.in_time_until()));
  }
}

TEST(GiveNotice, KeepsWhoToldWhomHowAndWhen) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  auto request = Giving(event, 0);
  *request.mutable_given_time() = clock::ToProto(kAware + absl::Minutes(10));
  const auto facts = GiveNotice(event, request, kManager, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  // The fact can be judged without the rest of the record.
  const auto& given = (*facts)[0].notice_given().notice();
  EXPECT_EQ(given.kind(), v1::EVENT_KIND_CHILD_MISSING);
  EXPECT_EQ(given.recipient(), v1::RECIPIENT_RESPONSIBLE_AUTHORITY);
  EXPECT_EQ(Show(given.in_time_until()), "2026-11-19T14:00:00Z");
  ApplyAll(event, *facts, kManager);
  const auto& notice = event.notices(0);
  EXPECT_EQ(notice.state(), v1::Notice::STATE_GIVEN);
  EXPECT_EQ(Show(notice.given_time()), "2026-11-18T14:10:00Z");
  EXPECT_EQ(notice.given_by(), "manager");
  EXPECT_EQ(notice.given_channel(), type::v1::CHANNEL_TELEPHONE);
  EXPECT_EQ(notice.given_reference(), "call with the duty desk");
  ASSERT_EQ(notice.attempts_size(), 1);
  EXPECT_TRUE(notice.attempts(0).succeeded());
  EXPECT_TRUE(notice.has_explanation());
}

TEST(GiveNotice, IsNowWhereNoTimeIsSaid) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ApplyAll(event, *GiveNotice(event, Giving(event, 0), kManager, kNow), kManager);
  EXPECT_EQ(clock::FromProto(event.notices(0).given_time()), kNow);
}

TEST(GiveNotice, RefusesEachFaultByItsField) {
  using Edit = std::function<void(v1::GiveNoticeRequest&, v1::NotifiableEvent&)>;
  struct Case {
    const char* refusal;
    Edit edit;
  };
  const Case cases[] = {
      {"UNKNOWN_NOTICE", [](auto& request, auto&) { request.set_notice_id("none"); }},
      {"NOTICE_GIVEN_BEFORE",
       [](auto&, auto& event) { event.mutable_notices(0)->set_state(v1::Notice::STATE_GIVEN); }},
      {"channel REQUIRED", [](auto& request, auto&) { request.clear_channel(); }},
      {"channel REQUIRED",
       [](auto& request, auto&) { request.set_channel(static_cast<type::v1::Channel>(77)); }},
      {"given_time IN_THE_FUTURE",
       [](auto& request, auto&) {
         *request.mutable_given_time() = clock::ToProto(kNow + absl::Minutes(2));
       }},
      {"given_time BEFORE_AWARENESS",
       [](auto& request, auto&) {
         *request.mutable_given_time() = clock::ToProto(kAware - absl::Seconds(1));
       }},
      {"reference TEXT_TOO_LONG",
       [](auto& request, auto&) { request.set_reference(std::string(201, 'x')); }},
      {"reference REQUIRED",
       [](auto& request, auto& event) {
         event.mutable_notices(0)->clear_body_id();
         request.clear_reference();
       }},
  };
  for (const Case& c : cases) {
    auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
    auto request = Giving(event, 0);
    c.edit(request, event);
    EXPECT_EQ(Refusal(GiveNotice(event, request, kManager, kNow).status()), c.refusal);
  }
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  auto request = Giving(event, 0);
  request.clear_reference();
  EXPECT_TRUE(GiveNotice(event, request, kManager, kNow).ok());
}

TEST(RecordSent, GivesEachNoticeOfOneMessage) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  const auto facts = RecordSent(event, Mail(event), kSender);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->size(), 5u);
  ApplyAll(event, *facts, kSender);
  for (const auto& notice : event.notices()) {
    EXPECT_EQ(notice.state(), v1::Notice::STATE_GIVEN);
    EXPECT_EQ(notice.given_by(), "notifications");
    EXPECT_EQ(notice.given_reference(), "<1@fosterwatch>");
    EXPECT_EQ(notice.attempts(0).result_code(), "SMTP_250");
  }
}

TEST(RecordSent, CountsASecondCopyAndLeavesTheFirstAsItWas) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ApplyAll(event, *RecordSent(event, Mail(event), kSender), kSender);
  Delivery second = Mail(event);
  second.attempt_time = kNow + absl::Minutes(1);
  second.reference = "<2@fosterwatch>";
  ApplyAll(event, *RecordSent(event, second, kSender), kSender);
  const auto& notice = event.notices(0);
  EXPECT_EQ(notice.given_reference(), "<1@fosterwatch>");
  EXPECT_EQ(clock::FromProto(notice.given_time()), kNow);
  ASSERT_EQ(notice.attempts_size(), 2);
  EXPECT_TRUE(notice.attempts(1).succeeded());
}

TEST(RecordAttempt, LeavesTheNoticeOwed) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  Delivery delivery = Mail(event);
  delivery.result_code = "CONNECTION_REFUSED";
  ApplyAll(event, *RecordAttempt(event, delivery), kSender);
  const auto& notice = event.notices(0);
  EXPECT_EQ(notice.state(), v1::Notice::STATE_OWED);
  ASSERT_EQ(notice.attempts_size(), 1);
  EXPECT_FALSE(notice.attempts(0).succeeded());
  EXPECT_EQ(notice.attempts(0).result_code(), "CONNECTION_REFUSED");
}

TEST(RecordAttempt, WhatComesBackIsOwedAgainByItsFirstDueTime) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const auto due = event.notices(0).due_time();
  ApplyAll(event, *RecordSent(event, Mail(event), kSender), kSender);
  Delivery back = Mail(event);
  back.result_code = "BOUNCED_5.1.1";
  back.returned = true;
  ApplyAll(event, *RecordAttempt(event, back), kSender);
  const auto& notice = event.notices(0);
  EXPECT_EQ(notice.state(), v1::Notice::STATE_OWED);
  EXPECT_FALSE(notice.has_given_time());
  EXPECT_EQ(notice.given_reference(), "");
  EXPECT_EQ(clock::FromProto(notice.due_time()), clock::FromProto(due));
  ASSERT_EQ(notice.attempts_size(), 2);
  EXPECT_EQ(notice.attempts(1).result_code(), "BOUNCED_5.1.1");
  EXPECT_TRUE(GiveNotice(event, Giving(event, 0), kManager, kNow).ok());
}

TEST(RecordAttempt, WhatWasGivenByAnotherMessageOrAPersonStaysGiven) {
  Delivery back = Mail(Reported({v1::EVENT_KIND_CHILD_MISSING}));
  back.returned = true;
  {
    auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
    ApplyAll(event, *GiveNotice(event, Giving(event, 0), kManager, kNow), kManager);
    back.notice_ids = {event.notices(0).notice_id()};
    ApplyAll(event, *RecordAttempt(event, back), kSender);
    EXPECT_EQ(event.notices(0).state(), v1::Notice::STATE_GIVEN);
    EXPECT_EQ(event.notices(0).given_by(), kManager.id);
  }
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ApplyAll(event, *RecordSent(event, Mail(event), kSender), kSender);
  back.notice_ids = {event.notices(0).notice_id()};
  Delivery earlier = back;
  earlier.reference = "<0@fosterwatch>";
  ApplyAll(event, *RecordAttempt(event, earlier), kSender);
  EXPECT_EQ(event.notices(0).state(), v1::Notice::STATE_GIVEN);
  v1::AcknowledgeNoticeRequest acknowledged;
  acknowledged.set_notice_id(event.notices(0).notice_id());
  ApplyAll(event, *AcknowledgeNotice(event, acknowledged, kNow), kManager);
  ApplyAll(event, *RecordAttempt(event, back), kSender);
  EXPECT_EQ(event.notices(0).state(), v1::Notice::STATE_ACKNOWLEDGED) << "it has arrived";
}

TEST(RecordAttempt, RefusesANoticeOfAnotherEvent) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  Delivery delivery = Mail(event);
  delivery.notice_ids.push_back("another");
  EXPECT_EQ(ReasonOf(RecordAttempt(event, delivery).status()), "UNKNOWN_NOTICE");
  EXPECT_EQ(ReasonOf(RecordSent(event, delivery, kSender).status()), "UNKNOWN_NOTICE");
}

TEST(AcknowledgeNotice, KeepsTheRecipientsReferenceAlsoAfterTheEventIsConcluded) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ApplyAll(event, *GiveNotice(event, Giving(event, 0), kManager, kNow), kManager);
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  v1::AcknowledgeNoticeRequest request;
  request.set_notice_id(event.notices(0).notice_id());
  request.set_reference("NS/77");
  ApplyAll(event, *AcknowledgeNotice(event, request, kNow), kManager);
  EXPECT_EQ(event.notices(0).state(), v1::Notice::STATE_ACKNOWLEDGED);
  EXPECT_EQ(event.notices(0).acknowledgement_reference(), "NS/77");
  EXPECT_EQ(clock::FromProto(event.notices(0).acknowledged_time()), kNow);
}

TEST(AcknowledgeNotice, RefusesEachFault) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  v1::AcknowledgeNoticeRequest request;
  request.set_notice_id("none");
  EXPECT_EQ(Refusal(AcknowledgeNotice(event, request, kNow).status()), "UNKNOWN_NOTICE");
  request.set_notice_id(event.notices(0).notice_id());
  EXPECT_EQ(Refusal(AcknowledgeNotice(event, request, kNow).status()), "NOTICE_NOT_GIVEN");
  ApplyAll(event, *GiveNotice(event, Giving(event, 0), kManager, kNow), kManager);
  *request.mutable_acknowledged_time() = clock::ToProto(kNow - absl::Seconds(1));
  EXPECT_EQ(Refusal(AcknowledgeNotice(event, request, kNow).status()),
            "acknowledged_time BEFORE_GIVEN");
  *request.mutable_acknowledged_time() = clock::ToProto(kNow + absl::Minutes(2));
  EXPECT_EQ(Refusal(AcknowledgeNotice(event, request, kNow).status()),
            "acknowledged_time IN_THE_FUTURE");
  request.clear_acknowledged_time();
  request.set_reference(std::string(201, 'x'));
  EXPECT_EQ(Refusal(AcknowledgeNotice(event, request, kNow).status()), "reference TEXT_TOO_LONG");
  request.clear_reference();
  ApplyAll(event, *AcknowledgeNotice(event, request, kNow), kManager);
  EXPECT_EQ(Refusal(AcknowledgeNotice(event, request, kNow).status()),
            "NOTICE_ACKNOWLEDGED_BEFORE");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
