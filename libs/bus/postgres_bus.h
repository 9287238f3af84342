// The bus inside PostgreSQL: a table of records with offsets that are dense and in commit order
// within a partition, so a reader never misses a late commit. Members of a group share partitions
// through advisory locks. Publishing wakes subscriptions of the same process at once; other
// processes see records within 25 ms.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/bus/bus.h"
#include "libs/pg/migrate.h"

namespace fosterwatch::bus {

// `conninfo` leads to the bus database under its own role.
absl::StatusOr<std::unique_ptr<Bus>> MakePostgresBus(const std::string& conninfo);

// The schema of the bus database; {role} is replaced by `role`.
std::vector<pg::Migration> PostgresBusMigrations(const std::string& role);

}  // namespace fosterwatch::bus
