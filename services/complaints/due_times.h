// After a start with other bank holidays: every open clock that was counted by the old ones is
// counted again, and the complaint says so (DueTimesMoved). Goes over all agencies, by the relay's
// role, until none is left.
#pragma once

#include <string>

#include "libs/runtime/module.h"
#include "services/complaints/app.h"

namespace fosterwatch::complaints {

// For a loop of the host: works, and then waits until stopped. Survives a database that is away.
void RecountDueTimes(App& app, const std::string& relay_conninfo, const runtime::Stop& stop);

}  // namespace fosterwatch::complaints
