// The register of notifiable events as a module of a process.
#pragma once

#include <memory>

#include "libs/runtime/module.h"

namespace fosterwatch::notifiable_events {

std::unique_ptr<runtime::Module> MakeModule();

}  // namespace fosterwatch::notifiable_events
