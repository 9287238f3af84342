#include "services/complaints/domain/ending.h"

#include <functional>
#include <string>
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

class EndingTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(case_.Record(), IsOk()); }
  void MakeReady() {
    ASSERT_THAT(case_.Answer(), IsOk());
    ASSERT_THAT(case_.Decide(), IsOk());
    ASSERT_THAT(case_.TakeAction(), IsOk());
    ASSERT_THAT(case_.Judge(false), IsOk());
  }
  Case case_;
};

// Regulation 18(4): each part of the record by its name.
TEST_F(EndingTest, ClosingIsRefusedByTheNameOfEachThingThatIsMissing) {
  const std::string point = absl::StrCat("points[", case_.complaint.points(0).point_id(), "]");
  const std::vector<std::pair<std::string, std::function<absl::Status()>>> parts = {
      {"answer", [&] { return case_.Answer(); }},
      {point, [&] { return case_.Decide(); }},
      {"action_taken", [&] { return case_.TakeAction(); }},
      {"seriousness", [&] { return case_.Judge(false); }},
  };
  std::set<std::string> missing = {"answer", point, "action_taken", "seriousness", "outcome"};
  EXPECT_EQ(FieldsOf(case_.Close("")), missing);
  missing.erase("outcome");
  for (const auto& [part, bring] : parts) {
    const absl::Status refused = case_.Close();
    EXPECT_THAT(refused, HasReason("NOT_READY_TO_CLOSE"));
    EXPECT_EQ(FieldsOf(refused), missing);
    ASSERT_THAT(bring(), IsOk());
    missing.erase(part);
  }
  EXPECT_EQ(FieldsOf(case_.Close("  ")), std::set<std::string>{"outcome"});
  ASSERT_THAT(case_.Judge(true), IsOk());
  EXPECT_EQ(FieldsOf(case_.Close()), std::set<std::string>{"event_proposal"});
  ASSERT_THAT(case_.AcceptEvent(), IsOk());
  EXPECT_THAT(case_.Close(), IsOk());
  EXPECT_EQ(case_.complaint.state(), v1::Complaint::STATE_CLOSED);
}

TEST_F(EndingTest, ClosingOpensAReviewThatClosesOnlyWithLearningAndAnAction) {
  MakeReady();
  ASSERT_THAT(case_.Close(), IsOk());
  ASSERT_EQ(case_.complaint.learning_reviews_size(), 1);
  const std::string review_id = case_.complaint.learning_reviews(0).review_id();
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_CLOSING), nullptr);
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_LEARNING_REVIEW).due_time()), "2027-01-19T00:00:00Z");

  v1::CloseLearningReviewRequest close;
  close.set_review_id(review_id);
  EXPECT_EQ(FieldsOf(case_.Do(CloseLearningReview, close)),
            (std::set<std::string>{"learning", "actions"}));
  v1::RecordLearningRequest learning;
  learning.set_review_id(review_id);
  learning.set_learning("money is to be seen by whoever visits");
  for (const char* text :
       {"Robin was right", "Child protection", "of C-1", "by F-1", "2026-0007"}) {
    learning.set_published_learning(text);
    EXPECT_THAT(case_.Do(RecordLearning, learning), HasReason("NAMES_SOMEBODY")) << text;
  }
  learning.set_published_learning("the child's robin; children's money is looked at");
  ASSERT_THAT(case_.Do(RecordLearning, learning), IsOk());
  EXPECT_EQ(FieldsOf(case_.Do(CloseLearningReview, close)), std::set<std::string>{"actions"});

  v1::AddLearningActionRequest add;
  add.set_review_id(review_id);
  EXPECT_THAT(case_.Do(AddLearningAction, add), HasReason("REQUIRED"));
  add.set_description("a line in the form of a visit");
  add.set_owner_id("manager");
  *add.mutable_due_time() = clock::ToProto(case_.now + absl::Hours(48));
  ASSERT_THAT(case_.Do(AddLearningAction, add), IsOk());
  ASSERT_THAT(case_.Do(CloseLearningReview, close), IsOk());
  EXPECT_THAT(case_.Do(CloseLearningReview, close), HasReason("REVIEW_CLOSED"));
  EXPECT_THAT(case_.Do(RecordLearning, learning), HasReason("REVIEW_CLOSED"));

  // The action lives on, is overdue by itself, and ends once.
  case_.now += absl::Hours(49);
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("LEARNING_ACTION_OVERDUE"));
  v1::CloseLearningActionRequest done;
  done.set_review_id(review_id);
  done.set_action_id("nobody's");
  EXPECT_THAT(case_.Do(CloseLearningAction, done), HasReason("UNKNOWN_ACTION"));
  done.set_action_id(case_.complaint.learning_reviews(0).actions(0).action_id());
  done.set_evidence("the new form");
  ASSERT_THAT(case_.Do(CloseLearningAction, done), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
  EXPECT_THAT(case_.Do(CloseLearningAction, done), HasReason("ACTION_CLOSED"));
}

TEST_F(EndingTest, WhatHasEndedIsNotWorkedOnButCanBeReopened) {
  MakeReady();
  EXPECT_THAT(case_.Reopen(), HasReason("NOT_ENDED"));
  ASSERT_THAT(case_.Close(), IsOk());
  for (const absl::Status& refused :
       {case_.Answer(), case_.Pause(), case_.Decide(), case_.TakeAction(), case_.Close(),
        case_.Withdraw(), case_.Next(), case_.Reclassify("reg18"), case_.Assign("somebody")}) {
    EXPECT_THAT(refused, HasReason("COMPLAINT_ENDED"));
  }
  const int history = case_.complaint.history_size();
  ASSERT_THAT(case_.Reopen(), IsOk());
  EXPECT_EQ(case_.complaint.state(), v1::Complaint::STATE_OPEN);
  EXPECT_EQ(case_.complaint.case_number().text(), "2026-0007");
  EXPECT_EQ(case_.complaint.history_size(), history + 1);
  EXPECT_EQ(case_.complaint.points(0).outcome(), v1::POINT_OUTCOME_UPHELD);
  EXPECT_EQ(case_.duty(v1::DUTY_KIND_REOPENED).explanation().rule(), "REOPENED_DUE");
  // Its review is open still, so closing opens no other.
  ASSERT_THAT(case_.Close("upheld again"), IsOk());
  EXPECT_EQ(case_.complaint.learning_reviews_size(), 1);
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_REOPENED), nullptr);
}

TEST_F(EndingTest, AWithdrawnOneKeepsItsClocksForReopening) {
  const std::string due = Show(case_.duty().due_time());
  ASSERT_THAT(case_.Withdraw(), IsOk());
  EXPECT_EQ(case_.complaint.state(), v1::Complaint::STATE_WITHDRAWN);
  EXPECT_EQ(case_.complaint.points(0).outcome(), v1::POINT_OUTCOME_WITHDRAWN);
  EXPECT_EQ(NextOverdue(case_.complaint), std::nullopt);
  case_.now = Utc("2026-12-21T09:00:00Z");
  ASSERT_THAT(case_.Reopen(), IsOk());
  EXPECT_EQ(Show(case_.duty().due_time()), due);
  EXPECT_EQ(case_.complaint.points(0).outcome(), v1::POINT_OUTCOME_UNSPECIFIED);
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_REOPENED), nullptr);
}

TEST_F(EndingTest, WithdrawingWhatIsOverdueEndsTheAttention) {
  case_.now = Utc("2027-01-05T00:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  ASSERT_THAT(case_.Withdraw(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled", "settled"));
  ASSERT_THAT(case_.Reopen(), IsOk());
  ASSERT_THAT(case_.Overdue(), IsOk());  // as late as it was
  EXPECT_EQ(case_.Attentions().size(), 2u);
}

TEST_F(EndingTest, ReclassifyingKeepsTheNumberAndTheHistory) {
  EXPECT_THAT(case_.Reclassify("ca1989"), HasReason("SAME_PROCEDURE"));
  EXPECT_THAT(case_.Reclassify("none"), HasReason("UNKNOWN_PROCEDURE"));
  case_.now = Utc("2026-12-18T09:00:00Z");
  ASSERT_THAT(case_.Reclassify("reg18"), IsOk());
  EXPECT_EQ(case_.complaint.case_number().text(), "2026-0007");
  EXPECT_EQ(case_.complaint.report().procedure_id(), "reg18");
  ASSERT_EQ(case_.complaint.stages_size(), 2);
  EXPECT_EQ(case_.stage().stage_id(), "informal");
  EXPECT_EQ(case_.stage().number(), 2);
  // Its giver has waited since receipt.
  EXPECT_EQ(Show(case_.duty().explanation().trigger_time()), "2026-12-16T10:00:00Z");
  EXPECT_EQ(case_.duty().stage_number(), 2);
  ASSERT_THAT(case_.Answer(), IsOk());

  ASSERT_THAT(case_.Reclassify(""), IsOk());
  EXPECT_EQ(case_.complaint.state(), v1::Complaint::STATE_RECLASSIFIED);
  EXPECT_EQ(case_.complaint.case_number().text(), "2026-0007");
  EXPECT_EQ(case_.complaint.disclosures_size(), 1);
  EXPECT_THAT(case_.Attentions(), ElementsAre("HARM_DISCLOSED"));
  EXPECT_EQ(NextOverdue(case_.complaint), std::nullopt);
}

TEST_F(EndingTest, ReopeningBringsBackNothingOfAnEarlierProcedure) {
  ASSERT_THAT(case_.Answer(), IsOk());
  ASSERT_THAT(case_.Reclassify("reg18"), IsOk());  // its closing is owed no longer
  ASSERT_THAT(case_.Withdraw(), IsOk());
  ASSERT_THAT(case_.Reopen(), IsOk());
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_CLOSING), nullptr);
  EXPECT_EQ(case_.duty().stage_number(), 2);
}

TEST_F(EndingTest, PointsAreAddedAndTheLastOutcomeHolds) {
  v1::AddPointRequest add;
  add.set_text("and no clothes");
  ASSERT_THAT(case_.Do(AddPoint, add), IsOk());
  ASSERT_EQ(case_.complaint.points_size(), 2);
  ASSERT_THAT(case_.Decide(v1::POINT_OUTCOME_NOT_UPHELD, 1), IsOk());
  ASSERT_THAT(case_.Decide(v1::POINT_OUTCOME_PARTLY_UPHELD, 1), IsOk());
  EXPECT_EQ(case_.complaint.points(1).outcome(), v1::POINT_OUTCOME_PARTLY_UPHELD);
  EXPECT_EQ(case_.complaint.points(1).text(), "and no clothes");
  EXPECT_THAT(case_.Decide(v1::POINT_OUTCOME_UNSPECIFIED, 1), HasReason("UNKNOWN_KIND"));
  v1::DecidePointRequest nobodys;
  nobodys.set_point_id("none");
  nobodys.set_outcome(v1::POINT_OUTCOME_UPHELD);
  nobodys.set_reason("why");
  EXPECT_THAT(case_.Do(DecidePoint, nobodys), HasReason("UNKNOWN_POINT"));
}

TEST_F(EndingTest, ASeriousOneIsProposedOnceAndDecidedOnce) {
  ASSERT_THAT(case_.Judge(true), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("EVENT_PROPOSED"));
  EXPECT_TRUE(case_.last.back().attention_needed().urgent());
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_EVENT_PROPOSAL).due_time()), "2026-12-16T22:00:00Z");
  ASSERT_THAT(case_.Judge(true), IsOk());
  EXPECT_EQ(case_.complaint.event_proposals_size(), 1);
  // Taken back, it falls away; judged again, it is proposed again.
  ASSERT_THAT(case_.Judge(false), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
  EXPECT_EQ(case_.complaint.event_proposals(0).state(), v1::EventProposal::STATE_FALLEN_AWAY);
  ASSERT_THAT(case_.Judge(true), IsOk());
  ASSERT_EQ(case_.complaint.event_proposals_size(), 2);
  ASSERT_THAT(case_.AcceptEvent(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
  const v1::EventProposal& accepted = case_.complaint.event_proposals(1);
  EXPECT_FALSE(accepted.event_id().empty());
  EXPECT_EQ(accepted.carer_id(), "F-1");
  EXPECT_THAT(case_.AcceptEvent(), HasReason("DECIDED_BEFORE"));
  ASSERT_THAT(case_.Judge(true), IsOk());
  EXPECT_EQ(case_.complaint.event_proposals_size(), 2);
}

TEST_F(EndingTest, AnEventThatWasReportedOfItBeforeIsTheOneThatIsAccepted) {
  ASSERT_THAT(case_.Judge(true), IsOk());
  ASSERT_THAT(case_.AcceptEvent("event-1"), IsOk());
  EXPECT_EQ(case_.complaint.event_proposals(0).event_id(), "event-1");
}

TEST_F(EndingTest, OnlyAManagerWithdrawsWhatIsAnonymousSeriousOrDisclosesHarm) {
  const Actor deputy = {"deputy", {options::v1::ROLE_DEPUTY_MANAGER}};
  v1::DiscloseHarmRequest disclose;
  disclose.set_text("was hit");
  const std::vector<std::function<void()>> kinds = {
      [&] {
        case_.complaint.mutable_report()->mutable_giver()->set_kind(v1::GIVER_KIND_ANONYMOUS);
      },
      [&] { ASSERT_THAT(case_.Judge(true), IsOk()); },
      [&] { ASSERT_THAT(case_.Do(DiscloseHarm, disclose, kCaseworker), IsOk()); },
  };
  for (const auto& make : kinds) {
    case_ = Case();
    ASSERT_THAT(case_.Record(), IsOk());
    make();
    EXPECT_THAT(case_.Withdraw(kCaseworker), HasReason("MANAGER_WITHDRAWS"));
    EXPECT_THAT(case_.Withdraw(), HasReason("MANAGER_WITHDRAWS"));
    EXPECT_THAT(case_.Withdraw(deputy), HasReason("NOT_READY_TO_WITHDRAW"));
    EXPECT_THAT(FieldsOf(case_.Withdraw(deputy)), ::testing::Contains("action_taken"));
    ASSERT_THAT(case_.TakeAction(), IsOk());
    if (OpenProposal(case_.complaint) != nullptr) {
      EXPECT_EQ(FieldsOf(case_.Withdraw(deputy)), std::set<std::string>{"event_proposal"});
      ASSERT_THAT(case_.AcceptEvent(), IsOk());
    }
    EXPECT_THAT(case_.Withdraw(deputy), IsOk());
  }
  case_ = Case();
  ASSERT_THAT(case_.Record(), IsOk());
  EXPECT_THAT(case_.Withdraw(kCaseworker), IsOk());
}

TEST_F(EndingTest, WhatIsPublishedNamesNobodyWhomTheComplaintNames) {
  v1::ComplaintReport& report = *case_.complaint.mutable_report();
  report.set_summary("Mabel keeps it. In May the money went to Elias, says Robin. Nobody asked.");
  v1::Stage& stage = *case_.complaint.mutable_stages(0);
  stage.mutable_investigator()->set_outside_name("Jo Bell");
  for (const char* text : {"Elias had it.", "it was Elias", "So Mabel kept it", "asked by Bell"}) {
    EXPECT_TRUE(NamesSomebody(case_.complaint, text)) << text;
  }
  // The beginning of a sentence in both is no name, nor are small letters, days and abbreviations.
  for (const char* text : {"Nobody asked. In a year it is looked at again.", "The carer keeps it",
                           "may money be asked for", "DBS checks on Monday"}) {
    EXPECT_FALSE(NamesSomebody(case_.complaint, text)) << text;
  }
}

TEST_F(EndingTest, OneAboutNoCarerIsSeriousWithoutAnEvent) {
  case_.complaint.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_SERVICE);
  ASSERT_THAT(case_.Judge(true), IsOk());
  EXPECT_EQ(case_.complaint.event_proposals_size(), 0);
}

TEST_F(EndingTest, ADisclosureWaitsForItsAllegation) {
  v1::DiscloseHarmRequest disclose;
  disclose.set_text("was hit");
  ASSERT_THAT(case_.Withdraw(), IsOk());
  ASSERT_THAT(case_.Do(DiscloseHarm, disclose, kCaseworker), IsOk());  // never too late
  EXPECT_THAT(case_.Attentions(), ElementsAre("HARM_DISCLOSED"));
  EXPECT_EQ(case_.last[0].harm_disclosed().child_id(), "C-1");
  ASSERT_THAT(case_.Apply(LinkAllegation(case_.complaint, "allegation-1")), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
  EXPECT_EQ(case_.complaint.disclosures(0).allegation_id(), "allegation-1");
  EXPECT_TRUE(LinkAllegation(case_.complaint, "allegation-1").empty());
  EXPECT_TRUE(LinkAllegation(case_.complaint, "another").empty());
}

TEST(WithdrawalTest, SaysWhoToldTheGiverAndWhen) {
  Case told;
  ASSERT_THAT(told.Record(), IsOk());
  told.now = kReceived + absl::Hours(5);
  v1::WithdrawComplaintRequest request;
  request.set_reason("settled");
  request.set_giver_told_by("registered");
  EXPECT_THAT(told.Do(Withdraw, request), HasReason("REQUIRED"));
  *request.mutable_giver_told_time() = clock::ToProto(kReceived - absl::Hours(1));
  EXPECT_THAT(told.Do(Withdraw, request), HasReason("BEFORE_START"));
  *request.mutable_giver_told_time() = clock::ToProto(kReceived + absl::Hours(4));
  ASSERT_THAT(told.Do(Withdraw, request), IsOk());
  EXPECT_EQ(told.complaint.withdrawal().giver_told_by(), "registered");
  EXPECT_EQ(Show(told.complaint.withdrawal().giver_told_time()), "2026-12-16T14:00:00Z");

  ASSERT_THAT(told.Reopen(), IsOk());
  request.clear_giver_told_by();
  ASSERT_THAT(told.Do(Withdraw, request), IsOk());
  EXPECT_EQ(told.complaint.withdrawal().giver_told_by(), kManager.id);
  ASSERT_THAT(told.Reopen(), IsOk());
  told.complaint.mutable_report()->mutable_giver()->set_kind(v1::GIVER_KIND_ANONYMOUS);
  EXPECT_THAT(told.Do(Withdraw, request, kRegistered), HasReason("ANONYMOUS_NAMED"));
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
