#include "services/notifiable_events/domain/similar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Actor kCaseSystem = {"case-system", {options::v1::ROLE_PUBLISHER}};

std::vector<EarlierEvent> Earlier(v1::EventKind kind, absl::Time occurred) {
  return {{"before", {kind}, occurred}};
}

absl::StatusOr<Facts> Compared(v1::EventKind kind, const std::vector<EarlierEvent>& earlier,
                               const Actor& actor, const std::vector<std::string>& denied = {}) {
  int last = 100;
  return Compare(DecideReport(ReportRequest({kind})).value(), earlier, denied, actor, OurPolicies(),
                 kNow, [&] { return absl::StrCat("id-", ++last); });
}

bool LooksAlike(v1::EventKind kind, v1::EventKind before, absl::Duration apart) {
  return !Resembled(ReportRequest({kind}).report(), Earlier(before, kOccurred + apart),
                    InForce(OurPolicies(), kNow))
              .empty();
}

TEST(Similar, TheSameKindWithinADayLooksAlike) {
  const auto missing = v1::EVENT_KIND_CHILD_MISSING;
  EXPECT_TRUE(LooksAlike(missing, missing, absl::ZeroDuration()));
  EXPECT_TRUE(LooksAlike(missing, missing, -absl::Hours(24)));
  EXPECT_TRUE(LooksAlike(missing, missing, absl::Hours(24)));
  EXPECT_FALSE(LooksAlike(missing, missing, absl::Hours(24) + absl::Seconds(1)));
  EXPECT_FALSE(LooksAlike(missing, missing, -absl::Hours(24) - absl::Seconds(1)));
}

TEST(Similar, OtherKindsLookAlikeOnlyWhereTheyMayBeOneIncident) {
  EXPECT_TRUE(LooksAlike(v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT,
                         v1::EVENT_KIND_CHILD_MISSING, absl::Hours(1)));
  EXPECT_TRUE(LooksAlike(v1::EVENT_KIND_CHILD_DEATH, v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT,
                         absl::Hours(1)));
  EXPECT_FALSE(
      LooksAlike(v1::EVENT_KIND_CHILD_DEATH, v1::EVENT_KIND_CHILD_MISSING, absl::Hours(1)));
}

TEST(Similar, APersonIsAskedAndNothingIsRecordedUntilTheySay) {
  const auto missing = v1::EVENT_KIND_CHILD_MISSING;
  const auto refused = Compared(missing, Earlier(missing, kOccurred), kCaseworker);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Refusal(refused.status()), "similar_events[before] SIMILAR_EVENT");
  EXPECT_EQ(
      ReasonOf(Compared(missing, Earlier(missing, kOccurred), kCaseworker, {"other"}).status()),
      "SIMILAR_EVENT")
      << "another event than the one it resembles is no answer";
  const auto denied = Compared(missing, Earlier(missing, kOccurred), kCaseworker, {"before"});
  ASSERT_TRUE(denied.ok()) << denied.status();
  EXPECT_THAT((*denied)[0].event_reported().repeats_denied_of(), ElementsAre("before"));
  v1::NotifiableEvent event;
  ApplyAll(event, *denied, kCaseworker);
  EXPECT_FALSE(IsUndecidedRepeat(event));
  EXPECT_EQ(event.possible_repeats().answer(), v1::RepeatQuestion::ANSWER_NEW);
}

absl::StatusOr<Facts> Suspected(const v1::NotifiableEvent& event, const std::string& other,
                                const std::vector<std::string>& asked_by_them = {}) {
  int last = 200;
  return SuspectRepeat(event, {{other, {v1::EVENT_KIND_CHILD_MISSING}, kOccurred}}, asked_by_them,
                       OurPolicies(), kNow, [&] { return absl::StrCat("id-", ++last); });
}

TEST(Similar, WhatCameAtTheSameMomentIsAskedAboutOnceItIsRecorded) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const auto facts = Suspected(event, "twin");
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 1u);
  ApplyAll(event, *facts, kSender);
  ASSERT_TRUE(IsUndecidedRepeat(event));
  EXPECT_THAT(event.possible_repeats().event_ids(), ElementsAre("twin"));
  EXPECT_EQ(clock::FromProto(event.possible_repeats().due_time()), kNow + absl::Hours(24));
  EXPECT_THAT(*Suspected(event, "twin"), IsEmpty()) << "asked before";
  // A third one joins the question that is open.
  ApplyAll(event, *Suspected(event, "triplet"), kSender);
  EXPECT_THAT(event.possible_repeats().event_ids(), ElementsAre("twin", "triplet"));
  EXPECT_EQ(event.possible_repeats().question_id(), "id-201");
}

TEST(Similar, OnlyOneOfTwoIsAskedAboutTheOther) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  EXPECT_THAT(*Suspected(event, "twin", {"twin"}), IsEmpty());
  EXPECT_THAT(*Suspected(event, event.event_id()), IsEmpty()) << "an event is not its own repeat";
  EXPECT_THAT(*Suspected(Reported({v1::EVENT_KIND_CHILD_DEATH}), "twin"), IsEmpty());
  v1::NotifiableEvent denied;
  ApplyAll(denied,
           *Compared(v1::EVENT_KIND_CHILD_MISSING, Earlier(v1::EVENT_KIND_CHILD_MISSING, kOccurred),
                     kCaseworker, {"before"}),
           kCaseworker);
  EXPECT_THAT(*Suspected(denied, "before"), IsEmpty()) << "a person has said that it is another";
  auto closed = event;
  closed.set_state(v1::NotifiableEvent::STATE_WITHDRAWN);
  EXPECT_THAT(*Suspected(closed, "twin"), IsEmpty());
}

TEST(Similar, WhatACaseSystemReportsIsRecordedAndLeftToAPerson) {
  const auto missing = v1::EVENT_KIND_CHILD_MISSING;
  const auto facts = Compared(missing, Earlier(missing, kOccurred), kCaseSystem);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_THAT((*facts)[0].event_reported().possible_repeat_of(), ElementsAre("before"));
  v1::NotifiableEvent event;
  ApplyAll(event, *facts, kCaseSystem);
  EXPECT_TRUE(IsUndecidedRepeat(event));
  EXPECT_EQ(clock::FromProto(event.possible_repeats().due_time()), kNow + absl::Hours(24));
  EXPECT_EQ(MissingForConclusion(event, "over", "REF")[0].field, "possible_repeats");
  EXPECT_THAT(Compared(missing, {}, kCaseSystem)->front().event_reported().possible_repeat_of(),
              IsEmpty());
}

class Decided : public ::testing::Test {
 protected:
  Decided() {
    const auto missing = v1::EVENT_KIND_CHILD_MISSING;
    ApplyAll(event_, Compared(missing, Earlier(missing, kOccurred), kCaseSystem).value(),
             kCaseSystem);
    request_.set_reason("the same evening, told twice");
  }

  v1::NotifiableEvent event_;
  v1::DecideRepeatRequest request_;
};

TEST_F(Decided, SameWithdrawsTheLaterOneAndItsUnsentNoticesFallAway) {
  request_.set_answer(v1::RepeatQuestion::ANSWER_SAME);
  request_.set_same_as_event_id("before");
  const auto facts = DecideRepeat(event_, request_, kManager, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event_, *facts, kManager);
  EXPECT_EQ(event_.state(), v1::NotifiableEvent::STATE_WITHDRAWN);
  EXPECT_EQ(event_.withdrawal().repeat_of_event_id(), "before");
  for (const auto& notice : event_.notices()) {
    EXPECT_EQ(notice.state(), v1::Notice::STATE_FALLEN_AWAY);
  }
  EXPECT_EQ(ReasonOf(DecideRepeat(event_, request_, kManager, kNow).status()), "DECIDED_BEFORE");
}

TEST_F(Decided, NewLeavesItAnEventOfItsOwn) {
  request_.set_answer(v1::RepeatQuestion::ANSWER_NEW);
  const auto facts = DecideRepeat(event_, request_, kManager, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->size(), 1u);
  ApplyAll(event_, *facts, kManager);
  EXPECT_EQ(event_.state(), v1::NotifiableEvent::STATE_OPEN);
  EXPECT_FALSE(IsUndecidedRepeat(event_));
  EXPECT_EQ(event_.possible_repeats().decided_by(), "manager");
}

TEST_F(Decided, AnAnswerThatMakesNoSenseIsRefused) {
  EXPECT_EQ(Refusal(DecideRepeat(event_, request_, kManager, kNow).status()), "answer REQUIRED");
  request_.set_answer(v1::RepeatQuestion::ANSWER_SAME);
  EXPECT_EQ(Refusal(DecideRepeat(event_, request_, kManager, kNow).status()),
            "same_as_event_id REQUIRED");
  request_.set_same_as_event_id("another");
  EXPECT_EQ(Refusal(DecideRepeat(event_, request_, kManager, kNow).status()),
            "same_as_event_id NOT_RESEMBLED");
  request_.set_answer(v1::RepeatQuestion::ANSWER_NEW);
  request_.set_same_as_event_id("before");
  EXPECT_EQ(Refusal(DecideRepeat(event_, request_, kManager, kNow).status()),
            "same_as_event_id NOT_RESEMBLED");
  request_.clear_same_as_event_id();
  request_.clear_reason();
  EXPECT_EQ(Refusal(DecideRepeat(event_, request_, kManager, kNow).status()), "reason REQUIRED");
  EXPECT_EQ(
      ReasonOf(DecideRepeat(Reported({v1::EVENT_KIND_CHILD_MISSING}), request_, kManager, kNow)
                   .status()),
      "NO_SUCH_QUESTION");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
