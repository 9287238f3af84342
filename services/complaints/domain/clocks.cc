#include "services/complaints/domain/clocks.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/recount.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {
namespace {

absl::StatusOr<clock::CivilDeadline> WorkingDays(absl::Time start, int days,
                                                 const clock::WorkingCalendar& calendar,
                                                 const std::vector<clock::Pause>& pauses) {
  return pauses.empty() ? clock::AddWorkingDays(start, days, calendar)
                        : clock::AddWorkingDays(start, days, calendar, pauses);
}

}  // namespace

absl::StatusOr<Due> DueBy(const Book::Limit& limit, const clock::RuleReference& rule,
                          absl::Time start, const clock::WorkingCalendar& calendar,
                          const std::vector<clock::Pause>& pauses) {
  if (limit.calendar_days() > 0) {
    ASSIGN_OR_RETURN(const auto due, clock::AddCalendarDays(start, limit.calendar_days()));
    return Due{due.due(), clock::Explain(rule, start, due)};
  }
  ASSIGN_OR_RETURN(const auto due, WorkingDays(start, limit.working_days(), calendar, pauses));
  return Due{due.due(), clock::Explain(rule, start, due)};
}

v1::Duty MakeDuty(v1::DutyKind kind, std::string duty_id, const Due& due) {
  v1::Duty duty;
  duty.set_duty_id(std::move(duty_id));
  duty.set_kind(kind);
  *duty.mutable_due_time() = clock::ToProto(due.due);
  *duty.mutable_explanation() = due.explanation;
  return duty;
}

absl::StatusOr<v1::Duty> StepDuty(const v1::Stage& stage, const Book::Step& step,
                                  const Book::Edition& edition, absl::Time start, bool extended,
                                  std::string duty_id, const clock::WorkingCalendar& calendar) {
  const Book::Limit& limit = extended ? step.extended_limit() : step.limit();
  const std::string trigger = step.start() == Book::START_STEP_BEFORE ? "step_before.done_time"
                              : stage.number() == 1                   ? "received_time"
                                                                      : "stage.clock_start_time";
  ASSIGN_OR_RETURN(const Due due,
                   DueBy(limit,
                         Reference(trigger,
                                   absl::StrCat(extended ? "EXTENDED_STEP_DUE " : "STEP_DUE ",
                                                stage.procedure_id(), " ", stage.stage_id(), " ",
                                                step.step_id()),
                                   edition, limit.origin()),
                         start, calendar, PausesOf(stage)));
  v1::Duty duty = MakeDuty(v1::DUTY_KIND_STEP, std::move(duty_id), due);
  duty.set_stage_number(stage.number());
  duty.set_step_id(step.step_id());
  duty.set_in_digest(limit.in_digest());
  return duty;
}

absl::Status Recount(v1::Duty& duty, const std::vector<clock::Pause>& pauses,
                     const clock::WorkingCalendar& calendar) {
  RETURN_IF_ERROR(
      clock::Recount(*duty.mutable_explanation(), *duty.mutable_due_time(), pauses, calendar));
  if (!duty.has_first_explanation()) return absl::OkStatus();
  return clock::Recount(*duty.mutable_first_explanation(), *duty.mutable_first_due_time(), pauses,
                        calendar);
}

std::vector<clock::Pause> PausesOf(const v1::Stage& stage) {
  std::vector<clock::Pause> pauses;
  for (const v1::Pause& pause : stage.pauses()) {
    clock::Pause& span = pauses.emplace_back();
    span.from = clock::FromProto(pause.from_time());
    if (pause.has_until_time()) span.until = clock::FromProto(pause.until_time());
    // One that ended at the moment it began stopped nothing.
    if (span.until <= span.from) pauses.pop_back();
  }
  return pauses;
}

absl::StatusOr<Facts> MoveDueTimes(const v1::Complaint& complaint,
                                   const clock::WorkingCalendar& calendar) {
  v1::DueTimesMoved moved;
  for (const v1::Duty& duty : complaint.duties()) {
    if (!IsOpen(duty) || !clock::IsCountedOtherwise(duty.explanation(), calendar)) continue;
    v1::Duty again = duty;
    // While the clock stands there is no due time to count; resuming counts by the calendar then.
    if (duty.suspended()) continue;
    std::vector<clock::Pause> pauses;
    if (const v1::Stage* stage = FindStage(complaint, duty.stage_number())) {
      pauses = PausesOf(*stage);
    }
    RETURN_IF_ERROR(Recount(again, pauses, calendar));
    *moved.add_duties() = std::move(again);
  }
  if (moved.duties().empty()) return Facts{};
  moved.set_complaint_id(complaint.complaint_id());
  moved.set_calendar_version(calendar.version());
  Facts facts(1);
  *facts[0].mutable_due_times_moved() = std::move(moved);
  return facts;
}

}  // namespace fosterwatch::complaints::domain
