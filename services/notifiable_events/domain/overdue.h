// What an event still asks for, and what of it has passed its due time: recorded once as
// DutyOverdue, and once as DutySettled when it is fulfilled or falls away after all.
//
// A notice is overdue when it no longer counts as given in time (a death, due at once, 24 hours
// after awareness; until then the alerts of the notifications climb by minutes), a written
// confirmation when the agency's own limit has passed, long before that of regulation 36(2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "services/notifiable_events/domain/command.h"

namespace fosterwatch::notifiable_events::domain {

// Undone as the event stands now. `due` is inclusive: what is done at that very moment is in time.
struct Duty {
  v1::OverdueDuty kind;
  std::string id;  // unique in its event
  absl::Time due;
};

// None once the event is no longer open.
std::vector<Duty> DutiesOf(const v1::NotifiableEvent& event);

// The outcome is known, the event is neither concluded nor the regulator told of it.
bool IsSilent(const v1::NotifiableEvent& event);

// The first moment at which RecordOverdue has something to record, if nothing happens before.
std::optional<absl::Time> NextOverdue(const v1::NotifiableEvent& event);

// DutyOverdue for each duty past its due time that has none yet.
Facts RecordOverdue(const v1::NotifiableEvent& event, absl::Time now);

// DutySettled for each overdue duty of `event` that is none any more once `facts` are recorded; to
// be recorded behind them.
Facts RecordSettled(const v1::NotifiableEvent& event, const Facts& facts);

}  // namespace fosterwatch::notifiable_events::domain
