#include "services/complaints/domain/stages.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/domain/record.h"

namespace fosterwatch::complaints::domain {
namespace {

using google::protobuf::Timestamp;

absl::Status Not(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

// The present stage with what its procedure says of it.
struct Present {
  const v1::Stage& stage;
  const Book::Edition& edition;
  const Book::Procedure& procedure;
  const Book::Stage& rules;
};

absl::StatusOr<Present> PresentOf(const v1::Complaint& complaint, const Book& book) {
  const v1::Stage* stage = CurrentStage(complaint);
  if (stage == nullptr) return Not("NOT_A_COMPLAINT", "it has no stage");
  const Book::Edition& edition =
      EditionOf(book, stage->procedure_version(), clock::FromProto(stage->clock_start_time()));
  const Book::Procedure* procedure = FindProcedure(edition, stage->procedure_id());
  const Book::Stage* rules =
      procedure == nullptr ? nullptr : FindStage(*procedure, stage->stage_id());
  if (rules == nullptr) {
    return Error(absl::StatusCode::kInternal, "PROCEDURE_GONE",
                 "the procedure of the complaint's stage is in the book no longer");
  }
  return Present{*stage, edition, *procedure, *rules};
}

// Unanswered, and its clock runs.
absl::Status CheckRunning(const v1::Stage& stage) {
  if (stage.has_answered_time()) {
    return Not("ANSWERED_BEFORE", "the present stage has been answered");
  }
  if (IsPaused(stage)) return Not("STAGE_PAUSED", "the present stage is paused; resume it first");
  return absl::OkStatus();
}

// The moment that the request states, else now; not before `start`.
std::optional<absl::Time> MomentOf(FieldCheck& check, absl::string_view field, bool present,
                                   const Timestamp& timestamp, absl::Time start, absl::Time now) {
  if (!present) return now;
  const auto time = clock::CheckTime(check, field, true, timestamp, now);
  if (time && *time < start) {
    check.Refuse(field, "BEFORE_START", "is before what it follows");
    return std::nullopt;
  }
  return time;
}

const v1::Duty* OpenStep(const v1::Complaint& complaint, const v1::Stage& stage,
                         absl::string_view step_id) {
  for (const v1::Duty& duty : complaint.duties()) {
    if (duty.kind() == v1::DUTY_KIND_STEP && IsOpen(duty) &&
        duty.stage_number() == stage.number() && duty.step_id() == step_id) {
      return &duty;
    }
  }
  return nullptr;
}

// The step that is owed now: the first that is not done.
const Book::Step* NextStep(const Present& present) {
  const int done = present.stage.steps_done_size();
  return done < present.rules.steps_size() ? &present.rules.steps(done) : nullptr;
}

// When what a step follows was done.
absl::Time StartOf(const Present& present, const Book::Step& step) {
  if (step.start() == Book::START_STEP_BEFORE && !present.stage.steps_done().empty()) {
    return clock::FromProto(present.stage.steps_done().rbegin()->done_time());
  }
  return clock::FromProto(present.stage.clock_start_time());
}

}  // namespace

absl::StatusOr<Facts> Acknowledge(const v1::Complaint& complaint,
                                  const v1::AcknowledgeComplaintRequest& request,
                                  const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckOpen(complaint));
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kInformal));
  if (complaint.has_acknowledged_time()) {
    return Not("ACKNOWLEDGED_BEFORE", "it has been acknowledged before");
  }
  FieldCheck check;
  const auto when = MomentOf(check, "acknowledged_time", request.has_acknowledged_time(),
                             request.acknowledged_time(),
                             clock::FromProto(complaint.report().received_time()), given.now);
  check.AtMost("note", request.note(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* said = facts[0].mutable_complaint_acknowledged();
  said->set_complaint_id(complaint.complaint_id());
  *said->mutable_acknowledged_time() = clock::ToProto(*when);
  said->set_acknowledged_by(actor.id);
  said->set_advocate_offered(request.advocate_offered());
  said->set_note(request.note());
  return facts;
}

absl::StatusOr<Facts> AssignInvestigator(const v1::Complaint& complaint,
                                         const v1::AssignInvestigatorRequest& request,
                                         const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  if (present.stage.has_answered_time()) {
    return Not("ANSWERED_BEFORE", "the present stage has been answered");
  }
  FieldCheck check;
  if (request.person_id().empty() == IsBlank(request.outside_name())) {
    check.Refuse("person_id", "REQUIRED", "is required, or else the name of somebody outside");
  }
  check.AtMost("person_id", request.person_id(), kMaxName);
  check.AtMost("outside_name", request.outside_name(), kMaxName);
  RETURN_IF_ERROR(check.ToStatus());
  if (!request.person_id().empty()) {
    RETURN_IF_ERROR(CheckIndependent(complaint, request.person_id()));
  }
  Facts facts(1);
  auto* said = facts[0].mutable_investigator_assigned();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  said->mutable_investigator()->set_person_id(request.person_id());
  said->mutable_investigator()->set_outside_name(request.outside_name());
  said->mutable_investigator()->set_assigned_by(actor.id);
  *said->mutable_investigator()->mutable_assigned_time() = clock::ToProto(given.now);
  return facts;
}

absl::StatusOr<Facts> AllowInformalPart(const v1::Complaint& complaint,
                                        const v1::AllowInformalPartRequest& request,
                                        const Actor& actor, const Given&) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  const v1::Stage* stage = CurrentStage(complaint);
  if (stage == nullptr || !stage->informal()) {
    return Not("NOT_INFORMAL", "only in an informal stage may the person complained of take part");
  }
  Facts facts(1);
  auto* said = facts[0].mutable_informal_part_allowed();
  said->set_complaint_id(complaint.complaint_id());
  said->set_allowed_by(actor.id);
  said->set_reason(request.reason());
  return facts;
}

absl::StatusOr<Facts> CompleteStep(const v1::Complaint& complaint,
                                   const v1::CompleteStepRequest& request, const Actor& actor,
                                   const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  RETURN_IF_ERROR(CheckRunning(present.stage));
  const Book::Step* step = NextStep(present);
  const bool last = present.stage.steps_done_size() + 1 == present.rules.steps_size();
  if (step == nullptr || last) {
    return Not("STEP_MISSING", "what is left of the present stage is its answer");
  }
  FieldCheck check;
  if (request.step_id() != step->step_id()) {
    check.Refuse("step_id", "STEP_MISSING", "is not the step that is owed now");
  }
  const auto when = MomentOf(check, "done_time", request.has_done_time(), request.done_time(),
                             StartOf(present, *step), given.now);
  check.AtMost("note", request.note(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* said = facts[0].mutable_step_completed();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  said->mutable_step()->set_step_id(step->step_id());
  *said->mutable_step()->mutable_done_time() = clock::ToProto(*when);
  said->mutable_step()->set_done_by(actor.id);
  said->mutable_step()->set_note(request.note());
  const Book::Step& next = present.rules.steps(present.stage.steps_done_size() + 1);
  if (next.start() == Book::START_STEP_BEFORE) {
    ASSIGN_OR_RETURN(*said->add_duties(),
                     StepDuty(present.stage, next, present.edition, *when, /*extended=*/false,
                              given.new_id(), given.calendar));
  }
  return facts;
}

absl::StatusOr<Facts> AnswerStage(const v1::Complaint& complaint,
                                  const v1::AnswerStageRequest& request, const Actor& actor,
                                  const Given& given) {
  RETURN_IF_ERROR(CheckOpen(complaint));
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kInformal));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  RETURN_IF_ERROR(CheckRunning(present.stage));
  if (present.stage.steps_done_size() + 1 < present.rules.steps_size()) {
    return Error(absl::StatusCode::kFailedPrecondition, "STEP_MISSING",
                 "a step before the answer has not been done",
                 {{NextStep(present)->step_id(), "has not been done"}});
  }
  if (present.rules.needs_investigator() && !present.stage.has_investigator()) {
    return Not("INVESTIGATOR_MISSING", "this stage needs an investigator before it is answered");
  }
  const Book::Step& step = present.rules.steps(present.rules.steps_size() - 1);
  FieldCheck check;
  const auto when = MomentOf(check, "answered_time", request.has_answered_time(),
                             request.answered_time(), StartOf(present, step), given.now);
  check.Require("answer", request.answer(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());

  Facts facts(1);
  auto* said = facts[0].mutable_stage_answered();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  said->mutable_step()->set_step_id(step.step_id());
  *said->mutable_step()->mutable_done_time() = clock::ToProto(*when);
  said->mutable_step()->set_done_by(actor.id);
  said->set_answer(request.answer());
  if (const v1::Duty* duty = OpenStep(complaint, present.stage, step.step_id())) {
    const Timestamp& first = duty->has_first_due_time() ? duty->first_due_time() : duty->due_time();
    said->set_within_first_limit(*when < clock::FromProto(first));
    said->set_within_extended_limit(*when < clock::FromProto(duty->due_time()));
  }
  absl::Time closing_from = *when;
  std::string trigger = "answered_time";
  if (present.rules.has_request_window()) {
    const Book::Limit& window = present.rules.request_window();
    ASSIGN_OR_RETURN(const Due until,
                     DueBy(window,
                           Reference(trigger,
                                     absl::StrCat("REQUEST_WINDOW ", present.stage.procedure_id(),
                                                  " ", present.stage.stage_id()),
                                     present.edition, window.origin()),
                           *when, given.calendar));
    *said->mutable_request_until_time() = clock::ToProto(until.due);
    *said->mutable_request_explanation() = until.explanation;
    // The window's last day: from the midnight that ends it, the day after would be the first.
    closing_from = until.due - absl::Microseconds(1);
    trigger = "request_until_time";
  }
  const Book::Limit& closing = present.edition.closing();
  ASSIGN_OR_RETURN(
      const Due due,
      DueBy(closing, Reference(trigger, "CLOSING_DUE", present.edition, closing.origin()),
            closing_from, given.calendar));
  v1::Duty& duty = *said->add_duties();
  duty = MakeDuty(v1::DUTY_KIND_CLOSING, given.new_id(), due);
  duty.set_in_digest(closing.in_digest());
  return facts;
}

absl::StatusOr<Facts> ExtendStage(const v1::Complaint& complaint,
                                  const v1::ExtendStageRequest& request, const Actor& actor,
                                  const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
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
  ASSIGN_OR_RETURN(v1::Duty extended,
                   StepDuty(present.stage, *step, present.edition, StartOf(present, *step),
                            /*extended=*/true, duty->duty_id(), given.calendar));
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
    if (duty.kind() != v1::DUTY_KIND_STEP || !IsOpen(duty) ||
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
