#include <map>
#include <set>
#include <string>

#include "services/carers/domain/duties.h"
#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

absl::Time EndOf(const char* day) { return StartOf(*ParseDay(day) + 1); }

// The policy asks for a notice by word of mouth beside the written one from a day on; it was made
// up for by the written one before.
TEST(CarerDutiesTest, AWrittenNoticeMakesUpForWordsOnlyOfDecisionsFromBeforeTheRule) {
  const v1::CarerPolicy& policy = InForce(OurPolicies(), StartOf(absl::CivilDay(2026, 11, 24)));
  const auto from =
      ParseDay(RuleOf(policy, v1::DUTY_KIND_ORAL_NOTICE, v1::Carer::KIND_MAINSTREAM).from_date());
  ASSERT_TRUE(from);
  for (const bool before : {true, false}) {
    World world;
    world.Apply();
    world.Obtain(1);
    world.StageTwo();
    world.Obtain(2);
    world.Recommend(v1::MATTER_APPROVAL);
    world.now = before ? StartOf(*from) - absl::Seconds(1) : StartOf(*from);
    world.Decide(v1::Decision::OUTCOME_APPROVED);
    EXPECT_NE(world.DutyOf(v1::DUTY_KIND_ORAL_NOTICE), nullptr) << "nobody has told them";
    world.now = StartOf(*from) + absl::Hours(9);
    world.Tell(/*written=*/true);
    EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ORAL_NOTICE) == nullptr, before);
    world.Pass(absl::Hours(24 * 30));
    EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ORAL_NOTICE) == nullptr, before);
  }
}

TEST(CarerDutiesTest, NobodyWhoOnlyAppliesHasADayOfApproval) {
  World world;
  world.Apply();
  v1::RecordParticularsRequest join;
  *join.mutable_particulars() = Household();
  auto* carl = join.mutable_particulars()->add_foster_parents();
  carl->set_name("Carl New");
  carl->set_birth_date("1990-01-01");
  carl->set_sex(v1::FosterParent::SEX_MALE);
  join.set_effective_date(world.Today());
  world.Do(RecordParticulars(world.carer, join, world.At(), NextId));
  EXPECT_TRUE(JoinersOf(world.carer).empty());
  const v1::Carer shown = Present(world.carer, world.At());
  for (const auto& person : shown.foster_parents()) {
    EXPECT_EQ(person.approved_date(), "");
  }
}

TEST(CarerDutiesTest, DecisionsAreTakenAndToldWithinTheirWorkingDays) {
  World world;  // a Sunday
  world.Apply();
  world.Obtain(1);
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_STAGE_ONE_OUTCOME)->due_time()),
            EndOf("2026-12-04"));
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_PANEL_RECOMMENDATION)->due_time()),
            EndOf("2027-07-22"));
  world.StageTwo();
  world.Obtain(2);
  world.Recommend(v1::MATTER_APPROVAL);
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_PANEL_RECOMMENDATION), nullptr);
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_DECISION)->due_time()),
            EndOf("2026-12-01"));
  world.Pass(absl::Hours(24));  // the day from which the policy asks for both notices
  world.Decide(v1::Decision::OUTCOME_APPROVED);
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_DECISION), nullptr);
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_ORAL_NOTICE)->due_time()),
            EndOf("2026-11-25"));
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_WRITTEN_NOTICE)->due_time()),
            EndOf("2026-11-30"));
  for (const bool oral_first : {true, false}) {
    World told = world;
    told.Tell(/*written=*/!oral_first);
    EXPECT_EQ(told.DutyOf(v1::DUTY_KIND_ORAL_NOTICE) == nullptr, oral_first);
    EXPECT_EQ(told.DutyOf(v1::DUTY_KIND_WRITTEN_NOTICE) == nullptr, !oral_first);
    told.Tell(/*written=*/oral_first);
    EXPECT_EQ(told.DutyOf(v1::DUTY_KIND_ORAL_NOTICE), nullptr);
    EXPECT_EQ(told.DutyOf(v1::DUTY_KIND_WRITTEN_NOTICE), nullptr);
  }
}

TEST(CarerDutiesTest, TheFirstReviewGoesToThePanelAndTheNextIsDueAYearAfterIt) {
  World world;
  world.Approve();
  world.Pass(absl::Hours(24 * 300));
  v1::RecordReviewRequest review;
  review.set_review_date(world.Today());
  review.set_report("doing well");
  review.set_reviewer_id("worker-2");
  review.set_still_suitable(true);
  review.set_terms_appropriate(true);
  EXPECT_EQ(ReasonOf(RecordReview(world.carer, review, world.At(), NextId).status()),
            "FIRST_REVIEW_TO_PANEL");
  review.set_to_panel(true);
  world.Do(RecordReview(world.carer, review, world.At(), NextId));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_FIRST_REVIEW), nullptr);
  EXPECT_NE(world.DutyOf(v1::DUTY_KIND_ANNUAL_REVIEW), nullptr);
  EXPECT_NE(world.DutyOf(v1::DUTY_KIND_REVIEW_TO_PANEL), nullptr);
  EXPECT_EQ(ReasonOf(RecordReview(world.carer, review, world.At(), NextId).status()),
            "REVIEWED_THAT_DAY");
  world.Recommend(v1::MATTER_REVIEW);
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_REVIEW_TO_PANEL), nullptr);
  world.Decide(v1::Decision::OUTCOME_CONTINUED);
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_DECISION), nullptr);
}

TEST(CarerDutiesTest, AReviewThatFindsThemNotSuitableIsDecidedOnBeforeAnyOtherReview) {
  for (const bool suitable : {false, true}) {
    World world;
    world.Approve();
    world.Pass(absl::Hours(24 * 300));  // Saturday 2027-09-18
    v1::RecordReviewRequest review;
    review.set_review_date(world.Today());
    review.set_report("not as it should be");
    review.set_reviewer_id("worker-2");
    review.set_still_suitable(suitable);  // else only the terms are wrong
    review.set_to_panel(true);
    world.Do(RecordReview(world.carer, review, world.At(), NextId));
    EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ANNUAL_REVIEW), nullptr);
    const v1::CarerDuty* duty = world.DutyOf(v1::DUTY_KIND_REVIEW_DECISION);
    ASSERT_NE(duty, nullptr);
    EXPECT_EQ(clock::FromProto(duty->due_time()), EndOf("2027-09-28"));
    EXPECT_EQ(duty->about_id(), world.carer.reviews(0).review_id());
    world.Pass(absl::Seconds(1));
    EXPECT_EQ(Codes(world.last).count("REVIEW_DECISION_DUE_SOON"), 1u) << "at once";
    if (suitable) {
      v1::ChangeTermsRequest change;
      *change.mutable_terms() = SomeTerms(1);
      change.set_agreed_date(world.Today());
      change.set_effective_date(world.Today());
      world.Do(ChangeTerms(world.carer, change, world.At(), NextId));
    } else {
      world.Decide(v1::Decision::OUTCOME_CONTINUED);  // need not agree
    }
    EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_REVIEW_DECISION), nullptr);
    EXPECT_NE(world.DutyOf(v1::DUTY_KIND_ANNUAL_REVIEW), nullptr);
    EXPECT_EQ(ReasonOf(RecordDecision(world.carer, world.Deciding(v1::Decision::OUTCOME_CONTINUED),
                                      world.At(), NextId)
                           .status()),
              "NO_RECOMMENDATION")
        << "it is answered";
  }
}

TEST(CarerDutiesTest, OneWhoJoinsLaterIsApprovedFromThatDayAndOwesTheirOwnCertificates) {
  World world;
  world.Approve();                    // 2026-11-22
  world.Pass(absl::Hours(24 * 100));  // 2027-03-02
  v1::RecordParticularsRequest join;
  *join.mutable_particulars() = Household();
  for (int i = 0; i < 2; ++i) {
    join.mutable_particulars()->mutable_foster_parents(i)->set_foster_parent_id(
        absl::StrCat(i + 1));
  }
  auto* carl = join.mutable_particulars()->add_foster_parents();
  carl->set_name("Carl New");
  carl->set_birth_date("1990-01-01");
  carl->set_sex(v1::FosterParent::SEX_MALE);
  carl->set_approved_date("2001-01-01");
  join.set_effective_date("2027-03-01");
  world.Do(RecordParticulars(world.carer, join, world.At(), NextId));
  const auto entry = world.Entry(absl::CivilDay(2027, 3, 1));
  EXPECT_EQ(entry.particulars().foster_parents(0).approved_date(), "2026-11-22");
  EXPECT_EQ(entry.particulars().foster_parents(2).approved_date(), "2027-03-01");
  EXPECT_EQ(Present(world.carer, world.At()).foster_parents(2).approved_date(), "2027-03-01");
  std::map<std::string, absl::Time> due;
  for (const auto& duty : world.carer.duties()) {
    due[duty.duty_id()] = clock::FromProto(duty.due_time());
  }
  EXPECT_EQ(due["DBS_RENEWAL/1"], EndOf("2029-11-22"));
  EXPECT_EQ(due["DBS_RENEWAL/3"], EndOf("2027-03-02"));
  EXPECT_EQ(due["MEDICAL_RENEWAL/3"], EndOf("2027-03-29"));
  EXPECT_EQ(due["TRAINING_STANDARDS"], EndOf("2027-11-22"));
  EXPECT_EQ(due["TRAINING_STANDARDS/3"], EndOf("2028-03-01"));
  for (const auto kind : {v1::CHECK_KIND_DBS, v1::CHECK_KIND_TRAINING_STANDARDS}) {
    v1::RecordCheckRequest check;
    check.set_kind(kind);
    check.set_foster_parent_id("3");
    check.set_done_date("2027-03-02");
    world.Do(RecordCheck(world.carer, check, world.At(), NextId));
  }
  due.clear();
  for (const auto& duty : world.carer.duties()) {
    due[duty.duty_id()] = clock::FromProto(duty.due_time());
  }
  EXPECT_EQ(due["DBS_RENEWAL/3"], EndOf("2030-03-02"));
  EXPECT_EQ(due.count("TRAINING_STANDARDS/3"), 0u);
  EXPECT_EQ(due.count("TRAINING_STANDARDS"), 1u) << "theirs is not that of the others";
}

TEST(CarerDutiesTest, AVisitFulfilsADutyOnlyIfItMeetsWhatThatDutyAsks) {
  struct Case {
    bool unannounced;
    const char* seen;  // parent, child, other, or nobody
    std::set<std::string> fulfils;
  };
  const Case cases[] = {
      {true, "parent", {"HOME_SAFETY", "SUPERVISION_VISIT", "UNANNOUNCED_VISIT"}},
      {true, "child", {"HOME_SAFETY", "UNANNOUNCED_VISIT"}},
      {true, "other", {}},
      {true, "", {}},
      {false, "parent", {"SUPERVISION_VISIT"}},
      {false, "child", {}},
  };
  for (const Case& one : cases) {
    World world;
    world.Approve();
    world.Place("C-1");
    world.Pass(absl::Hours(24 * 10));
    v1::RecordVisitRequest visit;
    *visit.mutable_visited_time() = world.Now();
    visit.set_unannounced(one.unannounced);
    visit.set_supervision(true);
    visit.set_home_safety(true);
    const std::string seen = one.seen;
    if (seen == "parent") visit.add_seen()->set_foster_parent_id("1");
    if (seen == "child") visit.add_seen()->set_child_id("C-1");
    if (seen == "other") visit.add_seen()->set_other("a neighbour");
    world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
    std::set<std::string> fulfilled;
    for (const auto& duty : world.carer.duties()) {
      if (duty.last_done_date() == world.Today()) fulfilled.insert(duty.duty_id());
    }
    EXPECT_EQ(fulfilled, one.fulfils) << one.unannounced << " " << seen;
  }
}

}  // namespace
}  // namespace fosterwatch::carers::domain
