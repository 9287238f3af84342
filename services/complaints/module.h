// The register of complaints as a module of a process.
#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::complaints {

std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::complaints
