// The data that is installed with the programs: law, calendars, policies, definitions.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace fosterwatch::runtime {

// The file as it is. NOT_FOUND names one that cannot be read.
absl::StatusOr<std::string> ReadDataFile(const std::string& path);

}  // namespace fosterwatch::runtime
