// From receipt to the answer of a stage.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/domain/present.h"
#include "services/complaints/domain/stages.h"

namespace fosterwatch::complaints::domain {

using google::protobuf::Timestamp;

namespace {

// Before the first step of the stage is done.
absl::Status CheckIndependentsNamed(const Present& present) {
  std::vector<Violation> missing;
  for (const Book::Independents& part : present.rules.independents()) {
    int named = 0;
    for (const v1::Independent& each : present.stage.independents()) {
      named += each.part_id() == part.part_id() ? 1 : 0;
    }
    if (named < part.count()) {
      missing.push_back({part.part_id(), absl::StrCat(named, " of ", part.count(), " are named")});
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "INDEPENDENT_MISSING",
               "this stage needs people from outside before anything of it is done",
               std::move(missing));
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
  RETURN_IF_ERROR(CheckTaken(complaint));
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
  } else {
    RETURN_IF_ERROR(CheckIndependentName(complaint, request.outside_name(), kInvestigator));
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

absl::StatusOr<Facts> NameIndependent(const v1::Complaint& complaint,
                                      const v1::NameIndependentRequest& request, const Actor& actor,
                                      const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  RETURN_IF_ERROR(CheckTaken(complaint));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  if (present.stage.has_answered_time()) {
    return Not("ANSWERED_BEFORE", "the present stage has been answered");
  }
  const Book::Independents* part = nullptr;
  for (const Book::Independents& each : present.rules.independents()) {
    if (each.part_id() == request.part_id()) part = &each;
  }
  if (part == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_ASKED_FOR",
                 "the present stage asks for nobody of that part",
                 {{"part_id", "is no part of the present stage"}});
  }
  int named = 0;
  bool chaired = false, replaces = false;
  for (const v1::Independent& each : present.stage.independents()) {
    if (each.part_id() != part->part_id()) continue;
    if (each.independent_id() == request.replaces_id()) {
      replaces = true;
      continue;
    }
    ++named;
    chaired = chaired || each.chairs();
  }
  FieldCheck check;
  check.Require("name", request.name(), kMaxName);
  if (!request.replaces_id().empty() && !replaces) {
    check.Refuse("replaces_id", "UNKNOWN_PERSON", "names nobody of that part");
  }
  if (request.chairs() && (!part->chaired() || chaired)) {
    check.Refuse("chairs", "CHAIRED_BEFORE", "cannot be: it has no chair, or has one");
  }
  RETURN_IF_ERROR(check.ToStatus());
  // The last place of a part that is chaired is the chair's, while it has none.
  if (named >= part->count() ||
      (part->chaired() && !chaired && !request.chairs() && named + 1 == part->count())) {
    return Error(absl::StatusCode::kFailedPrecondition, "NAMED_BEFORE",
                 named >= part->count() ? "as many are named as the stage asks for"
                                        : "only who chairs it is not named yet",
                 {{"part_id", "has its people"}});
  }
  RETURN_IF_ERROR(CheckIndependentName(complaint, request.name(), request.replaces_id()));
  Facts facts(1);
  auto* said = facts[0].mutable_independent_named();
  said->set_complaint_id(complaint.complaint_id());
  said->set_stage_number(present.stage.number());
  said->set_replaces_id(request.replaces_id());
  v1::Independent& independent = *said->mutable_independent();
  independent.set_independent_id(given.new_id());
  independent.set_part_id(part->part_id());
  independent.set_name(request.name());
  independent.set_chairs(request.chairs());
  independent.set_named_by(actor.id);
  *independent.mutable_named_time() = clock::ToProto(given.now);
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
  RETURN_IF_ERROR(CheckTaken(complaint));
  ASSIGN_OR_RETURN(const Present present, PresentOf(complaint, given.book));
  RETURN_IF_ERROR(CheckRunning(present.stage));
  const Book::Step* step = NextStep(present);
  const bool last = present.stage.steps_done_size() + 1 == present.rules.steps_size();
  if (step == nullptr || last) {
    return Not("STEP_MISSING", "what is left of the present stage is its answer");
  }
  RETURN_IF_ERROR(CheckIndependentsNamed(present));
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
  RETURN_IF_ERROR(CheckAnswers(complaint, actor));
  RETURN_IF_ERROR(CheckTaken(complaint));
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
  RETURN_IF_ERROR(CheckIndependentsNamed(present));
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

}  // namespace fosterwatch::complaints::domain
