#include "services/complaints/domain/ending.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/domain/present.h"
#include "services/complaints/domain/record.h"
#include "services/complaints/domain/serious.h"

namespace fosterwatch::complaints::domain {
namespace {

absl::Status CheckText(absl::string_view field, absl::string_view text, size_t limit) {
  FieldCheck check;
  check.Require(field, text, limit);
  return check.ToStatus();
}

// What nobody withdraws by a word: whoever gave it cannot be asked, or harm may be behind it.
bool NeedsManagerToWithdraw(const v1::Complaint& complaint) {
  return complaint.report().giver().kind() == v1::GIVER_KIND_ANONYMOUS ||
         complaint.seriousness().serious() || !complaint.disclosures().empty();
}

absl::Status CheckWithdrawn(const v1::Complaint& complaint, const Actor& actor) {
  if (!NeedsManagerToWithdraw(complaint)) return absl::OkStatus();
  if (!actor.Is(options::v1::ROLE_DEPUTY_MANAGER) &&
      !actor.Is(options::v1::ROLE_REGISTERED_MANAGER) &&
      !actor.Is(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL)) {
    return Error(absl::StatusCode::kPermissionDenied, "MANAGER_WITHDRAWS",
                 "one that is anonymous, serious or discloses harm is withdrawn by a manager");
  }
  std::vector<Violation> missing;
  // The outcome is the reason.
  for (Violation& each : MissingForClosing(complaint, v1::CloseComplaintRequest())) {
    if (each.field == "report" || each.field == "action_taken" || each.field == "event_proposal") {
      missing.push_back(std::move(each));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY_TO_WITHDRAW",
               "something is missing that the record of a complaint needs", std::move(missing));
}

}  // namespace

absl::StatusOr<Facts> AddPoint(const v1::Complaint& complaint, const v1::AddPointRequest& request,
                               const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  FieldCheck check;
  check.Require("text", request.text(), kMaxReason);
  if (complaint.points_size() >= kMaxPoints) {
    check.Refuse("text", "TOO_MANY", "would be more than 50 points");
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* said = facts[0].mutable_point_added();
  said->set_complaint_id(complaint.complaint_id());
  said->mutable_point()->set_point_id(given.new_id());
  said->mutable_point()->set_text(request.text());
  return facts;
}

absl::StatusOr<Facts> DecidePoint(const v1::Complaint& complaint,
                                  const v1::DecidePointRequest& request, const Actor& actor,
                                  const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  RETURN_IF_ERROR(CheckDecided(complaint));
  FieldCheck check;
  if (FindPoint(complaint, request.point_id()) == nullptr) {
    check.Refuse("point_id", "UNKNOWN_POINT", "names no point of this complaint");
  }
  if (request.outcome() == v1::POINT_OUTCOME_UNSPECIFIED ||
      !v1::PointOutcome_IsValid(request.outcome())) {
    check.Refuse("outcome", "UNKNOWN_KIND", "is not one of the outcomes");
  }
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* said = facts[0].mutable_point_decided();
  said->set_complaint_id(complaint.complaint_id());
  v1::Point* point = said->mutable_point();
  point->set_point_id(request.point_id());
  point->set_outcome(request.outcome());
  point->set_reason(request.reason());
  point->set_decided_by(actor.id);
  *point->mutable_decided_time() = clock::ToProto(given.now);
  point->set_stage_number(CurrentStage(complaint)->number());
  return facts;
}

absl::StatusOr<Facts> RecordActionTaken(const v1::Complaint& complaint,
                                        const v1::RecordActionTakenRequest& request,
                                        const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  RETURN_IF_ERROR(CheckText("text", request.text(), kMaxNarrative));
  Facts facts(1);
  auto* said = facts[0].mutable_action_taken_recorded();
  said->set_complaint_id(complaint.complaint_id());
  v1::ActionTaken* taken = said->mutable_action_taken();
  taken->set_action_taken_id(given.new_id());
  taken->set_text(request.text());
  taken->set_recorded_by(actor.id);
  *taken->mutable_recorded_time() = clock::ToProto(given.now);
  return facts;
}

std::vector<Violation> MissingForClosing(const v1::Complaint& complaint,
                                         const v1::CloseComplaintRequest& request) {
  std::vector<Violation> missing;
  if (IsBlank(complaint.report().summary())) {
    missing.push_back({"report", "what was complained of is not written down"});
  }
  for (const v1::Point& point : complaint.points()) {
    if (point.outcome() == v1::POINT_OUTCOME_UNSPECIFIED) {
      missing.push_back({absl::StrCat("points[", point.point_id(), "]"), "has no outcome"});
    }
  }
  if (complaint.actions_taken().empty()) {
    missing.push_back({"action_taken", "the action taken in response is not written down"});
  }
  if (IsBlank(request.outcome())) {
    missing.push_back({"outcome", "the outcome of the investigation is not written down"});
  }
  const v1::Stage* stage = CurrentStage(complaint);
  if (!IsDeclined(complaint) && (stage == nullptr || !stage->has_answered_time())) {
    missing.push_back({"answer", "the present stage has not been answered"});
  }
  if (IsUndecided(complaint)) {
    missing.push_back({"out_of_time", "nobody has decided whether it is taken"});
  }
  if (OpenProposal(complaint) != nullptr) {
    missing.push_back({"event_proposal", "the proposed event is neither accepted nor declined"});
  }
  if (complaint.report().subject().kind() == v1::SUBJECT_KIND_CARER &&
      !complaint.has_seriousness()) {
    missing.push_back({"seriousness", "nobody has judged whether it is serious"});
  }
  return missing;
}

absl::StatusOr<Facts> Close(const v1::Complaint& complaint,
                            const v1::CloseComplaintRequest& request, const Actor& actor,
                            const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  FieldCheck check;
  check.AtMost("outcome", request.outcome(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  if (std::vector<Violation> missing = MissingForClosing(complaint, request); !missing.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY_TO_CLOSE",
                 "something is missing that the record of a complaint needs", std::move(missing));
  }
  Facts facts(1);
  auto* said = facts[0].mutable_complaint_closed();
  said->set_complaint_id(complaint.complaint_id());
  said->mutable_closure()->set_outcome(request.outcome());
  said->mutable_closure()->set_closed_by(actor.id);
  *said->mutable_closure()->mutable_closed_time() = clock::ToProto(given.now);
  if (OpenDuty(complaint, v1::DUTY_KIND_LEARNING_REVIEW) != nullptr) return facts;
  said->mutable_learning_review()->set_review_id(given.new_id());
  *said->mutable_learning_review()->mutable_opened_time() = clock::ToProto(given.now);
  const Book::Edition& edition = InForce(given.book, given.now);
  const Book::Limit& limit = edition.learning_review();
  ASSIGN_OR_RETURN(
      const Due due,
      DueBy(limit, Reference("closed_time", "LEARNING_REVIEW_DUE", edition, limit.origin()),
            given.now, given.calendar));
  v1::Duty& duty = *said->add_duties();
  duty = MakeDuty(v1::DUTY_KIND_LEARNING_REVIEW, given.new_id(), due);
  duty.set_in_digest(limit.in_digest());
  return facts;
}

absl::StatusOr<Facts> Withdraw(const v1::Complaint& complaint,
                               const v1::WithdrawComplaintRequest& request, const Actor& actor,
                               const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  check.AtMost("giver_told_by", request.giver_told_by(), kMaxName);
  std::optional<absl::Time> told;
  if (request.has_giver_told_time()) {
    told = MomentOf(check, "giver_told_time", true, request.giver_told_time(),
                    clock::FromProto(complaint.report().received_time()), given.now);
    if (complaint.report().giver().kind() == v1::GIVER_KIND_ANONYMOUS) {
      check.Refuse("giver_told_time", "ANONYMOUS_NAMED", "cannot be, of a giver who gave no name");
    }
  } else if (!request.giver_told_by().empty()) {
    check.Refuse("giver_told_time", "REQUIRED", "is required with who told the giver");
  }
  RETURN_IF_ERROR(check.ToStatus());
  RETURN_IF_ERROR(CheckWithdrawn(complaint, actor));
  Facts facts(1);
  auto* said = facts[0].mutable_complaint_withdrawn();
  said->set_complaint_id(complaint.complaint_id());
  said->mutable_withdrawal()->set_reason(request.reason());
  said->mutable_withdrawal()->set_recorded_by(actor.id);
  *said->mutable_withdrawal()->mutable_withdrawn_time() = clock::ToProto(given.now);
  if (told) {
    *said->mutable_withdrawal()->mutable_giver_told_time() = clock::ToProto(*told);
    said->mutable_withdrawal()->set_giver_told_by(
        request.giver_told_by().empty() ? actor.id : request.giver_told_by());
  }
  return facts;
}

absl::StatusOr<Facts> Reopen(const v1::Complaint& complaint,
                             const v1::ReopenComplaintRequest& request, const Actor& actor,
                             const Given& given) {
  if (complaint.state() == v1::Complaint::STATE_RECORDED) return CheckOpen(complaint);
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  RETURN_IF_ERROR(CheckText("reason", request.reason(), kMaxReason));
  if (!HasEnded(complaint)) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_ENDED", "it has not ended");
  }
  Facts facts(1);
  auto* said = facts[0].mutable_complaint_reopened();
  said->set_complaint_id(complaint.complaint_id());
  said->mutable_reopening()->set_reason(request.reason());
  said->mutable_reopening()->set_reopened_by(actor.id);
  *said->mutable_reopening()->mutable_reopened_time() = clock::ToProto(given.now);
  const v1::Stage* stage = CurrentStage(complaint);
  // Of the present stage; what fell away with an earlier procedure stays so.
  const v1::Duty* closing = nullptr;
  for (const v1::Duty& duty : complaint.duties()) {
    if (duty.kind() == v1::DUTY_KIND_CLOSING && stage->has_answered_time()) closing = &duty;
  }
  bool considered = false;
  for (const v1::Duty& duty : complaint.duties()) {
    const bool of_stage =
        duty.kind() == v1::DUTY_KIND_STEP && duty.stage_number() == stage->number();
    const bool undecided = duty.kind() == v1::DUTY_KIND_OUT_OF_TIME && IsUndecided(complaint) &&
                           &duty == LastOf(complaint, v1::DUTY_KIND_OUT_OF_TIME);
    const bool reminder = duty.kind() == v1::DUTY_KIND_PAUSE_REMINDER && IsPaused(*stage) &&
                          &duty == LastOf(complaint, v1::DUTY_KIND_PAUSE_REMINDER);
    const bool returns = of_stage || undecided || reminder || &duty == closing ||
                         duty.kind() == v1::DUTY_KIND_ACKNOWLEDGEMENT;
    if (!duty.fallen_away() || !returns) continue;
    v1::Duty again = duty;
    again.set_fallen_away(false);
    if (!again.suspended()) {
      RETURN_IF_ERROR(Recount(again, of_stage ? PausesOf(*stage) : std::vector<clock::Pause>(),
                              given.calendar));
    }
    considered = considered || of_stage || &duty == closing;
    *said->add_duties() = std::move(again);
  }
  const Book::Edition& edition = InForce(given.book, given.now);
  if (IsDeclined(complaint)) {
    // It is asked again whether it is taken, and nothing runs that has not fallen away with it.
    const Book::Edition& then = EditionOf(given.book, stage->procedure_version(),
                                          clock::FromProto(stage->clock_start_time()));
    if (const auto* procedure = FindProcedure(then, stage->procedure_id())) {
      ASSIGN_OR_RETURN(
          const Facts again,
          FindOutOfTime(complaint.complaint_id(), complaint.report(), *procedure, then, given));
      facts.insert(facts.end(), again.begin(), again.end());
      said = facts[0].mutable_complaint_reopened();
    }
  }
  if (considered) return facts;
  const Book::Limit& limit = edition.reopened();
  ASSIGN_OR_RETURN(const Due due,
                   DueBy(limit, Reference("reopened_time", "REOPENED_DUE", edition, limit.origin()),
                         given.now, given.calendar));
  v1::Duty& duty = *said->add_duties();
  duty = MakeDuty(v1::DUTY_KIND_REOPENED, given.new_id(), due);
  duty.set_in_digest(limit.in_digest());
  return facts;
}

absl::StatusOr<Facts> Reclassify(const v1::Complaint& complaint,
                                 const v1::ReclassifyComplaintRequest& request, const Actor& actor,
                                 const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  const Book::Edition& edition = InForce(given.book, given.now);
  const Book::Procedure* procedure = FindProcedure(edition, request.to_procedure_id());
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  if (request.to_allegation() != request.to_procedure_id().empty()) {
    check.Refuse("to_procedure_id", "REQUIRED", "is required, or that it is an allegation");
  } else if (!request.to_allegation() && procedure == nullptr) {
    check.Refuse("to_procedure_id", "UNKNOWN_PROCEDURE", "is not one of the procedures");
  } else if (request.to_procedure_id() == complaint.report().procedure_id()) {
    check.Refuse("to_procedure_id", "SAME_PROCEDURE", "is the procedure that it is under");
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* said = facts[0].mutable_complaint_reclassified();
  said->set_complaint_id(complaint.complaint_id());
  v1::Reclassification* to = said->mutable_reclassification();
  to->set_reason(request.reason());
  to->set_reclassified_by(actor.id);
  *to->mutable_reclassified_time() = clock::ToProto(given.now);
  to->set_to_allegation(request.to_allegation());
  to->set_to_procedure_id(request.to_procedure_id());
  to->set_from_procedure_id(complaint.report().procedure_id());
  if (request.to_allegation()) {
    const Facts disclosed =
        Disclosed(complaint, request.reason(), clock::FromProto(complaint.report().received_time()),
                  actor, given.new_id());
    facts.insert(facts.end(), disclosed.begin(), disclosed.end());
    return facts;
  }
  ASSIGN_OR_RETURN(
      Begun begun,
      BeginStage(CurrentStage(complaint)->number() + 1, *procedure, procedure->stages(0), edition,
                 clock::FromProto(complaint.report().received_time()), given));
  ASSIGN_OR_RETURN(const Facts late, FindOutOfTime(complaint.complaint_id(), complaint.report(),
                                                   *procedure, edition, given));
  auto* started = facts.emplace_back().mutable_stage_started();
  started->set_complaint_id(complaint.complaint_id());
  for (v1::Duty& duty : begun.duties) *started->add_duties() = std::move(duty);
  *started->mutable_stage() = std::move(begun.stage);
  facts.insert(facts.end(), late.begin(), late.end());
  return facts;
}

}  // namespace fosterwatch::complaints::domain
