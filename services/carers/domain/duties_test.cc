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
