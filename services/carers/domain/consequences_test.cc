#include "services/carers/domain/consequences.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

// The day, the code and whether it waits for the digest, of all that is said while time passes.
using Said = std::vector<std::tuple<std::string, std::string, bool>>;

Said PassTo(World& world, absl::CivilDay end) {
  Said said;
  while (const auto next = NextMoment(world.carer)) {
    if (*next > StartOf(end)) break;
    world.Pass(std::max(*next - world.now, absl::ZeroDuration()));
    for (const auto& fact : world.last) {
      if (!fact.has_attention_needed()) continue;
      const auto& needed = fact.attention_needed();
      EXPECT_EQ(needed.subject_id(), "F-9");
      EXPECT_FALSE(needed.urgent());
      said.emplace_back(world.Today(), needed.code(), needed.in_digest());
    }
    world.last.clear();
  }
  world.now = StartOf(end);
  return said;
}

Said Only(const Said& said, const std::string& prefix) {
  Said of;
  for (const auto& one : said) {
    if (std::get<1>(one).substr(0, prefix.size()) == prefix) of.push_back(one);
  }
  return of;
}

void Review(World& world) {
  v1::RecordReviewRequest review;
  review.set_review_date(world.Today());
  review.set_report("doing well");
  review.set_reviewer_id("worker-2");
  review.set_still_suitable(true);
  review.set_terms_appropriate(true);
  review.set_to_panel(true);
  world.Do(RecordReview(world.carer, review, world.At(), NextId));
}

TEST(CarerConsequencesTest, AFirstYearGoneByInSilenceIsToldOnceForEachDutyAndSettledWhenDone) {
  World world;
  world.Approve();
  world.Place("C-1");
  std::multiset<std::string> overdue;
  for (const auto& [day, code, in_digest] : PassTo(world, absl::CivilDay(2027, 12, 27))) {
    if (code.find("_OVERDUE") == std::string::npos) continue;
    overdue.insert(code);
    EXPECT_EQ(in_digest, code == "SUPERVISION_VISIT_OVERDUE") << code;
  }
  EXPECT_EQ(overdue, (std::multiset<std::string>{"AGREEMENT_ISSUE_OVERDUE", "FIRST_REVIEW_OVERDUE",
                                                 "HOME_SAFETY_OVERDUE", "SUPERVISION_VISIT_OVERDUE",
                                                 "TRAINING_STANDARDS_OVERDUE",
                                                 "UNANNOUNCED_VISIT_OVERDUE"}));
  EXPECT_EQ(world.carer.open_attentions_size(), 6);
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  visit.add_seen()->set_foster_parent_id("1");
  visit.set_unannounced(true);
  visit.set_supervision(true);
  visit.set_home_safety(true);
  world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
  EXPECT_EQ(world.carer.open_attentions_size(), 3);
  EXPECT_EQ(std::count_if(world.last.begin(), world.last.end(),
                          [](const auto& fact) { return fact.has_attention_settled(); }),
            3);
}

TEST(CarerConsequencesTest, AReviewIsWarnedOfSixtyThirtyAndFourteenDaysBeforeAndThenOverdue) {
  World world;
  world.Approve();  // 2026-11-22: the first review by the end of 2027-11-22
  EXPECT_EQ(Only(PassTo(world, absl::CivilDay(2027, 12, 1)), "FIRST_REVIEW"),
            (Said{{"2027-09-23", "FIRST_REVIEW_DUE_SOON", true},
                  {"2027-10-23", "FIRST_REVIEW_DUE_SOON", true},
                  {"2027-11-08", "FIRST_REVIEW_DUE_SOON", true},
                  {"2027-11-23", "FIRST_REVIEW_OVERDUE", false}}));
  int open = 0;
  for (const auto& attention : world.carer.open_attentions()) {
    open += attention.attention_id().find("FIRST_REVIEW") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(open, 1) << "each takes the place of the one before";
}

TEST(CarerConsequencesTest, AWarningIsSettledByTheReviewAndByAnotherDayForIt) {
  World world;
  world.Approve();
  const absl::Time approved = world.now;
  EXPECT_EQ(PassTo(world, absl::CivilDay(2027, 10, 1)).size(), 2u);  // the agreement, the review
  Review(world);
  std::set<std::string> settled;
  for (const auto& fact : world.last) {
    if (fact.has_attention_settled()) settled.insert(fact.attention_settled().attention_id());
  }
  const std::string since = absl::StrCat(absl::ToUnixMicros(approved));
  EXPECT_EQ(settled,
            (std::set<std::string>{"F-9:FIRST_REVIEW:2027-11-23:" + since + ":2027-09-23"}));
  EXPECT_EQ(Only(PassTo(world, absl::CivilDay(2028, 8, 20)), "ANNUAL_REVIEW"),
            (Said{{"2028-08-02", "ANNUAL_REVIEW_DUE_SOON", true}}));
  // An edition that asks for it later: what was said of the other day is said no more.
  v1::CarerPolicies policies = OurPolicies();
  v1::CarerPolicy next = policies.editions(0);
  next.set_version("next");
  next.set_effective_from("2028-08-20");
  for (auto& rule : *next.mutable_duties()) {
    if (rule.kind() == v1::DUTY_KIND_ANNUAL_REVIEW) rule.mutable_limit()->set_calendar_months(13);
  }
  *policies.add_editions() = next;
  world.policies = &policies;
  const Facts facts = OnTime(world.carer, world.At());
  world.Take(facts);
  EXPECT_EQ(Codes(facts).count("ANNUAL_REVIEW_DUE_SOON"), 0u) << "it is due in November now";
  EXPECT_EQ(std::count_if(facts.begin(), facts.end(),
                          [](const auto& fact) { return fact.has_attention_settled(); }),
            1);
}

TEST(CarerConsequencesTest, OfARegisterTakenOverNearItsReviewsOnlyTheLastWarningIsTold) {
  const std::map<std::string, Said> expected = {
      {"2026-06-10", {}},  // in half a year
      {"2025-12-10", {{"2026-11-22", "ANNUAL_REVIEW_DUE_SOON", true}}},
      {"2025-11-25", {{"2026-11-22", "ANNUAL_REVIEW_DUE_SOON", true}}},
      {"2025-11-01", {{"2026-11-22", "ANNUAL_REVIEW_OVERDUE", false}}},
  };
  for (const auto& [reviewed, said] : expected) {
    World world;  // 2026-11-22
    v1::TakeOverCarerRequest request;
    request.set_carer_id("F-9");
    request.set_kind(v1::Carer::KIND_MAINSTREAM);
    *request.mutable_particulars() = Household();
    request.set_approved_date("2020-05-04");
    request.add_review_dates(reviewed);
    world.Do(TakeOverCarer(world.carer, request, "hash", world.At()));
    EXPECT_EQ(Only(PassTo(world, absl::CivilDay(2026, 11, 23)), "ANNUAL_REVIEW"), said) << reviewed;
    EXPECT_TRUE(OnTime(world.carer, world.At()).empty()) << "once";
  }
}

TEST(CarerConsequencesTest, ACertificateIsWarnedOfEachPersonByItself) {
  World world;
  world.Approve();
  v1::RecordCheckRequest check;
  check.set_kind(v1::CHECK_KIND_DBS);
  check.set_foster_parent_id("1");
  world.now = StartOf(absl::CivilDay(2026, 12, 22));
  check.set_done_date(world.Today());
  world.Do(RecordCheck(world.carer, check, world.At(), NextId));
  const Said said = Only(PassTo(world, absl::CivilDay(2030, 1, 1)), "DBS_RENEWAL");
  ASSERT_EQ(said.size(), 8u);
  EXPECT_EQ(said[0], std::make_tuple("2029-09-23", "DBS_RENEWAL_DUE_SOON", true));
  EXPECT_EQ(said[7], std::make_tuple("2029-12-23", "DBS_RENEWAL_OVERDUE", true));
}

TEST(CarerConsequencesTest, SupervisionIsOwedOnlyWhileAChildLivesThere) {
  World world;
  world.Approve();  // 2026-11-22
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT), nullptr);
  world.now = StartOf(absl::CivilDay(2027, 3, 10)) + absl::Hours(12);
  world.Place("C-1");
  const v1::CarerDuty* duty = world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT);
  ASSERT_NE(duty, nullptr);
  EXPECT_EQ(clock::FromProto(duty->due_time()), StartOf(absl::CivilDay(2027, 4, 11)));
  EXPECT_EQ(duty->explanation().trigger(), "placed_date");
  EXPECT_EQ(clock::FromProto(duty->explanation().trigger_time()),
            StartOf(absl::CivilDay(2027, 3, 10)));
  // A second child moves nothing, nor do the same words again.
  world.now = StartOf(absl::CivilDay(2027, 3, 20)) + absl::Hours(12);
  world.Place("C-2");
  EXPECT_EQ(clock::FromProto(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT)->due_time()),
            StartOf(absl::CivilDay(2027, 4, 11)));
  EXPECT_TRUE(NoteOccupant(world.carer, "C-2", "2027-03-20").empty());
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  visit.add_seen()->set_foster_parent_id("2");
  visit.set_supervision(true);
  world.Do(RecordVisit(world.carer, visit, world.At(), NextId));
  duty = world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT);
  EXPECT_EQ(clock::FromProto(duty->due_time()), StartOf(absl::CivilDay(2027, 4, 21)));
  EXPECT_EQ(duty->explanation().trigger(), "visited_time");
  // Overdue, it is settled when the last child leaves.
  const Said overdue = Only(PassTo(world, absl::CivilDay(2027, 5, 1)), "SUPERVISION_VISIT");
  EXPECT_EQ(overdue, (Said{{"2027-04-21", "SUPERVISION_VISIT_OVERDUE", true}}));
  world.Leave("C-1");
  EXPECT_NE(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT), nullptr);
  const int open = world.carer.open_attentions_size();
  world.Leave("C-2");
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT), nullptr);
  EXPECT_EQ(world.carer.open_attentions_size(), open - 1);
  // The next child begins it anew, whatever was missed before.
  world.now = StartOf(absl::CivilDay(2027, 8, 1));
  world.Place("C-3");
  duty = world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT);
  EXPECT_EQ(clock::FromProto(duty->due_time()), StartOf(absl::CivilDay(2027, 9, 2)));
  EXPECT_EQ(duty->last_done_date(), "2027-03-20");
}

// With a supervision visit that somebody was told is overdue.
World WithOverdueSupervision() {
  World world;
  world.Approve();
  world.now = StartOf(absl::CivilDay(2027, 3, 10)) + absl::Hours(12);
  world.Place("C-1");
  PassTo(world, absl::CivilDay(2027, 4, 12));
  return world;
}

std::set<std::string> OpenOn(const World& world, const std::string& duty) {
  std::set<std::string> ids;
  for (const auto& open : world.carer.open_attentions()) {
    if (open.attention_id().find(duty) != std::string::npos) ids.insert(open.attention_id());
  }
  return ids;
}

TEST(CarerConsequencesTest, WhatComesBackIsToldAgainUnderAnotherId) {
  World world = WithOverdueSupervision();
  const auto first = OpenOn(world, "SUPERVISION_VISIT");
  ASSERT_EQ(first.size(), 1u);
  const std::string due = world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT)->due_time().DebugString();
  world.Leave("C-1");
  EXPECT_TRUE(OpenOn(world, "SUPERVISION_VISIT").empty());
  // The child had not left after all: the visit is owed since the same day.
  world.now += absl::Hours(1);
  world.Do(NoteOccupant(world.carer, "C-1", "2027-03-10"));
  EXPECT_EQ(world.DutyOf(v1::DUTY_KIND_SUPERVISION_VISIT)->due_time().DebugString(), due);
  world.Pass(absl::Seconds(1));
  const auto second = OpenOn(world, "SUPERVISION_VISIT");
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(first, second);
  EXPECT_TRUE(OnTime(world.carer, world.At()).empty()) << "once";
}

TEST(CarerConsequencesTest, WhatAnOlderLedgerToldIsNotToldAgainAndIsSettledByItsOwnId) {
  World world = WithOverdueSupervision();
  for (auto& duty : *world.carer.mutable_duties()) duty.clear_episode_time();
  world.carer.clear_open_attentions();
  const std::string old_id = "F-9:SUPERVISION_VISIT:2027-04-11";
  world.carer.add_open_attentions()->set_attention_id(old_id);
  for (const auto& fact : OnTime(world.carer, world.At())) {
    EXPECT_NE(fact.attention_needed().code(), "SUPERVISION_VISIT_OVERDUE");
  }
  world.Leave("C-1");
  bool settled = false;
  for (const auto& fact : world.last) {
    settled = settled || fact.attention_settled().attention_id() == old_id;
  }
  EXPECT_TRUE(settled);
  world.Do(NoteOccupant(world.carer, "C-1", "2027-03-10"));
  world.Pass(absl::Seconds(1));
  const auto again = OpenOn(world, "SUPERVISION_VISIT");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again.count(old_id), 0u);
}

TEST(CarerConsequencesTest, AHouseholdThatIsNotInTheRegisterOwesNothing) {
  EXPECT_TRUE(NoteOccupant(v1::Carer(), "C-1", "2026-11-22").empty());
}

}  // namespace
}  // namespace fosterwatch::carers::domain
