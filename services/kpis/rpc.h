// gRPC in, of what is kept besides the figures themselves: reported figures, safer caring plans,
// editions, action plans and data quality.
#pragma once

#include "libs/runtime/door.h"
#include "services/kpis/intake.h"
#include "services/kpis/upkeep.h"

namespace fosterwatch::kpis {

// They outlive the door's calls.
void RegisterImports(runtime::Door& door, const Intake& intake);
void RegisterUpkeep(runtime::Door& door, Upkeep* upkeep);

}  // namespace fosterwatch::kpis
