#include "services/carers/domain/review.h"

#include <map>
#include <string>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::ReviewInput;

void Visit(World& world) {
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  visit.add_seen()->set_foster_parent_id("1");
  world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
}

v1::RecordReviewRequest Reviewing(const World& world) {
  v1::RecordReviewRequest review;
  review.set_review_date(world.Today());
  review.set_report("doing well");
  review.set_reviewer_id("worker-2");
  review.set_still_suitable(true);
  review.set_terms_appropriate(true);
  review.set_to_panel(true);
  auto* complaints = review.add_inputs();
  complaints->set_kind(ReviewInput::KIND_COMPLAINT);
  complaints->add_record_ids("complaint-1");
  complaints->set_count(1);
  return review;
}

std::map<int, int> CountsOf(const v1::Review& review) {
  std::map<int, int> counts;
  for (const ReviewInput& input : review.inputs()) counts[input.kind()] = input.count();
  return counts;
}

TEST(ReviewInputsTest, AreWhatThereIsSinceTheReviewBeforeAsAtThatMoment) {
  World world;
  world.Approve();  // 2026-11-22
  world.Pass(absl::Hours(24 * 100));
  Visit(world);
  Visit(world);
  v1::RecordCheckRequest check;
  check.set_kind(v1::CHECK_KIND_TRAINING_STANDARDS);
  check.set_done_date(world.Today());
  world.Do(RecordCheck(world.carer, check, world.At(), NextId));
  world.Pass(absl::Hours(24 * 200));
  world.Do(RecordReview(world.carer, Reviewing(world), world.At(), NextId));
  const v1::Review first = world.carer.reviews(0);
  EXPECT_EQ(first.inputs_since_date(), "2026-11-22");
  EXPECT_EQ(CountsOf(first), (std::map<int, int>{{ReviewInput::KIND_VISIT, 2},
                                                 {ReviewInput::KIND_CHECK, 1},
                                                 {ReviewInput::KIND_COMPLAINT, 1}}));
  const std::string day = world.Today();
  world.Pass(absl::Hours(24 * 30));
  Visit(world);
  world.Pass(absl::Hours(24 * 30));
  world.Do(RecordReview(world.carer, Reviewing(world), world.At(), NextId));
  const v1::Review second = world.carer.reviews(1);
  EXPECT_EQ(second.inputs_since_date(), day);
  EXPECT_EQ(CountsOf(second)[ReviewInput::KIND_VISIT], 1);
  EXPECT_EQ(CountsOf(second)[ReviewInput::KIND_CHECK], 0);
  EXPECT_EQ(world.carer.reviews(0).SerializeAsString(), first.SerializeAsString());
}

TEST(ReviewInputsTest, OfOtherRegistersAreSaidOncePerKindAndNeverOfItsOwn) {
  World world;
  world.Approve();
  const auto refusal = [&](auto change) {
    v1::RecordReviewRequest request = Reviewing(world);
    change(*request.mutable_inputs(0), request);
    const auto refused = RecordReview(world.carer, request, world.At(), NextId).status();
    const auto violations = ViolationsOf(refused);
    return ReasonOf(refused) + " " + (violations.empty() ? "" : violations[0].field);
  };
  EXPECT_EQ(refusal([](auto& input, auto&) { input.clear_kind(); }), "REQUIRED inputs[0].kind");
  EXPECT_EQ(refusal([](auto& input, auto&) { input.set_kind(ReviewInput::KIND_VISIT); }),
            "SET_BY_THE_REGISTER inputs[0].kind");
  EXPECT_EQ(refusal([](auto& input, auto& request) { *request.add_inputs() = input; }),
            "DUPLICATE_ID inputs[1].kind");
  EXPECT_EQ(refusal([](auto& input, auto&) { input.set_count(0); }),
            "INVALID_COUNT inputs[0].count");
  EXPECT_EQ(refusal([](auto& input, auto&) { input.add_record_ids("two words"); }),
            "INVALID_ID inputs[0].record_ids");
  EXPECT_EQ(refusal([](auto& input, auto&) {
              for (int i = 0; i < 100; ++i) input.add_record_ids(absl::StrCat("complaint-", i));
              input.set_count(101);
            }),
            "TOO_MANY inputs[0].record_ids");
}

}  // namespace
}  // namespace fosterwatch::carers::domain
