// A carer register by the real binary, one for all tests of a program.
#pragma once

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
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/installation.h"

namespace fosterwatch::carers {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using v1::Carer;

inline constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
inline constexpr char kApproval[] = "fosterwatch.carers.v1.CarerApprovalService";
inline constexpr char kDuties[] = "fosterwatch.carers.v1.CarerDutiesService";

inline std::string Day(int from_today = 0) {
  return absl::FormatCivilTime(clock::LondonDay(absl::Now()) + from_today);
}

inline v1::Particulars Household(const std::string& name = "Ann Example") {
  v1::Particulars household;
  household.set_address("1 Example Street");
  v1::FosterParent* person = household.add_foster_parents();
  person->set_name(name);
  person->set_birth_date("1980-02-03");
  person->set_sex(v1::FosterParent::SEX_FEMALE);
  return household;
}

inline v1::Terms SomeTerms(int children = 2) {
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
  // Applied, assessed and recommended; all of it so many days earlier.
  static Carer Recommended(const std::string& id, int earlier = 0) {
    v1::RecordApplicationRequest apply = Applying(id);
    apply.set_received_date(Day(-200 - earlier));
    Carer carer = Do(kApproval, "RecordApplication", apply);
    for (const std::string& missing : std::vector<std::string>(
             carer.application().missing().begin(), carer.application().missing().end())) {
      v1::RecordInformationRequest item;
      item.set_carer_id(id);
      const size_t slash = missing.find('/');
      item.set_code(missing.substr(0, slash));
      if (slash != std::string::npos) item.set_foster_parent_id(missing.substr(slash + 1));
      item.set_obtained_date(Day(-20 - earlier));
      carer = Do(kApproval, "RecordInformation", item);
    }
    EXPECT_EQ(carer.application().missing_size(), 0);
    v1::BeginStageTwoRequest begin;
    begin.set_carer_id(id);
    begin.set_begun_date(Day(-60 - earlier));
    Do(kApproval, "BeginStageTwo", begin);
    v1::RecordRecommendationRequest panel;
    panel.set_carer_id(id);
    panel.set_body(v1::Recommendation::BODY_FOSTERING_PANEL);
    panel.set_matter(v1::MATTER_APPROVAL);
    panel.set_meeting_date(Day(-10 - earlier));
    *panel.mutable_minutes_received_time() =
        clock::ToProto(absl::Now() - absl::Hours(48 + 24 * earlier));
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

  inline static Installation* installation_ = nullptr;
};

}  // namespace fosterwatch::carers
