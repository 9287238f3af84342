// What is alerted when the register of events says that something has happened. (What notices owed
// and given lead to is in dispatch.h.)
#pragma once

#include <string>

#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications::domain {

// The registered manager is alerted to every event; by minutes where a child has died.
Facts EventReported(const v1::Notifications& state, const std::string& event_id, bool of_death,
                    const Given& given);

// Somebody has been given a role: what was a dead end is tried again.
Facts HoldersChanged(const v1::Notifications& state, const Given& given);

// Whoever concluded the event has seen to it: its open alerts are cleared.
Facts EventConcluded(const v1::Notifications& state);

// A caseworker system's record was not taken: what it told may be a notifiable event.
Facts IntakeRecordParked(const v1::Notifications& state, const std::string& parked_id,
                         const std::string& reason_code, const Given& given);

}  // namespace fosterwatch::notifications::domain
