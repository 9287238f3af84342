// The notifications service as a module of a process.
#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::notifications {

std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::notifications
