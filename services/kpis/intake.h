// Figures that other systems publish: CloudEvents of type uk.fosterwatch.figure.reported.v1, data
// ReportedFigure as JSON or protobuf, from the intake topic or through the gateway. One mapping for
// both, so that the same event by either way is the same event: the request id is made from source
// and id. A figure's source is the event's.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "services/kpis/imports.h"

namespace fosterwatch::kpis {

inline constexpr char kIntakeTopic[] = "fosterwatch.intake.kpis.v1";
inline constexpr char kFigureReportedType[] = "uk.fosterwatch.figure.reported.v1";
inline constexpr char kIntakeAggregate[] = "intake";

// The unit that a CloudEvent asks for; `unit` names agency, actor and trace. PERMISSION_DENIED
// (SOURCE_NOT_REGISTERED) where the source speaks for another agency or none; INVALID_ARGUMENT with
// a violation that names attribute or field, never its value: ATTRIBUTE_MISSING, TOO_LARGE,
// UNKNOWN_EVENT_TYPE, UNSUPPORTED_DATA, or what libs/json or domain/reported.h says of the data.
absl::StatusOr<ledger::Unit> Ingest(Imports& imports, ledger::Unit unit,
                                    const v1::IngestCloudEventRequest& event);

// Of a record of the intake topic; the agency is the one that its source is registered to.
absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(Imports& imports,
                                                         const bus::Record& record);

// Puts the fact into `unit` that calls a person to a record that could not be taken.
void IntakeParked(Imports& imports, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit);

}  // namespace fosterwatch::kpis
