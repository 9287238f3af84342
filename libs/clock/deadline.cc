#include "libs/clock/deadline.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::clock {
namespace {

using type::v1::Explanation;
using type::v1::ExplanationStep;

Explanation Begin(const RuleReference& rule, absl::Time trigger, absl::Time due,
                  const ExplanationStep& step) {
  Explanation explanation;
  explanation.set_trigger(rule.trigger);
  *explanation.mutable_trigger_time() = ToProto(trigger);
  explanation.set_rule(rule.rule);
  explanation.set_rule_version(rule.rule_version);
  explanation.set_source(rule.source);
  explanation.set_confidence(rule.confidence);
  *explanation.add_steps() = step;
  *explanation.mutable_due_time() = ToProto(due);
  return explanation;
}

}  // namespace

absl::StatusOr<ElapsedDeadline> AddElapsed(absl::Time trigger, absl::Duration duration) {
  if (duration < absl::ZeroDuration() || duration == absl::InfiniteDuration() ||
      duration != absl::Trunc(duration, absl::Seconds(1))) {
    return Error(absl::StatusCode::kInvalidArgument, "DURATION_INVALID",
                 "a limit is not a whole number of seconds from 0 on");
  }
  ElapsedDeadline deadline;
  deadline.due_ = trigger + duration;
  deadline.step_.set_operation(ExplanationStep::OPERATION_ADD_ELAPSED_SECONDS);
  deadline.step_.set_amount(absl::ToInt64Seconds(duration));
  *deadline.step_.mutable_from_time() = ToProto(trigger);
  *deadline.step_.mutable_to_time() = ToProto(deadline.due_);
  return deadline;
}

absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time trigger, int n,
                                             const WorkingCalendar& calendar) {
  if (n < 1 || n > 1000) {
    return Error(absl::StatusCode::kInvalidArgument, "WORKING_DAYS_INVALID",
                 "a limit is not of 1 to 1000 working days");
  }
  CivilDeadline deadline;
  std::set<int> unknown_years;
  absl::CivilDay day = LondonDay(trigger);
  for (int counted = 0; counted < n;) {
    ++day;
    const int year = static_cast<int>(day.year());
    if (!calendar.Covers(year)) unknown_years.insert(year);
    if (const std::string why_not = calendar.WhyNot(day); why_not.empty()) {
      ++counted;
    } else {
      deadline.step_.add_skipped(absl::StrCat(absl::FormatCivilTime(day), " ", why_not));
    }
  }
  deadline.due_ = absl::FromCivil(day + 1, London());
  deadline.calendar_version_ = calendar.version();
  deadline.step_.set_operation(ExplanationStep::OPERATION_ADD_WORKING_DAYS);
  deadline.step_.set_amount(n);
  *deadline.step_.mutable_from_time() = ToProto(trigger);
  *deadline.step_.mutable_to_time() = ToProto(deadline.due_);
  if (!unknown_years.empty()) {
    deadline.warning_ =
        Error(absl::StatusCode::kOutOfRange, "CALENDAR_YEAR_UNKNOWN",
              absl::StrCat("no bank holidays are known for ", absl::StrJoin(unknown_years, ", ")));
  }
  return deadline;
}

absl::StatusOr<CivilDeadline> AddCalendarMonths(absl::Time trigger, int n) {
  if (n < -120 || n > 120) {
    return Error(absl::StatusCode::kInvalidArgument, "MONTHS_INVALID",
                 "a limit is not of at most 120 months");
  }
  const absl::CivilDay start = LondonDay(trigger);
  const absl::CivilMonth month = absl::CivilMonth(start) + n;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay day = std::min(absl::CivilDay(month) + (start.day() - 1), last);
  CivilDeadline deadline;
  deadline.due_ = absl::FromCivil(day + 1, London());
  deadline.step_.set_operation(ExplanationStep::OPERATION_ADD_CALENDAR_MONTHS);
  deadline.step_.set_amount(n);
  *deadline.step_.mutable_from_time() = ToProto(trigger);
  *deadline.step_.mutable_to_time() = ToProto(deadline.due_);
  return deadline;
}

absl::StatusOr<CivilDeadline> AddCalendarDays(absl::Time trigger, int n) {
  if (n < 1 || n > 1000) {
    return Error(absl::StatusCode::kInvalidArgument, "CALENDAR_DAYS_INVALID",
                 "a limit is not of 1 to 1000 days");
  }
  CivilDeadline deadline;
  deadline.due_ = absl::FromCivil(LondonDay(trigger) + n + 1, London());
  deadline.step_.set_operation(ExplanationStep::OPERATION_ADD_CALENDAR_DAYS);
  deadline.step_.set_amount(n);
  *deadline.step_.mutable_from_time() = ToProto(trigger);
  *deadline.step_.mutable_to_time() = ToProto(deadline.due_);
  return deadline;
}

Explanation Explain(const RuleReference& rule, absl::Time trigger,
                    const ElapsedDeadline& deadline) {
  return Begin(rule, trigger, deadline.due(), deadline.step());
}

Explanation Explain(const RuleReference& rule, absl::Time trigger, const CivilDeadline& deadline) {
  Explanation explanation = Begin(rule, trigger, deadline.due(), deadline.step());
  explanation.set_calendar_version(deadline.calendar_version());
  if (!deadline.warning().ok()) {
    explanation.add_warnings(std::string(deadline.warning().message()));
  }
  return explanation;
}

absl::StatusOr<absl::Time> Recompute(const Explanation& explanation,
                                     const WorkingCalendar& calendar) {
  const auto invalid = [](absl::string_view message) {
    return Error(absl::StatusCode::kInvalidArgument, "EXPLANATION_INVALID", message);
  };
  if (explanation.steps().empty()) return invalid("an explanation has no steps");
  absl::Time time = FromProto(explanation.trigger_time());
  for (const ExplanationStep& step : explanation.steps()) {
    switch (step.operation()) {
      case ExplanationStep::OPERATION_ADD_ELAPSED_SECONDS: {
        ASSIGN_OR_RETURN(const auto deadline, AddElapsed(time, absl::Seconds(step.amount())));
        time = deadline.due();
        break;
      }
      case ExplanationStep::OPERATION_ADD_WORKING_DAYS: {
        if (explanation.calendar_version() != calendar.version()) {
          return Error(absl::StatusCode::kFailedPrecondition, "CALENDAR_VERSION_MISMATCH",
                       "an explanation was made with another calendar");
        }
        if (step.amount() > 1000) return invalid("an explanation counts too many working days");
        ASSIGN_OR_RETURN(const auto deadline,
                         AddWorkingDays(time, static_cast<int>(step.amount()), calendar));
        time = deadline.due();
        break;
      }
      case ExplanationStep::OPERATION_ADD_CALENDAR_MONTHS: {
        if (step.amount() < -120 || step.amount() > 120) {
          return invalid("an explanation counts too many months");
        }
        ASSIGN_OR_RETURN(const auto deadline,
                         AddCalendarMonths(time, static_cast<int>(step.amount())));
        time = deadline.due();
        break;
      }
      case ExplanationStep::OPERATION_ADD_CALENDAR_DAYS: {
        if (step.amount() > 1000) return invalid("an explanation counts too many days");
        ASSIGN_OR_RETURN(const auto deadline,
                         AddCalendarDays(time, static_cast<int>(step.amount())));
        time = deadline.due();
        break;
      }
      default:
        return invalid("an explanation has a step of an unknown operation");
    }
  }
  return time;
}

}  // namespace fosterwatch::clock
