#include "services/carers/domain/occupancy.h"

#include <map>

namespace fosterwatch::carers::domain {

Facts NoteOccupant(const v1::Carer& carer, const std::string& child_id,
                   const std::string& since_date) {
  if (carer.carer_id().empty()) return {};
  std::map<std::string, std::string> since;
  for (const v1::Occupant& occupant : carer.occupants()) {
    since[occupant.child_id()] = occupant.since_date();
  }
  const auto before = since;
  if (since_date.empty()) {
    since.erase(child_id);
  } else {
    since[child_id] = since_date;
  }
  if (since == before) return {};
  Facts facts;
  auto* changed = facts.emplace_back().mutable_occupants_changed();
  changed->set_carer_id(carer.carer_id());
  for (const auto& [child, day] : since) {
    v1::Occupant* occupant = changed->add_occupants();
    occupant->set_child_id(child);
    occupant->set_since_date(day);
  }
  return facts;
}

std::string PlacedSince(const v1::Carer& carer) {
  std::string since;
  for (const v1::Occupant& occupant : carer.occupants()) {
    if (since.empty() || occupant.since_date() < since) since = occupant.since_date();
  }
  return since;
}

}  // namespace fosterwatch::carers::domain
