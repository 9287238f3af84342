#include "services/carers/facts.h"

#include <string>

#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"

namespace fosterwatch::carers {

absl::StatusOr<std::optional<ledger::Unit>> HandlePlacements(const App& app,
                                                             const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  placements::v1::PlacementsFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (fact.has_resident_joined()) {
    const placements::v1::Resident& resident = fact.resident_joined().resident();
    return app.NoteOccupant(envelope, resident.child_id(), resident.start_date());
  }
  if (fact.has_resident_left()) {
    return app.NoteOccupant(envelope, fact.resident_left().child_id(), "");
  }
  return std::nullopt;
}

}  // namespace fosterwatch::carers
