// The law of notifiable events, read from data with effective dates: who must be notified of what
// (regulation 36(1) and Schedule 7, regulation 38, Fostering Services (England) Regulations 2011;
// National Minimum Standard 29.3), whom policy has told besides, and the limits of time (National
// Minimum Standard 29.1: within 24 hours, weekends included; a child's death at once; agency policy
// for sign-off). What held on the day on which the agency became aware goes on to govern the event,
// whatever changes later. A Law is the edition that the program ships, and what one agency has made
// of it: editions that it adopted, recipients of policy that it switched.
//
// Immutable after Parse, cheap to copy, and free to share between threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/agency_law.pb.h"
#include "fosterwatch/notifiable_events/v1/law.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/notifiable_events/domain/law_edition.h"

namespace fosterwatch::notifiable_events::domain {

// "CHILD_DEATH", "AREA_AUTHORITY", "ENQUIRY_OUTCOME", "REGISTERED_MANAGER": the names of the protos
// without their prefix, as they stand in explanations, refusals and the timeline. "UNKNOWN" for a
// number that the protos do not have.
std::string Name(v1::EventKind kind);
std::string Name(v1::Recipient recipient);
std::string Name(v1::Moment moment);
std::string Name(v1::SignOff::Stage stage);
std::string Name(v1::OverdueDuty duty);
std::string Name(v1::RegulatorUpdate update);

// When a notice is due (`due`), and until when it counts as given in time (`in_time_until`). Both
// are inclusive: a notice given at that very moment is in time.
struct NoticeTimes {
  absl::Time due;
  absl::Time in_time_until;
  type::v1::Explanation explanation;          // of due
  type::v1::Explanation in_time_explanation;  // of in_time_until
};

struct DutyTime {
  absl::Time due;
  type::v1::Explanation explanation;
};
using SignOffTime = DutyTime;

// Who is told of a kind of event, and what asks for it.
struct Told {
  v1::Recipient recipient;
  v1::Basis basis;
  bool operator==(const Told&) const = default;
};

// When the clock of a notice starts, where that is not awareness.
struct Start {
  absl::Time time;
  bool emergency = false;
};

class Law {
 public:
  // The edition that the program ships; see Edition::Parse.
  static absl::StatusOr<Law> Parse(absl::string_view json);

  // This law as an agency has it. LAW_INVALID where an edition that it adopted cannot be read any
  // more.
  absl::StatusOr<Law> For(const v1::AgencyLaw& agency) const;

  // This law with `proposed` in force for every event there ever was, by the lines that hold on
  // `from`, or on the day of awareness where that is later.
  Law AsIfInForce(const Edition& proposed, absl::CivilDay from) const;

  // Of the edition that governs an event of which the agency became aware then.
  const std::string& VersionOn(absl::Time became_aware) const;
  // Of the shipped edition.
  const std::string& version() const { return governing_.front().edition->data.version(); }

  // Who must be notified of an event of that kind of which the agency became aware then, in the
  // order of the columns, by law or standard. The area authority is among them as the table has it;
  // that it is left out where it is the responsible authority is for whoever names the bodies
  // (notices.h). Empty before 2011-04-01, when the Regulations came into force.
  std::vector<v1::Recipient> RecipientsOf(v1::EventKind kind, absl::Time became_aware) const;

  // The same, and behind them those whom policy has told besides.
  std::vector<Told> ToldOf(v1::EventKind kind, absl::Time became_aware) const;

  // The lines of policy that hold on a day, `on` as the agency has switched it.
  std::vector<v1::PolicyRow> PolicyOn(absl::CivilDay day) const;

  // The words for a kind in the shipped edition; never null for a kind of the protos.
  const v1::KindOfEvent* WordsFor(v1::EventKind kind) const;

  // OUT_OF_RANGE (LAW_NOT_IN_FORCE) for an awareness before the Regulations.
  // `trigger` is the name of the moment for the explanation, such as "became_aware_time"; its time
  // is `start`'s, else that of awareness.
  absl::StatusOr<NoticeTimes> TimesOf(v1::EventKind kind, v1::Recipient recipient,
                                      absl::string_view trigger, absl::Time became_aware,
                                      const Start* start = nullptr) const;

  // Due from the recording of the event.
  absl::StatusOr<SignOffTime> SignOffDue(v1::SignOff::Stage stage, absl::Time recorded,
                                         const clock::WorkingCalendar& calendar) const;

  // By the rules that policy sets for every kind alike, from CONFIRMATION_DUE to CONCLUSION_DUE;
  // `from`, which the explanation calls `trigger`, chooses the law.
  absl::StatusOr<DutyTime> DutyDue(v1::TimeRule::Name name, absl::string_view trigger,
                                   absl::Time from) const;

  // Whether the Chief Inspector must be told of an absence of the registered manager (regulation
  // 38): whether it lasts, in calendar days of London with the first and the last, as long as the
  // rule says, or nobody knows when it ends. `recorded` chooses the law.
  bool IsNotifiableAbsence(const v1::ManagerAbsence& absence, absl::Time recorded) const;

  // The text of the edition that governs a day, and since when it has: shipped ones from
  // 2011-04-01.
  struct Current {
    const v1::Law* law;
    absl::CivilDay from;
    bool adopted;
  };
  Current EditionOn(absl::CivilDay day) const;

 private:
  // The last one whose `from` is not after a day governs it.
  struct Governing {
    absl::CivilDay from;
    // The earliest day whose lines are looked up.
    absl::CivilDay not_before;
    std::shared_ptr<const Edition> edition;
  };
  struct Switch {
    v1::EventKind kind;
    v1::Recipient recipient;
    absl::CivilDay from;
    bool on;
  };

  const Governing& GoverningOn(absl::CivilDay day) const;
  const v1::MatrixRow* RowFor(v1::EventKind kind, v1::Recipient recipient,
                              absl::CivilDay day) const;
  const v1::PolicyRow* PolicyFor(v1::EventKind kind, v1::Recipient recipient,
                                 absl::CivilDay day) const;
  bool IsOn(const v1::PolicyRow& row, absl::CivilDay day) const;
  const v1::TimeRule* RuleFor(v1::TimeRule::Name name, v1::EventKind kind, v1::SignOff::Stage stage,
                              absl::CivilDay day, bool emergency = false) const;

  // The shipped edition, then adopted ones in the order of their days.
  std::vector<Governing> governing_;
  // In the order in which they were recorded.
  std::vector<Switch> switches_;
};

}  // namespace fosterwatch::notifiable_events::domain
