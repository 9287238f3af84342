// The carer register by the real binary: from an application to an end that comes by itself, the
// register by two times, duties that pass, races for one decision, lists, and what bad input gets
// of every method.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/installation.h"

namespace fosterwatch::carers {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using v1::Carer;

constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kApproval[] = "fosterwatch.carers.v1.CarerApprovalService";
constexpr char kDuties[] = "fosterwatch.carers.v1.CarerDutiesService";

std::string Day(int from_today = 0) {
  return absl::FormatCivilTime(clock::LondonDay(absl::Now()) + from_today);
}

v1::Particulars Household(const std::string& name = "Ann Example") {
  v1::Particulars household;
  household.set_address("1 Example Street");
  v1::FosterParent* person = household.add_foster_parents();
  person->set_name(name);
  person->set_birth_date("1980-02-03");
  person->set_sex(v1::FosterParent::SEX_FEMALE);
  return household;
}

v1::Terms SomeTerms(int children = 2) {
  v1::Terms terms;
  terms.set_max_children(children);
  terms.set_max_age(17);
  return terms;
}

class CarersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  }
  static void TearDownTestSuite() { delete installation_; }

  static Person Manager() {
    return {"agency-a", "manager-1", {options::v1::ROLE_REGISTERED_MANAGER}};
  }
  static Person Worker() { return {"agency-a", "worker-1", {options::v1::ROLE_CASEWORKER}}; }
  static Person Elsewhere() {
    return {"agency-b", "manager-2", {options::v1::ROLE_REGISTERED_MANAGER}};
  }

  template <typename Response = Carer>
  static absl::StatusOr<Response> Call(const char* service, const std::string& method,
                                       const google::protobuf::Message& request,
                                       const Person& person = Manager()) {
    return installation_->Call<Response>(person, service, method, request);
  }
  // Of a call that must go well.
  static Carer Do(const char* service, const std::string& method,
                  const google::protobuf::Message& request) {
    auto carer = Call(service, method, request);
    EXPECT_THAT(carer, IsOk()) << method << ": " << carer.status();
    return carer.value_or(Carer());
  }
  static Carer Get(const std::string& id) {
    v1::GetCarerRequest request;
    request.set_carer_id(id);
    return Call(kCarers, "GetCarer", request).value_or(Carer());
  }

  static v1::TakeOverCarerRequest TakingOver(const std::string& id) {
    v1::TakeOverCarerRequest request;
    request.set_carer_id(id);
    request.set_kind(Carer::KIND_MAINSTREAM);
    *request.mutable_particulars() = Household();
    request.set_approved_date("2020-05-04");
    request.add_review_dates(Day(-100));
    auto* terms = request.add_terms();
    terms->set_effective_date("2020-05-04");
    *terms->mutable_terms() = SomeTerms();
    request.set_last_unannounced_visit_date(Day(-50));
    request.set_last_supervision_visit_date(Day(-10));
    request.set_last_home_safety_date(Day(-50));
    request.set_agreement_issued_date("2020-05-10");
    request.set_agreement_returned_date("2020-05-20");
    return request;
  }
  static Carer TakeOver(const std::string& id) {
    return Do(kCarers, "TakeOverCarer", TakingOver(id));
  }

  static v1::RecordApplicationRequest Applying(const std::string& id) {
    v1::RecordApplicationRequest request;
    request.set_carer_id(id);
    request.set_kind(Carer::KIND_MAINSTREAM);
    *request.mutable_particulars() = Household();
    request.set_received_date(Day(-200));
    return request;
  }
  // Applied, assessed and recommended.
  static Carer Recommended(const std::string& id) {
    Carer carer = Do(kApproval, "RecordApplication", Applying(id));
    for (const std::string& missing : std::vector<std::string>(
             carer.application().missing().begin(), carer.application().missing().end())) {
      v1::RecordInformationRequest item;
      item.set_carer_id(id);
      const size_t slash = missing.find('/');
      item.set_code(missing.substr(0, slash));
      if (slash != std::string::npos) item.set_foster_parent_id(missing.substr(slash + 1));
      item.set_obtained_date(Day(-20));
      carer = Do(kApproval, "RecordInformation", item);
    }
    EXPECT_EQ(carer.application().missing_size(), 0);
    v1::BeginStageTwoRequest begin;
    begin.set_carer_id(id);
    begin.set_begun_date(Day(-60));
    Do(kApproval, "BeginStageTwo", begin);
    v1::RecordRecommendationRequest panel;
    panel.set_carer_id(id);
    panel.set_body(v1::Recommendation::BODY_FOSTERING_PANEL);
    panel.set_matter(v1::MATTER_APPROVAL);
    panel.set_meeting_date(Day(-10));
    *panel.mutable_minutes_received_time() = clock::ToProto(absl::Now() - absl::Hours(48));
    panel.set_suitable(true);
    *panel.mutable_terms() = SomeTerms();
    panel.set_reasons("as minuted");
    panel.add_member_ids("chair-1");
    return Do(kApproval, "RecordRecommendation", panel);
  }
  static v1::RecordDecisionRequest Deciding(const std::string& id) {
    v1::RecordDecisionRequest decide;
    decide.set_carer_id(id);
    decide.set_outcome(v1::Decision::OUTCOME_APPROVED);
    *decide.mutable_decided_time() = clock::ToProto(absl::Now());
    decide.set_decision_maker_id("maker-1");
    decide.set_reasons("as recommended");
    *decide.mutable_terms() = SomeTerms();
    return decide;
  }

  static int64_t Recorded() {
    auto counts = installation_->Database("carers")->Query(
        "SELECT (SELECT count(*) FROM ledger.fact WHERE name NOT LIKE 'attention%')"
        " + (SELECT count(*) FROM ledger.request)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }
  static int64_t FactsOf(const std::string& id, const std::string& name) {
    auto rows = installation_->Database("carers")->Query(
        "SELECT count(*) FROM ledger.fact WHERE aggregate_id = $1 AND name = $2", {id, name});
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  static Installation* installation_;
};

Installation* CarersTest::installation_ = nullptr;

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

TEST_F(CarersTest, TheRegisterIsExtractedAsAtADayAndAsKnownAtAMoment) {
  TakeOver("F-106");
  const absl::Time before = absl::Now();
  v1::RecordParticularsRequest move;
  move.set_carer_id("F-106");
  *move.mutable_particulars() = Household("Ann Other");
  move.mutable_particulars()->mutable_foster_parents(0)->set_foster_parent_id("1");
  move.set_effective_date(Day(-30));
  Do(kCarers, "RecordParticulars", move);
  const auto name = [&](const std::string& day, absl::Time known) {
    v1::ExtractRegisterRequest request;
    request.set_as_at_date(day);
    *request.mutable_as_known_at_time() = clock::ToProto(known);
    request.set_page_size(2);
    std::string found;
    while (true) {
      auto page = Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return std::string("?");
      for (const auto& entry : page->entries()) {
        if (entry.carer_id() == "F-106") found = entry.particulars().foster_parents(0).name();
      }
      if (page->next_page_token().empty()) return found;
      request.set_page_token(page->next_page_token());
    }
  };
  EXPECT_EQ(name(Day(), absl::Now()), "Ann Other");
  EXPECT_EQ(name(Day(-31), absl::Now()), "Ann Example");
  EXPECT_EQ(name(Day(), before), "Ann Example") << "nobody knew then";
  EXPECT_EQ(name("2020-05-03", absl::Now()), "") << "not approved yet";
  v1::ListRegisterChangesRequest list;
  list.set_carer_id("F-106");
  auto changes = Call<v1::ListRegisterChangesResponse>(kCarers, "ListRegisterChanges", list);
  ASSERT_THAT(changes, IsOk());
  EXPECT_EQ(changes->changes(0).change().particulars().foster_parents(0).name(), "Ann Other");
  EXPECT_EQ(changes->changes(0).before().particulars().foster_parents(0).name(), "Ann Example");
  // The page goes on where it was, whatever the first one left open.
  v1::ExtractRegisterRequest open;
  open.set_page_size(1);
  auto first = Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", open);
  ASSERT_THAT(first, IsOk());
  open.set_page_token(first->next_page_token());
  open.set_as_at_date(first->as_at_date());
  *open.mutable_as_known_at_time() = first->as_known_at_time();
  EXPECT_THAT(Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", open), IsOk());
  open.set_as_at_date(Day(1));
  EXPECT_THAT(Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", open),
              HasReason("IN_THE_FUTURE"));
}

TEST_F(CarersTest, ListsGoOnByTheirTokensAndFilter) {
  for (int i = 0; i < 5; ++i) TakeOver(absl::StrCat("G-", i));
  v1::ListCarersRequest list;
  list.set_page_size(2);
  list.set_status(Carer::STATUS_APPROVED);
  std::vector<std::string> ids;
  while (true) {
    auto page = Call<v1::ListCarersResponse>(kCarers, "ListCarers", list);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->carers_size(), 2);
    for (const auto& carer : page->carers()) {
      ids.push_back(carer.carer_id());
      EXPECT_EQ(carer.visits_size(), 0) << "a list is short";
      EXPECT_FALSE(carer.name().empty());
    }
    if (page->next_page_token().empty()) break;
    list.set_page_token(page->next_page_token());
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::count_if(ids.begin(), ids.end(),
                          [](const std::string& id) { return id.substr(0, 2) == "G-"; }),
            5);
  list.set_kind(Carer::KIND_CONNECTED);
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", list),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "the token is of another filter";
  list.clear_page_token();
  EXPECT_EQ(Call<v1::ListCarersResponse>(kCarers, "ListCarers", list)->total_size(), 0);
  v1::ListDutiesRequest duties;
  duties.set_page_size(3);
  duties.set_carer_id("G-1");
  std::set<std::string> seen;
  while (true) {
    auto page = Call<v1::ListDutiesResponse>(kDuties, "ListDuties", duties);
    ASSERT_THAT(page, IsOk());
    for (const auto& item : page->items()) EXPECT_TRUE(seen.insert(item.duty().duty_id()).second);
    if (page->next_page_token().empty()) break;
    duties.set_page_token(page->next_page_token());
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(Get("G-1").duties_size()));
  v1::CountCarersRequest count;
  auto counts = Call<v1::CarerCounts>(kCarers, "CountCarers", count);
  ASSERT_THAT(counts, IsOk());
  int64_t approved = 0;
  for (const auto& of : counts->statuses()) {
    if (of.status() == Carer::STATUS_APPROVED) approved = of.mainstream();
  }
  EXPECT_EQ(approved, static_cast<int64_t>(ids.size()));
}

TEST_F(CarersTest, WhatMayBeDestroyedIsListedUnlessItIsOnHold) {
  for (const char* id : {"H-1", "H-2", "H-3"}) {
    auto request = TakingOver(id);
    request.clear_review_dates();
    request.clear_last_unannounced_visit_date();
    request.clear_last_supervision_visit_date();
    request.clear_last_home_safety_date();
    request.set_approved_date("2005-01-01");
    request.set_ended_date(std::string(id) == "H-3" ? "2020-06-01" : "2012-06-01");
    Do(kCarers, "TakeOverCarer", request);
  }
  v1::PlaceLegalHoldRequest hold;
  hold.set_carer_id("H-2");
  hold.set_reason("a claim");
  Do(kCarers, "PlaceLegalHold", hold);
  v1::ListCarersRequest list;
  const auto ids = [&](const std::string& day) {
    list.set_retention_over_by_date(day);
    std::vector<std::string> found;
    auto page = Call<v1::ListCarersResponse>(kCarers, "ListCarers", list);
    EXPECT_THAT(page, IsOk());
    if (page.ok()) {
      for (const auto& carer : page->carers()) found.push_back(carer.carer_id());
    }
    return found;
  };
  EXPECT_THAT(ids("2022-06-01"), ::testing::IsEmpty()) << "the last day of ten years";
  EXPECT_THAT(ids("2022-06-02"), ::testing::ElementsAre("H-1"));
  EXPECT_THAT(ids("2031-01-01"), ::testing::Contains("H-3"));
  EXPECT_THAT(ids("2031-01-01"), ::testing::Not(::testing::Contains("H-2")));
}

// Every method of the three services that changes something, by its descriptor.
std::vector<const google::protobuf::MethodDescriptor*> Methods(bool writes) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto* file : {v1::GetCarerRequest::descriptor()->file(),
                           v1::RecordApplicationRequest::descriptor()->file(),
                           v1::ListDutiesRequest::descriptor()->file()}) {
    const auto* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      const bool is_write =
          service->method(i)->input_type()->FindFieldByName("request_id") != nullptr;
      if (is_write == writes) methods.push_back(service->method(i));
    }
  }
  return methods;
}

std::unique_ptr<google::protobuf::Message> RequestOf(
    const google::protobuf::MethodDescriptor* method, const std::string& carer_id) {
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method->input_type())
          ->New());
  if (const auto* field = method->input_type()->FindFieldByName("carer_id")) {
    request->GetReflection()->SetString(request.get(), field, carer_id);
  }
  return request;
}

TEST_F(CarersTest, EveryMethodRefusesWhatIsEmptyUnknownTooLongOrNotTheCallers) {
  TakeOver("F-107");
  const int64_t before = Recorded();
  int methods = 0;
  for (const auto* method : Methods(/*writes=*/true)) {
    ++methods;
    const std::string service = method->service()->full_name();
    const auto call = [&](const google::protobuf::Message& request, const Person& person) {
      return installation_->Call<Carer>(person, service, method->name(), request).status();
    };
    // Nothing but the carer.
    const absl::Status empty = call(*RequestOf(method, "F-107"), Manager());
    EXPECT_FALSE(empty.ok()) << method->name();
    EXPECT_FALSE(ReasonOf(empty).empty()) << method->name() << ": " << empty;
    const bool may_be_new = method->name() == "RecordCarer" || method->name() == "TakeOverCarer" ||
                            method->name() == "RecordApplication" ||
                            method->name() == "ApproveTemporarily";
    for (const char* id : {"", "no-such-carer", "a b", "\xc3\xa4"}) {
      const absl::Status unknown = call(*RequestOf(method, id), Manager());
      EXPECT_EQ(unknown.code(),
                may_be_new ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kNotFound)
          << method->name() << " " << id;
    }
    if (!may_be_new) {
      EXPECT_EQ(call(*RequestOf(method, "F-107"), Elsewhere()).code(), absl::StatusCode::kNotFound)
          << method->name();
    }
    // Every text of the request too long, one by one.
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const auto* field = method->input_type()->field(i);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
          field->is_repeated() || field->name() == "carer_id") {
        continue;
      }
      auto request = RequestOf(method, "F-107");
      request->GetReflection()->SetString(request.get(), field, std::string(30'000, 'a'));
      const absl::Status refused = call(*request, Manager());
      EXPECT_FALSE(refused.ok()) << method->name() << " " << field->name();
      EXPECT_EQ(refused.ToString().find("aaaa"), std::string::npos) << "it says the value back";
    }
    // No right to write.
    EXPECT_EQ(call(*RequestOf(method, "F-107"),
                   {"agency-a", "ri-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}})
                  .code(),
              absl::StatusCode::kPermissionDenied)
        << method->name();
  }
  EXPECT_EQ(methods, 32);
  EXPECT_EQ(Recorded(), before);
  for (const auto* method : Methods(/*writes=*/false)) {
    const absl::Status refused =
        installation_
            ->Call<Carer>({"agency-a", "x", {options::v1::ROLE_PUBLISHER}},
                          method->service()->full_name(), method->name(), *RequestOf(method, ""))
            .status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << method->name();
  }
}

TEST_F(CarersTest, WhatACaseSystemSaysWronglyIsNamedAsItSaidIt) {
  v1::RecordCarerRequest request;
  request.mutable_carer()->set_carer_id("a b");
  auto refused = Call(kCarers, "RecordCarer", request);
  EXPECT_THAT(refused, HasReason("INVALID_ID"));
  EXPECT_EQ(ViolationsOf(refused.status())[0].field, "carer.carer_id");
  request.mutable_carer()->set_carer_id("F-109");
  request.mutable_carer()->set_status(Carer::STATUS_ENDED);
  refused = Call(kCarers, "RecordCarer", request);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ViolationsOf(refused.status()).back().field, "carer");
}

TEST_F(CarersTest, ListsRefuseWhatCannotBeAsked) {
  v1::ListCarersRequest carers;
  carers.set_page_size(-1);
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", carers),
              StatusIs(absl::StatusCode::kInvalidArgument));
  carers.set_page_size(0);
  carers.set_retention_over_by_date("soon");
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", carers),
              HasReason("INVALID_DATE"));
  v1::ListDutiesRequest duties;
  duties.mutable_due_before_time()->set_nanos(-1);
  EXPECT_THAT(Call<v1::ListDutiesResponse>(kDuties, "ListDuties", duties),
              HasReason("INVALID_TIME"));
  duties.clear_due_before_time();
  duties.set_page_token("nonsense");
  EXPECT_THAT(Call<v1::ListDutiesResponse>(kDuties, "ListDuties", duties),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::ListVisitsRequest visits;
  visits.set_page_token("nonsense");
  EXPECT_THAT(Call<v1::ListVisitsResponse>(kDuties, "ListVisits", visits),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::GetCarerPolicyRequest policy;
  policy.set_date("2026-13-01");
  EXPECT_THAT(Call<v1::CarerPolicy>(kCarers, "GetCarerPolicy", policy), HasReason("INVALID_DATE"));
  policy.clear_date();
  EXPECT_EQ(Call<v1::CarerPolicy>(kCarers, "GetCarerPolicy", policy)->usual_limit(), 3);
}

TEST_F(CarersTest, TheSameRequestAgainGetsTheFirstAnswer) {
  TakeOver("F-108");
  v1::SuspendApprovalRequest suspend;
  suspend.set_carer_id("F-108");
  suspend.set_request_id("suspend-108");
  suspend.set_from_date(Day());
  suspend.set_reason("an allegation");
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(Do(kApproval, "SuspendApproval", suspend).status(), Carer::STATUS_SUSPENDED);
  }
  suspend.set_reason("another");
  EXPECT_THAT(Call(kApproval, "SuspendApproval", suspend), HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(FactsOf("F-108", "suspension_set"), 1);
}

}  // namespace
}  // namespace fosterwatch::carers
