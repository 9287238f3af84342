// Regulation 38 of the Fostering Services (England) Regulations 2011: the Chief Inspector is told
// of an absence of the registered manager of 28 days or more, one month before it begins, or within
// one week where it came as an emergency. Confidence medium; the limits are data (law.h).
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "libs/clock/working_calendar.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// EventReported, by whoever recorded the absence, and NoticesOwed; nothing where the absence is too
// short, or the event is there already. The agency became aware when the absence was `recorded`,
// which chooses the law; the clock of the notice starts where the absence begins, whether that is
// still to come or past, and in an emergency where that begins.
absl::StatusOr<Facts> OpenManagerAbsence(const v1::NotifiableEvent& event,
                                         const v1::ManagerAbsence& absence, absl::Time recorded,
                                         absl::string_view event_id, const Actor& actor,
                                         const Law& law, const clock::WorkingCalendar& calendar,
                                         const Circumstances& circumstances, absl::Time now,
                                         NewId new_id);

// Whether the event is of an absence of the manager, and stands.
bool IsOfManagerAbsence(const v1::NotifiableEvent& event);

// ManagerAbsenceChanged: its absence is part of `whole`, a longer one; nothing where it says so
// already. Its notice stays as it is.
Facts ProlongManagerAbsence(const v1::NotifiableEvent& event, const v1::ManagerAbsence& whole);

// ManagerAbsenceChanged, where the event is there and holds the absence otherwise; nothing else.
// The notice stays owed: what it says is what was planned, and a person withdraws the event where
// nothing is to be told any more.
Facts ChangeManagerAbsence(const v1::NotifiableEvent& event, absl::Time ended);

}  // namespace fosterwatch::notifiable_events::domain
