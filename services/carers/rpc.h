// The register's methods, each to its use case.
#pragma once

#include "libs/runtime/door.h"
#include "services/carers/app.h"

namespace fosterwatch::carers {

// The app outlives the door's calls.
void Register(runtime::Door& door, App* app);

}  // namespace fosterwatch::carers
