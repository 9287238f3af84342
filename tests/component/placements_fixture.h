// A register of placements by the real binary, one for all tests of a program.
#pragma once

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
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::placements {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using v1::Placement;

inline constexpr char kPlacements[] = "fosterwatch.placements.v1.PlacementsService";
inline constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
inline constexpr char kApprovals[] = "fosterwatch.carers.v1.CarerApprovalService";
inline constexpr char kIntake[] = "fosterwatch.intake.placements.v1";
inline constexpr absl::Duration kPatience = absl::Seconds(60);

class PlacementsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    TakeOver("F-2", 5);
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

}  // namespace fosterwatch::placements
