// The written confirmation, the discussion and the outcome: what each opens, takes and refuses.
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/confirmation.h"
#include "services/notifiable_events/domain/discussion.h"
#include "services/notifiable_events/domain/explain.h"
#include "services/notifiable_events/domain/outcome.h"
#include "services/notifiable_events/domain/overdue.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

v1::GiveNoticeRequest Giving(const v1::NotifiableEvent& event, type::v1::Channel channel) {
  v1::GiveNoticeRequest request;
  request.set_notice_id(event.notices(0).notice_id());
  request.set_channel(channel);
  return request;
}

// A missing child, of which the authority was told by telephone at kNow.
v1::NotifiableEvent Telephoned() {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  // Policy has the police told too.
  while (event.notices_size() > 1) event.mutable_notices()->RemoveLast();
  ApplyAll(event, *GiveNotice(event, Giving(event, type::v1::CHANNEL_TELEPHONE), kManager, kNow),
           kManager);
  return event;
}

v1::ConfirmNoticeInWritingRequest Confirming(const v1::NotifiableEvent& event) {
  v1::ConfirmNoticeInWritingRequest request;
  request.set_notice_id(event.notices(0).notice_id());
  request.set_channel(type::v1::CHANNEL_EMAIL);
  request.set_reference("letter 7");
  return request;
}

bool Owes(const v1::NotifiableEvent& event, v1::OverdueDuty kind) {
  for (const Duty& duty : DutiesOf(event)) {
    if (duty.kind == kind) return true;
  }
  return false;
}

TEST(Confirmation, IsOwedForATelephoneCallAndForNothingInWriting) {
  auto event = Telephoned();
  const auto& confirmation = event.notices(0).written_confirmation();
  EXPECT_EQ(Show(confirmation.due_time()), "2026-11-19T15:00:00Z");
  EXPECT_EQ(Show(confirmation.in_time_until()), "2026-12-02T15:00:00Z");
  EXPECT_EQ(confirmation.explanation().rule(), "CONFIRMATION_DUE");
  EXPECT_EQ(confirmation.in_time_explanation().confidence(), "low");
  v1::ExplainDueTimeRequest why;
  why.set_duty_id(confirmation.confirmation_id());
  EXPECT_TRUE(Same(*Explain(event, why), confirmation.explanation()));
  for (const auto channel : {type::v1::CHANNEL_EMAIL, type::v1::CHANNEL_ONLINE_FORM}) {
    auto other = Reported({v1::EVENT_KIND_CHILD_MISSING});
    ApplyAll(other, *GiveNotice(other, Giving(other, channel), kManager, kNow), kManager);
    EXPECT_FALSE(other.notices(0).has_written_confirmation());
  }
}

TEST(Confirmation, IsNotOwedToWhomPolicyAloneHasTold) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ASSERT_EQ(event.notices(1).basis(), v1::BASIS_POLICY);
  auto request = Giving(event, type::v1::CHANNEL_TELEPHONE);
  request.set_notice_id(event.notices(1).notice_id());
  ApplyAll(event, *GiveNotice(event, request, kManager, kNow), kManager);
  EXPECT_FALSE(event.notices(1).has_written_confirmation());
}

TEST(Confirmation, NeverGivenIsOverdueAfterADayAndSettledWhenItIsGivenAfterAll) {
  auto event = Telephoned();
  const absl::Time due = kNow + absl::Hours(24);
  const std::string id = event.notices(0).written_confirmation().confirmation_id();
  for (const auto& fact : RecordOverdue(event, due)) EXPECT_NE(fact.duty_overdue().duty_id(), id);
  ApplyAll(event, RecordOverdue(event, due + absl::Microseconds(1)), kSender);
  ASSERT_EQ(event.overdue_size(), 1);
  EXPECT_EQ(event.overdue(0).kind(), v1::OVERDUE_DUTY_WRITTEN_CONFIRMATION);
  EXPECT_EQ(event.overdue(0).duty_id(), id);
  const absl::Time late = due + absl::Hours(1);
  const auto facts = ConfirmInWriting(event, Confirming(event), kManager, late);
  ASSERT_TRUE(facts.ok()) << facts.status();
  const auto settled = RecordSettled(event, *facts);
  ASSERT_EQ(settled.size(), 1u);
  ApplyAll(event, *facts, kManager, late);
  ApplyAll(event, settled, kManager, late);
  const auto& confirmation = event.notices(0).written_confirmation();
  EXPECT_EQ(clock::FromProto(confirmation.confirmed_time()), late);
  EXPECT_EQ(confirmation.confirmed_by(), "manager");
  EXPECT_EQ(confirmation.channel(), type::v1::CHANNEL_EMAIL);
  EXPECT_EQ(confirmation.reference(), "letter 7");
  EXPECT_TRUE(event.overdue(0).has_settled_time());
  EXPECT_FALSE(Owes(event, v1::OVERDUE_DUTY_WRITTEN_CONFIRMATION));
  EXPECT_EQ(ReasonOf(ConfirmInWriting(event, Confirming(event), kManager, late).status()),
            "CONFIRMED_BEFORE");
}

TEST(Confirmation, IsTheMailThatLeftBesideTheCall) {
  auto event = Telephoned();
  Delivery delivery;
  delivery.notice_ids = {event.notices(0).notice_id()};
  delivery.channel = type::v1::CHANNEL_EMAIL;
  delivery.attempt_time = kNow + absl::Minutes(1);
  delivery.reference = "<1@agency>";
  ApplyAll(event, *RecordSent(event, delivery, kSender), kSender);
  EXPECT_EQ(event.notices(0).given_channel(), type::v1::CHANNEL_TELEPHONE);
  EXPECT_EQ(event.notices(0).written_confirmation().reference(), "<1@agency>");
  EXPECT_EQ(event.notices(0).written_confirmation().confirmed_by(), kSender.id);
  // A third copy changes nothing.
  const auto again = RecordSent(event, delivery, kSender);
  ASSERT_EQ(again->size(), 1u);
  EXPECT_TRUE((*again)[0].has_notice_attempted());
}

TEST(Confirmation, RefusesWhatCannotBe) {
  const auto event = Telephoned();
  auto request = Confirming(event);
  const auto refused = [&] {
    return Refusal(ConfirmInWriting(event, request, kManager, kNow).status());
  };
  request.set_channel(type::v1::CHANNEL_TELEPHONE);
  EXPECT_EQ(refused(), "channel NOT_IN_WRITING");
  request.clear_channel();
  EXPECT_EQ(refused(), "channel REQUIRED");
  request = Confirming(event);
  *request.mutable_confirmed_time() = clock::ToProto(kNow - absl::Seconds(1));
  EXPECT_EQ(refused(), "confirmed_time BEFORE_GIVEN");
  *request.mutable_confirmed_time() = clock::ToProto(kNow + absl::Minutes(2));
  EXPECT_EQ(refused(), "confirmed_time IN_THE_FUTURE");
  request = Confirming(event);
  request.set_reference(std::string(201, 'x'));
  EXPECT_EQ(refused(), "reference TEXT_TOO_LONG");
  request = Confirming(event);
  request.set_notice_id("another");
  EXPECT_EQ(refused(), "UNKNOWN_NOTICE");
  EXPECT_EQ(ReasonOf(ConfirmInWriting(Reported({v1::EVENT_KIND_CHILD_MISSING}), Confirming(event),
                                      kManager, kNow)
                         .status()),
            "NO_CONFIRMATION_OWED");
}

v1::RecordDiscussionRequest Discussing() {
  v1::RecordDiscussionRequest request;
  *request.mutable_discussed_time() = clock::ToProto(kNow);
  request.set_discussed_with("Ms Green");
  request.set_agreed("a visit tomorrow");
  return request;
}

TEST(Discussion, IsOwedWhereAChildIsConcernedAndHeldOnce) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  // The end of the third day after that of recording.
  EXPECT_EQ(Show(event.discussion().due_time()), "2026-11-22T00:00:00Z");
  EXPECT_EQ(event.discussion().explanation().source(),
            "NMS 29.4, which sets no limit; agency policy");
  EXPECT_TRUE(Owes(event, v1::OVERDUE_DUTY_DISCUSSION));
  const auto facts = RecordDiscussion(event, Discussing(), kManager, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kManager);
  EXPECT_EQ(event.discussion().discussed_with(), "Ms Green");
  EXPECT_EQ(event.discussion().agreed(), "a visit tomorrow");
  EXPECT_EQ(event.discussion().recorded_by(), "manager");
  EXPECT_TRUE(event.discussion().has_explanation());
  EXPECT_FALSE(Owes(event, v1::OVERDUE_DUTY_DISCUSSION));
  EXPECT_EQ(ReasonOf(RecordDiscussion(event, Discussing(), kManager, kNow).status()),
            "DISCUSSED_BEFORE");
}

TEST(Discussion, IsOpenedByTheCorrectionThatNamesTheChild) {
  Circumstances world = World(kAway);
  const auto facts =
      DecideReport(ReportRequest({v1::EVENT_KIND_SERIOUS_COMPLAINT}, /*child_id=*/""), world);
  ASSERT_TRUE(facts.ok()) << facts.status();
  v1::NotifiableEvent event;
  ApplyAll(event, *facts, kCaseworker);
  EXPECT_FALSE(event.has_discussion());
  EXPECT_EQ(ReasonOf(RecordDiscussion(event, Discussing(), kManager, kNow).status()),
            "NO_DISCUSSION_OWED");
  v1::CorrectEventRequest correction;
  correction.set_reason("it was about this child");
  correction.mutable_report()->set_child_id("away");
  Ids ids;
  const auto corrected = Correct(event, correction, kManager, OurLaw(), world, kNow, ids);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  ApplyAll(event, *corrected, kManager);
  EXPECT_TRUE(Owes(event, v1::OVERDUE_DUTY_DISCUSSION));
}

TEST(Discussion, RefusesWhatCannotBe) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const auto refused = [&](const v1::RecordDiscussionRequest& request) {
    return Refusal(RecordDiscussion(event, request, kManager, kNow).status());
  };
  EXPECT_EQ(ViolationsOf(RecordDiscussion(event, {}, kManager, kNow).status()).size(), 3u);
  auto request = Discussing();
  *request.mutable_discussed_time() = clock::ToProto(kAware - absl::Seconds(1));
  EXPECT_EQ(refused(request), "discussed_time BEFORE_AWARENESS");
  request = Discussing();
  request.set_discussed_with(std::string(201, 'x'));
  EXPECT_EQ(refused(request), "discussed_with TEXT_TOO_LONG");
  request = Discussing();
  request.set_agreed(std::string(20'001, 'x'));
  EXPECT_EQ(refused(request), "agreed TEXT_TOO_LONG");
  auto ended = event;
  ended.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_EQ(ReasonOf(RecordDiscussion(ended, Discussing(), kManager, kNow).status()),
            "EVENT_CONCLUDED");
}

v1::RecordOutcomeRequest Ending(v1::RegulatorUpdate update, const std::string& reason = "so") {
  v1::RecordOutcomeRequest request;
  request.set_outcome("the child is well");
  *request.mutable_outcome_time() = clock::ToProto(kNow);
  request.set_regulator_update(update);
  request.set_reason(reason);
  return request;
}

absl::StatusOr<Facts> Decide(const v1::NotifiableEvent& event,
                             const v1::RecordOutcomeRequest& request) {
  Ids ids;
  return RecordOutcome(event, request, kManager, OurLaw(), World(kAway), kNow, ids);
}

TEST(Outcome, OpensTheUpdateThatTheManagerChose) {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  const int before = event.notices_size();
  const auto facts = Decide(event, Ending(v1::REGULATOR_UPDATE_GIVE));
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kManager);
  ASSERT_EQ(event.notices_size(), before + 1);
  const auto& update = event.notices(before);
  EXPECT_EQ(update.recipient(), v1::RECIPIENT_CHIEF_INSPECTOR);
  EXPECT_EQ(update.body_id(), "inspector");
  EXPECT_EQ(update.moment(), v1::MOMENT_CONCLUSION);
  EXPECT_EQ(update.basis(), v1::BASIS_POLICY);
  EXPECT_EQ(Show(update.due_time()), "2026-11-19T15:00:00Z");
  EXPECT_EQ(update.explanation().rule(), "UPDATE_DUE");
  EXPECT_EQ(Show(event.outcome().due_time()), "2026-11-29T00:00:00Z");
  EXPECT_TRUE(Owes(event, v1::OVERDUE_DUTY_CONCLUSION));
  // The update given ends the silence.
  event.mutable_notices(before)->set_state(v1::Notice::STATE_GIVEN);
  EXPECT_FALSE(Owes(event, v1::OVERDUE_DUTY_CONCLUSION));
}

TEST(Outcome, WithoutAnUpdateIsSilenceUntilItIsConcluded) {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  ApplyAll(event, *Decide(event, Ending(v1::REGULATOR_UPDATE_NOT_NEEDED)), kManager);
  EXPECT_TRUE(IsSilent(event));
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_FALSE(IsSilent(event));
}

TEST(Outcome, LeavesNoChoiceForAnEnquiryNorWhereTheRegulatorWasNotTold) {
  const auto enquiry =
      Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  const auto missing = Reported({v1::EVENT_KIND_CHILD_MISSING});
  for (const auto* event : {&enquiry, &missing}) {
    EXPECT_EQ(Refusal(Decide(*event, Ending(v1::REGULATOR_UPDATE_GIVE)).status()),
              "regulator_update NOT_APPLICABLE");
    EXPECT_EQ(Refusal(Decide(*event, Ending(v1::REGULATOR_UPDATE_NOT_NEEDED)).status()),
              "regulator_update NOT_APPLICABLE");
    const auto facts = Decide(*event, Ending(v1::REGULATOR_UPDATE_UNSPECIFIED, ""));
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ(facts->size(), 1u);
  }
}

TEST(Outcome, RefusesWhatCannotBe) {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  EXPECT_EQ(ViolationsOf(Decide(event, {}).status()).size(), 4u);
  EXPECT_EQ(Refusal(Decide(event, Ending(static_cast<v1::RegulatorUpdate>(9))).status()),
            "regulator_update REQUIRED");
  EXPECT_EQ(Refusal(Decide(event, Ending(v1::REGULATOR_UPDATE_NOT_NEEDED, " ")).status()),
            "reason REQUIRED");
  auto request = Ending(v1::REGULATOR_UPDATE_GIVE);
  *request.mutable_outcome_time() = clock::ToProto(kOccurred - absl::Seconds(1));
  EXPECT_EQ(Refusal(Decide(event, request).status()), "outcome_time BEFORE_OCCURRED");
  request = Ending(v1::REGULATOR_UPDATE_GIVE);
  request.set_outcome(std::string(20'001, 'x'));
  EXPECT_EQ(Refusal(Decide(event, request).status()), "outcome TEXT_TOO_LONG");
  ApplyAll(event, *Decide(event, Ending(v1::REGULATOR_UPDATE_NOT_NEEDED)), kManager);
  EXPECT_EQ(ReasonOf(Decide(event, Ending(v1::REGULATOR_UPDATE_NOT_NEEDED)).status()),
            "OUTCOME_RECORDED_BEFORE");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
