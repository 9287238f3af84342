#include "services/carers/domain/ending_review.h"

#include <string>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

EndedPlacement Unplanned(const std::string& day) { return {"P-1", "C-1", day, "CREQB", true}; }

v1::RecordEndingReviewRequest Held(const World& world) {
  v1::RecordEndingReviewRequest request;
  request.set_placement_id("P-1");
  request.set_held_date(world.Today());
  request.set_child_heard(true);
  request.set_learning("the match did not look at the dogs");
  auto* action = request.add_actions();
  action->set_description("ask of pets at each match");
  action->set_owner_id("worker-2");
  return request;
}

World WithReview() {
  World world;
  world.Approve();                  // 2026-11-22
  world.Pass(absl::Hours(24 * 2));  // 2026-11-24
  world.Do(NoteEnding(world.carer, Unplanned("2026-11-24"), world.At()));
  return world;
}

TEST(EndingReviewTest, AnUnplannedEndingOpensOneThatIsToldOfWhenItIsOverdue) {
  World world = WithReview();
  ASSERT_EQ(world.carer.ending_reviews_size(), 1);
  EXPECT_EQ(world.carer.ending_reviews(0).state(), v1::EndingReview::STATE_OPEN);
  const v1::CarerDuty* duty = world.DutyOf(v1::DUTY_KIND_ENDING_REVIEW);
  ASSERT_NE(duty, nullptr);
  EXPECT_EQ(duty->about_id(), "P-1");
  EXPECT_EQ(clock::FromProto(duty->due_time()), StartOf(absl::CivilDay(2026, 12, 23)));
  EXPECT_FALSE(duty->explanation().source().empty());
  EXPECT_TRUE(NoteEnding(world.carer, Unplanned("2026-11-24"), world.At()).empty()) << "once";
  std::multiset<std::string> told;
  while (world.now < StartOf(absl::CivilDay(2026, 12, 24))) {
    world.Pass(absl::Hours(6));
    told.merge(Codes(world.last));
    world.last.clear();
  }
  EXPECT_EQ(told.count("ENDING_REVIEW_OVERDUE"), 1u);
}

TEST(EndingReviewTest, IsHeldOnlyWithWhoWasHeardWhatWasLearntAndWhatWillBeDone) {
  World world = WithReview();
  const auto refusal = [&](auto change) {
    v1::RecordEndingReviewRequest request = Held(world);
    change(request);
    const auto refused = RecordEndingReview(world.carer, request, world.At(), NextId).status();
    const auto violations = ViolationsOf(refused);
    return ReasonOf(refused) + " " + (violations.empty() ? "" : violations[0].field);
  };
  EXPECT_EQ(refusal([](auto& r) { r.clear_learning(); }), "REQUIRED learning");
  EXPECT_EQ(refusal([](auto& r) { r.clear_child_heard(); }), "REQUIRED foster_parents_heard");
  EXPECT_EQ(refusal([](auto& r) { r.clear_actions(); }), "REQUIRED no_action_reason");
  EXPECT_EQ(refusal([](auto& r) { r.set_held_date("2026-11-23"); }), "BEFORE_ITS_END held_date");
  EXPECT_EQ(refusal([](auto& r) { r.set_held_date("2026-11-25"); }), "IN_THE_FUTURE held_date");
  EXPECT_EQ(refusal([](auto& r) { r.set_placement_id("P-2"); }), "UNKNOWN_REVIEW placement_id");
  EXPECT_EQ(refusal([](auto& r) { r.mutable_actions(0)->clear_owner_id(); }),
            "REQUIRED actions[0].owner_id");
  v1::AssignEndingReviewRequest assign;
  assign.set_placement_id("P-1");
  assign.set_owner_id("worker-3");
  world.Do(AssignEndingReview(world.carer, assign, world.At()));
  EXPECT_EQ(world.carer.ending_reviews(0).owner_id(), "worker-3");
  world.Do(RecordEndingReview(world.carer, Held(world), world.At(), NextId));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ENDING_REVIEW), nullptr);
  const v1::EndingReview& review = world.carer.ending_reviews(0);
  EXPECT_EQ(review.state(), v1::EndingReview::STATE_HELD);
  ASSERT_EQ(review.action_ids_size(), 1);
  const v1::CarerDuty* action = world.DutyOf(v1::DUTY_KIND_ACTION);
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(action->about_id(), review.action_ids(0));
  EXPECT_EQ(ReasonOf(RecordEndingReview(world.carer, Held(world), world.At(), NextId).status()),
            "REVIEW_HELD");
}

TEST(EndingReviewTest, WhatIsPutRightNeedsNoneUnlessItWasHeld) {
  World world = WithReview();
  EndedPlacement planned = Unplanned("2026-11-24");
  planned.unplanned = false;
  World held = world;
  held.Do(RecordEndingReview(held.carer, Held(held), held.At(), NextId));
  EXPECT_TRUE(NoteEnding(held.carer, planned, held.At()).empty());
  for (const EndedPlacement& now : {planned, EndedPlacement{"P-1"}}) {
    World other = world;
    other.Do(NoteEnding(other.carer, now, other.At()));
    EXPECT_EQ(other.carer.ending_reviews(0).state(), v1::EndingReview::STATE_NOT_NEEDED);
    EXPECT_EQ(other.DutyOf(v1::DUTY_KIND_ENDING_REVIEW), nullptr);
    EXPECT_EQ(ReasonOf(RecordEndingReview(other.carer, Held(other), other.At(), NextId).status()),
              "NOT_NEEDED");
    other.Do(NoteEnding(other.carer, Unplanned("2026-11-24"), other.At()));
    EXPECT_NE(other.DutyOf(v1::DUTY_KIND_ENDING_REVIEW), nullptr) << "it had ended so after all";
  }
}

TEST(EndingReviewTest, NoneIsOpenedOfAPlannedEndingOrOfOneFromBeforeTheRule) {
  World world;
  world.Approve();
  world.Pass(absl::Hours(24 * 2));
  EndedPlacement planned = Unplanned("2026-11-24");
  planned.unplanned = false;
  EXPECT_TRUE(NoteEnding(world.carer, planned, world.At()).empty());
  EXPECT_TRUE(NoteEnding(world.carer, Unplanned("2026-11-22"), world.At()).empty());
  EXPECT_FALSE(NoteEnding(world.carer, Unplanned("2026-11-23"), world.At()).empty());
  EXPECT_TRUE(NoteEnding(v1::Carer(), Unplanned("2026-11-23"), world.At()).empty());
}

}  // namespace
}  // namespace fosterwatch::carers::domain
