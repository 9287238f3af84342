// The bus inside PostgreSQL: a table of records with offsets that are dense and in commit order
// within a partition, so a reader never misses a late commit. Members of a group share partitions
// through advisory locks of their sessions, which end with a session however it ends. Publishing
// wakes subscriptions of the same process at once; other processes see records within 25 ms, by one
// small query for all subscriptions of the process.
//
// A record's bytes are kept as they are, like Kafka does: `convert_from(key, 'UTF8')` shows a key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/pg/migrate.h"

namespace fosterwatch::bus {

// `conninfo` leads to the bus database under its own role. Never fails because the server is away
// or not yet migrated: the bus then says UNAVAILABLE. Each subscription keeps one connection of its
// own, publishing up to 4, and all subscriptions together one more.
absl::StatusOr<std::unique_ptr<Bus>> MakePostgresBus(const std::string& conninfo);

// The schema of the bus database; {role} is replaced by `role`.
std::vector<pg::Migration> PostgresBusMigrations(const std::string& role);

}  // namespace fosterwatch::bus
