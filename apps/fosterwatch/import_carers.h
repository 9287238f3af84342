// `fosterwatch import carers`: a register of carers, a row for each household, with all that the
// register before knew of it.
#pragma once

#include <memory>

#include "apps/fosterwatch/import_register.h"

namespace fosterwatch::app {

// The remote outlives it; null for its columns alone.
std::unique_ptr<Register> MakeCarers(Remote* remote);

}  // namespace fosterwatch::app
