// Two kinds of deadline that never mix: elapsed ("within 24 hours", National Minimum Standard 29.1:
// every hour on any clock, weekends and nights included) and civil ("within 3 working days": whole
// days in Europe/London). They are different types without a conversion, so that hours are never
// added to working days or the other way round. Each keeps how it was worked out.
#pragma once

#include <string>
#include <vector>

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

// While a clock stands still: from `from` on, until just before `until`. A pause that lasts has no
// end yet.
struct Pause {
  absl::Time from;
  absl::Time until = absl::InfiniteFuture();
};

class CivilDeadline {
 public:
  // The first moment that is too late: midnight, Europe/London, at the end of the last day.
  // absl::InfiniteFuture() while a pause without an end stops the count.
  absl::Time due() const { return due_; }
  const type::v1::ExplanationStep& step() const { return step_; }
  // Empty where no bank holiday matters.
  const std::string& calendar_version() const { return calendar_version_; }
  // OUT_OF_RANGE (CALENDAR_YEAR_UNKNOWN) where the count passed through a year that the calendar
  // does not speak for: `due` then knows weekends only. Explain carries it as a warning.
  const absl::Status& warning() const { return warning_; }

 private:
  friend absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time, int, const WorkingCalendar&);
  friend absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time, int, const WorkingCalendar&,
                                                      const std::vector<Pause>&);
  friend absl::StatusOr<CivilDeadline> SubtractWorkingDays(absl::Time, int, const WorkingCalendar&);
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

// The same with a clock that is paused now and then. A working day counts unless one of the pauses
// holds at its last moment (just before midnight, Europe/London): a pause costs as many days as it
// has nights that follow working days, and one that begins and ends on the same day costs none.
//   - Pauses may come in any order, meet and overlap; only what they cover together matters:
//     [a, b) and [b, c) are [a, c).
//   - None, or none that touches the count, gives what the function above gives.
//   - A further pause never brings the due time nearer.
//   - Where the count reaches a pause without an end, due() is absl::InfiniteFuture() and Explain
//     leaves due_time out: nothing is due before the pause ends. A count that ends before it, ends.
// Its step says the pauses (OPERATION_ADD_UNPAUSED_WORKING_DAYS), to the microsecond, as a ledger
// keeps them, also where there are none. INVALID_ARGUMENT as above, and (PAUSE_INVALID) for a pause
// that ends no later than it begins or begins at no finite moment.
absl::StatusOr<CivilDeadline> AddWorkingDays(absl::Time trigger, int n,
                                             const WorkingCalendar& calendar,
                                             const std::vector<Pause>& pauses);

// The end of the n-th working day before the day of `trigger`; that day itself never counts. From a
// moment of a working day, or of the n-th working day after one, adding and subtracting n lead back
// to that day. INVALID_ARGUMENT (WORKING_DAYS_INVALID) unless 1 <= n <= 1000.
absl::StatusOr<CivilDeadline> SubtractWorkingDays(absl::Time trigger, int n,
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
// due_time are not looked at. absl::InfiniteFuture() where the clock stands. FAILED_PRECONDITION
// (CALENDAR_VERSION_MISMATCH) where working days were counted by another calendar; INVALID_ARGUMENT
// (EXPLANATION_INVALID) without steps or with an unknown one.
absl::StatusOr<absl::Time> Recompute(const type::v1::Explanation& explanation,
                                     const WorkingCalendar& calendar);

}  // namespace fosterwatch::clock
