// The register of complaints by the real binary: a complaint from its record to what was learnt,
// people who act at the same moment, numbers without gaps, what other registers are told and have
// seen, and what bad input gets.
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
              UnorderedElementsAre("action_taken", "answer", "outcome", "seriousness",
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

// Each method with an empty request about a complaint that is there, and about one that is not.
TEST_F(ComplaintsTest, BadInputIsRefusedByItsFields) {
  const Complaint complaint = Recorded();
  struct Row {
    const char* method;
    std::shared_ptr<google::protobuf::Message> request;
    std::string reason;  // of the empty request
  };
  const auto row = [](const char* method, auto request, const char* reason) {
    return Row{method, std::make_shared<decltype(request)>(request), reason};
  };
  const std::vector<Row> rows = {
      row("AssignInvestigator", v1::AssignInvestigatorRequest(), "REQUIRED"),
      row("AllowInformalPart", v1::AllowInformalPartRequest(), "REQUIRED"),
      row("CompleteStep", v1::CompleteStepRequest(), "STEP_MISSING"),
      row("AnswerStage", v1::AnswerStageRequest(), "REQUIRED"),
      row("ExtendStage", v1::ExtendStageRequest(), "REQUIRED"),
      row("PauseStage", v1::PauseStageRequest(), "REQUIRED"),
      row("ResumeStage", v1::ResumeStageRequest(), "REQUIRED"),
      row("StartNextStage", v1::StartNextStageRequest(), "NOT_ANSWERED"),
      row("DecideOutOfTime", v1::DecideOutOfTimeRequest(), "UNKNOWN_KIND"),
      row("AddPoint", v1::AddPointRequest(), "REQUIRED"),
      row("DecidePoint", v1::DecidePointRequest(), "UNKNOWN_POINT"),
      row("RecordActionTaken", v1::RecordActionTakenRequest(), "REQUIRED"),
      row("CloseComplaint", v1::CloseComplaintRequest(), "NOT_READY_TO_CLOSE"),
      row("WithdrawComplaint", v1::WithdrawComplaintRequest(), "REQUIRED"),
      row("ReopenComplaint", v1::ReopenComplaintRequest(), "REQUIRED"),
      row("ReclassifyComplaint", v1::ReclassifyComplaintRequest(), "REQUIRED"),
      row("JudgeSeriousness", v1::JudgeSeriousnessRequest(), "REQUIRED"),
      row("AcceptEventProposal", v1::AcceptEventProposalRequest(), "UNKNOWN_PROPOSAL"),
      row("DeclineEventProposal", v1::DeclineEventProposalRequest(), "UNKNOWN_PROPOSAL"),
      row("DiscloseHarm", v1::DiscloseHarmRequest(), "REQUIRED"),
      row("RecordLearning", v1::RecordLearningRequest(), "UNKNOWN_REVIEW"),
      row("AddLearningAction", v1::AddLearningActionRequest(), "UNKNOWN_REVIEW"),
      row("CloseLearningAction", v1::CloseLearningActionRequest(), "UNKNOWN_REVIEW"),
      row("CloseLearningReview", v1::CloseLearningReviewRequest(), "UNKNOWN_REVIEW"),
  };
  const Person everybody = {agency_->id(),
                            "registered-manager-1",
                            {options::v1::ROLE_TEAM_MANAGER, options::v1::ROLE_REGISTERED_MANAGER}};
  for (const Row& each : rows) {
    const auto* field = each.request->GetDescriptor()->FindFieldByName("complaint_id");
    ASSERT_NE(field, nullptr) << each.method;
    each.request->GetReflection()->SetString(each.request.get(), field, complaint.complaint_id());
    EXPECT_THAT(Call(everybody, each.method, *each.request).status(), HasReason(each.reason))
        << each.method;
    each.request->GetReflection()->SetString(each.request.get(), field, "nobody's");
    EXPECT_THAT(Call(everybody, each.method, *each.request).status(),
                StatusIs(absl::StatusCode::kNotFound))
        << each.method;
  }
  EXPECT_EQ(Get(complaint.complaint_id()).version(), complaint.version());

  EXPECT_THAT(Call(agency_->Caseworker(), "RecordComplaint", v1::RecordComplaintRequest()).status(),
              HasReason("UNKNOWN_KIND"));
  EXPECT_THAT(
      Call(agency_->Caseworker(), "RecordCompliment", v1::RecordComplimentRequest()).status(),
      HasReason("UNKNOWN_KIND"));
  v1::ListComplaintsRequest list;
  list.set_page_size(-1);
  EXPECT_THAT(
      Call<v1::ListComplaintsResponse>(agency_->Caseworker(), "ListComplaints", list).status(),
      StatusIs(absl::StatusCode::kInvalidArgument));
  list.set_page_size(1);
  list.set_page_token("made up");
  EXPECT_THAT(
      Call<v1::ListComplaintsResponse>(agency_->Caseworker(), "ListComplaints", list).status(),
      StatusIs(absl::StatusCode::kInvalidArgument));
  v1::GetStatementRequest statement;
  statement.set_until_date("last year");
  EXPECT_THAT(
      Call<v1::Statement>(agency_->RegisteredManager(), "GetStatement", statement, kOversight)
          .status(),
      HasReason("INVALID_DATE"));
  v1::MatchSightingRequest match;
  match.set_sighting_id("none");
  EXPECT_THAT(
      Call<v1::Sighting>(agency_->TeamManager(), "MatchSighting", match, kOversight).status(),
      StatusIs(absl::StatusCode::kNotFound));
  // Roles.
  EXPECT_THAT(Call(agency_->Caseworker(), "CloseComplaint", Closing(complaint)).status(),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Call(agency_->Publisher(), "RecordComplaint", Recording()).status(),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ComplaintsTest, ListsByWhatIsAskedPageByPage) {
  v1::RecordComplaintRequest request = Recording();
  request.mutable_report()->set_category("DISCRIMINATION");
  request.mutable_report()->mutable_subject()->set_child_id("C-2");
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.insert(Recorded(request).complaint_id());
  v1::ListComplaintsRequest list;
  list.set_category("DISCRIMINATION");
  list.set_child_id("C-2");
  list.set_carer_id("F-1");
  list.set_kind(v1::COMPLAINT_KIND_COMPLAINT);
  list.set_state(Complaint::STATE_OPEN);
  list.set_page_size(2);
  std::set<std::string> listed;
  do {
    const auto page =
        Call<v1::ListComplaintsResponse>(agency_->Caseworker(), "ListComplaints", list);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->total_size(), 3);
    EXPECT_LE(page->complaints_size(), 2);
    for (const auto& complaint : page->complaints()) {
      EXPECT_TRUE(listed.insert(complaint.complaint_id()).second);
      EXPECT_FALSE(complaint.overdue());
      EXPECT_TRUE(complaint.has_next_due_time());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(listed, ids);

  const Complaint one = Get(*ids.begin());
  v1::ListComplaintsRequest by_number;
  by_number.set_case_number(one.case_number().text());
  const auto found =
      Call<v1::ListComplaintsResponse>(agency_->Caseworker(), "ListComplaints", by_number);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->complaints_size(), 1);
  EXPECT_EQ(found->complaints(0).complaint_id(), one.complaint_id());
}

TEST_F(ComplaintsTest, WhatIsOverdueIsAFactOnceAndIsListed) {
  v1::RecordComplaintRequest request = Recording();
  request.mutable_report()->set_category("DELAY");
  *request.mutable_report()->mutable_received_time() =
      clock::ToProto(absl::Now() - absl::Hours(24 * 60));
  const Complaint complaint = Recorded(request);
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const Complaint now = Get(complaint.complaint_id());
        return now.duties(0).attention_open() && now.duties(1).attention_open();
      },
      absl::Seconds(60)));
  v1::ListComplaintsRequest list;
  list.set_category("DELAY");
  list.set_overdue_only(true);
  const auto listed =
      Call<v1::ListComplaintsResponse>(agency_->Caseworker(), "ListComplaints", list);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->complaints_size(), 1);
  EXPECT_TRUE(listed->complaints(0).overdue());
  const auto needed = [&] {
    const auto rows = installation_->Database("complaints")
                          ->Query(
                              "SELECT count(*) FROM ledger.fact WHERE aggregate_id = $1"
                              " AND name = 'attention_needed'",
                              {complaint.complaint_id()});
    return rows.ok() ? rows->Int(0, 0) : -1;
  };
  EXPECT_EQ(needed(), 2);
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(complaint.complaint_id());
  withdraw.set_reason("long forgotten");
  const auto withdrawn = Call(agency_->Caseworker(), "WithdrawComplaint", withdraw);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_FALSE(withdrawn->duties(0).attention_open());
  EXPECT_EQ(needed(), 2);
}

TEST_F(ComplaintsTest, AnAcceptedProposalIsReportedAsAnEventUnderItsIdAndSeenAgainAsTheSame) {
  const Complaint complaint = Recorded();
  v1::JudgeSeriousnessRequest judge;
  judge.set_complaint_id(complaint.complaint_id());
  judge.set_serious(true);
  judge.set_reason("a carer hit the child's dog");
  const auto judged = Call(agency_->TeamManager(), "JudgeSeriousness", judge);
  ASSERT_THAT(judged, IsOk());
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(complaint.complaint_id());
  accept.set_proposal_id(judged->event_proposals(0).proposal_id());
  accept.set_reason("row 9");
  const auto accepted = Call(agency_->RegisteredManager(), "AcceptEventProposal", accept);
  ASSERT_THAT(accepted, IsOk());
  const std::string event_id = accepted->event_proposals(0).event_id();

  namespace events = notifiable_events::v1;
  events::GetEventRequest get;
  get.set_event_id(event_id);
  absl::StatusOr<events::NotifiableEvent> event = absl::UnknownError("");
  ASSERT_TRUE(AwaitTrue(
      [&] {
        event = agency_->Call(agency_->TeamManager(), "GetEvent", get);
        return event.ok();
      },
      absl::Seconds(60)))
      << event.status();
  EXPECT_THAT(event->kinds(), ::testing::ElementsAre(events::EVENT_KIND_SERIOUS_COMPLAINT));
  EXPECT_EQ(event->report().carer_id(), "F-1");
  EXPECT_EQ(event->report().summary(), absl::StrCat("A serious complaint: see complaint ",
                                                    complaint.case_number().text(), "."));
  EXPECT_FALSE(event->notices().empty());
  // The event comes back as a sighting, and is known to be this complaint.
  EXPECT_TRUE(AwaitTrue([&] { return Get(complaint.complaint_id()).sighting_ids_size() == 1; },
                        absl::Seconds(60)));
  v1::ListSightingsRequest list;
  list.set_state(v1::Sighting::STATE_UNMATCHED);
  const auto unmatched =
      Call<v1::ListSightingsResponse>(agency_->TeamManager(), "ListSightings", list, kOversight);
  ASSERT_THAT(unmatched, IsOk());
  for (const v1::Sighting& sighting : unmatched->sightings()) {
    EXPECT_NE(sighting.source_id(), event_id);
  }
}

// Regulation 18(2): nobody considers what is said about themselves, nor do those who work for them.
TEST_F(ComplaintsTest, OneAboutTheRegisteredManagerIsTheResponsibleIndividualsAndIsKeptFromThem) {
  const Person individual = {
      agency_->id(), "individual-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
  directory::v1::AppointHolderRequest appoint;
  for (const Person& person : {agency_->RegisteredManager(), individual}) {
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
  ASSERT_TRUE(AwaitTrue(
      [&] {
        const auto rows = installation_->Database("complaints")
                              ->Query("SELECT count(*) FROM reference.holder WHERE person_id = $1",
                                      {individual.person_id});
        return rows.ok() && rows->Int(0, 0) == 1;
      },
      absl::Seconds(60)));
  v1::RecordComplaintRequest request = Recording();
  auto* report = request.mutable_report();
  report->mutable_subject()->Clear();
  report->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  report->mutable_subject()->set_staff_id(agency_->RegisteredManager().person_id);
  report->mutable_subject()->add_line_manager_ids(individual.person_id);
  report->set_procedure_id("reg18");
  *report->mutable_received_time() = clock::ToProto(absl::Now() - absl::Hours(24 * 60));
  const Complaint complaint = Recorded(request);
  EXPECT_EQ(complaint.other_route().about_role(), options::v1::ROLE_REGISTERED_MANAGER);

  v1::GetComplaintRequest get;
  get.set_complaint_id(complaint.complaint_id());
  EXPECT_THAT(Call(individual, "GetComplaint", get), IsOk());
  EXPECT_THAT(Call(agency_->RegisteredManager(), "GetComplaint", get).status(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Call(agency_->RegisteredManager(), "CloseComplaint", Closing(complaint)).status(),
              StatusIs(absl::StatusCode::kNotFound));
  v1::AnswerStageRequest answer;
  answer.set_complaint_id(complaint.complaint_id());
  answer.set_answer("it was looked into");
  EXPECT_THAT(Call(agency_->TeamManager(), "AnswerStage", answer).status(),
              HasReason("ANOTHER_ROUTE"));
  // Nor does the responsible individual act on any other.
  answer.set_complaint_id(Recorded().complaint_id());
  EXPECT_THAT(Call(individual, "AnswerStage", answer).status(), HasReason("ANOTHER_ROUTE"));

  // It is long overdue: the one is told, and the other is not.
  namespace alerts = notifications::v1;
  const auto told = [&](const Person& person) {
    std::vector<alerts::Alert> of_it;
    alerts::ListAlertsRequest list;
    list.set_page_size(200);
    const auto listed = installation_->Call<alerts::ListAlertsResponse>(
        person, "fosterwatch.notifications.v1.NotificationsService", "ListAlerts", list);
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return of_it;
    for (const auto& alert : listed->alerts()) {
      if (alert.record_id() == complaint.complaint_id()) of_it.push_back(alert);
    }
    return of_it;
  };
  // The acknowledgement, and the answer.
  ASSERT_TRUE(AwaitTrue([&] { return told(individual).size() == 2; }, absl::Seconds(60)));
  for (const alerts::Alert& alert : told(individual)) {
    EXPECT_THAT(alert.roles(), ::testing::ElementsAre(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
    EXPECT_FALSE(alert.in_digest());
    alerts::AcknowledgeAlertRequest seen;
    seen.set_alert_id(alert.alert_id());
    EXPECT_THAT(installation_
                    ->Call<alerts::Alert>(agency_->RegisteredManager(),
                                          "fosterwatch.notifications.v1.NotificationsService",
                                          "AcknowledgeAlert", seen)
                    .status(),
                StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_THAT(told(agency_->RegisteredManager()), ::testing::IsEmpty());

  answer.set_complaint_id(complaint.complaint_id());
  EXPECT_THAT(Call(individual, "AnswerStage", answer), IsOk());
}

TEST_F(ComplaintsTest, FeedbackOfAnotherSystemIsMatchedOrWaitsForAPerson) {
  const auto bus = installation_->OpenBus();
  const auto publish = [&](const std::string& id, const std::string& source,
                           const std::string& data) {
    bus::Record record;
    record.topic = "fosterwatch.intake.complaints.v1";
    record.key = id;
    record.value = data;
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", id},
                      {"ce_source", source},
                      {"ce_type", "uk.fosterwatch.feedback.received.v1"},
                      {"content-type", "application/json"}};
    ASSERT_THAT(bus->Publish({record}), IsOk());
  };
  const std::string when =
      absl::FormatTime(absl::RFC3339_sec, absl::Now() - absl::Hours(24 * 200), absl::UTCTimeZone());
  v1::RecordComplaintRequest old = Recording();
  *old.mutable_report()->mutable_received_time() =
      clock::ToProto(absl::Now() - absl::Hours(24 * 195));
  const Complaint complaint = Recorded(old);
  publish("feedback-1", agency_->source(),
          absl::StrCat(R"({"child_id": "C-1", "carer_id": "F-1", "received_time": ")", when,
                       R"(", "text": "my money"})"));
  publish("feedback-2", agency_->source(),
          absl::StrCat(R"({"child_id": "C-7", "received_time": ")", when, R"("})"));
  publish("feedback-1", agency_->source(),
          absl::StrCat(R"({"child_id": "C-1", "carer_id": "F-1", "received_time": ")", when,
                       R"(", "text": "my money"})"));
  publish("feedback-3", agency_->source(), R"({"child": "C-1"})");
  publish("feedback-4", "urn:nobody", absl::StrCat(R"({"received_time": ")", when, R"("})"));

  EXPECT_TRUE(AwaitTrue([&] { return Get(complaint.complaint_id()).sighting_ids_size() == 1; },
                        absl::Seconds(60)));
  v1::ListSightingsRequest list;
  list.set_state(v1::Sighting::STATE_UNMATCHED);
  v1::Sighting waiting;
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto unmatched = Call<v1::ListSightingsResponse>(agency_->TeamManager(),
                                                               "ListSightings", list, kOversight);
        if (!unmatched.ok()) return false;
        for (const v1::Sighting& sighting : unmatched->sightings()) {
          if (sighting.source_id() == "feedback-2") waiting = sighting;
        }
        return !waiting.sighting_id().empty();
      },
      absl::Seconds(60)));
  EXPECT_TRUE(waiting.has_next_raise_time());
  // Two could not be taken, and are kept with why.
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto rows = installation_->Database("complaints")
                              ->Query(
                                  "SELECT count(*) FROM ledger.fact"
                                  " WHERE name = 'intake_record_parked'");
        return rows.ok() && rows->Int(0, 0) >= 1;
      },
      absl::Seconds(60)));

  v1::ExplainSightingRequest explain;
  explain.set_sighting_id(waiting.sighting_id());
  explain.set_explanation("a child of another agency");
  const auto explained =
      Call<v1::Sighting>(agency_->TeamManager(), "ExplainSighting", explain, kOversight);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->state(), v1::Sighting::STATE_EXPLAINED);
  EXPECT_THAT(
      Call<v1::Sighting>(agency_->TeamManager(), "ExplainSighting", explain, kOversight).status(),
      HasReason("SETTLED_BEFORE"));
}

}  // namespace
}  // namespace fosterwatch::complaints
