// gRPC in: each method to its use case.
#pragma once

#include "libs/runtime/door.h"
#include "services/placements/app.h"
#include "services/placements/households.h"

namespace fosterwatch::placements {

// Both outlive the door's calls.
void Register(runtime::Door& door, App* app, const Households* households);

}  // namespace fosterwatch::placements
