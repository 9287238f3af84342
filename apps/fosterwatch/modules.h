// All services, as modules of one process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/runtime/module.h"

namespace fosterwatch::app {

// All of them, or the one that `only` names ("notifiable-events"); empty where there is no such.
std::vector<std::unique_ptr<runtime::Module>> MakeModules(const std::string& only = "");

}  // namespace fosterwatch::app
