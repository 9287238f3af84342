// When what is owed is due, and why. Civil limits run in working days (or calendar days) to the end
// of a day in London; a paused clock stands still. Every due time keeps its explanation, from which
// alone it is counted again: after a pause, and when the bank holidays are known anew.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "libs/clock/deadline.h"
#include "libs/clock/working_calendar.h"
#include "services/complaints/domain/command.h"
#include "services/complaints/domain/procedures.h"

namespace fosterwatch::complaints::domain {

// What decisions are made with, besides state and request.
struct Given {
  const Book& book;
  const clock::WorkingCalendar& calendar;
  absl::Time now;
  NewId new_id;
};

// A moment that follows from another one by a limit of the book.
struct Due {
  absl::Time due;
  type::v1::Explanation explanation;
};
absl::StatusOr<Due> DueBy(const Book::Limit& limit, const clock::RuleReference& rule,
                          absl::Time start, const clock::WorkingCalendar& calendar,
                          const std::vector<clock::Pause>& pauses = {});

// A new duty that is due so.
v1::Duty MakeDuty(v1::DutyKind kind, std::string duty_id, const Due& due);

// The duty of one step of a stage, by its limit or, if `extended`, its extended one.
absl::StatusOr<v1::Duty> StepDuty(const v1::Stage& stage, const Book::Step& step,
                                  const Book::Edition& edition, absl::Time start, bool extended,
                                  std::string duty_id, const clock::WorkingCalendar& calendar);

// Counts the duty's due times again, by this calendar and these pauses. Elapsed ones stay.
absl::Status Recount(v1::Duty& duty, const std::vector<clock::Pause>& pauses,
                     const clock::WorkingCalendar& calendar);

std::vector<clock::Pause> PausesOf(const v1::Stage& stage);

// The open duties of a complaint whose bank holidays are others than this calendar's, counted
// again: DueTimesMoved, or nothing where none is.
absl::StatusOr<Facts> MoveDueTimes(const v1::Complaint& complaint,
                                   const clock::WorkingCalendar& calendar);

}  // namespace fosterwatch::complaints::domain
