#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::packs {

// Needs neither database nor bus: what it says it reads from the owners, for whoever asks.
std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::packs
