// The feedback feed: CloudEvents of type uk.fosterwatch.feedback.received.v1 on the intake topic or
// by FeedbackService, data FeedbackRecord as JSON or protobuf. Each is a complaint that was seen
// elsewhere; the same source and id are the same record, sent again.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/cloudevents/cloud_event.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "services/complaints/app.h"

namespace fosterwatch::complaints {

inline constexpr char kIntakeTopic[] = "fosterwatch.intake.complaints.v1";
inline constexpr char kFeedbackType[] = "uk.fosterwatch.feedback.received.v1";

// The data of one. INVALID_ARGUMENT with the attribute or field at fault (UNKNOWN_EVENT_TYPE,
// UNSUPPORTED_DATA, REQUIRED, what libs/json says).
absl::StatusOr<v1::FeedbackRecord> ReadFeedback(const cloudevents::CloudEvent& event,
                                                absl::Time now);

// What one asks for; `agency_id` is of whoever sent it. As ReadFeedback; INVALID_ARGUMENT
// (TOO_LARGE); PERMISSION_DENIED where `program` does not speak for the source
// (references::Publishers::CheckSpeaks).
// The first change of the unit is the sighting.
absl::StatusOr<ledger::Unit> Ingest(App& app, const cloudevents::CloudEvent& event,
                                    const std::string& agency_id, const std::string& program);

// The same of a record of the topic.
absl::StatusOr<std::optional<ledger::Unit>> FeedbackReceived(App& app, const bus::Record& record);

// `app` outlives the door's calls.
void RegisterFeedback(runtime::Door& door, App* app);

// Puts the fact into `unit` that says that a record could not be taken.
void FeedbackParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                    ledger::Unit& unit);

}  // namespace fosterwatch::complaints
