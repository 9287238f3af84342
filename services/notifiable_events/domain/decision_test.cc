#include "services/notifiable_events/domain/decision.h"

#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

v1::RecordDecisionRequest Request() {
  v1::RecordDecisionRequest request;
  request.add_kinds(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  request.set_child_id("away");
  *request.mutable_occurred_time() = clock::ToProto(kOccurred);
  *request.mutable_became_aware_time() = clock::ToProto(kAware);
  request.set_summary("a cut on the hand");
  request.set_reason("dressed at home, no hospital");
  return request;
}

absl::StatusOr<Facts> Decide(const v1::RecordDecisionRequest& request) {
  return RecordDecision(request, "decision", kCaseworker, OurLaw(), OurCalendar(), OurPolicies(),
                        World(kAway), kNow);
}

v1::Decision Recorded() {
  v1::Decision decision;
  const auto facts = Decide(Request());
  EXPECT_TRUE(facts.ok()) << facts.status();
  if (facts.ok()) EvolveDecision(decision, facts->front());
  return decision;
}

const Actor kDeputy = {"deputy", {options::v1::ROLE_DEPUTY_MANAGER}};

TEST(Decision, KeepsWhoWhenAndWhyAndWaitsForAnotherPerson) {
  const v1::Decision decision = Recorded();
  EXPECT_EQ(decision.state(), v1::Decision::STATE_TO_AGREE);
  EXPECT_EQ(decision.decided_by(), "caseworker");
  EXPECT_EQ(clock::FromProto(decision.decided_time()), kNow);
  EXPECT_EQ(decision.reason(), "dressed at home, no hospital");
  EXPECT_EQ(Show(decision.agreement_due_time()), "2026-11-20T00:00:00Z");
  EXPECT_EQ(decision.explanation().rule(), "AGREEMENT_DUE");
  EXPECT_EQ(decision.version(), 1);
}

TEST(Decision, RefusalsNameItsOwnFields) {
  auto request = Request();
  request.clear_kinds();
  EXPECT_EQ(Refusal(Decide(request).status()), "kinds REQUIRED");
  request = Request();
  request.clear_child_id();
  EXPECT_EQ(Refusal(Decide(request).status()), "child_id REQUIRED");
  request = Request();
  request.clear_occurred_time();
  EXPECT_EQ(Refusal(Decide(request).status()), "occurred_time REQUIRED");
  request = Request();
  *request.mutable_became_aware_time() = clock::ToProto(kOccurred - absl::Hours(1));
  EXPECT_EQ(Refusal(Decide(request).status()), "became_aware_time BEFORE_OCCURRED");
  request = Request();
  request.clear_reason();
  EXPECT_EQ(Refusal(Decide(request).status()), "reason REQUIRED");
  request = Request();
  request.clear_summary();
  EXPECT_EQ(Refusal(Decide(request).status()), "summary REQUIRED");
}

TEST(Decision, AnotherPersonAgreesOnce) {
  v1::Decision decision = Recorded();
  EXPECT_EQ(ReasonOf(AgreeDecision(decision, {}, kManager, kNow).status()), "ROLE_REQUIRED");
  const Actor both = {"caseworker", {options::v1::ROLE_DEPUTY_MANAGER}};
  EXPECT_EQ(ReasonOf(AgreeDecision(decision, {}, both, kNow).status()), "OWN_DECISION")
      << "not under two hats either";
  const auto facts = AgreeDecision(decision, {}, kDeputy, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EvolveDecision(decision, facts->front());
  EXPECT_EQ(decision.state(), v1::Decision::STATE_AGREED);
  EXPECT_EQ(decision.agreed_by(), "deputy");
  EXPECT_EQ(decision.version(), 2);
  EXPECT_EQ(ReasonOf(AgreeDecision(decision, {}, kRegistered, kNow).status()), "AGREED_BEFORE");
}

TEST(Decision, IsReversedByReportingTheEventOfTheSameChild) {
  v1::Decision decision = Recorded();
  const auto report = ReportRequest({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT}).report();
  v1::EventReport other = report;
  other.set_child_id("home");
  EXPECT_EQ(Refusal(ReverseDecision(decision, other, "event", kManager, kNow).status()),
            "from_decision_id OTHER_SUBJECT");
  const auto facts = ReverseDecision(decision, report, "event", kManager, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EvolveDecision(decision, facts->front());
  EXPECT_EQ(decision.state(), v1::Decision::STATE_REVERSED);
  EXPECT_EQ(decision.event_id(), "event");
  EXPECT_EQ(decision.reason(), "dressed at home, no hospital") << "what was said stays";
  EXPECT_EQ(ReasonOf(ReverseDecision(decision, report, "again", kManager, kNow).status()),
            "DECISION_REVERSED");
  EXPECT_EQ(ReasonOf(AgreeDecision(decision, {}, kDeputy, kNow).status()), "DECISION_REVERSED");
}

TEST(Decision, NobodyAgreesInTimeIsSaidOnceAndSettledByAgreeing) {
  v1::Decision decision = Recorded();
  const absl::Time due = clock::FromProto(decision.agreement_due_time());
  EXPECT_TRUE(RecordAgreementOverdue(decision, due).empty()) << "at that very moment it is in time";
  const auto late = RecordAgreementOverdue(decision, due + absl::Seconds(1));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].duty_overdue().kind(), v1::OVERDUE_DUTY_AGREEMENT);
  EvolveDecision(decision, late[0]);
  EXPECT_TRUE(RecordAgreementOverdue(decision, due + absl::Hours(1)).empty());
  EXPECT_EQ(NextOverdue(decision), std::nullopt);
  const auto agreed = AgreeDecision(decision, {}, kDeputy, due + absl::Hours(2));
  ASSERT_TRUE(agreed.ok()) << agreed.status();
  ASSERT_EQ(agreed->size(), 2u);
  EXPECT_EQ((*agreed)[1].duty_settled().duty_id(), decision.decision_id());
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
