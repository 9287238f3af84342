// Facts in: what the notifications service says of the notices that it sends, absences of the
// registered manager, serious complaints.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "services/notifiable_events/app.h"

namespace fosterwatch::notifiable_events {

inline constexpr char kNotificationsTopic[] = "fosterwatch.notifications.v1";

// NoticeSent becomes NoticeGiven, NoticeSendFailed becomes NoticeAttempted; others are of no
// interest here.
absl::StatusOr<std::optional<ledger::Unit>> Delivered(App& app, const bus::Record& record);

// What EventReported of the register itself asks for once it is recorded (App::LookAgain); nullopt
// for other facts, and for what was recorded more than a day ago.
absl::StatusOr<std::optional<ledger::Unit>> LookAgain(App& app, const bus::Record& record,
                                                      absl::Time now);

// The event that an absence of the registered manager asks for, and what becomes of that absence;
// nullopt for any other fact of the directory.
absl::StatusOr<std::optional<ledger::Unit>> AbsenceRecorded(App& app, const bus::Record& record);

inline constexpr char kComplaintsTopic[] = "fosterwatch.complaints.v1";

// The event that an accepted proposal of a serious complaint asks for (Schedule 7, row 9); nullopt
// for any other fact of the complaints. What was said stays there: the event names the case.
absl::StatusOr<std::optional<ledger::Unit>> ProposalAccepted(App& app, const bus::Record& record);

}  // namespace fosterwatch::notifiable_events
