// The register of allegations as a module of a process.
#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::allegations {

std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::allegations
