#include "services/carers/domain/named.h"

#include <string>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

// worker-1 holds a role since 2020, worker-old held one until 2026-06-01; "la-1" is an authority,
// "police" is none.
const Directory& OurDirectory() {
  static const auto* const directory = new Directory{
      {{"worker-1", StartOf(absl::CivilDay(2020, 1, 1)), absl::InfiniteFuture()},
       {"worker-old", StartOf(absl::CivilDay(2020, 1, 1)), StartOf(absl::CivilDay(2026, 6, 1))}},
      {{"la-1", true}, {"police", false}}};
  return *directory;
}

Context At(const World& world) {
  Context context = world.At();
  context.directory = &OurDirectory();
  return context;
}

std::string Refusal(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return ReasonOf(status) + " " + (violations.empty() ? "" : violations[0].field);
}

TEST(NamedTest, WhoVisitsReviewsDecidesOrOwnsHoldsARoleOrHeldOneThen) {
  World world;
  world.Approve();
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = clock::ToProto(StartOf(absl::CivilDay(2026, 5, 1)));
  for (const auto& [visitor, refused] :
       {std::pair{"ghost", true}, std::pair{"worker-old", false}, std::pair{"worker-1", false}}) {
    visit.set_visitor_id(visitor);
    const auto decided = RecordVisit(world.carer, visit, At(world), NextId);
    EXPECT_EQ(Refusal(decided.status()), refused ? "NO_ROLE_HOLDER visitor_id" : " ") << visitor;
  }
  *visit.mutable_visited_time() = world.Now();
  visit.set_visitor_id("worker-old");
  EXPECT_EQ(Refusal(RecordVisit(world.carer, visit, At(world), NextId).status()),
            "NO_ROLE_HOLDER visitor_id");
  visit.set_visitor_id("ghost");
  EXPECT_TRUE(RecordVisit(world.carer, visit, world.At(), NextId).ok()) << "nothing to judge by";
  visit.clear_visitor_id();
  auto* finding = visit.add_findings();
  finding->set_description("no lock");
  finding->set_owner_id("ghost");
  EXPECT_EQ(Refusal(RecordVisit(world.carer, visit, At(world), NextId).status()),
            "NO_ROLE_HOLDER findings[0].owner_id");
  v1::RecordReviewRequest review;
  review.set_review_date(world.Today());
  review.set_report("well");
  review.set_reviewer_id("ghost");
  review.set_to_panel(true);
  EXPECT_EQ(Refusal(RecordReview(world.carer, review, At(world), NextId).status()),
            "NO_ROLE_HOLDER reviewer_id");
  World applies;
  applies.Apply();
  applies.Obtain(1);
  applies.StageTwo();
  applies.Obtain(2);
  applies.Recommend(v1::MATTER_APPROVAL);
  EXPECT_EQ(Refusal(RecordDecision(applies.carer, applies.Deciding(v1::Decision::OUTCOME_APPROVED),
                                   At(applies), NextId)
                        .status()),
            "NO_ROLE_HOLDER decision_maker_id");
}

TEST(NamedTest, AnExemptionIsOfAnAuthorityAsFarAsTheBodyIsKnown) {
  World world;
  world.Approve();
  v1::GrantExemptionRequest exempt;
  exempt.add_child_ids("C-1");
  exempt.set_from_date(world.Today());
  exempt.set_reason("brothers");
  for (const auto& [body, refused] :
       {std::pair{"police", true}, std::pair{"la-1", false}, std::pair{"la-new", false}}) {
    exempt.set_body_id(body);
    EXPECT_EQ(Refusal(GrantExemption(world.carer, exempt, At(world), NextId).status()),
              refused ? "NOT_AN_AUTHORITY body_id" : " ")
        << body;
  }
}

TEST(NamedTest, AreTheChildrenAndBodiesOfTheWholeRecord) {
  World world;
  world.Approve();
  v1::GrantExemptionRequest exempt;
  exempt.add_child_ids("C-1");
  exempt.set_body_id("la-1");
  exempt.set_from_date(world.Today());
  exempt.set_reason("brothers");
  world.Do(GrantExemption(world.carer, exempt, world.At(), NextId));
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  visit.add_seen()->set_child_id("C-2");
  world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
  std::string all;
  for (const NamedId& named : NamedBy(world.carer)) absl::StrAppend(&all, named.id, " ");
  EXPECT_EQ(all, "C-1 la-1 C-2 ");
}

}  // namespace
}  // namespace fosterwatch::carers::domain
