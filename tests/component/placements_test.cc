// Where children live, by the real binary: a move as the register of events sees it, a household
// outside its carer's terms, what is owed while a child is placed, two people at once, and what bad
// input gets.
#include <string>
#include <thread>
#include <vector>

#include "tests/component/placements_fixture.h"

namespace fosterwatch::placements {
namespace {

TEST_F(PlacementsTest, AMoveIsAnEndAndAStartAndOthersKnowWhereTheChildLives) {
  const std::string child = NewChild();
  const auto first = Call("StartPlacement", Starting(child, "F-1"));
  ASSERT_THAT(first, IsOk());
  const auto second = Call("MoveChild", Moving(child, "F-3"));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->start_date(), Today());

  v1::GetPlacementRequest get;
  get.set_placement_id(first->placement_id());
  const auto left = Call("GetPlacement", get);
  ASSERT_THAT(left, IsOk());
  EXPECT_EQ(left->end_date(), Today());
  EXPECT_EQ(left->ending(), v1::ENDING_UNPLANNED);

  v1::ListPlacementsRequest unplanned;
  unplanned.set_child_id(child);
  unplanned.set_ending(v1::ENDING_UNPLANNED);
  EXPECT_EQ(Call<v1::ListPlacementsResponse>("ListPlacements", unplanned)->total_size(), 1);
  v1::ListPlacementsRequest current;
  current.set_carer_id("F-3");
  current.set_current(true);
  const auto there = Call<v1::ListPlacementsResponse>("ListPlacements", current);
  ASSERT_THAT(there, IsOk());
  EXPECT_EQ(there->placements(0).child_id(), child);

  EXPECT_TRUE(AwaitTrue(
      [&] {
        return Count("notifiable_events",
                     "SELECT count(*) FROM reference.child WHERE child_id = $1"
                     " AND carer_id = 'F-3'",
                     {child}) == 1;
      },
      kPatience));
  EXPECT_TRUE(AwaitTrue([] { return HouseholdOf("F-3").residents_size() == 1; }, kPatience));
  v1::EndPlacementRequest end;
  end.set_child_id(child);
  end.set_end_date(Today());
  end.set_reason_code("CARPL");
  const auto ended = Call("EndPlacement", end);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->placement_id(), second->placement_id());
  EXPECT_EQ(ended->ending(), v1::ENDING_PLANNED);
  EXPECT_TRUE(AwaitTrue([] { return HouseholdOf("F-3").residents().empty(); }, kPatience));
}

TEST_F(PlacementsTest, AHouseholdOutsideItsTermsAlertsAtOnceAndAnExemptionSettlesIt) {
  const auto needed = [](const char* name) {
    return Count("placements",
                 "SELECT count(*) FROM ledger.fact WHERE name = $1 AND aggregate_id = 'F-2'",
                 {std::string(name)});
  };
  // The terms say five; the usual limit is three.
  for (int inside = 0; inside < 3; ++inside) {
    ASSERT_THAT(Call("StartPlacement", Starting(NewChild(), "F-2")), IsOk());
  }
  ASSERT_TRUE(AwaitTrue([] { return HouseholdOf("F-2").residents_size() == 3; }, kPatience));
  EXPECT_EQ(needed("attention_needed"), 0);
  const std::string outside = NewChild();
  ASSERT_THAT(Call("StartPlacement", Starting(outside, "F-2")), IsOk());
  ASSERT_TRUE(AwaitTrue([] { return HouseholdOf("F-2").breaches_size() == 1; }, kPatience));
  EXPECT_EQ(HouseholdOf("F-2").breaches(0).code(), v1::TermsBreach::CODE_OVER_USUAL_LIMIT);
  EXPECT_EQ(needed("attention_needed"), 1);
  const std::string attention = HouseholdOf("F-2").breaches(0).attention_id();
  v1::ListHouseholdsRequest list;
  list.set_outside_terms(true);
  EXPECT_EQ(Call<v1::ListHouseholdsResponse>("ListHouseholds", list)->households(0).carer_id(),
            "F-2");

  carers::v1::GrantExemptionRequest exemption;
  exemption.set_carer_id("F-2");
  exemption.set_body_id("northshire");
  exemption.add_child_ids(outside);
  exemption.set_from_date(Today());
  exemption.set_reason("brother of a child placed there");
  const auto granted = Call<carers::v1::Carer>("GrantExemption", exemption,
                                               agency_->RegisteredManager(), kApprovals);
  ASSERT_THAT(granted, IsOk()) << granted.status();
  EXPECT_TRUE(AwaitTrue([] { return HouseholdOf("F-2").breaches().empty(); }, kPatience));
  EXPECT_EQ(needed("attention_settled"), 1);
  EXPECT_NE(attention, "");
  // No name and no day of birth of a household leaves, nor lies in clear.
  EXPECT_EQ(Count("placements",
                  "SELECT count(*) FROM ledger.fact WHERE name = 'resident_joined'"
                  " AND position('2015-02-03'::bytea IN payload) > 0"),
            0);
}

TEST_F(PlacementsTest, TheRecordOfAChildMovesTheChildToo) {
  v1::GetChildRequest get;
  get.set_child_id(NewChild());
  v1::RecordChildRequest record;
  *record.mutable_child() = *Call<v1::Child>("GetChild", get);
  record.mutable_child()->set_carer_id("F-1");
  ASSERT_THAT(Call<v1::Child>("RecordChild", record), IsOk());
  const auto list = PlacementsOf(get.child_id());
  ASSERT_EQ(list.placements_size(), 1);
  EXPECT_TRUE(list.placements(0).start_assumed());
  // What the case system knows better is a correction of that.
  v1::RecordPlacementRequest whole;
  *whole.mutable_placement() = Starting(get.child_id(), "F-1", "2025-01-07").placement();
  ASSERT_THAT(Call("RecordPlacement", whole), IsOk());
  EXPECT_EQ(PlacementsOf(get.child_id()).placements(0).start_date(), "2025-01-07");
  EXPECT_EQ(PlacementsOf(get.child_id()).total_size(), 1);
}

TEST_F(PlacementsTest, ACorrectionIsAnAddition) {
  const std::string child = NewChild();
  const auto started = Call("StartPlacement", Starting(child, "F-1"));
  ASSERT_THAT(started, IsOk());
  v1::CorrectPlacementRequest correct;
  correct.mutable_placement()->set_placement_id(started->placement_id());
  correct.mutable_placement()->set_start_date("2026-02-01");
  correct.set_why("the contract says another day");
  correct.set_request_id("correct-1");
  const auto corrected = Call("CorrectPlacement", correct);
  ASSERT_THAT(corrected, IsOk());
  EXPECT_EQ(corrected->start_date(), "2026-02-01");
  ASSERT_EQ(corrected->corrections_size(), 1);
  EXPECT_EQ(corrected->corrections(0).replaced(0).before(), "2026-03-01");
  EXPECT_EQ(Call("CorrectPlacement", correct)->corrections_size(), 1);
  EXPECT_THAT(Call("CorrectPlacement", correct, other_->RegisteredManager()),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PlacementsTest, OfTwoWhoMoveAChildAtOnceTheChildLivesWithOne) {
  const std::string child = NewChild();
  ASSERT_THAT(Call("StartPlacement", Starting(child, "F-1")), IsOk());
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&, i] { (void)Call("MoveChild", Moving(child, i % 2 ? "F-2" : "F-3")); });
  }
  for (std::thread& person : people) person.join();
  const auto list = PlacementsOf(child);
  int open = 0;
  for (const Placement& placement : list.placements()) open += placement.end_date().empty();
  EXPECT_EQ(open, 1);
  EXPECT_EQ(list.total_size(), 9);
  v1::EndPlacementRequest end;
  end.set_child_id(child);
  end.set_end_date(Today());
  end.set_reason_code("CARPL");
  EXPECT_THAT(Call("EndPlacement", end), IsOk());
  EXPECT_THAT(Call("EndPlacement", end), HasReason("NOT_PLACED"));
}

TEST_F(PlacementsTest, SupervisionOfACarerIsOwedFromAPlacementUntilTheLastChildHasLeft) {
  TakeOver("F-30", 3);
  const auto supervision = [] {
    carers::v1::GetCarerRequest request;
    request.set_carer_id("F-30");
    const auto carer =
        Call<carers::v1::Carer>("GetCarer", request, agency_->RegisteredManager(), kCarers);
    EXPECT_THAT(carer, IsOk());
    if (carer.ok()) {
      for (const carers::v1::CarerDuty& duty : carer->duties()) {
        if (duty.kind() == carers::v1::DUTY_KIND_SUPERVISION_VISIT) return duty;
      }
    }
    return carers::v1::CarerDuty();
  };
  const auto since = [&](const std::string& day) {
    return AwaitTrue(
        [&] {
          return absl::FormatCivilTime(clock::LondonDay(
                     clock::FromProto(supervision().explanation().trigger_time()))) == day;
        },
        kPatience);
  };
  EXPECT_EQ(supervision().duty_id(), "") << "nobody lives there";
  const std::string first = NewChild(), second = NewChild();
  ASSERT_THAT(Call("StartPlacement", Starting(first, "F-30", "2026-03-01")), IsOk());
  ASSERT_TRUE(since("2026-03-01"));
  EXPECT_EQ(supervision().explanation().trigger(), "placed_date");
  ASSERT_THAT(Call("StartPlacement", Starting(second, "F-30", "2026-02-01")), IsOk());
  EXPECT_TRUE(since("2026-02-01")) << "the first of those who live there";
  ASSERT_THAT(Call("MoveChild", Moving(second, "F-3")), IsOk());
  EXPECT_TRUE(since("2026-03-01"));
  v1::EndPlacementRequest end;
  end.set_child_id(first);
  end.set_end_date(Today());
  end.set_reason_code("CARPL");
  ASSERT_THAT(Call("EndPlacement", end), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return supervision().duty_id().empty(); }, kPatience));
}

TEST_F(PlacementsTest, AnUnplannedEndingOpensAReviewWithTheCarerUntilItIsPutRight) {
  using carers::v1::EndingReview;
  constexpr char kDuties[] = "fosterwatch.carers.v1.CarerDutiesService";
  TakeOver("F-40", 3);
  const auto carer = [] {
    carers::v1::GetCarerRequest request;
    request.set_carer_id("F-40");
    return Call<carers::v1::Carer>("GetCarer", request, agency_->RegisteredManager(), kCarers)
        .value_or(carers::v1::Carer());
  };
  const auto is_reviewed = [&](int count, EndingReview::State state) {
    return AwaitTrue(
        [&] {
          const auto now = carer();
          return now.ending_reviews_size() == count &&
                 now.ending_reviews(count - 1).state() == state;
        },
        kPatience);
  };
  const auto ends = [](const std::string& child) {
    const auto started = Call("StartPlacement", Starting(child, "F-40"));
    EXPECT_THAT(started, IsOk());
    v1::EndPlacementRequest end;
    end.set_child_id(child);
    end.set_end_date(Today());
    end.set_reason_code("CREQB");
    EXPECT_THAT(Call("EndPlacement", end), IsOk());
    return started.value_or(Placement()).placement_id();
  };
  const std::string first = ends(NewChild());
  ASSERT_TRUE(is_reviewed(1, EndingReview::STATE_OPEN));
  EXPECT_EQ(carer().ending_reviews(0).placement_id(), first);
  EXPECT_EQ(carer().ending_reviews(0).reason_code(), "CREQB");
  v1::CorrectPlacementRequest planned;
  planned.mutable_placement()->set_placement_id(first);
  planned.mutable_placement()->set_reason_code("CARPL");
  planned.set_why("it was decided before");
  ASSERT_THAT(Call("CorrectPlacement", planned), IsOk());
  ASSERT_TRUE(is_reviewed(1, EndingReview::STATE_NOT_NEEDED));

  directory::v1::AppointHolderRequest appoint;
  auto* holder = appoint.mutable_holder();
  holder->set_person_id("team-manager-1");
  holder->set_role(options::v1::ROLE_TEAM_MANAGER);
  holder->set_name("Test Person");
  holder->set_email("team-manager-1@example.org");
  holder->set_title("Test title");
  *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
  ASSERT_THAT(Call<directory::v1::RoleHolder>("AppointHolder", appoint, agency_->Administrator(),
                                              "fosterwatch.directory.v1.DirectoryService"),
              IsOk());
  const std::string second = ends(NewChild());
  ASSERT_TRUE(is_reviewed(2, EndingReview::STATE_OPEN));
  ASSERT_TRUE(AwaitTrue([] { return Count("carers", "SELECT count(*) FROM reference.holder") > 0; },
                        kPatience));
  carers::v1::AssignEndingReviewRequest assign;
  assign.set_carer_id("F-40");
  assign.set_placement_id(second);
  assign.set_owner_id("ghost");
  const auto given = [&] {
    return Call<carers::v1::Carer>("AssignEndingReview", assign, agency_->RegisteredManager(),
                                   kDuties);
  };
  EXPECT_THAT(given(), HasReason("NO_ROLE_HOLDER"));
  assign.set_owner_id("team-manager-1");
  ASSERT_THAT(given(), IsOk());
  carers::v1::RecordEndingReviewRequest held;
  held.set_carer_id("F-40");
  held.set_placement_id(second);
  held.set_held_date(Today());
  held.set_child_heard(true);
  held.set_learning("the match did not look at the dogs");
  held.set_no_action_reason("matching asks of pets since May");
  const auto after =
      Call<carers::v1::Carer>("RecordEndingReview", held, agency_->RegisteredManager(), kDuties);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->ending_reviews(1).state(), EndingReview::STATE_HELD);

  // A child of whom nobody here has heard is let through, and shown.
  carers::v1::GrantExemptionRequest exempt;
  exempt.set_carer_id("F-40");
  exempt.set_body_id("northshire");
  exempt.add_child_ids("NOCHILD");
  exempt.set_from_date(Today());
  exempt.set_reason("a brother comes");
  ASSERT_THAT(
      Call<carers::v1::Carer>("GrantExemption", exempt, agency_->RegisteredManager(), kApprovals),
      IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return carer().unknown_references_size() == 1; }, kPatience));
  EXPECT_EQ(carer().unknown_references(0).id(), "NOCHILD");
  EXPECT_EQ(carer().unknown_references(0).place(), carers::v1::UnknownReference::PLACE_EXEMPTION);
}

TEST_F(PlacementsTest, WhatIsSaidBadlyIsRefusedByItsField) {
  const std::string child = NewChild();
  const auto refused = [](const absl::Status& status, const char* reason, const char* field) {
    EXPECT_EQ(ReasonOf(status), reason) << status;
    const auto violations = ViolationsOf(status);
    EXPECT_EQ(violations.empty() ? "" : violations[0].field, field) << status;
  };
  auto start = Starting(child, "F-9");
  refused(Call("StartPlacement", start).status(), "UNKNOWN_CARER", "placement.carer_id");
  start = Starting("C-9999", "F-1");
  refused(Call("StartPlacement", start).status(), "UNKNOWN_CHILD", "placement.child_id");
  start = Starting(child, "F-1", "1 March");
  refused(Call("StartPlacement", start).status(), "INVALID_DATE", "placement.start_date");
  start = Starting(child, "F-1");
  start.mutable_placement()->set_ending_note(std::string("a\0b", 3));
  EXPECT_THAT(Call("StartPlacement", start), StatusIs(absl::StatusCode::kInvalidArgument));
  refused(Call("MoveChild", Moving(child, "F-1")).status(), "NOT_PLACED", "child_id");
  refused(Call("EndPlacement", v1::EndPlacementRequest()).status(), "UNKNOWN_CHILD", "child_id");
  refused(Call("CorrectPlacement", v1::CorrectPlacementRequest()).status(), "NOT_FOUND",
          "placement_id");
  {
    const auto elsewhere = Call("StartPlacement", Starting(NewChild(), "F-1"));
    ASSERT_THAT(elsewhere, IsOk());
    v1::CorrectPlacementRequest correct;
    correct.mutable_placement()->set_placement_id(elsewhere->placement_id());
    refused(Call("CorrectPlacement", correct).status(), "REQUIRED", "why");
    correct.set_why("misread");
    correct.mutable_placement()->set_carer_id("F-9");
    refused(Call("CorrectPlacement", correct).status(), "UNKNOWN_CARER", "placement.carer_id");
    EXPECT_THAT(Call("CorrectPlacement", correct,
                     {agency_->id(), "ri-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}}),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  refused(Call("RecordPlacement", v1::RecordPlacementRequest()).status(), "UNKNOWN_CHILD",
          "placement.child_id");
  refused(Call("GetPlacement", v1::GetPlacementRequest()).status(), "NOT_FOUND", "placement_id");
  EXPECT_THAT(Call<v1::Household>("GetHousehold", v1::GetHouseholdRequest()),
              StatusIs(absl::StatusCode::kNotFound));
  v1::ListPlacementsRequest list;
  list.set_page_size(-1);
  EXPECT_THAT(Call<v1::ListPlacementsResponse>("ListPlacements", list),
              StatusIs(absl::StatusCode::kInvalidArgument));
  list.set_page_size(1);
  list.set_ended_from_date("yesterday");
  refused(Call<v1::ListPlacementsResponse>("ListPlacements", list).status(), "INVALID_DATE",
          "ended_from_date");
  v1::ListCodesRequest codes;
  codes.set_date("soon");
  refused(Call<v1::CodeList>("ListCodes", codes).status(), "INVALID_DATE", "date");
  v1::BatchRecordPlacementsRequest batch;
  for (int i = 0; i < 501; ++i) batch.add_requests();
  refused(Call<v1::BatchRecordResponse>("BatchRecordPlacements", batch).status(), "TOO_MANY",
          "requests");
  EXPECT_THAT(Call("StartPlacement", Starting(child, "F-1"),
                   {agency_->id(), "ri-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(PlacementsTest, PagesOfPlacementsLeaveNothingOutAndNothingTwice) {
  const std::string child = NewChild();
  v1::BatchRecordPlacementsRequest batch;
  for (int i = 0; i < 9; ++i) {
    Placement& placement = *batch.add_requests()->mutable_placement();
    placement.set_child_id(child);
    placement.set_carer_id("F-1");
    placement.set_start_date(absl::StrCat("201", i, "-05-04"));
    placement.set_end_date(absl::StrCat("201", i, "-06-04"));
  }
  batch.mutable_requests(0)->mutable_placement()->set_start_date("2010-13-01");
  batch.set_validate_only(true);
  const auto tried = Call<v1::BatchRecordResponse>("BatchRecordPlacements", batch);
  ASSERT_THAT(tried, IsOk());
  EXPECT_EQ(PlacementsOf(child).total_size(), 0);
  batch.set_validate_only(false);
  const auto done = Call<v1::BatchRecordResponse>("BatchRecordPlacements", batch);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->SerializeAsString(), tried->SerializeAsString());
  EXPECT_EQ(done->results(0).reason(), "INVALID_DATE");

  v1::ListPlacementsRequest list;
  list.set_child_id(child);
  list.set_page_size(3);
  std::vector<std::string> starts;
  do {
    const auto page = Call<v1::ListPlacementsResponse>("ListPlacements", list);
    ASSERT_THAT(page, IsOk());
    for (const Placement& placement : page->placements()) starts.push_back(placement.start_date());
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  // The child was born in 2015.
  EXPECT_THAT(starts,
              ::testing::ElementsAre("2018-05-04", "2017-05-04", "2016-05-04", "2015-05-04"));
}

}  // namespace
}  // namespace fosterwatch::placements
