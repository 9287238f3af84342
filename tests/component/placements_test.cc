// Where children live, by the real binary: a move as the register of events sees it, a household
// outside its carer's terms, the intake topic, two people at once, a register from CSV, and what
// bad input gets.
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::placements {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using v1::Placement;

constexpr char kPlacements[] = "fosterwatch.placements.v1.PlacementsService";
constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kApprovals[] = "fosterwatch.carers.v1.CarerApprovalService";
constexpr char kIntake[] = "fosterwatch.intake.placements.v1";
constexpr absl::Duration kPatience = absl::Seconds(60);

class PlacementsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    TakeOver("F-2", 1);
    TakeOver("F-3", 3);
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  template <typename Response = Placement>
  static absl::StatusOr<Response> Call(const std::string& method,
                                       const google::protobuf::Message& request,
                                       const Person& person = agency_->RegisteredManager(),
                                       const char* service = kPlacements) {
    return installation_->Call<Response>(person, service, method, request);
  }

  // A carer for so many children of up to 17.
  static void TakeOver(const std::string& carer_id, int children) {
    carers::v1::TakeOverCarerRequest request;
    request.set_carer_id(carer_id);
    request.set_kind(carers::v1::Carer::KIND_MAINSTREAM);
    request.mutable_particulars()->set_name("Test Household");
    request.mutable_particulars()->set_address("1 Mill Lane");
    auto* parent = request.mutable_particulars()->add_foster_parents();
    parent->set_name("Test Parent");
    parent->set_birth_date("1980-01-02");
    parent->set_sex(carers::v1::FosterParent::SEX_FEMALE);
    request.set_approved_date("2020-01-01");
    request.add_review_dates("2020-12-01");
    auto* terms = request.add_terms();
    terms->set_effective_date("2020-01-01");
    terms->mutable_terms()->set_max_children(children);
    terms->mutable_terms()->set_max_age(17);
    const auto carer =
        Call<carers::v1::Carer>("TakeOverCarer", request, agency_->RegisteredManager(), kCarers);
    ASSERT_THAT(carer, IsOk()) << carer.status();
    ASSERT_TRUE(AwaitTrue([&] { return HouseholdOf(carer_id).has_terms(); }, kPatience));
  }

  static std::string Today() { return absl::FormatCivilTime(clock::LondonDay(absl::Now())); }
  static v1::Household HouseholdOf(const std::string& carer_id) {
    v1::GetHouseholdRequest request;
    request.set_carer_id(carer_id);
    return Call<v1::Household>("GetHousehold", request).value_or(v1::Household());
  }
  // A child who lives with nobody yet.
  static std::string NewChild() {
    static int number = 100;
    v1::RecordChildRequest request;
    request.mutable_child()->set_child_id(absl::StrCat("C-", ++number));
    request.mutable_child()->set_name("Test Child");
    request.mutable_child()->set_birth_date("2015-02-03");
    request.mutable_child()->set_responsible_authority_id("northshire");
    request.mutable_child()->set_area_authority_id("northshire");
    EXPECT_THAT(Call<v1::Child>("RecordChild", request), IsOk());
    return request.child().child_id();
  }
  static v1::StartPlacementRequest Starting(const std::string& child_id,
                                            const std::string& carer_id,
                                            const std::string& day = "2026-03-01") {
    v1::StartPlacementRequest request;
    request.mutable_placement()->set_child_id(child_id);
    request.mutable_placement()->set_carer_id(carer_id);
    request.mutable_placement()->set_start_date(day);
    request.mutable_placement()->set_placement_code("U6");
    return request;
  }
  static v1::MoveChildRequest Moving(const std::string& child_id, const std::string& carer_id) {
    v1::MoveChildRequest request;
    request.set_child_id(child_id);
    request.set_reason_code("CREQO");
    request.mutable_next()->set_carer_id(carer_id);
    request.mutable_next()->set_start_date(Today());
    request.mutable_next()->set_placement_code("U6");
    return request;
  }
  static v1::ListPlacementsResponse PlacementsOf(const std::string& child_id) {
    v1::ListPlacementsRequest request;
    request.set_child_id(child_id);
    return Call<v1::ListPlacementsResponse>("ListPlacements", request)
        .value_or(v1::ListPlacementsResponse());
  }
  static int64_t Count(const std::string& database, const std::string& sql,
                       pg::Values values = {}) {
    auto rows = installation_->Database(database)->Query(sql, std::move(values));
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  inline static Installation* installation_ = nullptr;
  inline static Agency* agency_ = nullptr;
  inline static Agency* other_ = nullptr;
};

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
  const std::string inside = NewChild();
  ASSERT_THAT(Call("StartPlacement", Starting(inside, "F-2")), IsOk());
  ASSERT_TRUE(AwaitTrue([] { return HouseholdOf("F-2").residents_size() == 1; }, kPatience));
  EXPECT_EQ(needed("attention_needed"), 0);
  const std::string outside = NewChild();
  ASSERT_THAT(Call("StartPlacement", Starting(outside, "F-2")), IsOk());
  ASSERT_TRUE(AwaitTrue([] { return HouseholdOf("F-2").breaches_size() == 1; }, kPatience));
  EXPECT_EQ(HouseholdOf("F-2").breaches(0).code(), v1::TermsBreach::CODE_TOO_MANY_CHILDREN);
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

class PlacementsIntakeTest : public PlacementsTest {
 protected:
  static v1::IngestCloudEventRequest Event(const std::string& id, const std::string& type,
                                           const std::string& data) {
    v1::IngestCloudEventRequest event;
    event.set_id(id);
    event.set_source(agency_->source());
    event.set_type(type);
    event.set_data(data);
    return event;
  }
  static void Publish(const v1::IngestCloudEventRequest& event) {
    bus::Record record;
    record.topic = kIntake;
    record.key = "case-system";
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", event.id()},
                      {"ce_source", event.source()},
                      {"ce_type", event.type()},
                      {"content-type", "application/json"}};
    record.value = event.data();
    ASSERT_THAT(installation_->OpenBus()->Publish({record}), IsOk());
  }
};

TEST_F(PlacementsIntakeTest, TheSameCloudEventByBothWaysIsOneChange) {
  const std::string child = NewChild();
  const auto started =
      Event("started-1", "uk.fosterwatch.placement.started.v1",
            absl::StrCat(R"({"child_id": ")", child, R"(", "carer_id": "F-1",)",
                         R"( "start_date": "2026-03-01", "placement_code": "U6"})"));
  Publish(started);
  ASSERT_TRUE(AwaitTrue([&] { return PlacementsOf(child).total_size() == 1; }, kPatience));
  const auto answer = Call("IngestCloudEvent", started, agency_->Publisher());
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->placement_id(), PlacementsOf(child).placements(0).placement_id());
  Publish(Event("moved-1", "uk.fosterwatch.placement.moved.v1",
                absl::StrCat(R"({"child_id": ")", child, R"(", "reason_code": "CARPL", "next":)",
                             R"( {"carer_id": "F-3", "start_date": "2026-04-01",)",
                             R"( "placement_code": "U4"}})")));
  Publish(Event("ended-1", "uk.fosterwatch.placement.ended.v1",
                absl::StrCat(R"({"child_id": ")", child,
                             R"(", "end_date": "2026-05-01", "reason_code": "LAREQ"})")));
  ASSERT_TRUE(AwaitTrue(
      [&] {
        const auto list = PlacementsOf(child);
        return list.total_size() == 2 && !list.placements(0).end_date().empty();
      },
      kPatience));
  EXPECT_EQ(PlacementsOf(child).placements(0).ending(), v1::ENDING_UNPLANNED);
}

TEST_F(PlacementsIntakeTest, WhatCannotBeTakenIsParkedAndCallsAPerson) {
  const auto parked = [](const std::string& reason) {
    return Count("placements", "SELECT count(*) FROM ledger.parked WHERE reason_code = $1",
                 {reason});
  };
  Publish(Event("bad-1", "uk.fosterwatch.placement.started.v1", R"({"child_id": "C-1", "x": 1})"));
  Publish(Event("bad-2", "uk.fosterwatch.placement.vanished.v1", "{}"));
  auto stranger = Event("bad-3", "uk.fosterwatch.placement.ended.v1", "{}");
  stranger.set_source("urn:nobody");
  Publish(stranger);
  EXPECT_TRUE(AwaitTrue(
      [&] {
        return parked("UNKNOWN_FIELD") == 1 && parked("UNKNOWN_EVENT_TYPE") == 1 &&
               parked("SOURCE_NOT_REGISTERED") == 1;
      },
      kPatience));
  EXPECT_GE(Count("placements",
                  "SELECT count(*) FROM ledger.fact WHERE aggregate_type = 'intake'"
                  " AND name = 'attention_needed'"),
            2);
  EXPECT_THAT(Call("IngestCloudEvent", stranger, agency_->Publisher()),
              HasReason("SOURCE_NOT_REGISTERED"));
}

TEST_F(PlacementsTest, ARegisterComesInFromCsvAndAgainChangesNothing) {
  const std::string folder = installation_->folder();
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
    return folder + "/" + name;
  };
  std::string children = "child_id,name,birth_date,responsible_authority_id,area_authority_id\n";
  std::string placements = "child_id,carer_id,start_date,end_date,placement_code,reason_code\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&children, "I-", i, ",Child ", i, i % 100 == 3 ? ",2015-02-30" : ",2015-02-28",
                    ",northshire,northshire\n");
    absl::StrAppend(&placements, "I-", i, ",F-1,2024-01-05,2025-01-05,U6,CREQB\n");
  }
  const auto import = [&](std::vector<std::string> arguments, std::string* output) {
    arguments.insert(arguments.begin(), "import");
    arguments.insert(arguments.end(),
                     {"--agency", agency_->id(), "--json", "--rejects", folder + "/rejects.csv"});
    return installation_->RunWith(std::move(arguments), {}, absl::Minutes(2), output);
  };
  const std::string children_file = write("children.csv", children);
  const std::string placements_file = write("placements.csv", placements);
  const auto recorded = [] {
    return Count("placements", "SELECT count(*) FROM view.child WHERE child_id LIKE 'I-%'");
  };
  std::string output;
  EXPECT_EQ(import({"children", children_file, "--dry-run"}, &output), 4);
  EXPECT_THAT(output, HasSubstr("\"recorded\": 198"));
  EXPECT_EQ(recorded(), 0);
  EXPECT_EQ(import({"children", children_file}, &output), 4);
  EXPECT_EQ(recorded(), 198);
  std::ostringstream rejects;
  rejects << std::ifstream(folder + "/rejects.csv").rdbuf();
  EXPECT_THAT(rejects.str(), HasSubstr("\n5,INVALID_DATE,birth_date,"));
  EXPECT_THAT(rejects.str(), HasSubstr("\n105,INVALID_DATE,birth_date,"));
  EXPECT_EQ(import({"placements", placements_file}, &output), 4);
  EXPECT_THAT(output, HasSubstr("\"rejected\": 2"));
  const int64_t facts = Count("placements",
                              "SELECT count(*) FROM ledger.fact"
                              " WHERE aggregate_id LIKE 'I-%'");
  EXPECT_EQ(import({"children", children_file}, &output), 4);
  EXPECT_EQ(import({"placements", placements_file}, &output), 4);
  EXPECT_THAT(output, HasSubstr("\"unchanged\": 198"));
  EXPECT_EQ(Count("placements", "SELECT count(*) FROM ledger.fact WHERE aggregate_id LIKE 'I-%'"),
            facts);
  EXPECT_EQ(import({"children", write("wrong.csv", "child_id,Name,colour\n1,2,3\n")}, &output), 4);
  EXPECT_THAT(output, HasSubstr("WRONG_COLUMNS"));
}

}  // namespace
}  // namespace fosterwatch::placements
