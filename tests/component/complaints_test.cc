// A complaint from its record to what was learnt, people who act at the same moment, numbers
// without gaps, and lists.
#include "tests/component/complaints_fixture.h"

namespace fosterwatch::complaints {
namespace {

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

}  // namespace
}  // namespace fosterwatch::complaints
