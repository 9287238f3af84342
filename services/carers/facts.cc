#include "services/carers/facts.h"

#include <string>
#include <vector>

#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"

namespace fosterwatch::carers {
namespace {

EndingOf EndingIn(const placements::v1::Placement& placement) {
  return {placement.carer_id(),
          {placement.placement_id(), placement.child_id(), placement.end_date(),
           placement.reason_code(), placement.ending() == placements::v1::ENDING_UNPLANNED}};
}

}  // namespace

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
  std::vector<EndingOf> endings;
  if (fact.has_placement_started() && !fact.placement_started().placement().end_date().empty()) {
    endings.push_back(EndingIn(fact.placement_started().placement()));
  } else if (fact.has_placement_ended()) {
    const auto& ended = fact.placement_ended();
    endings.push_back({ended.carer_id(),
                       {ended.placement_id(), ended.child_id(), ended.end_date(),
                        ended.reason_code(), ended.ending() == placements::v1::ENDING_UNPLANNED}});
  } else if (fact.has_placement_corrected()) {
    const auto& corrected = fact.placement_corrected();
    endings.push_back(EndingIn(corrected.placement()));
    // It was not with this one after all.
    if (const std::string& former = corrected.former_carer_id();
        !former.empty() && former != corrected.placement().carer_id()) {
      endings.push_back({former, {corrected.placement().placement_id()}});
    }
  }
  if (endings.empty()) return std::nullopt;
  return app.NoteEnding(envelope, endings);
}

}  // namespace fosterwatch::carers
