#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::watchdog {

// A program of its own and never part of `fosterwatch serve`: silence is alarmed by another process
// than the one that fell silent. It needs neither database nor bus.
std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::watchdog
