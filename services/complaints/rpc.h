// gRPC in: each method to its use case, or to its rule.
#pragma once

#include "libs/runtime/door.h"
#include "services/complaints/app.h"

namespace fosterwatch::complaints {

// `app` outlives the door's calls.
void Register(runtime::Door& door, App* app);

}  // namespace fosterwatch::complaints
