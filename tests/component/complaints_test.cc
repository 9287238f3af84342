// The register of complaints by the real binary: a complaint from its record to what was learnt,
// people who act at the same moment, numbers without gaps, what other registers are told and have
// seen, and what bad input gets.
#include <functional>
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
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::complaints {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::UnorderedElementsAre;
using v1::Complaint;

constexpr char kComplaints[] = "fosterwatch.complaints.v1.ComplaintsService";
constexpr char kOversight[] = "fosterwatch.complaints.v1.ComplaintsOversightService";

class ComplaintsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    ASSERT_TRUE(AwaitTrue(
        [] {
          auto rows = installation_->Database("complaints")
                          ->Query(
                              "SELECT (SELECT count(*) FROM reference.child)"
                              " + (SELECT count(*) FROM reference.carer)");
          return rows.ok() && rows->Int(0, 0) == 6;
        },
        absl::Seconds(60)));
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
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

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

Installation* ComplaintsTest::installation_ = nullptr;
Agency* ComplaintsTest::agency_ = nullptr;
Agency* ComplaintsTest::other_ = nullptr;

TEST_F(ComplaintsTest, GoesFromItsRecordToWhatWasLearnt) {
  const Complaint recorded = Recorded();
  EXPECT_EQ(recorded.state(), Complaint::STATE_OPEN);
  EXPECT_THAT(recorded.case_number().text(), ::testing::MatchesRegex("20[0-9]{2}-[0-9]{4}"));
  ASSERT_EQ(recorded.stages_size(), 1);
  EXPECT_EQ(recorded.stages(0).stage_id(), "stage_1");
  EXPECT_EQ(recorded.placement_type(), "MAINSTREAM");
  for (const v1::Duty& duty : recorded.duties()) {
    v1::ExplainDueTimeRequest explain;
    explain.set_complaint_id(recorded.complaint_id());
    explain.set_duty_id(duty.duty_id());
    const auto why = Call<type::v1::Explanation>(agency_->Caseworker(), "ExplainDueTime", explain);
    ASSERT_THAT(why, IsOk());
    EXPECT_EQ(why->steps_size(), 1);
    EXPECT_FALSE(why->source().empty());
  }

  const auto refused = Call(agency_->RegisteredManager(), "CloseComplaint", [&] {
    v1::CloseComplaintRequest nothing;
    nothing.set_complaint_id(recorded.complaint_id());
    return nothing;
  }());
  EXPECT_THAT(refused.status(), HasReason("NOT_READY_TO_CLOSE"));
  EXPECT_THAT(Fields(refused.status()),
              UnorderedElementsAre("action_taken", "answer", "outcome",
                                   absl::StrCat("points[", recorded.points(0).point_id(), "]")));

  Answer(recorded);
  const auto closed = Call(agency_->RegisteredManager(), "CloseComplaint", Closing(recorded));
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->state(), Complaint::STATE_CLOSED);
  ASSERT_EQ(closed->learning_reviews_size(), 1);
  EXPECT_EQ(closed->case_number().text(), recorded.case_number().text());

  v1::CloseLearningReviewRequest end;
  end.set_complaint_id(recorded.complaint_id());
  end.set_review_id(closed->learning_reviews(0).review_id());
  const auto early = Call(agency_->TeamManager(), "CloseLearningReview", end);
  EXPECT_THAT(early.status(), HasReason("NOT_READY_TO_CLOSE"));
  EXPECT_THAT(Fields(early.status()), UnorderedElementsAre("learning", "actions"));

  v1::RecordLearningRequest learning;
  learning.set_complaint_id(recorded.complaint_id());
  learning.set_review_id(end.review_id());
  learning.set_learning("nobody checked that Robin got the money");
  learning.set_published_learning("Robin was not paid");
  EXPECT_THAT(Call(agency_->TeamManager(), "RecordLearning", learning).status(),
              HasReason("NAMES_SOMEBODY"));
  learning.set_published_learning("Payments are checked at each visit.");
  ASSERT_THAT(Call(agency_->TeamManager(), "RecordLearning", learning), IsOk());
  v1::AddLearningActionRequest action;
  action.set_complaint_id(recorded.complaint_id());
  action.set_review_id(end.review_id());
  action.set_description("add payments to the form of a visit");
  action.set_owner_id("team-manager-1");
  *action.mutable_due_time() = clock::ToProto(absl::Now() + absl::Hours(240));
  ASSERT_THAT(Call(agency_->TeamManager(), "AddLearningAction", action), IsOk());
  EXPECT_THAT(Call(agency_->TeamManager(), "CloseLearningReview", end), IsOk());

  v1::GetStatementRequest ask;
  const auto statement =
      Call<v1::Statement>(agency_->RegisteredManager(), "GetStatement", ask, kOversight);
  ASSERT_THAT(statement, IsOk());
  EXPECT_GE(statement->closed(), 1);
  EXPECT_THAT(statement->learning(), ::testing::Contains("Payments are checked at each visit."));
  for (const char* somebody : {"Robin", "C-1", "F-1", recorded.case_number().text().c_str(),
                               recorded.complaint_id().c_str(), "team-manager"}) {
    EXPECT_THAT(statement->ShortDebugString(), ::testing::Not(::testing::HasSubstr(somebody)));
  }
  // As it was before anything was recorded.
  *ask.mutable_as_at_time() = clock::ToProto(absl::Now() - absl::Hours(24));
  const auto before =
      Call<v1::Statement>(agency_->RegisteredManager(), "GetStatement", ask, kOversight);
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(before->complaints(), 0);
}

TEST_F(ComplaintsTest, NumbersHaveNoGapsWhateverIsRefusedAndWhoeverRecordsAtOnce) {
  std::vector<std::function<absl::Status()>> calls;
  for (int i = 0; i < 24; ++i) {
    calls.push_back([i] {
      v1::RecordComplaintRequest request = Recording();
      // Every third is refused by a rule of the domain.
      if (i % 3 == 0) request.mutable_report()->set_category("NO_SUCH_THING");
      absl::Status recorded;
      do {
        recorded = Call(other_->Caseworker(), "RecordComplaint", request).status();
      } while (IsRetryable(recorded));
      return recorded;
    });
  }
  const auto [in, reasons] = AtOnce(calls);
  EXPECT_EQ(in, 16);
  EXPECT_EQ(reasons.count("UNKNOWN_CATEGORY"), 8u);
  const auto rows = installation_->Database("complaints")
                        ->Query(
                            "SELECT count(*), min(number), max(number),"
                            " count(DISTINCT number) FROM view.complaint"
                            " WHERE agency_id = 'agency-b'");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->Int(0, 0), 16);
  EXPECT_EQ(rows->Int(0, 1), 1);
  EXPECT_EQ(rows->Int(0, 2), 16);
  EXPECT_EQ(rows->Int(0, 3), 16);
}

TEST_F(ComplaintsTest, TheSameRequestAgainIsTheSameComplaint) {
  v1::RecordComplaintRequest request = Recording();
  request.set_request_id("the-same-complaint");
  const Complaint once = Recorded(request);
  const Complaint again = Recorded(request);
  EXPECT_EQ(once.complaint_id(), again.complaint_id());
  EXPECT_EQ(once.case_number().text(), again.case_number().text());
  request.mutable_report()->set_summary("another one");
  EXPECT_THAT(Call(agency_->Caseworker(), "RecordComplaint", request).status(),
              HasReason("REQUEST_ID_REUSED"));
}

TEST_F(ComplaintsTest, OfTwoWhoCloseExtendOrDecideAtOnceOneIsLetIn) {
  const Complaint complaint = Recorded();
  v1::ExtendStageRequest extend;
  extend.set_complaint_id(complaint.complaint_id());
  extend.set_reason("a witness is abroad");
  extend.set_agreed_by("registered-manager-1");
  extend.set_agreed_with("the child, by telephone");
  const auto extending = [&] {
    return Call(agency_->TeamManager(), "ExtendStage", extend).status();
  };
  auto [extended, not_extended] = AtOnce({extending, extending});
  EXPECT_EQ(extended, 1);
  EXPECT_THAT(not_extended, ::testing::ElementsAre("EXTENDED_BEFORE"));

  Answer(complaint);
  const auto closing = [&] {
    return Call(agency_->RegisteredManager(), "CloseComplaint", Closing(complaint)).status();
  };
  auto [closed, not_closed] = AtOnce({closing, closing});
  EXPECT_EQ(closed, 1);
  EXPECT_THAT(not_closed, ::testing::ElementsAre("COMPLAINT_ENDED"));
  EXPECT_EQ(Get(complaint.complaint_id()).learning_reviews_size(), 1);

  v1::JudgeSeriousnessRequest judge;
  judge.set_complaint_id(complaint.complaint_id());
  judge.set_serious(true);
  judge.set_reason("it went on for weeks");
  const auto judged = Call(agency_->TeamManager(), "JudgeSeriousness", judge);
  ASSERT_THAT(judged, IsOk());
  ASSERT_EQ(judged->event_proposals_size(), 1);
  const std::string proposal_id = judged->event_proposals(0).proposal_id();
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(complaint.complaint_id());
  accept.set_proposal_id(proposal_id);
  accept.set_reason("row 9");
  v1::DeclineEventProposalRequest decline;
  decline.set_complaint_id(complaint.complaint_id());
  decline.set_proposal_id(proposal_id);
  decline.set_reason("not serious enough");
  auto [decided, not_decided] = AtOnce(
      {[&] { return Call(agency_->RegisteredManager(), "AcceptEventProposal", accept).status(); },
       [&] {
         return Call(agency_->RegisteredManager(), "DeclineEventProposal", decline).status();
       }});
  EXPECT_EQ(decided, 1);
  EXPECT_THAT(not_decided, ::testing::ElementsAre("DECIDED_BEFORE"));
}

TEST_F(ComplaintsTest, AnotherAgencysComplaintIsNotThere) {
  const Complaint complaint = Recorded();
  v1::GetComplaintRequest get;
  get.set_complaint_id(complaint.complaint_id());
  EXPECT_THAT(Call(other_->Caseworker(), "GetComplaint", get).status(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Call(other_->RegisteredManager(), "CloseComplaint", Closing(complaint)).status(),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace fosterwatch::complaints
