// What the directory keeps, each an aggregate of its own ("body", "holder", "publisher", "webhook",
// "delegation", "absence"), and the tables that lists are read from. No view holds a name of a
// person, an address or a secret.
#pragma once

#include <string>
#include <vector>

#include "libs/ledger/aggregate.h"
#include "libs/pg/migrate.h"

namespace fosterwatch::directory {

std::vector<ledger::Aggregate> Aggregates();

// The schema, by migrations that are never changed.
std::vector<pg::Migration> ViewMigrations(const std::string& role);

}  // namespace fosterwatch::directory
