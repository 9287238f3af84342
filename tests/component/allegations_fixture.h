// The register of allegations by the real binary, for two agencies.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::allegations {
using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Not;
using v1::Allegation;

inline constexpr char kAllegations[] = "fosterwatch.allegations.v1.AllegationsService";
inline constexpr char kAudits[] = "fosterwatch.allegations.v1.AuditsService";

inline google::protobuf::Timestamp Ago(absl::Duration duration) {
  return clock::ToProto(absl::Now() - duration);
}

class AllegationsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    for (const Person& person :
         {agency_->Caseworker(), agency_->TeamManager(), agency_->RegisteredManager()}) {
      Appoint(person);
    }
    ASSERT_TRUE(AwaitTrue(
        [] {
          auto rows = installation_->Database("allegations")
                          ->Query(
                              "SELECT (SELECT count(*) FROM reference.child)"
                              " + (SELECT count(*) FROM reference.carer)"
                              " + (SELECT count(*) FROM reference.body)"
                              " + (SELECT count(*) FROM reference.holder)");
          return rows.ok() && rows->Int(0, 0) == 4 + 2 + 12 + 3;
        },
        absl::Seconds(60)));
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static void Appoint(const Person& person) {
    directory::v1::AppointHolderRequest request;
    auto* holder = request.mutable_holder();
    holder->set_person_id(person.person_id);
    holder->set_role(person.roles[0]);
    holder->set_name("Test Person");
    holder->set_email(absl::StrCat(person.person_id, "@example.org"));
    holder->set_title("Test title");
    *holder->mutable_from_time() = Ago(absl::Hours(24 * 300));
    ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(
                    agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                    "AppointHolder", request),
                IsOk());
  }

  template <typename Response = Allegation>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const google::protobuf::Message& request,
                                       const char* service = kAllegations) {
    return installation_->Call<Response>(person, service, method, request);
  }
  // As somebody who may, and with success.
  static Allegation Do(const std::string& method, const google::protobuf::Message& request) {
    const auto answer = Call(agency_->RegisteredManager(), method, request);
    EXPECT_THAT(answer, IsOk()) << method << ": " << answer.status();
    return answer.value_or(Allegation());
  }

  static v1::ReceiveAllegationRequest Receiving(absl::Duration known = absl::Minutes(30)) {
    v1::ReceiveAllegationRequest request;
    auto* report = request.mutable_report();
    report->set_carer_id("F-1");
    report->set_child_id("C-1");
    report->add_grounds(v1::GROUND_HARM);
    report->set_informant(v1::INFORMANT_CHILD);
    *report->mutable_became_aware_time() = Ago(known);
    report->set_summary("what the child said");
    return request;
  }
  static Allegation Received(absl::Duration known = absl::Minutes(30)) {
    const auto answer = Call(agency_->Caseworker(), "ReceiveAllegation", Receiving(known));
    EXPECT_THAT(answer, IsOk()) << answer.status();
    return answer.value_or(Allegation());
  }
  static v1::ReferAllegationRequest Referring(const Allegation& allegation,
                                              absl::Duration ago = absl::Minutes(20)) {
    v1::ReferAllegationRequest request;
    request.set_allegation_id(allegation.allegation_id());
    *request.mutable_referred_time() = Ago(ago);
    request.set_body_id("northshire");
    request.set_officer_name("Ms Officer");
    request.set_channel(type::v1::CHANNEL_TELEPHONE);
    return request;
  }
  static v1::RecordOfficerConclusionRequest Concluding(const Allegation& allegation,
                                                       absl::Duration ago = absl::Minutes(10)) {
    v1::RecordOfficerConclusionRequest request;
    request.set_allegation_id(allegation.allegation_id());
    request.set_outcome(v1::OUTCOME_UNSUBSTANTIATED);
    *request.mutable_concluded_time() = Ago(ago);
    request.set_reasons("what was found");
    return request;
  }
  static v1::CloseAllegationRequest Closing(const Allegation& allegation) {
    v1::CloseAllegationRequest request;
    request.set_allegation_id(allegation.allegation_id());
    request.set_summary("what happened, and what was done");
    return request;
  }
  // In review, with everything done that closing asks for.
  static Allegation ReadyToClose() {
    Allegation allegation = Received();
    Do("ReferAllegation", Referring(allegation));
    allegation = Do("RecordOfficerConclusion", Concluding(allegation));
    v1::StartAgencyReviewRequest review;
    review.set_allegation_id(allegation.allegation_id());
    Do("StartAgencyReview", review);
    FollowUp(allegation);
    return Get(allegation.allegation_id());
  }
  static void CloseItem(const Allegation& allegation, const v1::ChecklistItem& item) {
    v1::CloseChecklistItemRequest close;
    close.set_allegation_id(allegation.allegation_id());
    close.set_item_id(item.action().action_id());
    close.set_evidence("minutes of the meeting");
    Do("CloseChecklistItem", close);
  }
  static void FollowUp(const Allegation& allegation) {
    for (const auto& item : allegation.checklist()) {
      if (item.code() == "LEARNING") {
        v1::RecordLearningRequest learning;
        learning.set_allegation_id(allegation.allegation_id());
        learning.set_learning("see children alone");
        learning.set_action("put it into the form for visits");
        learning.set_action_owner_id(agency_->TeamManager().person_id);
        const Allegation learnt = Do("RecordLearning", learning);
        CloseItem(learnt, *learnt.checklist().rbegin());
        continue;
      }
      CloseItem(allegation, item);
    }
    for (const auto& telling : allegation.tellings()) {
      v1::RecordOutcomeToldRequest told;
      told.set_allegation_id(allegation.allegation_id());
      told.set_party(telling.party());
      *told.mutable_told_time() = clock::ToProto(absl::Now());
      told.set_channel(type::v1::CHANNEL_TELEPHONE);
      Do("RecordOutcomeTold", told);
    }
  }
  static Allegation Get(const std::string& allegation_id) {
    v1::GetAllegationRequest get;
    get.set_allegation_id(allegation_id);
    return Call(agency_->Caseworker(), "GetAllegation", get).value_or(Allegation());
  }
  static v1::ListAllegationsResponse List(const v1::ListAllegationsRequest& request,
                                          const Person& person = agency_->Caseworker()) {
    const auto list = Call<v1::ListAllegationsResponse>(person, "ListAllegations", request);
    EXPECT_THAT(list, IsOk()) << list.status();
    return list.value_or(v1::ListAllegationsResponse());
  }
  static std::set<std::string> IdsIn(const v1::ListAllegationsResponse& list) {
    std::set<std::string> ids;
    for (const auto& allegation : list.allegations()) ids.insert(allegation.allegation_id());
    return ids;
  }

  // How many staff alerts of that code about that record are open.
  static int OpenAlerts(const std::string& record_id, const std::string& code) {
    notifications::v1::ListAlertsRequest request;
    request.set_page_size(200);
    const auto alerts = Call<notifications::v1::ListAlertsResponse>(
        agency_->RegisteredManager(), "ListAlerts", request,
        "fosterwatch.notifications.v1.NotificationsService");
    EXPECT_THAT(alerts, IsOk()) << alerts.status();
    int open = 0;
    if (!alerts.ok()) return open;
    for (const auto& alert : alerts->alerts()) {
      open += alert.record_id() == record_id && alert.reason_code() == code &&
              alert.state() == notifications::v1::Alert::STATE_OPEN;
    }
    return open;
  }

  static int64_t Recorded() {
    auto counts = installation_->Database("allegations")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.fact)"
                          " + (SELECT count(*) FROM ledger.request)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }

  static std::vector<std::string> Fields(const absl::Status& status) {
    std::vector<std::string> fields;
    for (const Violation& violation : ViolationsOf(status)) fields.push_back(violation.field);
    return fields;
  }

  inline static Installation* installation_ = nullptr;
  inline static Agency* agency_ = nullptr;
  inline static Agency* other_ = nullptr;
};

}  // namespace fosterwatch::allegations
