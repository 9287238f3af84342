// gRPC in: each method to its use case.
#pragma once

#include "libs/runtime/door.h"
#include "services/notifiable_events/app.h"

namespace fosterwatch::notifiable_events {

// `app` outlives the door's calls.
void Register(runtime::Door& door, App* app);

}  // namespace fosterwatch::notifiable_events
