// What other systems publish (intake_data.h), from the intake topic or through the gateway. The
// same event by either way is the same event: the request id is made from source and id.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "libs/bus/bus.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "services/kpis/imports.h"
#include "services/kpis/intake_data.h"
#include "services/kpis/safer_caring.h"

namespace fosterwatch::kpis {

inline constexpr char kIntakeTopic[] = "fosterwatch.intake.kpis.v1";
inline constexpr char kIntakeAggregate[] = "intake";

// Where what is taken goes. Both outlive it.
struct Intake {
  Imports* imports;
  SaferCaring* safer_caring;
};

// The unit that a CloudEvent asks for; `unit` names agency, actor and trace. PERMISSION_DENIED
// where `program` does not speak for the source (references::Publishers::CheckSpeaks); what
// ReadIntake says; and of the data what domain/reported.h or domain/safer_caring.h says.
absl::StatusOr<ledger::Unit> Ingest(const Intake& intake, ledger::Unit unit,
                                    const std::string& program,
                                    const v1::IngestCloudEventRequest& event);

// Of a record of the intake topic; the agency is the one that its source is registered to.
absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(const Intake& intake,
                                                         const bus::Record& record);

// Puts the fact into `unit` that calls a person to a record that could not be taken.
void IntakeParked(Imports& imports, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit);

}  // namespace fosterwatch::kpis
