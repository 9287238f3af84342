// The KPIs as a module of a process.
#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::kpis {

std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::kpis
