// Sealed sections by the real binary: whose roles do not open one gets the record without it and is
// told so, by every method that answers with it, and the log of who looked says so.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using allegations::v1::Allegation;
using carers::v1::Carer;
using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using placements::v1::Placement;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAllegations[] = "fosterwatch.allegations.v1.AllegationsService";
constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kApproval[] = "fosterwatch.carers.v1.CarerApprovalService";
constexpr char kPlacements[] = "fosterwatch.placements.v1.PlacementsService";
constexpr absl::Duration kPatience = absl::Seconds(60);
// In every text that is sealed below, and nowhere else.
constexpr char kSecret[] = "larkspur";

class SealedSectionsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    // What the registers refer to each other by.
    ASSERT_TRUE(AwaitTrue(
        [] {
          const auto rows = installation_->Database("allegations")
                                ->Query(
                                    "SELECT (SELECT count(*) FROM reference.child)"
                                    " + (SELECT count(*) FROM reference.carer)");
          return rows.ok() && rows->Int(0, 0) == 3;
        },
        kPatience));
  }
  static void TearDownTestSuite() {
    delete agency_;
    delete installation_;
  }

  static Person Individual() {
    return {agency_->id(), "individual-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
  }
  template <typename Response>
  static absl::StatusOr<Response> Call(const Person& person, const char* service,
                                       const std::string& method,
                                       const google::protobuf::Message& request) {
    return installation_->Call<Response>(person, service, method, request);
  }
  // Of a call that must go well.
  template <typename Response>
  static Response Do(const Person& person, const char* service, const std::string& method,
                     const google::protobuf::Message& request) {
    const auto answer = Call<Response>(person, service, method, request);
    EXPECT_THAT(answer, IsOk()) << method << ": " << answer.status();
    return answer.value_or(Response());
  }
  static bool Tells(const google::protobuf::Message& answer) {
    return absl::StrContains(answer.SerializeAsString(), kSecret);
  }
  // What the register's log says of sections, of the last of the person's calls of the method that
  // it has one row of.
  static std::vector<std::string> SectionsLogged(const std::string& service, const Person& person,
                                                 const std::string& method) {
    const auto rows = installation_->Database(service)->Query(
        "SELECT r.record FROM ledger.access_record r WHERE r.record ~ '^(section|sealed):'"
        " AND r.access_id = (SELECT access_id FROM ledger.access WHERE person_id = $1"
        " AND method LIKE '%/' || $2 ORDER BY at DESC, access_id DESC LIMIT 1) ORDER BY 1",
        {person.person_id, method});
    EXPECT_THAT(rows, IsOk());
    std::vector<std::string> sections;
    for (int row = 0; rows.ok() && row < rows->rows(); ++row) {
      sections.push_back(rows->Text(row, 0));
    }
    return sections;
  }

  inline static Installation* installation_ = nullptr;
  inline static Agency* agency_ = nullptr;
};

TEST_F(SealedSectionsTest, WhatWasSaidOfAnAllegationIsForWhoeverWorksWithIt) {
  allegations::v1::ReceiveAllegationRequest receive;
  receive.mutable_report()->set_carer_id("F-1");
  receive.mutable_report()->set_child_id("C-1");
  receive.mutable_report()->add_grounds(allegations::v1::GROUND_HARM);
  receive.mutable_report()->set_informant(allegations::v1::INFORMANT_CHILD);
  *receive.mutable_report()->mutable_became_aware_time() =
      clock::ToProto(absl::Now() - absl::Minutes(30));
  receive.mutable_report()->set_summary(kSecret);
  const Person worker = agency_->Caseworker();
  const auto received = Do<Allegation>(worker, kAllegations, "ReceiveAllegation", receive);
  EXPECT_EQ(received.report().summary(), kSecret);
  EXPECT_THAT(SectionsLogged("allegations", worker, "ReceiveAllegation"),
              ElementsAre("section:allegation"));
  allegations::v1::AmendAllegationRequest amend;
  amend.set_allegation_id(received.allegation_id());
  amend.set_reason(absl::StrCat("more was said: ", kSecret));
  amend.set_addition(kSecret);
  Do<Allegation>(worker, kAllegations, "AmendAllegation", amend);

  allegations::v1::GetAllegationRequest get;
  get.set_allegation_id(received.allegation_id());
  const auto sealed = Do<Allegation>(Individual(), kAllegations, "GetAllegation", get);
  EXPECT_FALSE(Tells(sealed)) << sealed.DebugString();
  EXPECT_THAT(sealed.report().sealed_sections(), ElementsAre(options::v1::SECTION_ALLEGATION));
  ASSERT_EQ(sealed.amendments_size(), 1);
  EXPECT_THAT(sealed.amendments(0).sealed_sections(), ElementsAre(options::v1::SECTION_ALLEGATION));
  // How far it has come is there to be overseen.
  EXPECT_EQ(sealed.report().grounds_size(), 1);
  EXPECT_EQ(sealed.state(), Allegation::STATE_RECEIVED);
  EXPECT_GT(sealed.duties_size(), 0);
  EXPECT_THAT(SectionsLogged("allegations", Individual(), "GetAllegation"),
              ElementsAre("sealed:allegation"));
  EXPECT_FALSE(Tells(Do<allegations::v1::ListAllegationsResponse>(
      Individual(), kAllegations, "ListAllegations", allegations::v1::ListAllegationsRequest())));
  const auto open = Do<Allegation>(worker, kAllegations, "GetAllegation", get);
  EXPECT_EQ(open.amendments(0).addition(), kSecret);
  EXPECT_THAT(open.report().sealed_sections(), IsEmpty());
}

TEST_F(SealedSectionsTest, WhatAPanelReadsIsForWhoeverPreparesIt) {
  agency_->TakeOverCarer("F-7");
  carers::v1::RecordReviewRequest review;
  review.set_carer_id("F-7");
  review.set_review_date(absl::FormatCivilTime(clock::LondonDay(absl::Now())));
  review.set_report(kSecret);
  review.set_to_panel(true);
  review.set_reviewer_id("worker-2");
  review.set_still_suitable(true);
  review.set_terms_appropriate(true);
  const Person worker = agency_->Caseworker();
  EXPECT_TRUE(Tells(Do<Carer>(worker, kApproval, "RecordReview", review)));
  EXPECT_THAT(SectionsLogged("carers", worker, "RecordReview"), ElementsAre("section:panel"));
  carers::v1::SuspendApprovalRequest suspend;
  suspend.set_carer_id("F-7");
  suspend.set_from_date(absl::FormatCivilTime(clock::LondonDay(absl::Now())));
  suspend.set_reason(kSecret);
  Do<Carer>(agency_->RegisteredManager(), kApproval, "SuspendApproval", suspend);

  carers::v1::GetCarerRequest get;
  get.set_carer_id("F-7");
  const auto sealed = Do<Carer>(Individual(), kCarers, "GetCarer", get);
  EXPECT_FALSE(Tells(sealed)) << sealed.DebugString();
  EXPECT_THAT(sealed.suspension().sealed_sections(), ElementsAre(options::v1::SECTION_ALLEGATION));
  // Reviews from before the register was taken over have no report, and say nothing of one.
  int said = 0;
  for (const auto& each : sealed.reviews()) said += each.sealed_sections_size();
  EXPECT_EQ(said, 1);
  EXPECT_FALSE(sealed.name().empty());
  EXPECT_THAT(SectionsLogged("carers", Individual(), "GetCarer"),
              ElementsAre("sealed:allegation", "sealed:panel"));
  EXPECT_FALSE(Tells(Do<carers::v1::ListCarersResponse>(Individual(), kCarers, "ListCarers",
                                                        carers::v1::ListCarersRequest())));
  EXPECT_TRUE(Tells(Do<Carer>(worker, kCarers, "GetCarer", get)));
}

TEST_F(SealedSectionsTest, WhereAChildWentOnToIsForWhoeverRecordsIt) {
  placements::v1::ListPlacementsRequest list;
  list.set_child_id("C-2");
  const Person worker = agency_->Caseworker();
  placements::v1::EndPlacementRequest end;
  end.set_child_id("C-2");
  end.set_end_date(absl::FormatCivilTime(clock::LondonDay(absl::Now())));
  end.set_reason_code("CARPL");
  end.set_address_on_leaving(absl::StrCat("1 ", kSecret, " Way"));
  const auto ended = Do<Placement>(worker, kPlacements, "EndPlacement", end);
  // A correction keeps what was said first, which is sealed as well.
  placements::v1::CorrectPlacementRequest correct;
  correct.mutable_placement()->set_placement_id(ended.placement_id());
  correct.mutable_placement()->set_child_id("C-2");
  correct.mutable_placement()->set_address_on_leaving(absl::StrCat("2 ", kSecret, " Way"));
  correct.set_why("another number");
  EXPECT_TRUE(Tells(Do<Placement>(worker, kPlacements, "CorrectPlacement", correct)));

  placements::v1::GetPlacementRequest get;
  get.set_placement_id(ended.placement_id());
  for (const Person& person : {Individual(), agency_->Administrator()}) {
    const auto sealed = Do<Placement>(person, kPlacements, "GetPlacement", get);
    EXPECT_FALSE(Tells(sealed)) << sealed.DebugString();
    EXPECT_THAT(sealed.sealed_sections(), ElementsAre(options::v1::SECTION_ADOPTION));
    ASSERT_EQ(sealed.corrections_size(), 1);
    EXPECT_THAT(sealed.corrections(0).replaced(0).sealed_sections(),
                ElementsAre(options::v1::SECTION_ADOPTION));
    EXPECT_EQ(sealed.corrections(0).why(), "another number");
    EXPECT_THAT(SectionsLogged("placements", person, "GetPlacement"),
                ElementsAre("sealed:adoption"));
    EXPECT_FALSE(Tells(
        Do<placements::v1::ListPlacementsResponse>(person, kPlacements, "ListPlacements", list)));
  }
  // Whoever may correct it and read it in part does not write the part back as the whole.
  correct.set_request_id("sealed-1");
  *correct.mutable_placement() =
      Do<Placement>(agency_->Administrator(), kPlacements, "GetPlacement", get);
  EXPECT_THAT(Call<Placement>(agency_->Administrator(), kPlacements, "CorrectPlacement", correct),
              HasReason("SEALED_IN_REQUEST"));
  EXPECT_TRUE(Tells(Do<Placement>(worker, kPlacements, "GetPlacement", get)));
}

}  // namespace
}  // namespace fosterwatch
