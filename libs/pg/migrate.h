// Databases, roles and schema versions. Forward only; each migration runs once, in a transaction,
// under an advisory lock, so that several processes may start at once.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/connection.h"

namespace fosterwatch::pg {

struct Migration {
  std::string name;  // "0001_events"; order is the order of the vector
  std::string sql;
};

// Makes the database, the role `database` (row-level security applies, owns nothing) and the role
// `database`_relay if they are missing. `admin` is a connection of a superuser to any database.
// `password_of(role)` may return "" for a role without a password (local socket).
absl::Status EnsureDatabase(Connection& admin, const std::string& database,
                            const std::vector<std::string>& roles,
                            const std::vector<std::string>& passwords);

// Applies what is missing; a migration whose text differs from what was applied under its name is
// FAILED_PRECONDITION, naming it. `owner` is a superuser's connection to the database itself.
absl::Status Migrate(Connection& owner, const std::vector<Migration>& migrations);

// OK if exactly these were applied; FAILED_PRECONDITION names the first that was not.
absl::Status CheckMigrated(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace fosterwatch::pg
