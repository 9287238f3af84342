// The law of notifiable events, read from data with effective dates: who must be notified of what
// (regulation 36(1) and Schedule 7, Fostering Services (England) Regulations 2011), and the limits
// of time (National Minimum Standard 29.1: within 24 hours, weekends included; a child's death at
// once; agency policy for sign-off). What held on the day on which the agency became aware goes on
// to govern the event, whatever changes later.
//
// Immutable after Parse and free to share between threads.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/law.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::notifiable_events::domain {

// "CHILD_DEATH", "AREA_AUTHORITY", "ENQUIRY_OUTCOME", "REGISTERED_MANAGER": the names of the protos
// without their prefix, as they stand in explanations, refusals and the timeline. "UNKNOWN" for a
// number that the protos do not have.
std::string Name(v1::EventKind kind);
std::string Name(v1::Recipient recipient);
std::string Name(v1::Moment moment);
std::string Name(v1::SignOff::Stage stage);

// When a notice is due (`due`), and until when it counts as given in time (`in_time_until`). Both
// are inclusive: a notice given at that very moment is in time.
struct NoticeTimes {
  absl::Time due;
  absl::Time in_time_until;
  type::v1::Explanation explanation;          // of due
  type::v1::Explanation in_time_explanation;  // of in_time_until
};

struct SignOffTime {
  absl::Time due;
  type::v1::Explanation explanation;
};

class Law {
 public:
  // Reads law/schedule7.json (fosterwatch.notifiable_events.v1.Law). INVALID_ARGUMENT (LAW_INVALID)
  // names each line at fault: unknown fields and names, a missing source or confidence, days that
  // do not exist or end before they begin, two lines for the same thing on the same day, a day from
  // 2011-04-01 on without a line for some kind and recipient, a kind that nobody is told of, a kind
  // without words, a time rule that is missing or has the wrong sort of limit.
  static absl::StatusOr<Law> Parse(absl::string_view json);

  const std::string& version() const { return data_.version(); }

  // Who must be notified of an event of that kind of which the agency became aware then, in the
  // order of the columns. The area authority is among them as the table has it; that it is left out
  // where it is the responsible authority is for whoever names the bodies (notices.h).
  // Empty before 2011-04-01, when the Regulations came into force.
  std::vector<v1::Recipient> RecipientsOf(v1::EventKind kind, absl::Time became_aware) const;

  // The words for a kind; never null for one of the ten.
  const v1::KindOfEvent* WordsFor(v1::EventKind kind) const;

  // OUT_OF_RANGE (LAW_NOT_IN_FORCE) for an awareness before the Regulations.
  // `trigger` is the name of the moment for the explanation, such as "became_aware_time".
  absl::StatusOr<NoticeTimes> TimesOf(v1::EventKind kind, v1::Recipient recipient,
                                      absl::string_view trigger, absl::Time became_aware) const;

  // Due from the recording of the event.
  absl::StatusOr<SignOffTime> SignOffDue(v1::SignOff::Stage stage, absl::Time recorded,
                                         const clock::WorkingCalendar& calendar) const;

 private:
  struct Period {
    absl::CivilDay from;
    absl::CivilDay until;  // exclusive
    bool Holds(absl::CivilDay day) const { return from <= day && day < until; }
  };
  struct Reader;  // checks what it reads; law.cc

  const v1::MatrixRow* RowFor(v1::EventKind kind, v1::Recipient recipient, absl::Time at) const;
  const v1::TimeRule* RuleFor(v1::TimeRule::Name name, v1::EventKind kind, v1::SignOff::Stage stage,
                              absl::Time at) const;
  v1::Law data_;
  // Of each row and rule, in their order.
  std::vector<Period> row_periods_;
  std::vector<Period> rule_periods_;
};

}  // namespace fosterwatch::notifiable_events::domain
