// The gateway as a module of a process.
#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::gateway {

std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::gateway
