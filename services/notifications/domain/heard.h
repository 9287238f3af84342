// What is alerted when a register says that something has happened. (What notices owed
// and given lead to is in dispatch.h.)
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/type/v1/attention.pb.h"
#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications::domain {

// The registered manager is alerted to every event; by minutes where a child has died.
Facts EventReported(const v1::Notifications& state, const std::string& event_id, bool of_death,
                    const Given& given);

// Somebody may be reached who was not before: what was a dead end is tried again.
Facts HoldersChanged(const v1::Notifications& state, const Given& given);

// A report looks like one already made: somebody decides. `question_id` where that was seen only
// after it was recorded; nothing where the alert is open.
Facts RepeatToDecide(const v1::Notifications& state, const std::string& event_id,
                     const std::string& question_id, const Given& given);
Facts RepeatDecided(const v1::Notifications& state);

// A duty has passed its due time undone. `kind` is its name, such as "WRITTEN_CONFIRMATION". What
// the agency has set itself (an action) is told in the digest.
struct PassedDuty {
  std::string duty_id;
  std::string kind;
  absl::Time due;
  bool in_digest = false;
};
Facts DutyOverdue(const v1::Notifications& state, const std::string& event_id,
                  const PassedDuty& duty, const Given& given);
Facts DutySettled(const v1::Notifications& state, const std::string& duty_id);

// Another register needs attention for one of its records, or does not any more. What can wait is
// told in the digest.
Facts AttentionNeeded(const v1::Notifications& state, const std::string& in_register,
                      const type::v1::AttentionNeeded& needed, const Given& given);
Facts AttentionSettled(const v1::Notifications& state, const std::string& attention_id);

// What the last check of the directory has found: whom nobody could reach is alerted at once, the
// rest is told in the digest; what is gone is cleared. What somebody has acknowledged is not said
// again while it stays the same.
struct Findings {
  std::vector<std::string> unreachable;
  std::vector<std::string> others;
};
Facts DirectoryChecked(const v1::Notifications& state, const Findings& findings,
                       const Given& given);

// The event was withdrawn: what has not left does not leave, and nobody is alerted any more.
Facts EventWithdrawn(const v1::Notifications& state);

// Whoever concluded the event has seen to it: its open alerts are cleared.
Facts EventConcluded(const v1::Notifications& state);

// A caseworker system's record was not taken: what it told may be a notifiable event.
Facts IntakeRecordParked(const v1::Notifications& state, const std::string& parked_id,
                         const std::string& reason_code, const Given& given);

}  // namespace fosterwatch::notifications::domain
