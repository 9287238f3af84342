// What caseworker systems publish of children and where they live: CloudEvents from the intake
// topic, or through the gateway. One mapping for both, so that the same event by either way is the
// same event: the request id is made from source and id.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "services/placements/app.h"

namespace fosterwatch::placements {

inline constexpr char kIntakeTopic[] = "fosterwatch.intake.placements.v1";

// The unit that a CloudEvent asks for; `unit` names agency, actor and trace. PERMISSION_DENIED
// where `program` does not speak for the source (references::Publishers::CheckSpeaks); what
// ReadIntake or the use case refuses.
absl::StatusOr<ledger::Unit> Ingest(App& app, ledger::Unit unit, const std::string& program,
                                    const v1::IngestCloudEventRequest& event);

// Of a record of the intake topic; the agency is the one that its source is registered to.
absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record);

// Puts the fact into `unit` that calls a person to a record that could not be taken.
void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit);

}  // namespace fosterwatch::placements
