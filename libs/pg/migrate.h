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
  // Whether programs that do not know it go on working on what it makes: it only adds what they
  // need not write and do not read (docs/adr/0031). Kept with its name; where it is false, such
  // programs do not start on the database any more.
  bool expands = false;
};

// Makes the database and the roles if they are missing, and lets only these roles (and superusers)
// connect to it. A role may log in and nothing more; one that is there already and would bypass
// row-level security is FAILED_PRECONDITION. passwords[i] is of roles[i], "" for none (local
// socket); a password that is given is set anew. `admin` is a superuser's connection; all callers
// connect to the same database ("postgres"), which is where they lock.
absl::Status EnsureDatabase(Connection& admin, const std::string& database,
                            const std::vector<std::string>& roles,
                            const std::vector<std::string>& passwords);

// Applies what is missing; a migration whose text differs from what was applied under its name is
// FAILED_PRECONDITION, naming it. `owner` is a superuser's connection to the database itself.
// Programs may be at work meanwhile: one that waits for a lock gives way after half a second, so
// that nobody waits behind it for longer, and is tried again; ABORTED where it found none for a
// minute.
absl::Status Migrate(Connection& owner, const std::vector<Migration>& migrations);

// OK if these were applied, and beside them only what expands; FAILED_PRECONDITION names the first
// that was not, or one that was, is not known here and does not expand (the program is older than
// the database). Any role may ask.
absl::Status CheckMigrated(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace fosterwatch::pg
