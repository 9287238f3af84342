// What the directory keeps, each an aggregate of its own ("body", "holder", "publisher", "webhook",
// "delegation", "absence", "person_absences", and one "check" an agency), and the tables that lists
// are read from. No view holds a name of a person, an address or a secret.
#pragma once

#include <string>
#include <vector>

#include "fosterwatch/directory/v1/check.pb.h"
#include "libs/duty/timer.h"
#include "libs/ledger/aggregate.h"
#include "libs/pg/migrate.h"

namespace fosterwatch::directory {

// The aggregate of an agency's check, and its one id.
inline constexpr char kCheck[] = "check";
// The aggregate of a person's absences; its id is the person's.
inline constexpr char kPersonAbsences[] = "person_absences";
// The kind of its row in view.timer.
inline constexpr char kCheckTimer[] = "directory_check";
// Who records what nobody asked for.
inline constexpr char kActor[] = "service:directory";

std::vector<ledger::Aggregate> Aggregates();

// When it is checked next.
std::vector<duty::Timer> TimersOf(const v1::DirectoryCheck& check);

// The schema, by migrations that are never changed.
std::vector<pg::Migration> ViewMigrations(const std::string& role);

}  // namespace fosterwatch::directory
