#include "services/notifiable_events/domain/withdraw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/evidence.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

v1::NotifiableEvent Given() {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  v1::GiveNoticeRequest give;
  give.set_notice_id(event.notices(0).notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  const auto facts = GiveNotice(event, give, kCaseworker, kNow);
  EXPECT_TRUE(facts.ok()) << facts.status();
  if (facts.ok()) ApplyAll(event, *facts, kCaseworker);
  return event;
}

v1::NotifiableEvent Withdrawn() {
  auto event = Given();
  v1::WithdrawEventRequest request;
  request.set_reason("another child");
  const auto facts = Withdraw(event, request, kManager, kNow);
  EXPECT_TRUE(facts.ok()) << facts.status();
  if (facts.ok()) ApplyAll(event, *facts, kManager);
  return event;
}

TEST(Withdraw, WhatNobodyWasToldFallsAwayAndWhatWasToldStaysTold) {
  const auto event = Withdrawn();
  EXPECT_EQ(event.state(), v1::NotifiableEvent::STATE_WITHDRAWN);
  EXPECT_EQ(event.withdrawal().withdrawn_by(), "manager");
  EXPECT_EQ(event.report().summary(), "what happened") << "what was said stays readable";
  EXPECT_EQ(event.notices(0).state(), v1::Notice::STATE_GIVEN);
  EXPECT_EQ(event.notices(1).state(), v1::Notice::STATE_FALLEN_AWAY);
  v1::WithdrawEventRequest again;
  again.set_reason("again");
  EXPECT_EQ(ReasonOf(Withdraw(event, again, kManager, kNow).status()), "EVENT_WITHDRAWN");
  EXPECT_EQ(Refusal(Withdraw(Given(), {}, kManager, kNow).status()), "reason REQUIRED");
}

TEST(Withdraw, ANoticeThatFellAwayIsNeitherGivenNorAcknowledgedByAPerson) {
  const auto event = Withdrawn();
  v1::GiveNoticeRequest give;
  give.set_notice_id(event.notices(1).notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  EXPECT_EQ(ReasonOf(GiveNotice(event, give, kCaseworker, kNow).status()), "NOTICE_FALLEN_AWAY");
  v1::AcknowledgeNoticeRequest acknowledge;
  acknowledge.set_notice_id(event.notices(1).notice_id());
  EXPECT_EQ(ReasonOf(AcknowledgeNotice(event, acknowledge, kNow).status()), "NOTICE_NOT_GIVEN");
}

TEST(Withdraw, AMailThatWasOnItsWayIsRecordedAsGiven) {
  auto event = Withdrawn();
  Delivery delivery;
  delivery.notice_ids = {event.notices(1).notice_id()};
  delivery.channel = type::v1::CHANNEL_EMAIL;
  delivery.attempt_time = kNow;
  delivery.result_code = "SMTP_250";
  const auto facts = RecordSent(event, delivery, kSender);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kSender);
  EXPECT_EQ(event.notices(1).state(), v1::Notice::STATE_GIVEN);
}

TEST(Evidence, IsAddedInAnyStateBesideWhatWasSaid) {
  auto event = Withdrawn();
  v1::AddEvidenceRequest request;
  request.set_text("a letter of the hospital");
  request.set_reference("folder 4");
  Ids ids;
  const auto facts = AddEvidence(event, request, kCaseworker, kNow, ids);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kCaseworker);
  ASSERT_EQ(event.evidence_size(), 1);
  EXPECT_EQ(event.evidence(0).added_by(), "caseworker");
  EXPECT_EQ(event.timeline().rbegin()->fact(), "evidence_added");
  EXPECT_EQ(Refusal(AddEvidence(event, {}, kCaseworker, kNow, ids).status()), "text REQUIRED");
  request.set_text(std::string(kMaxNarrative + 1, 'x'));
  request.set_reference(std::string(kMaxReference + 1, 'x'));
  EXPECT_EQ(ViolationsOf(AddEvidence(event, request, kCaseworker, kNow, ids).status()).size(), 2u);
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
