// Two kinds of deadline that never mix: elapsed ("within 24 hours", National Minimum Standard 29.1:
// every hour on any clock, weekends and nights included) and civil ("within 3 working days": whole
// days in Europe/London). They are different types without a conversion, so that hours are never
// added to working days or the other way round. Each keeps how it was worked out.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::clock {

class ElapsedDeadline {
 public:
  absl::Time due() const { return due_; }
  const type::v1::ExplanationStep& step() const { return step_; }

 private:
  friend absl::StatusOr<ElapsedDeadline> AddElapsed(absl::Time, absl::Duration);
  absl::Time due_;
  type::v1::ExplanationStep step_;
};

class CivilDeadline {
 public:
  // The first moment that is too late: midnight, Europe/London, at the end of the last day.
  absl::Time due() const { return due_; }
  const type::v1::ExplanationStep& step() const { return step_; }
  // Empty where no bank holiday matters.
  const std::string& calendar_version() const { return calendar_version_; }
  // OUT_OF_RANGE (CALENDAR_YEAR_UNKNOWN) where the count passed through a year that the calendar
  // does not speak for: `due` then knows weekends only. Explain carries it as a warning.
  const absl::Status& warning() const { return warning_; }

 private:
  friend absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time, int, const WorkingCalendar&);
  friend absl::StatusOr<CivilDeadline> AddCalendarMonths(absl::Time, int);
  friend absl::StatusOr<CivilDeadline> AddCalendarDays(absl::Time, int);
  absl::Time due_;
  type::v1::ExplanationStep step_;
  std::string calendar_version_;
  absl::Status warning_;
};

// `duration` after `trigger`, whatever the clocks on the wall do. INVALID_ARGUMENT
// (DURATION_INVALID) unless it is a whole number of seconds, not negative and finite.
absl::StatusOr<ElapsedDeadline> AddElapsed(absl::Time trigger, absl::Duration duration);

// The end of the n-th working day after the day of `trigger`; that day itself never counts.
// INVALID_ARGUMENT (WORKING_DAYS_INVALID) unless 1 <= n <= 1000.
absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time trigger, int n,
                                             const WorkingCalendar& calendar);

// The end of the day that is n calendar months after the day of `trigger`, before it where n is
// negative; of the month's last day where the month has no such day. INVALID_ARGUMENT
// (MONTHS_INVALID) unless -120 <= n <= 120.
absl::StatusOr<CivilDeadline> AddCalendarMonths(absl::Time trigger, int n);

// The end of the n-th day after the day of `trigger`, whatever day that is. INVALID_ARGUMENT
// (CALENDAR_DAYS_INVALID) unless 1 <= n <= 1000.
absl::StatusOr<CivilDeadline> AddCalendarDays(absl::Time trigger, int n);

// What a due time answers when it is asked why.
struct RuleReference {
  std::string trigger;       // "became_aware_time"
  std::string rule;          // "NOTICE_DUE CHILD_DEATH"
  std::string rule_version;  // of the file that the rule stands in
  std::string source;        // "reg 36(1); NMS 29.1"
  std::string confidence;    // "high", "medium" or "low"
};
type::v1::Explanation Explain(const RuleReference& rule, absl::Time trigger,
                              const ElapsedDeadline& deadline);
type::v1::Explanation Explain(const RuleReference& rule, absl::Time trigger,
                              const CivilDeadline& deadline);

// Works out the due time again from the trigger time and the steps alone; from_time, to_time and
// due_time are not looked at. FAILED_PRECONDITION (CALENDAR_VERSION_MISMATCH) where working days
// were counted by another calendar; INVALID_ARGUMENT (EXPLANATION_INVALID) without steps or with an
// unknown one.
absl::StatusOr<absl::Time> Recompute(const type::v1::Explanation& explanation,
                                     const WorkingCalendar& calendar);

}  // namespace fosterwatch::clock
