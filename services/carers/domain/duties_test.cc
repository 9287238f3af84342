#include "services/carers/domain/duties.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::DutyKind;

absl::Time EndOf(const char* day) { return StartOf(*ParseDay(day) + 1); }

TEST(CarerDutiesTest, OfANewlyApprovedCarerAreAsLawAndPolicySay) {
  for (const auto kind : {v1::Carer::KIND_MAINSTREAM, v1::Carer::KIND_CONNECTED}) {
    World world;
    world.Approve(kind);  // 2026-11-22
    const std::vector<std::tuple<DutyKind, const char*, v1::DutyBasis>> expected = {
        {v1::DUTY_KIND_FIRST_REVIEW, "2027-11-22", v1::DUTY_BASIS_STATUTE},
        {v1::DUTY_KIND_AGREEMENT_ISSUE, "2026-12-06", v1::DUTY_BASIS_STATUTE},
        {v1::DUTY_KIND_UNANNOUNCED_VISIT, "2027-11-22", v1::DUTY_BASIS_STANDARD},
        {v1::DUTY_KIND_HOME_SAFETY, "2027-11-22", v1::DUTY_BASIS_STANDARD},
        {v1::DUTY_KIND_TRAINING_STANDARDS,
         kind == v1::Carer::KIND_CONNECTED ? "2028-05-22" : "2027-11-22", v1::DUTY_BASIS_STANDARD},
        {v1::DUTY_KIND_DBS_RENEWAL, "2029-11-22", v1::DUTY_BASIS_AGENCY},
        {v1::DUTY_KIND_MEDICAL_RENEWAL, "2028-11-22", v1::DUTY_BASIS_AGENCY},
    };
    for (const auto& [duty_kind, day, basis] : expected) {
      const v1::CarerDuty* duty = world.DutyOf(duty_kind);
      ASSERT_NE(duty, nullptr) << Name(duty_kind);
      EXPECT_EQ(clock::FromProto(duty->due_time()), EndOf(day)) << Name(duty_kind);
      EXPECT_EQ(duty->basis(), basis) << Name(duty_kind);
      EXPECT_FALSE(duty->explanation().source().empty());
      EXPECT_EQ(duty->explanation().due_time().seconds(), duty->due_time().seconds());
    }
    // Certificates are of persons; supervision is owed only while a child is placed.
    EXPECT_EQ(world.carer.duties_size(), 9);
  }
}

TEST(CarerDutiesTest, AVisitMovesWhatItFulfilsAndAnUnannouncedOneNothingElse) {
  World world;
  world.Approve();
  world.Place("C-1");
  world.Pass(absl::Hours(24 * 10));
  const absl::Time supervision =
      clock::FromProto(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT)->due_time());
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  visit.set_unannounced(true);
  visit.add_seen()->set_foster_parent_id("1");
  auto* child = visit.add_seen();
  child->set_child_id("C-1");
  child->set_alone(true);
  auto* finding = visit.add_findings();
  finding->set_description("no lock on the medicine box");
  finding->set_owner_id("worker-2");
  world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_UNANNOUNCED_VISIT)->due_time()),
            EndOf("2027-12-02"));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_UNANNOUNCED_VISIT)->last_done_date(), "2026-12-02");
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT)->due_time()),
            supervision);
  const v1::CarerDuty* action = world.DutyOf(v1::DUTY_KIND_ACTION);
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(clock::FromProto(action->due_time()), EndOf("2026-12-30"));
  EXPECT_EQ(world.carer.actions(0).due_time().seconds(), action->due_time().seconds());
  v1::CloseCarerActionRequest close;
  close.set_action_id(action->about_id());
  close.set_evidence("seen again: locked");
  world.Do(CloseAction(world.carer, close, world.At()));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ACTION), nullptr);
}

TEST(CarerDutiesTest, AResignationEndsTheApprovalByItselfAndTheDutiesWithIt) {
  World world;
  world.Approve();
  v1::RecordResignationRequest resign;
  resign.set_received_date("2026-11-22");
  world.Do(RecordResignation(world.carer, resign, world.At()));
  EXPECT_EQ(ReasonOf(RecordResignation(world.carer, resign, world.At()).status()),
            "RESIGNED_BEFORE");
  EXPECT_EQ(clock::FromProto(world.carer.standing().ends_time()), EndOf("2026-12-20"));
  world.Pass(EndOf("2026-12-20") - world.now - absl::Microseconds(1));
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_APPROVED);
  world.Pass(absl::Microseconds(1));
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_ENDED);
  EXPECT_EQ(world.carer.ended_date(), "2026-12-20");
  EXPECT_EQ(world.carer.end_reason(), v1::END_REASON_RESIGNATION);
  EXPECT_EQ(world.carer.standing().status(), v1::Carer::STATUS_ENDED);
  EXPECT_EQ(world.carer.duties_size(), 0);
  EXPECT_EQ(world.carer.open_attentions_size(), 0);
  EXPECT_FALSE(
      IsApprovedOn(world.Entry(absl::CivilDay(2026, 12, 21)), absl::CivilDay(2026, 12, 21)));
  EXPECT_TRUE(
      IsApprovedOn(world.Entry(absl::CivilDay(2026, 12, 20)), absl::CivilDay(2026, 12, 20)));
}

TEST(CarerDutiesTest, ATemporaryApprovalLastsItsWeeksAndOnceMore) {
  World world;
  v1::ApproveTemporarilyRequest approve;
  approve.set_carer_id("F-9");
  *approve.mutable_particulars() = Household();
  approve.set_from_date("2026-11-22");
  approve.set_child_id("C-1");
  world.Do(ApproveTemporarily(world.carer, approve, world.At(), NextId));
  EXPECT_EQ(world.carer.standing().terms(0).terms().named_child_ids(0), "C-1");
  const v1::CarerDuty* duty = world.DutyOf(v1::DUTY_KIND_TEMPORARY_APPROVAL);
  ASSERT_NE(duty, nullptr);
  EXPECT_EQ(clock::FromProto(duty->due_time()), EndOf("2027-03-14"));
  v1::ExtendTemporaryApprovalRequest extend;
  extend.set_reason("the panel met late");
  world.Do(ExtendTemporaryApproval(world.carer, extend, world.At()));
  EXPECT_EQ(ReasonOf(ExtendTemporaryApproval(world.carer, extend, world.At()).status()),
            "EXTENDED_BEFORE");
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_TEMPORARY_APPROVAL)->due_time()),
            EndOf("2027-05-09"));
  world.Pass(absl::Hours(24 * 169));
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_ENDED);
  EXPECT_EQ(world.carer.end_reason(), v1::END_REASON_TEMPORARY_APPROVAL_OVER);
  EXPECT_EQ(world.carer.ended_date(), "2027-05-09");
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
  world.Decide(v1::Decision::OUTCOME_APPROVED);
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_DECISION), nullptr);
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_ORAL_NOTICE)->due_time()),
            EndOf("2026-11-24"));
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_WRITTEN_NOTICE)->due_time()),
            EndOf("2026-11-27"));
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

TEST(CarerDutiesTest, AnAgreementCoversAllOfScheduleFiveAndComesBackSignedByAll) {
  World world;
  world.Approve();
  v1::IssueAgreementRequest issue;
  issue.set_version("3");
  issue.set_issued_date(world.Today());
  const v1::CarerPolicy& policy = InForce(OurPolicies(), world.now);
  for (const auto& rule : policy.agreement()) issue.add_items_covered(rule.code());
  issue.mutable_items_covered()->RemoveLast();
  const auto incomplete = IssueAgreement(world.carer, issue, world.At(), NextId).status();
  EXPECT_EQ(ReasonOf(incomplete), "AGREEMENT_INCOMPLETE");
  EXPECT_EQ(ViolationsOf(incomplete)[0].field, "items_covered.REMOVAL");
  issue.add_items_covered("REMOVAL");
  world.Do(IssueAgreement(world.carer, issue, world.At(), NextId));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_AGREEMENT_ISSUE), nullptr);
  const v1::CarerDuty* owed = world.DutyOf(v1::DUTY_KIND_AGREEMENT_RETURN);
  ASSERT_NE(owed, nullptr);
  v1::RecordAgreementReturnedRequest returned;
  returned.set_agreement_id(owed->about_id());
  returned.set_returned_date(world.Today());
  returned.add_foster_parent_ids("1");
  EXPECT_EQ(ReasonOf(RecordAgreementReturned(world.carer, returned, world.At()).status()),
            "SIGNATURE_MISSING");
  returned.add_foster_parent_ids("2");
  world.Do(RecordAgreementReturned(world.carer, returned, world.At()));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_AGREEMENT_RETURN), nullptr);
  // A later edition of Schedule 5 asks for another agreement.
  v1::CarerPolicies later = OurPolicies();
  *later.add_editions() = later.editions(0);
  later.mutable_editions(1)->set_version("2027");
  later.mutable_editions(1)->set_effective_from("2027-01-01");
  later.mutable_editions(1)->set_agreement_version("2027");
  world.policies = &later;
  world.now = StartOf(absl::CivilDay(2027, 1, 2));
  world.Take(OnTime(world.carer, world.At()));
  const v1::CarerDuty* again = world.DutyOf(v1::DUTY_KIND_AGREEMENT_ISSUE);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->last_done_date(), "2026-11-22");
}

TEST(CarerDutiesTest, StandingIsToldWheneverItChangesAndNeverOtherwise) {
  World world;
  world.Approve();
  const auto told = [&] {
    return std::any_of(world.last.begin(), world.last.end(),
                       [](const auto& fact) { return fact.has_standing_changed(); });
  };
  v1::ChangeTermsRequest change;
  *change.mutable_terms() = SomeTerms(1);
  change.mutable_terms()->set_note("only with the door open");
  change.set_agreed_date(world.Today());
  change.set_effective_date("2027-01-01");
  world.Do(ChangeTerms(world.carer, change, world.At(), NextId));
  EXPECT_TRUE(told());
  ASSERT_EQ(world.carer.standing().terms_size(), 2);
  EXPECT_EQ(world.carer.standing().terms(1).effective_date(), "2027-01-01");
  EXPECT_EQ(world.carer.standing().terms(1).terms().note(), "") << "words stay here";
  EXPECT_EQ(world.carer.standing().usual_limit(), 3);
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
  EXPECT_FALSE(told());
  v1::SuspendApprovalRequest suspend;
  suspend.set_from_date(world.Today());
  suspend.set_reason("an allegation");
  world.Do(SuspendApproval(world.carer, suspend, world.At()));
  EXPECT_TRUE(told());
  EXPECT_EQ(world.carer.standing().status(), v1::Carer::STATUS_SUSPENDED);
}

TEST(CarerDutiesTest, ACarerOfAnOlderLedgerGetsThemByATimer) {
  World world;
  Facts facts(1);
  v1::Carer* told = facts[0].mutable_carer_recorded()->mutable_carer();
  told->set_carer_id("F-1");
  told->set_name("Old");
  told->set_kind(v1::Carer::KIND_MAINSTREAM);
  told->set_approved_date("2020-01-01");
  world.Take(facts);
  ASSERT_EQ(world.carer.duties_size(), 0);
  world.Pass(absl::Seconds(1));
  EXPECT_GT(world.carer.duties_size(), 5);
  EXPECT_EQ(Codes(world.last), std::multiset<std::string>())
      << "there is time to record what was done";
  world.Pass(absl::Hours(24 * 30));
  EXPECT_EQ(Codes(world.last).count("FIRST_REVIEW_OVERDUE"), 1u);
}

TEST(CarerDutiesTest, AnEditionThatBeginsMovesThemWithoutAnyOtherFact) {
  World world;
  world.Approve();  // 2026-11-22
  world.Pass(absl::Hours(24 * 60));
  EXPECT_TRUE(OnTime(world.carer, world.At()).empty());
  v1::CarerPolicies policies = OurPolicies();
  v1::CarerPolicy next = policies.editions(policies.editions_size() - 1);
  next.set_version("next");
  next.set_effective_from("2027-01-01");
  for (auto& rule : *next.mutable_duties()) {
    if (rule.kind() == v1::DUTY_KIND_UNANNOUNCED_VISIT) {
      rule.mutable_limit()->set_calendar_months(6);
    }
  }
  *policies.add_editions() = next;
  world.policies = &policies;
  const std::string review =
      world.DutyOf(v1::DUTY_KIND_FIRST_REVIEW)->due_time().ShortDebugString();
  const Facts facts = OnTime(world.carer, world.At());
  world.Take(facts);
  const v1::CarerDuty* visit = world.DutyOf(v1::DUTY_KIND_UNANNOUNCED_VISIT);
  EXPECT_EQ(clock::FromProto(visit->due_time()), EndOf("2027-05-22"));
  EXPECT_EQ(visit->explanation().rule_version(), "carers next");
  EXPECT_EQ(world.carer.policy_version(), "next");
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_FIRST_REVIEW)->due_time().ShortDebugString(), review);
  EXPECT_TRUE(OnTime(world.carer, world.At()).empty()) << "once";
}

}  // namespace
}  // namespace fosterwatch::carers::domain
