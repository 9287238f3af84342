// OversightService: what the register says of its events to who oversees the agency. It only reads;
// names of staff it asks the directory for, at the moment of reading, and keeps none.
#pragma once

#include "libs/runtime/module.h"
#include "services/notifiable_events/app.h"

namespace fosterwatch::notifiable_events {

// Both outlive the door.
void RegisterOversight(runtime::Host& host, App* app);

}  // namespace fosterwatch::notifiable_events
