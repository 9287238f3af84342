#include "libs/clock/deadline.h"

#include <algorithm>
#include <optional>
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
  if (due != absl::InfiniteFuture()) *explanation.mutable_due_time() = ToProto(due);
  return explanation;
}

// As a ledger keeps a moment, so that what is read back counts the same.
absl::Time ToMicrosecond(absl::Time time) {
  return time == absl::InfiniteFuture() ? time : FromProto(ToProto(time));
}

// In the order of their beginning.
absl::StatusOr<std::vector<Pause>> Ordered(std::vector<Pause> pauses) {
  for (Pause& pause : pauses) {
    const bool begins = pause.from != absl::InfinitePast();
    pause = {ToMicrosecond(pause.from), ToMicrosecond(pause.until)};
    if (!begins || pause.until <= pause.from) {
      return Error(absl::StatusCode::kInvalidArgument, "PAUSE_INVALID",
                   "a pause ends no later than it begins");
    }
  }
  std::sort(pauses.begin(), pauses.end(), [](const Pause& a, const Pause& b) {
    return a.from != b.from ? a.from < b.from : a.until < b.until;
  });
  return pauses;
}

// The end of the pause that holds at the last moment of the day; nullopt where none does.
std::optional<absl::Time> PausedUntil(absl::CivilDay day, const std::vector<Pause>& pauses) {
  const absl::Time last = absl::FromCivil(day + 1, London()) - absl::Microseconds(1);
  std::optional<absl::Time> until;
  for (const Pause& pause : pauses) {
    if (pause.from <= last && last < pause.until && (!until || *until < pause.until)) {
      until = pause.until;
    }
  }
  return until;
}

std::vector<Pause> PausesOf(const ExplanationStep& step) {
  std::vector<Pause> pauses;
  for (const auto& said : step.pauses()) {
    pauses.push_back({FromProto(said.from_time()), said.has_until_time()
                                                       ? FromProto(said.until_time())
                                                       : absl::InfiniteFuture()});
  }
  return pauses;
}

struct Count {
  // Of the last day; nullopt where a pause without an end stops the count.
  std::optional<absl::Time> end;
  ExplanationStep step;
  absl::Status warning;
};

// n working days from the day of `trigger`, forwards (+1) or backwards (-1).
absl::StatusOr<Count> CountWorkingDays(absl::Time trigger, int n, int direction,
                                       const WorkingCalendar& calendar,
                                       const std::vector<Pause>& pauses) {
  if (n < 1 || n > 1000) {
    return Error(absl::StatusCode::kInvalidArgument, "WORKING_DAYS_INVALID",
                 "a limit is not of 1 to 1000 working days");
  }
  Count count;
  std::set<int> unknown_years;
  absl::CivilDay day = LondonDay(trigger);
  bool stopped = false;
  for (int counted = 0; counted < n;) {
    day += direction;
    if (const auto until = PausedUntil(day, pauses)) {
      stopped = *until == absl::InfiniteFuture();
      if (stopped) break;
      // On the day on which the pause ends it may count again.
      day = std::max(day, LondonDay(*until) - 1);
      continue;
    }
    const int year = static_cast<int>(day.year());
    if (!calendar.Covers(year)) unknown_years.insert(year);
    if (const std::string why_not = calendar.WhyNot(day); why_not.empty()) {
      ++counted;
    } else {
      count.step.add_skipped(absl::StrCat(absl::FormatCivilTime(day), " ", why_not));
    }
  }
  count.step.set_operation(ExplanationStep::OPERATION_ADD_WORKING_DAYS);
  count.step.set_amount(n);
  *count.step.mutable_from_time() = ToProto(trigger);
  if (!stopped) {
    count.end = absl::FromCivil(day + 1, London());
    *count.step.mutable_to_time() = ToProto(*count.end);
  }
  if (!unknown_years.empty()) {
    count.warning =
        Error(absl::StatusCode::kOutOfRange, "CALENDAR_YEAR_UNKNOWN",
              absl::StrCat("no bank holidays are known for ", absl::StrJoin(unknown_years, ", ")));
  }
  return count;
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
  ASSIGN_OR_RETURN(const Count count, CountWorkingDays(trigger, n, +1, calendar, {}));
  CivilDeadline deadline;
  deadline.due_ = *count.end;
  deadline.calendar_version_ = calendar.version();
  deadline.step_ = count.step;
  deadline.warning_ = count.warning;
  return deadline;
}

absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time trigger, int n,
                                             const WorkingCalendar& calendar,
                                             const std::vector<Pause>& pauses) {
  ASSIGN_OR_RETURN(const std::vector<Pause> ordered, Ordered(pauses));
  ASSIGN_OR_RETURN(const Count count, CountWorkingDays(trigger, n, +1, calendar, ordered));
  CivilDeadline deadline;
  deadline.due_ = count.end.value_or(absl::InfiniteFuture());
  deadline.calendar_version_ = calendar.version();
  deadline.step_ = count.step;
  deadline.step_.set_operation(ExplanationStep::OPERATION_ADD_UNPAUSED_WORKING_DAYS);
  for (const Pause& pause : ordered) {
    auto* said = deadline.step_.add_pauses();
    *said->mutable_from_time() = ToProto(pause.from);
    if (pause.until != absl::InfiniteFuture()) *said->mutable_until_time() = ToProto(pause.until);
  }
  deadline.warning_ = count.warning;
  return deadline;
}

absl::StatusOr<CivilDeadline> SubtractWorkingDays(absl::Time trigger, int n,
                                                  const WorkingCalendar& calendar) {
  ASSIGN_OR_RETURN(const Count count, CountWorkingDays(trigger, n, -1, calendar, {}));
  CivilDeadline deadline;
  deadline.due_ = *count.end;
  deadline.calendar_version_ = calendar.version();
  deadline.step_ = count.step;
  deadline.step_.set_amount(-n);
  deadline.warning_ = count.warning;
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
  if (deadline.due() == absl::InfiniteFuture()) {
    explanation.add_warnings("the clock is paused: nothing is due before it runs again");
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
    if (time == absl::InfiniteFuture()) return time;
    switch (step.operation()) {
      case ExplanationStep::OPERATION_ADD_ELAPSED_SECONDS: {
        ASSIGN_OR_RETURN(const auto deadline, AddElapsed(time, absl::Seconds(step.amount())));
        time = deadline.due();
        break;
      }
      case ExplanationStep::OPERATION_ADD_WORKING_DAYS:
      case ExplanationStep::OPERATION_ADD_UNPAUSED_WORKING_DAYS: {
        if (explanation.calendar_version() != calendar.version()) {
          return Error(absl::StatusCode::kFailedPrecondition, "CALENDAR_VERSION_MISMATCH",
                       "an explanation was made with another calendar");
        }
        if (step.amount() > 1000 || step.amount() < -1000) {
          return invalid("an explanation counts too many working days");
        }
        const int amount = static_cast<int>(step.amount());
        const bool paused =
            step.operation() == ExplanationStep::OPERATION_ADD_UNPAUSED_WORKING_DAYS;
        ASSIGN_OR_RETURN(const auto deadline,
                         paused       ? AddWorkingDays(time, amount, calendar, PausesOf(step))
                         : amount < 0 ? SubtractWorkingDays(time, -amount, calendar)
                                      : AddWorkingDays(time, amount, calendar));
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
