#include "services/carers/domain/decision.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Decision;
using v1::DecisionAnswer;

// Recommended unsuitable, and a refusal proposed and told in writing.
World RefusalProposed() {
  World world;
  world.Apply();
  world.Obtain(1);
  world.StageTwo();
  world.Obtain(2);
  world.Recommend(v1::MATTER_APPROVAL, /*suitable=*/false);
  world.Decide(Decision::OUTCOME_REFUSAL_PROPOSED);
  world.Tell();
  return world;
}

std::string TryToConfirm(const World& world) {
  return ReasonOf(
      RecordDecision(world.carer, world.Deciding(Decision::OUTCOME_CONFIRMED), world.At(), NextId)
          .status());
}

v1::RecordDecisionAnswerRequest Answering(const World& world, DecisionAnswer::Kind kind) {
  v1::RecordDecisionAnswerRequest request;
  request.set_decision_id(world.carer.decisions().rbegin()->decision_id());
  request.set_kind(kind);
  *request.mutable_received_time() = world.Now();
  return request;
}

TEST(DecisionTest, ARefusalWaitsForItsTwentyEightDays) {
  World world = RefusalProposed();
  const absl::Time until = clock::FromProto(world.carer.decisions().rbegin()->answer_until_time());
  EXPECT_EQ(until, StartOf(absl::CivilDay(2026, 12, 21)));
  EXPECT_EQ(TryToConfirm(world), "ANSWER_PERIOD_OPEN");
  world.Pass(until - world.now - absl::Microseconds(1));
  EXPECT_EQ(TryToConfirm(world), "ANSWER_PERIOD_OPEN");
  world.Pass(absl::Microseconds(1));
  EXPECT_EQ(
      ReasonOf(RecordDecisionAnswer(
                   world.carer, Answering(world, DecisionAnswer::KIND_REPRESENTATIONS), world.At())
                   .status()),
      "ANSWER_PERIOD_OVER");
  world.Decide(Decision::OUTCOME_CONFIRMED);
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_REFUSED);
  EXPECT_EQ(world.carer.application().state(), v1::Application::STATE_REFUSED);
}

TEST(DecisionTest, RepresentationsGoToThePanelAgainBeforeItIsConfirmed) {
  World world = RefusalProposed();
  world.Do(RecordDecisionAnswer(world.carer, Answering(world, DecisionAnswer::KIND_REPRESENTATIONS),
                                world.At()));
  EXPECT_EQ(ReasonOf(RecordDecisionAnswer(world.carer,
                                          Answering(world, DecisionAnswer::KIND_INDEPENDENT_REVIEW),
                                          world.At())
                         .status()),
            "ANSWERED_BEFORE")
      << "one or the other";
  world.Pass(absl::Hours(24 * 40));
  EXPECT_EQ(TryToConfirm(world), "NOT_HEARD");
  world.Recommend(v1::MATTER_APPROVAL);
  EXPECT_NE(world.DutyOf(v1::DUTY_KIND_DECISION), nullptr);
  world.Decide(Decision::OUTCOME_APPROVED);
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_APPROVED);
  EXPECT_EQ(OpenProposal(world.carer), nullptr);
}

TEST(DecisionTest, AnIndependentReviewGetsItsPapersInTenWorkingDaysAndIsHeard) {
  World world = RefusalProposed();
  world.Do(RecordDecisionAnswer(
      world.carer, Answering(world, DecisionAnswer::KIND_INDEPENDENT_REVIEW), world.At()));
  const v1::CarerDuty* papers = world.DutyOf(v1::DUTY_KIND_REVIEW_PAPERS);
  ASSERT_NE(papers, nullptr);
  EXPECT_EQ(clock::FromProto(papers->due_time()), StartOf(absl::CivilDay(2026, 12, 5)));
  v1::SendReviewPapersRequest send;
  send.set_decision_id(papers->about_id());
  *send.mutable_sent_time() = world.Now();
  world.Do(SendReviewPapers(world.carer, send, world.At()));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_REVIEW_PAPERS), nullptr);
  EXPECT_EQ(ReasonOf(SendReviewPapers(world.carer, send, world.At()).status()), "SENT_BEFORE");
  EXPECT_EQ(ReasonOf(RecordRecommendation(world.carer, world.Recommending(v1::MATTER_APPROVAL),
                                          world.At(), NextId)
                         .status()),
            "PROPOSAL_OPEN")
      << "it is not before our own panel";
  auto review = world.Recommending(v1::MATTER_APPROVAL, false);
  review.set_body(v1::Recommendation::BODY_REVIEW_MECHANISM);
  world.Do(RecordRecommendation(world.carer, review, world.At(), NextId));
  world.Decide(Decision::OUTCOME_CONFIRMED);
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_REFUSED);
}

TEST(DecisionTest, OtherTermsHoldAtOnceWhereTheyAreAgreedToInWriting) {
  World world;
  world.Approve();
  world.Pass(absl::Hours(24 * 100));
  v1::RecordReviewRequest review;
  review.set_review_date(world.Today());
  review.set_report("one child is enough");
  review.set_reviewer_id("worker-2");
  review.set_still_suitable(true);
  review.set_to_panel(true);
  world.Do(RecordReview(world.carer, review, world.At(), NextId));
  auto propose = world.Deciding(Decision::OUTCOME_TERMS_PROPOSED);
  *propose.mutable_terms() = SomeTerms(1);
  world.Do(RecordDecision(world.carer, propose, world.At(), NextId));
  world.Tell();
  EXPECT_EQ(world.carer.standing().terms_size(), 1) << "only proposed";
  world.Do(
      RecordDecisionAnswer(world.carer, Answering(world, DecisionAnswer::KIND_AGREED), world.At()));
  world.Decide(Decision::OUTCOME_CONFIRMED);
  ASSERT_EQ(world.carer.standing().terms_size(), 2);
  EXPECT_EQ(world.carer.standing().terms(1).terms().max_children(), 1);
  EXPECT_EQ(world.carer.standing().terms(1).effective_date(), world.Today());
}

TEST(DecisionTest, WhatWasSaidOfAnApplicationThatWasWithdrawnIsNotSaidOfTheNext) {
  World world;
  v1::ApproveTemporarilyRequest approve;
  approve.set_carer_id("F-9");
  *approve.mutable_particulars() = Household();
  approve.set_from_date(world.Today());
  approve.set_child_id("C-1");
  world.Do(ApproveTemporarily(world.carer, approve, world.At(), NextId));
  const auto apply = [&] {
    world.Apply(v1::Carer::KIND_CONNECTED);
    world.Obtain(1);
    world.StageTwo();
    world.Obtain(2);
  };
  apply();
  world.Recommend(v1::MATTER_APPROVAL);
  v1::WithdrawApplicationRequest withdraw;
  withdraw.set_withdrawn_date(world.Today());
  world.Do(WithdrawApplication(world.carer, withdraw, world.At()));
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_TEMPORARILY_APPROVED);
  apply();
  EXPECT_EQ(ReasonOf(RecordDecision(world.carer, world.Deciding(Decision::OUTCOME_APPROVED),
                                    world.At(), NextId)
                         .status()),
            "NO_RECOMMENDATION");
  EXPECT_NE(world.DutyOf(v1::DUTY_KIND_PANEL_RECOMMENDATION), nullptr);
}

TEST(DecisionTest, NamesWhatIsWrongWithADecision) {
  World world;
  world.Apply();
  world.Obtain(1);
  world.StageTwo();
  world.Obtain(2);
  using Request = v1::RecordDecisionRequest;
  const auto reason = [&](const Request& request) {
    return ReasonOf(RecordDecision(world.carer, request, world.At(), NextId).status());
  };
  EXPECT_EQ(reason(world.Deciding(Decision::OUTCOME_APPROVED)), "NO_RECOMMENDATION");
  world.Recommend(v1::MATTER_APPROVAL);
  const std::vector<std::pair<std::string, std::function<void(Request&)>>> cases = {
      {"REQUIRED", [](Request& r) { r.clear_outcome(); }},
      {"REQUIRED", [](Request& r) { r.clear_decided_time(); }},
      {"IN_THE_FUTURE", [](Request& r) { r.mutable_decided_time()->set_seconds(4'000'000'000); }},
      {"BEFORE_THE_RECOMMENDATION",
       [](Request& r) { r.mutable_decided_time()->set_seconds(r.decided_time().seconds() - 60); }},
      {"REQUIRED", [](Request& r) { r.clear_decision_maker_id(); }},
      {"INVALID_ID", [](Request& r) { r.set_decision_maker_id("a b"); }},
      {"MAKER_ON_PANEL", [](Request& r) { r.set_decision_maker_id("chair-1"); }},
      {"REQUIRED", [](Request& r) { r.set_reasons(" "); }},
      {"TERMS_REQUIRED", [](Request& r) { r.clear_terms(); }},
      {"INVALID_TERMS", [](Request& r) { r.mutable_terms()->set_max_children(-1); }},
      {"EFFECTIVE_AT_ONCE", [](Request& r) { r.set_effective_date("2026-12-24"); }},
      {"NO_PROPOSAL",
       [](Request& r) {
         r.set_outcome(Decision::OUTCOME_CONFIRMED);
         r.clear_terms();
       }},
      {"NOT_APPROVED",
       [](Request& r) {
         r.set_outcome(Decision::OUTCOME_CONTINUED);
         r.clear_terms();
       }},
      {"NOT_APPROVED", [](Request& r) { r.set_outcome(Decision::OUTCOME_TERMS_PROPOSED); }},
  };
  for (const auto& [expected, spoil] : cases) {
    Request request = world.Deciding(Decision::OUTCOME_APPROVED);
    spoil(request);
    EXPECT_EQ(reason(request), expected);
  }
  EXPECT_EQ(reason(world.Deciding(Decision::OUTCOME_APPROVED)), "");
}

TEST(DecisionTest, ThePanelHasNothingToSayBeforeTheInformationIsThere) {
  World world;
  world.Apply();
  const auto reason = [&](bool suitable) {
    return ReasonOf(RecordRecommendation(world.carer,
                                         world.Recommending(v1::MATTER_APPROVAL, suitable),
                                         world.At(), NextId)
                        .status());
  };
  EXPECT_EQ(reason(true), "STAGE_TWO_NOT_BEGUN");
  world.Obtain(1);
  world.StageTwo();
  EXPECT_EQ(reason(true), "INFORMATION_MISSING");
  EXPECT_EQ(reason(false), "") << "a brief report is enough to say no";
  world.Obtain(2);
  EXPECT_EQ(reason(true), "");
}

TEST(ApplicationTest, WhoFosteredElsewhereNeedsThatProvidersReferenceInsteadOfReferees) {
  World world;
  v1::RecordApplicationRequest request;
  request.set_carer_id("F-9");
  request.set_kind(v1::Carer::KIND_MAINSTREAM);
  *request.mutable_particulars() = Household();
  request.set_received_date(world.Today());
  request.set_fostered_elsewhere(true);
  world.Do(RecordApplication(world.carer, request, world.At(), NextId));
  v1::RecordInformationRequest item;
  item.set_code("REFEREES");
  item.set_obtained_date(world.Today());
  EXPECT_EQ(ReasonOf(RecordInformation(world.carer, item, world.At()).status()),
            "UNKNOWN_INFORMATION");
  item.set_code("PROVIDER_REFERENCE");
  item.set_foster_parent_id("1");
  EXPECT_EQ(ReasonOf(RecordInformation(world.carer, item, world.At()).status()), "NOT_OF_A_PERSON");
  item.clear_foster_parent_id();
  world.Do(RecordInformation(world.carer, item, world.At()));
  item.set_code("DBS");
  EXPECT_EQ(ReasonOf(RecordInformation(world.carer, item, world.At()).status()),
            "UNKNOWN_FOSTER_PARENT");
}

}  // namespace
}  // namespace fosterwatch::carers::domain
