// Who lives with a carer, as far as duties rest on it: kept from what the register of placements
// says. Pure functions.
#pragma once

#include <string>

#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// The child lives there since a day ("2026-11-22"), or no more where that is empty. No facts where
// nothing changes, and of a carer who is not in this register: no child is placed with one.
Facts NoteOccupant(const v1::Carer& carer, const std::string& child_id,
                   const std::string& since_date);

// The day on which the first of the children came who live there now; empty where none does.
std::string PlacedSince(const v1::Carer& carer);

}  // namespace fosterwatch::carers::domain
