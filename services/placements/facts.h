// What placements knows of other services: which bodies and carers there are, from their facts.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::placements {

// Topics that placements reads.
inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";

// The row of the reference tables that a record asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Handle(const bus::Record& record);

// The schema of the reference tables.
std::string ReferenceSql(const std::string& role);

}  // namespace fosterwatch::placements
