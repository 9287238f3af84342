// What the register of carers takes from other services' facts.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::carers {

class App;

inline constexpr char kPlacementsTopic[] = "fosterwatch.placements.v1";

// What the register of placements says of who lives with a carer and how placements ended; nullopt
// where a record is of no interest. The app outlives the unit. Any thread.
absl::StatusOr<std::optional<ledger::Unit>> HandlePlacements(const App& app,
                                                             const bus::Record& record);

}  // namespace fosterwatch::carers
