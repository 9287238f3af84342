// The feedback feed: CloudEvents of type uk.fosterwatch.feedback.received.v1 on the intake topic,
// data FeedbackRecord as JSON or protobuf. Each is a complaint that was seen elsewhere; the same
// source and id are the same record, sent again.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "services/complaints/app.h"

namespace fosterwatch::complaints {

inline constexpr char kIntakeTopic[] = "fosterwatch.intake.complaints.v1";
inline constexpr char kFeedbackType[] = "uk.fosterwatch.feedback.received.v1";

// INVALID_ARGUMENT with the attribute or field at fault (UNKNOWN_EVENT_TYPE, TOO_LARGE, REQUIRED,
// what libs/json says); PERMISSION_DENIED (SOURCE_NOT_REGISTERED).
absl::StatusOr<std::optional<ledger::Unit>> FeedbackReceived(App& app, const bus::Record& record);

// Puts the fact into `unit` that says that a record could not be taken.
void FeedbackParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                    ledger::Unit& unit);

}  // namespace fosterwatch::complaints
