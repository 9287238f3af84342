// What is done with a complaint: complaint acknowledge, investigator, independent, answer, extend,
// close, ...
#include <memory>
#include <string>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/complaint.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = complaints::v1;
using v1::Complaint;

struct Told {
  std::string id, request_id, at, text, reason, person, outside, agreed_by, agreed_with, step,
      point, outcome, procedure, proposal, review, published, owner, due, action;
  bool advocate = false, allegation = false, no = false, dropped = false, chairs = false;
};

template <typename Request>
using Fill = absl::Status (*)(const Told&, Request&);

// One act: its request from what was told, its answer shown.
template <typename Request>
CLI::App* Act(CLI::App* complaint, Context* context, const std::shared_ptr<Told>& told,
              const std::string& name, const std::string& what, const std::string& method,
              const std::string& role, Fill<Request> fill) {
  CLI::App* command = complaint->add_subcommand(name, what + " [as " + role + "]");
  AddRemoteOptions(command, context);
  command->add_option("complaint", told->id, "the complaint's id")->required();
  command->add_option("--request-id", told->request_id,
                      "makes a repetition safe: the same id gives the first answer [a new one]");
  command->callback([context, told, method, role, fill] {
    context->run = [context, told, method, role, fill]() -> absl::Status {
      Request request;
      request.set_request_id(RequestId(told->request_id));
      request.set_complaint_id(told->id);
      RETURN_IF_ERROR(fill(*told, request));
      ASSIGN_OR_RETURN(const auto remote, Remote::Open(*context, role));
      return ShowComplaint(
          *context, remote->Call<Complaint>(kComplaintsArea, kComplaintsService, method, request));
    };
  });
  return command;
}

void AddStages(CLI::App* complaint, Context* context, const std::shared_ptr<Told>& told) {
  Told& t = *told;
  CLI::App* command = Act<v1::AcknowledgeComplaintRequest>(
      complaint, context, told, "acknowledge", "Its giver was told that it was received",
      "AcknowledgeComplaint", "caseworker",
      [](const Told& said, v1::AcknowledgeComplaintRequest& request) -> absl::Status {
        request.set_advocate_offered(said.advocate);
        request.set_note(said.text);
        if (!said.at.empty()) {
          ASSIGN_OR_RETURN(*request.mutable_acknowledged_time(), ParseMoment(said.at, "at"));
        }
        return absl::OkStatus();
      });
  command->add_option("--at", t.at, "when [now]");
  command->add_flag("--advocate-offered", t.advocate, "an advocate was offered");
  command->add_option("--note", t.text, "a remark");

  command = Act<v1::AssignInvestigatorRequest>(
      complaint, context, told, "investigator", "Name who investigates the present stage",
      "AssignInvestigator", "team_manager",
      [](const Told& said, v1::AssignInvestigatorRequest& request) -> absl::Status {
        request.set_person_id(said.person);
        request.set_outside_name(said.outside);
        return absl::OkStatus();
      });
  command->add_option("--person", t.person, "the person's id");
  command->add_option("--outside", t.outside, "the name of somebody outside the agency");

  command = Act<v1::NameIndependentRequest>(
      complaint, context, told, "independent",
      "Name somebody from outside whom the present stage asks for", "NameIndependent",
      "team_manager", [](const Told& said, v1::NameIndependentRequest& request) -> absl::Status {
        request.set_part_id(said.step);
        request.set_name(said.outside);
        request.set_chairs(said.chairs);
        request.set_replaces_id(said.person);
        return absl::OkStatus();
      });
  command->add_option("part", t.step, "independent_person or panel")->required();
  command->add_option("--name", t.outside, "their name")->required();
  command->add_flag("--chairs", t.chairs, "they chair it");
  command->add_option("--replaces", t.person, "the id of whom they replace");

  command = Act<v1::AllowInformalPartRequest>(
      complaint, context, told, "allow-informal",
      "Let the person complained of take part in the informal stage", "AllowInformalPart",
      "registered_manager",
      [](const Told& said, v1::AllowInformalPartRequest& request) -> absl::Status {
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("--reason", t.reason, "why")->required();

  command = Act<v1::CompleteStepRequest>(
      complaint, context, told, "step", "A step before the answer was done", "CompleteStep",
      "caseworker", [](const Told& said, v1::CompleteStepRequest& request) -> absl::Status {
        request.set_step_id(said.step);
        request.set_note(said.text);
        if (!said.at.empty()) {
          ASSIGN_OR_RETURN(*request.mutable_done_time(), ParseMoment(said.at, "at"));
        }
        return absl::OkStatus();
      });
  command->add_option("step", t.step, "such as panel or report")->required();
  command->add_option("--at", t.at, "when [now]");
  command->add_option("--note", t.text, "a remark");

  command = Act<v1::AnswerStageRequest>(
      complaint, context, told, "answer", "The answer of the present stage was given",
      "AnswerStage", "team_manager",
      [](const Told& said, v1::AnswerStageRequest& request) -> absl::Status {
        request.set_answer(said.text);
        if (!said.at.empty()) {
          ASSIGN_OR_RETURN(*request.mutable_answered_time(), ParseMoment(said.at, "at"));
        }
        return absl::OkStatus();
      });
  command->add_option("--at", t.at, "when [now]");
  command->add_option("--text", t.text, "what its giver was told")->required();

  command = Act<v1::ExtendStageRequest>(
      complaint, context, told, "extend", "Extend the present step to its longer limit",
      "ExtendStage", "team_manager",
      [](const Told& said, v1::ExtendStageRequest& request) -> absl::Status {
        request.set_reason(said.reason);
        request.set_agreed_by(said.agreed_by);
        request.set_agreed_with(said.agreed_with);
        return absl::OkStatus();
      });
  command->add_option("--reason", t.reason, "why")->required();
  command->add_option("--agreed-by", t.agreed_by, "the id of who agreed")->required();
  command->add_option("--agreed-with", t.agreed_with, "who agreed on the giver's side")->required();

  command = Act<v1::PauseStageRequest>(
      complaint, context, told, "pause", "Stop the clock of the present stage", "PauseStage",
      "team_manager", [](const Told& said, v1::PauseStageRequest& request) -> absl::Status {
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("--reason", t.reason, "why")->required();
  command = Act<v1::ResumeStageRequest>(
      complaint, context, told, "resume", "Let the clock run again", "ResumeStage", "team_manager",
      [](const Told& said, v1::ResumeStageRequest& request) -> absl::Status {
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("--reason", t.reason, "why")->required();

  command = Act<v1::StartNextStageRequest>(
      complaint, context, told, "next-stage", "Its giver asked for the next stage",
      "StartNextStage", "team_manager",
      [](const Told& said, v1::StartNextStageRequest& request) -> absl::Status {
        request.set_late_reason(said.reason);
        if (!said.at.empty()) {
          ASSIGN_OR_RETURN(*request.mutable_requested_time(), ParseMoment(said.at, "at"));
        }
        return absl::OkStatus();
      });
  command->add_option("--at", t.at, "when [now]");
  command->add_option("--late-reason", t.reason, "why it is taken after its window");

  command = Act<v1::DecideOutOfTimeRequest>(
      complaint, context, told, "out-of-time", "Decide whether one that is out of time is taken",
      "DecideOutOfTime", "team_manager",
      [](const Told& said, v1::DecideOutOfTimeRequest& request) -> absl::Status {
        ASSIGN_OR_RETURN(const auto decision,
                         ParseEnum<v1::OutOfTime::Decision>("DECISION_", said.outcome, "decision"));
        request.set_decision(decision);
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("decision", t.outcome, "accepted or declined")->required();
  command->add_option("--reason", t.reason, "why")->required();
}

void AddOutcomes(CLI::App* complaint, Context* context, const std::shared_ptr<Told>& told) {
  Told& t = *told;
  CLI::App* command = Act<v1::AddPointRequest>(
      complaint, context, told, "add-point", "One more thing complained of", "AddPoint",
      "caseworker", [](const Told& said, v1::AddPointRequest& request) -> absl::Status {
        request.set_text(said.text);
        return absl::OkStatus();
      });
  command->add_option("--text", t.text, "what")->required();
  command = Act<v1::DecidePointRequest>(
      complaint, context, told, "decide-point", "The outcome of one point", "DecidePoint",
      "team_manager", [](const Told& said, v1::DecidePointRequest& request) -> absl::Status {
        request.set_point_id(said.point);
        ASSIGN_OR_RETURN(const auto outcome,
                         ParseEnum<v1::PointOutcome>("POINT_OUTCOME_", said.outcome, "outcome"));
        request.set_outcome(outcome);
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("point", t.point, "the point's id")->required();
  command
      ->add_option("--outcome", t.outcome,
                   "upheld, partly-upheld, not-upheld, withdrawn or not-determined")
      ->required();
  command->add_option("--reason", t.reason, "why")->required();
  command = Act<v1::RecordActionTakenRequest>(
      complaint, context, told, "action-taken", "What was done in response", "RecordActionTaken",
      "caseworker", [](const Told& said, v1::RecordActionTakenRequest& request) -> absl::Status {
        request.set_text(said.text);
        return absl::OkStatus();
      });
  command->add_option("--text", t.text, "what")->required();
  command = Act<v1::CloseComplaintRequest>(
      complaint, context, told, "close", "Close it", "CloseComplaint", "registered_manager",
      [](const Told& said, v1::CloseComplaintRequest& request) -> absl::Status {
        request.set_outcome(said.text);
        return absl::OkStatus();
      });
  command->add_option("--outcome", t.text, "the outcome of the investigation")->required();
  command = Act<v1::WithdrawComplaintRequest>(
      complaint, context, told, "withdraw", "Its giver has taken it back", "WithdrawComplaint",
      "caseworker", [](const Told& said, v1::WithdrawComplaintRequest& request) -> absl::Status {
        request.set_reason(said.reason);
        request.set_giver_told_by(said.person);
        if (!said.at.empty()) {
          ASSIGN_OR_RETURN(*request.mutable_giver_told_time(), ParseMoment(said.at, "told-at"));
        }
        return absl::OkStatus();
      });
  command->add_option("--reason", t.reason, "why")->required();
  command->add_option("--told-at", t.at, "when its giver was told that it goes no further");
  command->add_option("--told-by", t.person, "the id of who told them [yours]");
  command = Act<v1::ReopenComplaintRequest>(
      complaint, context, told, "reopen", "Work on it again", "ReopenComplaint", "team_manager",
      [](const Told& said, v1::ReopenComplaintRequest& request) -> absl::Status {
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("--reason", t.reason, "why")->required();
  command = Act<v1::ReclassifyComplaintRequest>(
      complaint, context, told, "reclassify", "To another procedure, or to an allegation",
      "ReclassifyComplaint", "team_manager",
      [](const Told& said, v1::ReclassifyComplaintRequest& request) -> absl::Status {
        request.set_to_procedure_id(said.procedure);
        request.set_to_allegation(said.allegation);
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("--procedure", t.procedure, "the other procedure");
  command->add_flag("--allegation", t.allegation, "it is an allegation");
  command->add_option("--reason", t.reason, "why")->required();
}

void AddSerious(CLI::App* complaint, Context* context, const std::shared_ptr<Told>& told) {
  Told& t = *told;
  CLI::App* command = Act<v1::JudgeSeriousnessRequest>(
      complaint, context, told, "serious", "Judge whether it is serious", "JudgeSeriousness",
      "team_manager", [](const Told& said, v1::JudgeSeriousnessRequest& request) -> absl::Status {
        request.set_serious(!said.no);
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_flag("--no", t.no, "it is not");
  command->add_option("--reason", t.reason, "why")->required();
  command = Act<v1::AcceptEventProposalRequest>(
      complaint, context, told, "accept-event", "Have the proposed event reported",
      "AcceptEventProposal", "registered_manager",
      [](const Told& said, v1::AcceptEventProposalRequest& request) -> absl::Status {
        request.set_proposal_id(said.proposal);
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("proposal", t.proposal, "the proposal's id")->required();
  command->add_option("--reason", t.reason, "why")->required();
  command = Act<v1::DeclineEventProposalRequest>(
      complaint, context, told, "decline-event", "Say that it is no notifiable event",
      "DeclineEventProposal", "registered_manager",
      [](const Told& said, v1::DeclineEventProposalRequest& request) -> absl::Status {
        request.set_proposal_id(said.proposal);
        request.set_reason(said.reason);
        return absl::OkStatus();
      });
  command->add_option("proposal", t.proposal, "the proposal's id")->required();
  command->add_option("--reason", t.reason, "why")->required();
  command = Act<v1::DiscloseHarmRequest>(
      complaint, context, told, "disclose-harm", "Harm to a child came to be known", "DiscloseHarm",
      "caseworker", [](const Told& said, v1::DiscloseHarmRequest& request) -> absl::Status {
        request.set_text(said.text);
        if (!said.at.empty()) {
          ASSIGN_OR_RETURN(*request.mutable_became_aware_time(), ParseMoment(said.at, "at"));
        }
        return absl::OkStatus();
      });
  command->add_option("--text", t.text, "what")->required();
  command->add_option("--at", t.at, "when the agency came to know [now]");
}

void AddLearning(CLI::App* complaint, Context* context, const std::shared_ptr<Told>& told) {
  Told& t = *told;
  CLI::App* command = Act<v1::RecordLearningRequest>(
      complaint, context, told, "learning", "What was learnt", "RecordLearning", "team_manager",
      [](const Told& said, v1::RecordLearningRequest& request) -> absl::Status {
        request.set_review_id(said.review);
        request.set_learning(said.text);
        request.set_published_learning(said.published);
        return absl::OkStatus();
      });
  command->add_option("review", t.review, "the review's id")->required();
  command->add_option("--text", t.text, "what")->required();
  command->add_option("--published", t.published, "what of it may be published; names nobody");
  command = Act<v1::AddLearningActionRequest>(
      complaint, context, told, "learning-action", "What is to be done about it",
      "AddLearningAction", "team_manager",
      [](const Told& said, v1::AddLearningActionRequest& request) -> absl::Status {
        request.set_review_id(said.review);
        request.set_description(said.text);
        request.set_owner_id(said.owner);
        ASSIGN_OR_RETURN(*request.mutable_due_time(), ParseMoment(said.due, "due"));
        return absl::OkStatus();
      });
  command->add_option("review", t.review, "the review's id")->required();
  command->add_option("--text", t.text, "what")->required();
  command->add_option("--owner", t.owner, "the id of who does it")->required();
  command->add_option("--due", t.due, "by when")->required();
  command = Act<v1::CloseLearningActionRequest>(
      complaint, context, told, "close-learning-action", "It was done, or is dropped",
      "CloseLearningAction", "caseworker",
      [](const Told& said, v1::CloseLearningActionRequest& request) -> absl::Status {
        request.set_review_id(said.review);
        request.set_action_id(said.action);
        request.set_dropped(said.dropped);
        request.set_evidence(said.text);
        return absl::OkStatus();
      });
  command->add_option("review", t.review, "the review's id")->required();
  command->add_option("action", t.action, "the action's id")->required();
  command->add_flag("--dropped", t.dropped, "it is not done");
  command->add_option("--evidence", t.text, "what shows it, or why it is dropped")->required();
  command = Act<v1::CloseLearningReviewRequest>(
      complaint, context, told, "close-review", "End the review of what was learnt",
      "CloseLearningReview", "team_manager",
      [](const Told& said, v1::CloseLearningReviewRequest& request) -> absl::Status {
        request.set_review_id(said.review);
        return absl::OkStatus();
      });
  command->add_option("review", t.review, "the review's id")->required();
}

}  // namespace

void AddComplaintActs(CLI::App& app, Context* context) {
  CLI::App* complaint = app.get_subcommand("complaint");
  auto told = std::make_shared<Told>();
  AddStages(complaint, context, told);
  AddOutcomes(complaint, context, told);
  AddSerious(complaint, context, told);
  AddLearning(complaint, context, told);
}

}  // namespace fosterwatch::app
