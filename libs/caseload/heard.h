// How a service that decides nothing of it hears of the caseload: from the facts of the registers
// of carers and of placements, whose types it names, for this library knows no area's.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/caseload/caseload.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/envelope.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::caseload {

inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";
inline constexpr char kPlacementsTopic[] = "fosterwatch.placements.v1";

// The row of the tables that a record of kCarersTopic or kPlacementsTopic asks for; nullopt where
// it is of no interest. For a consumer of its own, so that an installation from before the tables
// were there hears everything.
template <typename CarersFact, typename PlacementsFact>
absl::StatusOr<std::optional<ledger::Unit>> Heard(const Tables& tables, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  if (record.topic == kCarersTopic) {
    CarersFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_caseload_changed()) return std::nullopt;
    const type::v1::CaseloadChanged& changed = fact.caseload_changed();
    unit.effects.push_back(
        Grants(tables.grants, envelope.agency_id, changed.carer_id(), changed.grants()));
  } else {
    PlacementsFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_child_recorded()) return std::nullopt;
    const auto& child = fact.child_recorded().child();
    unit.effects.push_back(
        Residence(tables.residence, envelope.agency_id, child.child_id(), child.carer_id()));
  }
  return unit;
}

}  // namespace fosterwatch::caseload
