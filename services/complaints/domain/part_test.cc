#include "services/complaints/domain/part.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/learning.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Actor kIndividual = {"individual", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
// As the door lets them in where the complaint goes no other way.
const Actor kIndividualOnly = {"individual", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}, true};

// A complaint about the registered manager, by the agency's own procedure.
class OtherRouteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::RecordComplaintRequest request = Recording();
    v1::ComplaintReport& report = *request.mutable_report();
    report.set_procedure_id("reg18");
    report.mutable_subject()->Clear();
    report.mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
    report.mutable_subject()->set_staff_id(kRegistered.id);
    report.mutable_subject()->add_line_manager_ids("individual");
    Circumstances circumstances = Known();
    circumstances.subject_roles = {options::v1::ROLE_REGISTERED_MANAGER};
    ASSERT_THAT(case_.Apply(domain::Record(request, "complaint", MakeCaseNumber(2026, 7),
                                           kCaseworker, circumstances, case_.given()),
                            kCaseworker),
                IsOk());
  }

  // Every act on it, by `actor`.
  std::vector<std::pair<std::string, absl::Status>> EveryAct(const Actor& actor) {
    std::vector<std::pair<std::string, absl::Status>> acts;
    const auto act = [&](const std::string& name, auto rule, auto request) {
      request.set_complaint_id(case_.complaint.complaint_id());
      acts.emplace_back(name, rule(case_.complaint, request, actor, case_.given()).status());
    };
    act("acknowledge", Acknowledge, v1::AcknowledgeComplaintRequest());
    act("assign", AssignInvestigator, v1::AssignInvestigatorRequest());
    act("allow part", AllowInformalPart, v1::AllowInformalPartRequest());
    act("step", CompleteStep, v1::CompleteStepRequest());
    act("answer", AnswerStage, v1::AnswerStageRequest());
    act("extend", ExtendStage, v1::ExtendStageRequest());
    act("pause", PauseStage, v1::PauseStageRequest());
    act("resume", ResumeStage, v1::ResumeStageRequest());
    act("next", StartNextStage, v1::StartNextStageRequest());
    act("out of time", DecideOutOfTime, v1::DecideOutOfTimeRequest());
    act("add point", AddPoint, v1::AddPointRequest());
    act("decide point", DecidePoint, v1::DecidePointRequest());
    act("action", RecordActionTaken, v1::RecordActionTakenRequest());
    act("close", Close, v1::CloseComplaintRequest());
    act("withdraw", Withdraw, v1::WithdrawComplaintRequest());
    act("reopen", Reopen, v1::ReopenComplaintRequest());
    act("reclassify", Reclassify, v1::ReclassifyComplaintRequest());
    act("serious", JudgeSeriousness, v1::JudgeSeriousnessRequest());
    act(
        "accept event",
        [](const auto& complaint, const auto& request, const auto& by, const auto& given) {
          return AcceptEventProposal(complaint, request, "", by, given);
        },
        v1::AcceptEventProposalRequest());
    act("decline event", DeclineEventProposal, v1::DeclineEventProposalRequest());
    act("learning", RecordLearning, v1::RecordLearningRequest());
    act("learning action", AddLearningAction, v1::AddLearningActionRequest());
    act("close action", CloseLearningAction, v1::CloseLearningActionRequest());
    act("close review", CloseLearningReview, v1::CloseLearningReviewRequest());
    return acts;
  }

  Case case_;
};

TEST_F(OtherRouteTest, WhomItIsAboutTakesNoPartInAnything) {
  for (const auto& [act, refused] : EveryAct(kRegistered)) {
    EXPECT_THAT(refused, HasReason("SUBJECT_TAKES_NO_PART")) << act;
  }
  v1::DiscloseHarmRequest disclose;
  disclose.set_text("nothing of the kind");
  EXPECT_THAT(case_.Do(DiscloseHarm, disclose, kRegistered), HasReason("SUBJECT_TAKES_NO_PART"));
}

TEST_F(OtherRouteTest, ThoseWhoWorkForThemConsiderItAsLittle) {
  const Actor deputy = {"deputy", {options::v1::ROLE_DEPUTY_MANAGER}};
  for (const Actor& actor : {deputy, kManager, kCaseworker}) {
    for (const auto& [act, refused] : EveryAct(actor)) {
      EXPECT_THAT(refused, HasReason("ANOTHER_ROUTE")) << act << " by " << actor.id;
    }
  }
  EXPECT_EQ(FieldsOf(EveryAct(deputy)[0].second), std::set<std::string>{"considered_by"});
  // Harm is everybody's to say.
  v1::DiscloseHarmRequest disclose;
  disclose.set_text("he was hit");
  EXPECT_THAT(case_.Do(DiscloseHarm, disclose, kCaseworker), IsOk());
}

TEST_F(OtherRouteTest, TheResponsibleIndividualBringsItToItsEnd) {
  EXPECT_EQ(case_.complaint.other_route().about_role(), options::v1::ROLE_REGISTERED_MANAGER);
  EXPECT_FALSE(case_.complaint.other_route().source().empty());
  ASSERT_THAT(case_.Answer(kIndividualOnly), IsOk());
  v1::DecidePointRequest decide;
  decide.set_point_id(case_.complaint.points(0).point_id());
  decide.set_outcome(v1::POINT_OUTCOME_UPHELD);
  decide.set_reason("so it was");
  ASSERT_THAT(case_.Do(DecidePoint, decide, kIndividualOnly), IsOk());
  v1::RecordActionTakenRequest taken;
  taken.set_text("spoken with");
  ASSERT_THAT(case_.Do(RecordActionTaken, taken, kIndividualOnly), IsOk());
  EXPECT_THAT(case_.Close("upheld", kIndividualOnly), IsOk());
}

TEST_F(OtherRouteTest, TheResponsibleIndividualActsOnNoOtherComplaint) {
  case_ = Case();
  ASSERT_THAT(case_.Record(), IsOk());
  ASSERT_FALSE(case_.complaint.has_other_route());
  for (const auto& [act, refused] : EveryAct(kIndividualOnly)) {
    EXPECT_THAT(refused, HasReason("ANOTHER_ROUTE")) << act;
  }
  // With another role that lets them in they act by that one.
  EXPECT_THAT(
      case_.Answer({"individual",
                    {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, options::v1::ROLE_TEAM_MANAGER}}),
      IsOk());
}

TEST_F(OtherRouteTest, IsHiddenFromThemUntilTheyMayTakePartInformally) {
  EXPECT_TRUE(IsHiddenFrom(case_.complaint, kRegistered.id));
  EXPECT_FALSE(IsHiddenFrom(case_.complaint, kManager.id));
  EXPECT_FALSE(IsHiddenFrom(case_.complaint, ""));
  v1::AllowInformalPartRequest allow;
  allow.set_reason("a word will settle it");
  ASSERT_THAT(case_.Do(AllowInformalPart, allow, kIndividual), IsOk());
  EXPECT_FALSE(IsHiddenFrom(case_.complaint, kRegistered.id));
  EXPECT_THAT(case_.Answer(kRegistered), IsOk());
  // In the formal stage no more.
  ASSERT_THAT(case_.Do(StartNextStage, v1::StartNextStageRequest(), kIndividual), IsOk());
  EXPECT_TRUE(IsHiddenFrom(case_.complaint, kRegistered.id));
}

TEST_F(OtherRouteTest, APartThatWasAllowedEndsWithTheComplaintAndWithItsProcedure) {
  v1::AllowInformalPartRequest allow;
  allow.set_reason("a word will settle it");
  ASSERT_THAT(case_.Do(AllowInformalPart, allow, kIndividual), IsOk());
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_reason("settled");
  ASSERT_THAT(case_.Do(Withdraw, withdraw, kIndividual), IsOk());
  EXPECT_TRUE(IsHiddenFrom(case_.complaint, kRegistered.id));
  v1::ReopenComplaintRequest reopen;
  reopen.set_reason("it was not settled");
  ASSERT_THAT(case_.Do(Reopen, reopen, kIndividual), IsOk());
  EXPECT_FALSE(IsHiddenFrom(case_.complaint, kRegistered.id));
  v1::ReclassifyComplaintRequest reclassify;
  reclassify.set_to_procedure_id("ca1989");
  reclassify.set_reason("ours");
  ASSERT_THAT(case_.Do(Reclassify, reclassify, kIndividual), IsOk());
  ASSERT_TRUE(case_.stage().informal());
  EXPECT_TRUE(IsHiddenFrom(case_.complaint, kRegistered.id));
  EXPECT_THAT(case_.Answer(kRegistered), HasReason("SUBJECT_TAKES_NO_PART"));
}

TEST_F(OtherRouteTest, WhatIsOverdueIsToldThoseAloneWhoConsiderIt) {
  case_.now = Utc("2027-02-01T00:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  ASSERT_FALSE(case_.last.empty());
  for (const auto& fact : case_.last) {
    EXPECT_THAT(fact.attention_needed().not_to_person_ids(), ElementsAre(kRegistered.id));
    EXPECT_THAT(fact.attention_needed().to_roles(),
                ElementsAre(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
  }
}

TEST(OrdinaryRouteTest, OfAnybodyElseOnlyThatPersonIsNotToldAndDoesNotFindIt) {
  Case about_staff;
  v1::RecordComplaintRequest request = Recording();
  request.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  request.mutable_report()->mutable_subject()->set_staff_id("sam");
  request.mutable_report()->mutable_subject()->add_line_manager_ids("manager");
  ASSERT_THAT(about_staff.Record(request), IsOk());
  about_staff.now = Utc("2027-02-01T00:00:00Z");
  ASSERT_THAT(about_staff.Overdue(), IsOk());
  for (const auto& fact : about_staff.last) {
    EXPECT_THAT(fact.attention_needed().not_to_person_ids(), ElementsAre("sam"));
    EXPECT_THAT(fact.attention_needed().to_roles(), IsEmpty());
  }
  EXPECT_TRUE(IsHiddenFrom(about_staff.complaint, "sam"));
  EXPECT_FALSE(IsHiddenFrom(about_staff.complaint, "manager"));
  // Only where a route of the procedures says that it is not.
  about_staff.complaint.mutable_other_route()->set_about_role(options::v1::ROLE_REGISTERED_MANAGER);
  EXPECT_FALSE(IsHiddenFrom(about_staff.complaint, "sam"));
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
