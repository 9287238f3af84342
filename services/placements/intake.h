// What caseworker systems publish of children and where they live: CloudEvents from the intake
// topic, or through the gateway. One mapping for both, so that the same event by either way is the
// same event: the request id is made from source and id.
//
//   type                                    data
//   uk.fosterwatch.child.recorded.v1        Child
//   uk.fosterwatch.placement.started.v1     Placement
//   uk.fosterwatch.placement.moved.v1       MoveChildRequest
//   uk.fosterwatch.placement.ended.v1       EndPlacementRequest
//   uk.fosterwatch.placement.recorded.v1    Placement
//
// as JSON or protobuf.
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
// (SOURCE_NOT_REGISTERED) where the source speaks for another agency or none; INVALID_ARGUMENT with
// a violation that names attribute or field, never its value: ATTRIBUTE_MISSING, TOO_LARGE,
// UNKNOWN_EVENT_TYPE, UNSUPPORTED_DATA, or what libs/json or the use case says of the data.
absl::StatusOr<ledger::Unit> Ingest(App& app, ledger::Unit unit,
                                    const v1::IngestCloudEventRequest& event);

// Of a record of the intake topic; the agency is the one that its source is registered to.
absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record);

// Puts the fact into `unit` that calls a person to a record that could not be taken.
void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit);

}  // namespace fosterwatch::placements
