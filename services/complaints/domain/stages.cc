// The clocks of a stage, extended and paused, and the next stage.
#include "services/complaints/domain/stages.h"

#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/domain/present.h"
#include "services/complaints/domain/record.h"

namespace fosterwatch::complaints::domain {

absl::StatusOr<Facts> ExtendStage(const v1::Complaint& complaint,
                                  const v1::ExtendStageRequest& request, const Actor& actor,
                                  const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  RETURN_IF_ERROR(CheckTaken(complaint));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  RETURN_IF_ERROR(CheckRunning(present.stage));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  check.Require("agreed_by", request.agreed_by(), kMaxName);
  check.Require("agreed_with", request.agreed_with(), kMaxContact);
  RETURN_IF_ERROR(check.ToStatus());
  if (!complaint.report().subject().staff_id().empty() &&
      request.agreed_by() == complaint.report().subject().staff_id()) {
    return Error(absl::StatusCode::kPermissionDenied, "SUBJECT_TAKES_NO_PART",
                 "nobody agrees to an extension of a complaint about themselves",
                 {{"agreed_by", "is whom it is about"}});
  }
  const Book::Step* step = NextStep(present);
  const v1::Duty* duty =
      step == nullptr ? nullptr : OpenStep(complaint, present.stage, step->step_id());
  if (duty == nullptr || !step->has_extended_limit()) {
    return Not("NO_EXTENSION", "the procedure has no extension of this step");
  }
  if (duty->has_first_due_time()) {
    return Not("EXTENDED_BEFORE", "this step has been extended before");
  }
  v1::Duty extended = *duty;
  // Agreed after the limit it is on record as late, and what was due stays overdue.
  if (given.now < clock::FromProto(duty->due_time())) {
    ASSIGN_OR_RETURN(extended,
                     StepDuty(present.stage, *step, present.edition, StartOf(present, *step),
                              /*extended=*/true, duty->duty_id(), given.calendar));
  }
  *extended.mutable_first_due_time() = duty->due_time();
  *extended.mutable_first_explanation() = duty->explanation();
  extended.set_attentions(duty->attentions());
  extended.set_attention_open(duty->attention_open());
  Facts facts(1);
  auto* said = facts[0].mutable_stage_extended();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  *said->mutable_duty() = std::move(extended);
  auto* extension = said->mutable_extension();
  extension->set_reason(request.reason());
  extension->set_agreed_by(request.agreed_by());
  extension->set_agreed_with(request.agreed_with());
  extension->set_extended_by(actor.id);
  *extension->mutable_extended_time() = clock::ToProto(given.now);
  extension->set_step_id(step->step_id());
  return facts;
}

absl::StatusOr<Facts> PauseStage(const v1::Complaint& complaint,
                                 const v1::PauseStageRequest& request, const Actor& actor,
                                 const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  if (IsPaused(present.stage)) return Not("PAUSED_BEFORE", "the present stage is paused already");
  RETURN_IF_ERROR(CheckRunning(present.stage));
  Facts facts(1);
  auto* said = facts[0].mutable_stage_paused();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  *said->mutable_pause()->mutable_from_time() = clock::ToProto(given.now);
  said->mutable_pause()->set_reason(request.reason());
  said->mutable_pause()->set_paused_by(actor.id);
  const Book::Edition& edition = InForce(given.book, given.now);
  if (!edition.has_pause_reminder()) return facts;
  const Book::Limit& limit = edition.pause_reminder();
  ASSIGN_OR_RETURN(
      const Due due,
      DueBy(limit, Reference("pause.from_time", "PAUSE_REMINDER_DUE", edition, limit.origin()),
            given.now, given.calendar));
  v1::Duty& duty = *said->add_duties();
  duty = MakeDuty(v1::DUTY_KIND_PAUSE_REMINDER, given.new_id(), due);
  duty.set_in_digest(limit.in_digest());
  return facts;
}

absl::StatusOr<Facts> ResumeStage(const v1::Complaint& complaint,
                                  const v1::ResumeStageRequest& request, const Actor& actor,
                                  const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  if (!IsPaused(present.stage)) return Not("NOT_PAUSED", "the present stage is not paused");
  Facts facts(1);
  auto* said = facts[0].mutable_stage_resumed();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  v1::Pause& pause = *said->mutable_pause();
  pause = *present.stage.pauses().rbegin();
  *pause.mutable_until_time() = clock::ToProto(given.now);
  pause.set_resumed_by(actor.id);
  pause.set_resume_reason(request.reason());

  v1::Stage after = present.stage;
  *after.mutable_pauses()->rbegin() = pause;
  const std::vector<clock::Pause> pauses = PausesOf(after);
  for (const v1::Duty& duty : complaint.duties()) {
    // What was late when its stage was paused stays so.
    if (duty.kind() != v1::DUTY_KIND_STEP || !IsOpen(duty) || !duty.suspended() ||
        duty.stage_number() != after.number()) {
      continue;
    }
    v1::Duty again = duty;
    again.set_suspended(false);
    RETURN_IF_ERROR(Recount(again, pauses, given.calendar));
    *said->add_duties() = std::move(again);
  }
  return facts;
}

absl::StatusOr<Facts> StartNextStage(const v1::Complaint& complaint,
                                     const v1::StartNextStageRequest& request, const Actor& actor,
                                     const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  if (!present.stage.has_answered_time()) {
    return Not("NOT_ANSWERED", "the present stage has not been answered");
  }
  const Book::Stage* next = StageAfter(present.procedure, present.stage.stage_id());
  if (next == nullptr) return Not("NO_FURTHER_STAGE", "the procedure has no further stage");
  FieldCheck check;
  const auto when =
      MomentOf(check, "requested_time", request.has_requested_time(), request.requested_time(),
               clock::FromProto(present.stage.answered_time()), given.now);
  check.AtMost("late_reason", request.late_reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  const bool late = present.stage.has_request_until_time() &&
                    *when >= clock::FromProto(present.stage.request_until_time());
  if (late && IsBlank(request.late_reason())) {
    return Error(absl::StatusCode::kFailedPrecondition, "WINDOW_OVER",
                 "the next stage was asked for too late; take it with a reason, or close",
                 {{"late_reason", "is required after the window"}});
  }
  ASSIGN_OR_RETURN(Begun begun, BeginStage(present.stage.number() + 1, present.procedure, *next,
                                           present.edition, *when, given));
  if (late) begun.stage.set_late_reason(request.late_reason());
  Facts facts(1);
  auto* said = facts[0].mutable_stage_started();
  said->set_complaint_id(complaint.complaint_id());
  for (v1::Duty& duty : begun.duties) *said->add_duties() = std::move(duty);
  *said->mutable_stage() = std::move(begun.stage);
  return facts;
}

}  // namespace fosterwatch::complaints::domain
