// The register of complaints by the real binary, for two agencies.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::complaints {
using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::UnorderedElementsAre;
using v1::Complaint;

inline constexpr char kComplaints[] = "fosterwatch.complaints.v1.ComplaintsService";
inline constexpr char kOversight[] = "fosterwatch.complaints.v1.ComplaintsOversightService";

class ComplaintsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    for (const Person& person : {agency_->TeamManager(), agency_->RegisteredManager()}) {
      Appoint(person);
    }
    ASSERT_TRUE(AwaitTrue(
        [] {
          auto rows = installation_->Database("complaints")
                          ->Query(
                              "SELECT (SELECT count(*) FROM reference.child)"
                              " + (SELECT count(*) FROM reference.carer)"
                              " + (SELECT count(*) FROM reference.holder)");
          return rows.ok() && rows->Int(0, 0) == 6 + 2;
        },
        absl::Seconds(60)));
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static void Appoint(const Person& person) {
    directory::v1::AppointHolderRequest appoint;
    auto* holder = appoint.mutable_holder();
    holder->set_person_id(person.person_id);
    holder->set_role(person.roles[0]);
    holder->set_name("Somebody");
    holder->set_title("Holder");
    holder->set_email(absl::StrCat(person.person_id, "@agency.example"));
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24 * 365));
    ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(
                    agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                    "AppointHolder", appoint),
                IsOk());
  }

  template <typename Response = Complaint>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const google::protobuf::Message& request,
                                       const char* service = kComplaints) {
    return installation_->Call<Response>(person, service, method, request);
  }

  static v1::RecordComplaintRequest Recording() {
    v1::RecordComplaintRequest request;
    auto* report = request.mutable_report();
    report->set_kind(v1::COMPLAINT_KIND_COMPLAINT);
    report->mutable_giver()->set_kind(v1::GIVER_KIND_CHILD);
    report->mutable_giver()->set_giver_id("C-1");
    report->mutable_giver()->set_name("Robin Child");
    report->mutable_subject()->set_kind(v1::SUBJECT_KIND_CARER);
    report->mutable_subject()->set_carer_id("F-1");
    report->mutable_subject()->set_child_id("C-1");
    report->set_received_by(v1::RECEIVED_BY_IN_PERSON);
    *report->mutable_received_time() = clock::ToProto(absl::Now() - absl::Hours(1));
    report->set_category("QUALITY_OF_CARE");
    report->set_summary("no pocket money for three weeks");
    report->set_procedure_id("ca1989");
    return request;
  }
  static Complaint Recorded(const v1::RecordComplaintRequest& request = Recording()) {
    const auto complaint = Call(agency_->Caseworker(), "RecordComplaint", request);
    EXPECT_THAT(complaint, IsOk()) << complaint.status();
    return complaint.value_or(Complaint());
  }
  static Complaint Get(const std::string& complaint_id) {
    v1::GetComplaintRequest get;
    get.set_complaint_id(complaint_id);
    return Call(agency_->Caseworker(), "GetComplaint", get).value_or(Complaint());
  }

  // What is owed before a complaint can be closed, done.
  static void Answer(const Complaint& complaint) {
    v1::AnswerStageRequest answer;
    answer.set_complaint_id(complaint.complaint_id());
    answer.set_answer("the money has been paid");
    ASSERT_THAT(Call(agency_->TeamManager(), "AnswerStage", answer), IsOk());
    for (const v1::Point& point : complaint.points()) {
      v1::DecidePointRequest decide;
      decide.set_complaint_id(complaint.complaint_id());
      decide.set_point_id(point.point_id());
      decide.set_outcome(v1::POINT_OUTCOME_UPHELD);
      decide.set_reason("the ledger shows it");
      ASSERT_THAT(Call(agency_->TeamManager(), "DecidePoint", decide), IsOk());
    }
    v1::RecordActionTakenRequest taken;
    taken.set_complaint_id(complaint.complaint_id());
    taken.set_text("paid, and the carer was told");
    ASSERT_THAT(Call(agency_->Caseworker(), "RecordActionTaken", taken), IsOk());
    v1::JudgeSeriousnessRequest judge;
    judge.set_complaint_id(complaint.complaint_id());
    judge.set_reason("it was put right at once");
    ASSERT_THAT(Call(agency_->TeamManager(), "JudgeSeriousness", judge), IsOk());
  }
  static v1::CloseComplaintRequest Closing(const Complaint& complaint) {
    v1::CloseComplaintRequest close;
    close.set_complaint_id(complaint.complaint_id());
    close.set_outcome("upheld");
    return close;
  }

  // The fields that a refusal names.
  static std::set<std::string> Fields(const absl::Status& status) {
    std::set<std::string> fields;
    for (const Violation& violation : ViolationsOf(status)) fields.insert(violation.field);
    return fields;
  }

  // Runs them at the same moment; how many were let in, and the reasons of the others.
  static std::pair<int, std::multiset<std::string>> AtOnce(
      const std::vector<std::function<absl::Status()>>& calls) {
    std::vector<absl::Status> answers(calls.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < calls.size(); ++i) {
      threads.emplace_back([&, i] { answers[i] = calls[i](); });
    }
    for (std::thread& thread : threads) thread.join();
    int in = 0;
    std::multiset<std::string> reasons;
    for (const absl::Status& answer : answers) {
      answer.ok() ? void(++in) : void(reasons.insert(ReasonOf(answer)));
    }
    return {in, reasons};
  }

  inline static Installation* installation_ = nullptr;
  inline static Agency* agency_ = nullptr;
  inline static Agency* other_ = nullptr;
};

}  // namespace fosterwatch::complaints
