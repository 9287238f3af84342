// `fosterwatch import figures`: monthly figures that another system counts, a row for each KPI and
// month.
#pragma once

#include <memory>

#include "apps/fosterwatch/import_register.h"

namespace fosterwatch::app {

// The remote outlives it; null for its columns alone.
std::unique_ptr<Register> MakeFigures(Remote* remote);

}  // namespace fosterwatch::app
