// What caseworker systems publish: CloudEvents from the intake topic, or through the gateway. One
// mapping for both, so that the same event by either way is the same event.
//
// Types and data: intake_data.h. The request id is made from source and id, so an event that is
// sent again changes nothing, however it is spelled (the order of JSON's fields, the other format),
// and another event under the same id is refused (REQUEST_ID_REUSED).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/intake_data.h"

namespace fosterwatch::notifiable_events {

inline constexpr char kIntakeTopic[] = "fosterwatch.intake.notifiable-events.v1";

// The unit that a CloudEvent asks for. The origin names agency, actor and trace; source and
// request id are filled in here. PERMISSION_DENIED where `program` does not speak for the source
// (references::Publishers::CheckSpeaks); INVALID_ARGUMENT (UNKNOWN_EVENT_TYPE, or what is wrong
// with the data).
absl::StatusOr<ledger::Unit> Ingest(App& app, Origin origin, const std::string& program,
                                    const v1::IngestCloudEventRequest& event);

// Of a record of the intake topic; the agency is the one that its source is registered to.
absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record);

// Puts the fact into `unit` that alerts a person of a record that could not be taken.
void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit);

}  // namespace fosterwatch::notifiable_events
