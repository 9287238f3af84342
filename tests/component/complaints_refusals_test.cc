// What bad input gets.
#include "tests/component/complaints_fixture.h"

namespace fosterwatch::complaints {
namespace {

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

}  // namespace
}  // namespace fosterwatch::complaints
