#include "services/carers/domain/carer.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

v1::Carer Told() {
  v1::Carer carer;
  carer.set_carer_id("F-0031");
  carer.set_name("A. and B. Example");
  carer.set_kind(v1::Carer::KIND_CONNECTED);
  carer.set_approved_date("2021-04-30");
  return carer;
}

TEST(RecordCarerTest, MakesACarerKnownWithoutApprovingThemAndSaysNothingASecondTime) {
  World world;
  world.Do(RecordCarer(v1::Carer(), Told(), world.At()));
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_UNSPECIFIED);
  EXPECT_EQ(world.carer.standing().status(), v1::Carer::STATUS_UNSPECIFIED);
  EXPECT_EQ(world.carer.approved_date(), "");
  EXPECT_EQ(world.carer.duties_size(), 0);
  const absl::CivilDay today = clock::LondonDay(world.now);
  EXPECT_FALSE(IsApprovedOn(world.Entry(today), today));
  const auto again = RecordCarer(world.carer, Told(), world.At());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->empty());
}

TEST(RecordCarerTest, NamesTheFieldAtFault) {
  const std::vector<std::pair<std::string, std::function<void(v1::Carer&)>>> cases = {
      {"carer.carer_id", [](v1::Carer& c) { c.set_carer_id("F 31"); }},
      {"carer.name", [](v1::Carer& c) { c.clear_name(); }},
      {"carer.kind", [](v1::Carer& c) { c.clear_kind(); }},
      {"carer.approved_date", [](v1::Carer& c) { c.set_approved_date("2021-02-30"); }},
      {"carer.approved_date", [](v1::Carer& c) { c.set_approved_date("30/04/2021"); }},
      {"carer.approved_date", [](v1::Carer& c) { c.set_approved_date("2099-01-01"); }},
      {"carer.address", [](v1::Carer& c) { c.set_address(std::string(501, 'a')); }},
      {"carer", [](v1::Carer& c) { c.set_status(v1::Carer::STATUS_ENDED); }},
      {"carer", [](v1::Carer& c) { c.add_duties()->mutable_due_time()->set_seconds(1); }},
  };
  const World world;
  for (const auto& [field, spoil] : cases) {
    v1::Carer carer = Told();
    spoil(carer);
    const auto violations = ViolationsOf(RecordCarer(v1::Carer(), carer, world.At()).status());
    ASSERT_EQ(violations.size(), 1u) << field;
    EXPECT_EQ(violations[0].field, field);
  }
}

TEST(RecordCarerTest, ChangesNothingOfTheRegisterAndIsToldEachFieldThatDiffers) {
  World world;
  world.Approve();
  const v1::Carer right = world.TheirOwnWords();
  ASSERT_TRUE(RecordCarer(world.carer, right, world.At()).ok());
  EXPECT_TRUE(RecordCarer(world.carer, right, world.At())->empty());
  const std::vector<std::pair<std::string, std::function<void(v1::Carer&)>>> cases = {
      {"carer.name", [](v1::Carer& c) { c.set_name("Somebody Else"); }},
      {"carer.kind", [](v1::Carer& c) { c.set_kind(v1::Carer::KIND_CONNECTED); }},
      {"carer.approved_date", [](v1::Carer& c) { c.set_approved_date("2020-01-01"); }},
      {"carer.address", [](v1::Carer& c) { c.set_address("2 Other Street"); }},
  };
  for (const auto& [field, spoil] : cases) {
    v1::Carer told = right;
    spoil(told);
    const auto refused = RecordCarer(world.carer, told, world.At()).status();
    EXPECT_EQ(ReasonOf(refused), "REGISTER_DIFFERS") << field;
    ASSERT_EQ(ViolationsOf(refused).size(), 1u) << field;
    EXPECT_EQ(ViolationsOf(refused)[0].field, field);
  }
}

v1::TakeOverCarerRequest TakeOver() {
  v1::TakeOverCarerRequest request;
  request.set_carer_id("F-7");
  request.set_kind(v1::Carer::KIND_MAINSTREAM);
  *request.mutable_particulars() = Household();
  request.set_approved_date("2019-03-01");
  request.add_review_dates("2025-12-10");
  request.add_review_dates("2024-12-12");
  auto* terms = request.add_terms();
  terms->set_effective_date("2019-03-01");
  terms->mutable_terms()->set_max_children(2);
  request.set_last_unannounced_visit_date("2026-06-01");
  request.set_agreement_issued_date("2019-03-05");
  request.set_agreement_returned_date("2019-03-20");
  auto* check = request.add_checks();
  check->set_kind(v1::CHECK_KIND_DBS);
  check->set_foster_parent_id("1");
  check->set_done_date("2025-01-01");
  return request;
}

TEST(TakeOverCarerTest, TakesAWholeCarerOnce) {
  World world;
  world.Do(TakeOverCarer(world.carer, TakeOver(), "hash", world.At()));
  const auto entry = world.Entry(clock::LondonDay(world.now));
  EXPECT_EQ(entry.approved_date(), "2019-03-01");
  EXPECT_EQ(entry.reviews_size(), 2);
  EXPECT_EQ(entry.terms().max_children(), 2);
  EXPECT_EQ(entry.particulars().foster_parents(1).sex(), v1::FosterParent::SEX_MALE);
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ANNUAL_REVIEW)->last_done_date(), "2025-12-10");
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_UNANNOUNCED_VISIT)->last_done_date(), "2026-06-01");
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_AGREEMENT_ISSUE), nullptr);
  EXPECT_TRUE(TakeOverCarer(world.carer, TakeOver(), "hash", world.At())->empty());
  EXPECT_EQ(ReasonOf(TakeOverCarer(world.carer, TakeOver(), "other", world.At()).status()),
            "CARER_EXISTS");
}

TEST(TakeOverCarerTest, CompletesOneWhomACaseSystemRecorded) {
  World world;
  v1::Carer told = Told();
  told.set_carer_id("F-7");
  world.Do(RecordCarer(world.carer, told, world.At()));
  world.Do(TakeOverCarer(world.carer, TakeOver(), "hash", world.At()));
  EXPECT_EQ(world.carer.foster_parents_size(), 2);
  EXPECT_EQ(world.carer.approved_date(), "2019-03-01");
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_APPROVED);
  EXPECT_EQ(world.carer.kind(), v1::Carer::KIND_MAINSTREAM);
  EXPECT_EQ(world.Entry(absl::CivilDay(2020, 1, 1)).kind(), v1::Carer::KIND_MAINSTREAM);
  EXPECT_TRUE(world.RegisterStandsAlone());
}

TEST(TakeOverCarerTest, WaitsWithAttentionToWhatIsNotOnRecordYetAndNotWithTheTruth) {
  World world;
  world.Do(TakeOverCarer(world.carer, TakeOver(), "hash", world.At()));
  const v1::CarerDuty* safety = world.DutyOf(v1::DUTY_KIND_HOME_SAFETY);
  ASSERT_NE(safety, nullptr);
  EXPECT_LT(clock::FromProto(safety->due_time()), world.now);
  EXPECT_GT(clock::FromProto(safety->attention_time()), world.now);
  EXPECT_TRUE(Present(world.carer, world.At()).duties(0).overdue());
}

TEST(TakeOverCarerTest, NamesEachFieldAtFault) {
  const std::vector<std::pair<std::string, std::function<void(v1::TakeOverCarerRequest&)>>> cases =
      {{"carer_id", [](auto& r) { r.clear_carer_id(); }},
       {"kind", [](auto& r) { r.clear_kind(); }},
       {"particulars.foster_parents", [](auto& r) { r.clear_particulars(); }},
       {"particulars.foster_parents[0].birth_date",
        [](auto& r) {
          r.mutable_particulars()->mutable_foster_parents(0)->set_birth_date("2020-01-01");
        }},
       {"particulars.foster_parents[1].sex",
        [](auto& r) { r.mutable_particulars()->mutable_foster_parents(1)->clear_sex(); }},
       {"approved_date", [](auto& r) { r.set_approved_date("yesterday"); }},
       {"review_dates[0]", [](auto& r) { r.set_review_dates(0, "2018-01-01"); }},
       {"terms[0].terms.max_age",
        [](auto& r) { r.mutable_terms(0)->mutable_terms()->set_max_age(18); }},
       {"ended_date", [](auto& r) { r.set_ended_date("2018-12-31"); }},
       {"checks[0].foster_parent_id",
        [](auto& r) { r.mutable_checks(0)->set_foster_parent_id("z"); }},
       {"agreement_issued_date", [](auto& r) { r.clear_agreement_issued_date(); }}};
  const World world;
  for (const auto& [field, spoil] : cases) {
    v1::TakeOverCarerRequest request = TakeOver();
    spoil(request);
    const auto violations =
        ViolationsOf(TakeOverCarer(v1::Carer(), request, "h", world.At()).status());
    ASSERT_FALSE(violations.empty()) << field;
    EXPECT_EQ(violations[0].field, field);
  }
}

TEST(RetentionTest, CountsFromTheEndOfTheApprovalAndOfTheApplicationAndNeverWhileApproved) {
  World world;
  world.Approve();
  EXPECT_EQ(RetentionOf(world.carer, world.At()).basis(), v1::Retention::BASIS_CURRENT);
  v1::Carer ended = world.carer;
  ended.set_status(v1::Carer::STATUS_ENDED);
  ended.set_ended_date("2016-02-29");
  auto retention = RetentionOf(ended, world.At());
  EXPECT_EQ(retention.basis(), v1::Retention::BASIS_APPROVAL_ENDED);
  EXPECT_EQ(clock::FromProto(retention.keep_until_time()), StartOf(absl::CivilDay(2026, 3, 1)));
  // A later refusal never shortens it.
  ended.mutable_application()->set_ended_date("2017-01-01");
  retention = RetentionOf(ended, world.At());
  EXPECT_EQ(clock::FromProto(retention.keep_until_time()), StartOf(absl::CivilDay(2026, 3, 1)));
  v1::Carer refused;
  refused.set_status(v1::Carer::STATUS_REFUSED);
  refused.mutable_application()->set_state(v1::Application::STATE_REFUSED);
  refused.mutable_application()->set_ended_date("2026-01-31");
  retention = RetentionOf(refused, world.At());
  EXPECT_EQ(clock::FromProto(retention.keep_until_time()), StartOf(absl::CivilDay(2029, 2, 1)));
  EXPECT_EQ(retention.explanation().confidence(), "high");
}

TEST(LegalHoldTest, IsPlacedOnceAndLiftedOnce) {
  World world;
  world.Approve();
  v1::PlaceLegalHoldRequest place;
  EXPECT_EQ(ReasonOf(PlaceLegalHold(world.carer, place, world.At(), NextId).status()), "REQUIRED");
  place.set_reason("a claim");
  v1::LiftLegalHoldRequest lift;
  lift.set_reason("settled");
  EXPECT_EQ(ReasonOf(LiftLegalHold(world.carer, lift, world.At()).status()), "NOT_ON_HOLD");
  world.Do(PlaceLegalHold(world.carer, place, world.At(), NextId));
  EXPECT_TRUE(RetentionOf(world.carer, world.At()).on_hold());
  EXPECT_EQ(ReasonOf(PlaceLegalHold(world.carer, place, world.At(), NextId).status()), "ON_HOLD");
  world.Do(LiftLegalHold(world.carer, lift, world.At()));
  EXPECT_FALSE(RetentionOf(world.carer, world.At()).on_hold());
}

TEST(AccessRequestTest, IsDueInFifteenWorkingDaysAndAnsweredOnce) {
  World world;
  world.Approve();
  v1::RecordAccessRequestRequest ask;
  ask.set_service_name("Example Fostering");
  ask.set_basis("reg 26(1A)(e), with consent");
  ask.set_received_date("2026-11-20");
  world.Do(RecordAccessRequest(world.carer, ask, world.At(), NextId));
  const v1::CarerDuty* duty = world.DutyOf(v1::DUTY_KIND_ACCESS_REQUEST);
  ASSERT_NE(duty, nullptr);
  EXPECT_EQ(clock::FromProto(duty->due_time()), StartOf(absl::CivilDay(2026, 12, 12)));
  v1::AnswerAccessRequestRequest answer;
  answer.set_access_request_id(duty->about_id());
  answer.set_answer("copies sent");
  answer.set_answered_date("2026-11-19");
  EXPECT_EQ(ReasonOf(AnswerAccessRequest(world.carer, answer, world.At()).status()),
            "BEFORE_THE_REQUEST");
  answer.set_answered_date("2026-11-21");
  world.Do(AnswerAccessRequest(world.carer, answer, world.At()));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_ACCESS_REQUEST), nullptr);
  EXPECT_EQ(ReasonOf(AnswerAccessRequest(world.carer, answer, world.At()).status()),
            "ANSWERED_BEFORE");
}

}  // namespace
}  // namespace fosterwatch::carers::domain
