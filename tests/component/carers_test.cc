// What becomes of a carer, by the real binary: from an application to an end that comes by itself,
// taken over from another register, duties that come near and pass, races for one decision.
#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/component/carers_fixture.h"

namespace fosterwatch::carers {
namespace {

TEST_F(CarersTest, AnApplicationBecomesAnApprovalWithItsTermsAndDuties) {
  Carer carer = Recommended("F-100");
  EXPECT_EQ(carer.status(), Carer::STATUS_APPLICANT);
  auto decide = Deciding("F-100");
  decide.set_decision_maker_id("chair-1");
  EXPECT_THAT(Call(kApproval, "RecordDecision", decide), HasReason("MAKER_ON_PANEL"));
  carer = Do(kApproval, "RecordDecision", Deciding("F-100"));
  EXPECT_EQ(carer.status(), Carer::STATUS_APPROVED);
  EXPECT_EQ(carer.approved_date(), Day());
  ASSERT_EQ(carer.terms_size(), 1);
  EXPECT_EQ(carer.terms(0).terms().max_children(), 2);
  EXPECT_EQ(carer.retention().basis(), v1::Retention::BASIS_CURRENT);
  std::set<int> kinds;
  for (const auto& duty : carer.duties()) {
    kinds.insert(duty.kind());
    EXPECT_FALSE(duty.explanation().source().empty());
  }
  EXPECT_TRUE(kinds.contains(v1::DUTY_KIND_FIRST_REVIEW));
  EXPECT_TRUE(kinds.contains(v1::DUTY_KIND_WRITTEN_NOTICE));
  // What others keep of a carer, as often as it changed: applicant, approved.
  EXPECT_EQ(FactsOf("F-100", "standing_changed"), 2);
}

TEST_F(CarersTest, OfManyWhoDecideAtOnceOneDecides) {
  Recommended("F-101");
  std::vector<std::thread> threads;
  std::vector<absl::Status> answers(8);
  for (size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      auto decide = Deciding("F-101");
      decide.set_request_id(absl::StrCat("race-", i));
      answers[i] = Call(kApproval, "RecordDecision", decide).status();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                          [](const absl::Status& status) { return status.ok(); }),
            1);
  for (const absl::Status& status : answers) {
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), "NO_APPLICATION");
    }
  }
  EXPECT_EQ(FactsOf("F-101", "approval_granted"), 1);
}

TEST_F(CarersTest, OfManyWhoTakeOneCarerOverAtOnceOneDoesAndTheRestFindTheSame) {
  std::vector<std::thread> threads;
  std::vector<absl::Status> answers(8);
  for (size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      auto request = TakingOver("F-102");
      request.set_request_id(absl::StrCat("take-", i));
      answers[i] = Call(kCarers, "TakeOverCarer", request).status();
    });
  }
  for (auto& thread : threads) thread.join();
  for (const absl::Status& status : answers) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(FactsOf("F-102", "carer_taken_over"), 1);
  auto other = TakingOver("F-102");
  other.set_approved_date("2020-05-05");
  other.mutable_terms(0)->set_effective_date("2020-05-05");
  EXPECT_THAT(Call(kCarers, "TakeOverCarer", other), HasReason("CARER_EXISTS"));
}

TEST_F(CarersTest, ADryRunSaysWhatWouldBeAndRecordsNothing) {
  auto request = TakingOver("F-103");
  request.set_dry_run(true);
  const int64_t before = Recorded();
  auto would_be = Call(kCarers, "TakeOverCarer", request);
  ASSERT_THAT(would_be, IsOk());
  EXPECT_EQ(would_be->status(), Carer::STATUS_APPROVED);
  EXPECT_GT(would_be->duties_size(), 5);
  request.clear_approved_date();
  EXPECT_THAT(Call(kCarers, "TakeOverCarer", request), HasReason("REQUIRED"));
  EXPECT_EQ(Recorded(), before);
  EXPECT_EQ(Get("F-103").carer_id(), "");
}

TEST_F(CarersTest, ManyAreTakenOverTogetherEachWithAnAnswerOfItsOwn) {
  using Result = v1::TakeOverCarersResponse::Result;
  v1::TakeOverCarersRequest many;
  for (const char* id : {"M-1", "M-2", "M-3", "M-2", "a b"}) {
    *many.add_requests() = TakingOver(id);
    many.mutable_requests()->rbegin()->set_request_id(absl::StrCat("many-", id));
  }
  many.mutable_requests(2)->clear_approved_date();
  const auto outcomes = [&] {
    std::vector<int> found;
    auto response = Call<v1::TakeOverCarersResponse>(kCarers, "TakeOverCarers", many);
    EXPECT_THAT(response, IsOk());
    if (!response.ok()) return found;
    for (const Result& result : response->results()) found.push_back(result.outcome());
    EXPECT_EQ(response->results(2).reason(), "REQUIRED");
    EXPECT_EQ(response->results(2).field(), "approved_date");
    EXPECT_EQ(response->results(4).reason(), "INVALID_ID");
    return found;
  };
  using ::testing::ElementsAre;
  const int64_t before = Recorded();
  many.set_validate_only(true);
  EXPECT_THAT(outcomes(), ElementsAre(Result::OUTCOME_RECORDED, Result::OUTCOME_RECORDED,
                                      Result::OUTCOME_REFUSED, Result::OUTCOME_UNCHANGED,
                                      Result::OUTCOME_REFUSED));
  EXPECT_EQ(Recorded(), before);
  many.set_validate_only(false);
  EXPECT_THAT(outcomes(), ElementsAre(Result::OUTCOME_RECORDED, Result::OUTCOME_RECORDED,
                                      Result::OUTCOME_REFUSED, Result::OUTCOME_UNCHANGED,
                                      Result::OUTCOME_REFUSED));
  EXPECT_EQ(FactsOf("M-2", "carer_taken_over"), 1);
  EXPECT_EQ(Get("M-1").status(), Carer::STATUS_APPROVED);
  EXPECT_THAT(outcomes(), ElementsAre(Result::OUTCOME_UNCHANGED, Result::OUTCOME_UNCHANGED,
                                      Result::OUTCOME_REFUSED, Result::OUTCOME_UNCHANGED,
                                      Result::OUTCOME_REFUSED));
  // Others of the same ids are refused.
  for (int i = 0; i < 2; ++i) {
    many.mutable_requests(i)->set_request_id(absl::StrCat("others-", i));
    many.mutable_requests(i)->set_kind(Carer::KIND_CONNECTED);
  }
  EXPECT_THAT(outcomes(),
              ElementsAre(Result::OUTCOME_REFUSED, Result::OUTCOME_REFUSED, Result::OUTCOME_REFUSED,
                          Result::OUTCOME_UNCHANGED, Result::OUTCOME_REFUSED));

  v1::ListCarersRequest named;
  for (const char* id : {"M-2", "M-1", "no-such-carer"}) named.add_carer_ids(id);
  auto page = Call<v1::ListCarersResponse>(kCarers, "ListCarers", named);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->carers_size(), 2);
  EXPECT_EQ(page->total_size(), 2);
  EXPECT_EQ(page->carers(0).carer_id(), "M-1");
  EXPECT_EQ(page->carers(1).name(), "Ann Example");

  many.mutable_requests(0)->set_dry_run(true);
  EXPECT_THAT(Call<v1::TakeOverCarersResponse>(kCarers, "TakeOverCarers", many),
              HasReason("SET_FOR_ALL"));
  while (many.requests_size() <= 500) many.add_requests();
  EXPECT_THAT(Call<v1::TakeOverCarersResponse>(kCarers, "TakeOverCarers", many),
              HasReason("TOO_MANY"));
  while (named.carer_ids_size() <= 1000) named.add_carer_ids("F-1");
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", named), HasReason("TOO_MANY"));
}

TEST_F(CarersTest, AResignationWhoseDaysAreOverEndsTheApprovalWithoutAnybody) {
  TakeOver("F-104");
  v1::RecordResignationRequest resign;
  resign.set_carer_id("F-104");
  resign.set_received_date(Day(-40));
  Carer carer = Do(kApproval, "RecordResignation", resign);
  EXPECT_THAT(Call(kApproval, "RecordResignation", resign),
              ::testing::AnyOf(HasReason("RESIGNED_BEFORE"), HasReason("NOT_APPROVED")));
  ASSERT_TRUE(
      AwaitTrue([&] { return Get("F-104").status() == Carer::STATUS_ENDED; }, absl::Seconds(60)));
  carer = Get("F-104");
  EXPECT_EQ(carer.ended_date(), Day(-12));
  EXPECT_EQ(carer.end_reason(), v1::END_REASON_RESIGNATION);
  EXPECT_EQ(carer.standing().status(), Carer::STATUS_ENDED);
  EXPECT_EQ(carer.retention().basis(), v1::Retention::BASIS_APPROVAL_ENDED);
  EXPECT_EQ(carer.duties_size(), 0);
  EXPECT_EQ(FactsOf("F-104", "approval_ended"), 1);
}

TEST_F(CarersTest, WhatIsOverdueIsToldOnceAndSettledByAVisit) {
  auto request = TakingOver("F-105");
  request.set_last_unannounced_visit_date(Day(-500));
  Do(kCarers, "TakeOverCarer", request);
  ASSERT_TRUE(
      AwaitTrue([] { return FactsOf("F-105", "attention_needed") == 1; }, absl::Seconds(60)));
  v1::ListDutiesRequest list;
  list.set_overdue(true);
  list.set_kind(v1::DUTY_KIND_UNANNOUNCED_VISIT);
  auto duties = Call<v1::ListDutiesResponse>(kDuties, "ListDuties", list);
  ASSERT_THAT(duties, IsOk());
  ASSERT_EQ(duties->items_size(), 1);
  EXPECT_EQ(duties->items(0).carer_id(), "F-105");
  EXPECT_EQ(duties->items(0).duty().last_done_date(), Day(-500));
  EXPECT_TRUE(duties->items(0).duty().overdue());
  v1::ListCarersRequest carers;
  carers.set_overdue_duty(v1::DUTY_KIND_UNANNOUNCED_VISIT);
  auto of_carers = Call<v1::ListCarersResponse>(kCarers, "ListCarers", carers);
  ASSERT_THAT(of_carers, IsOk());
  EXPECT_EQ(of_carers->total_size(), 1);

  v1::RecordVisitRequest visit;
  visit.set_carer_id("F-105");
  *visit.mutable_visited_time() = clock::ToProto(absl::Now() - absl::Hours(1));
  visit.set_unannounced(true);
  auto* seen = visit.add_seen();
  seen->set_child_id("C-105");
  seen->set_alone(true);
  auto* finding = visit.add_findings();
  finding->set_description("no lock on the medicine box");
  finding->set_owner_id("worker-1");
  const Carer carer = Do(kDuties, "RecordVisit", visit);
  EXPECT_EQ(FactsOf("F-105", "attention_settled"), 1);
  EXPECT_EQ(carer.open_attentions_size(), 0);
  ASSERT_EQ(carer.actions_size(), 1);
  EXPECT_TRUE(carer.actions(0).has_due_time());
  EXPECT_EQ(Call<v1::ListDutiesResponse>(kDuties, "ListDuties", list)->items_size(), 0);
  v1::ListVisitsRequest visits;
  visits.set_child_id("C-105");
  auto of_child = Call<v1::ListVisitsResponse>(kDuties, "ListVisits", visits);
  ASSERT_THAT(of_child, IsOk());
  ASSERT_EQ(of_child->items_size(), 1);
  EXPECT_TRUE(of_child->items(0).visit().seen(0).alone());
  v1::CloseCarerActionRequest close;
  close.set_carer_id("F-105");
  close.set_action_id(carer.actions(0).action_id());
  close.set_evidence("locked now");
  EXPECT_EQ(Do(kDuties, "CloseCarerAction", close).actions(0).state(),
            type::v1::Action::STATE_DONE);
  EXPECT_THAT(Call(kDuties, "CloseCarerAction", close), HasReason("ACTION_CLOSED"));
}

TEST_F(CarersTest, AReviewThatIsNearWaitsInTheDigestOnceAndIsSettledByTheReview) {
  auto request = TakingOver("W-1");
  request.clear_review_dates();
  // Due in some 20 days: the warnings of 60 and of 30 days before have passed.
  request.add_review_dates(Day(20 - 365));
  Do(kCarers, "TakeOverCarer", request);
  const auto alerts = [] {
    notifications::v1::ListAlertsRequest list;
    list.set_page_size(200);
    list.set_state(notifications::v1::Alert::STATE_OPEN);
    std::vector<notifications::v1::Alert> found;
    do {
      auto page = Call<notifications::v1::ListAlertsResponse>(
          "fosterwatch.notifications.v1.NotificationsService", "ListAlerts", list);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return found;
      for (const auto& alert : page->alerts()) {
        if (alert.record_id() == "W-1") found.push_back(alert);
      }
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
    return found;
  };
  ASSERT_TRUE(AwaitTrue([&] { return !alerts().empty(); }, absl::Seconds(60)));
  const auto open = alerts();
  ASSERT_EQ(open.size(), 1u) << "of those that have passed only the last";
  EXPECT_EQ(open[0].reason_code(), "ANNUAL_REVIEW_DUE_SOON");
  EXPECT_TRUE(open[0].in_digest());
  v1::RecordReviewRequest review;
  review.set_carer_id("W-1");
  review.set_review_date(Day());
  review.set_report("doing well");
  review.set_reviewer_id("worker-2");
  review.set_still_suitable(true);
  review.set_terms_appropriate(true);
  Do(kApproval, "RecordReview", review);
  EXPECT_TRUE(AwaitTrue([&] { return alerts().empty(); }, absl::Seconds(60)));
}

}  // namespace
}  // namespace fosterwatch::carers
