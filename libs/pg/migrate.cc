#include "libs/pg/migrate.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::pg {
namespace {

// Any number, as long as nobody else locks it. Advisory locks belong to one database.
constexpr int64_t kLock = 7410'0001;

constexpr char kHistory[] = R"sql(
CREATE TABLE IF NOT EXISTS public.migration (
  position bigint GENERATED ALWAYS AS IDENTITY,
  name text PRIMARY KEY,
  sql text NOT NULL,
  applied_time timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.migration ADD COLUMN IF NOT EXISTS expands boolean NOT NULL DEFAULT false;
GRANT SELECT ON public.migration TO PUBLIC;
)sql";

absl::Status Changed(const Migration& migration) {
  return absl::FailedPreconditionError(
      absl::StrCat("migration ", migration.name, " differs from what was applied under that name"));
}

// Behind one that waits for a table everybody else waits too.
constexpr char kGiveWay[] = "SET LOCAL lock_timeout = '500ms'";
constexpr absl::Duration kPause = absl::Milliseconds(200);
constexpr absl::Duration kPatience = absl::Minutes(1);

absl::Status Apply(Connection& owner, const Migration& migration) {
  return Transact(owner, [&](Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Query("SELECT pg_advisory_xact_lock($1)", {kLock}).status());
    ASSIGN_OR_RETURN(
        const Result found,
        tx.Query("SELECT sql FROM public.migration WHERE name = $1", {migration.name}));
    if (found.rows() > 0) {
      return found.Text(0, 0) == migration.sql ? absl::OkStatus() : Changed(migration);
    }
    RETURN_IF_ERROR(tx.Script(kGiveWay));
    RETURN_IF_ERROR(tx.Script(migration.sql));
    FOSTERWATCH_CRASH_POINT("during_migration");
    return tx
        .Query("INSERT INTO public.migration (name, sql, expands) VALUES ($1, $2, $3)",
               {migration.name, migration.sql, migration.expands})
        .status();
  });
}

// Until it finds the locks that it needs.
absl::Status ApplyUnderLoad(Connection& owner, const Migration& migration) {
  const absl::Time until = absl::Now() + kPatience;
  while (true) {
    const absl::Status applied = Apply(owner, migration);
    if (!absl::StrContains(applied.message(), "SQLSTATE 55P03")) return applied;
    if (absl::Now() > until) {
      return absl::AbortedError(
          "somebody has held a table of it for a minute: see pg_stat_activity for what is open");
    }
    absl::SleepFor(kPause);
  }
}

absl::Status EnsureRole(Connection& admin, const std::string& role, const std::string& password) {
  ASSIGN_OR_RETURN(
      const Result found,
      admin.Query("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1", {role}));
  if (found.rows() == 0) {
    RETURN_IF_ERROR(admin.Script(
        absl::StrCat("CREATE ROLE ", QuoteName(role),
                     " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")));
  } else if (found.Bool(0, 0)) {
    return absl::FailedPreconditionError(
        absl::StrCat("role ", role, " bypasses row-level security and cannot serve"));
  }
  if (!password.empty()) {
    ASSIGN_OR_RETURN(const std::string verifier, admin.EncryptPassword(role, password));
    // A verifier is base64, '$' and ':', so it needs no escape.
    RETURN_IF_ERROR(
        admin.Script(absl::StrCat("ALTER ROLE ", QuoteName(role), " PASSWORD '", verifier, "'")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status EnsureDatabase(Connection& admin, const std::string& database,
                            const std::vector<std::string>& roles,
                            const std::vector<std::string>& passwords) {
  if (roles.size() != passwords.size()) {
    return absl::InvalidArgumentError("each role needs a password, which may be empty");
  }
  // For the session, not a transaction: CREATE DATABASE runs in none.
  RETURN_IF_ERROR(admin.Query("SELECT pg_advisory_lock($1)", {kLock}).status());
  const auto unlock =
      absl::MakeCleanup([&] { (void)admin.Query("SELECT pg_advisory_unlock($1)", {kLock}); });

  for (size_t i = 0; i < roles.size(); ++i) {
    RETURN_IF_ERROR(EnsureRole(admin, roles[i], passwords[i]));
  }
  ASSIGN_OR_RETURN(const Result found,
                   admin.Query("SELECT 1 FROM pg_database WHERE datname = $1", {database}));
  if (found.rows() == 0) {
    // template0, so that nothing a local template1 holds gets in. Text in the order of its bytes:
    // the same everywhere, and the quickest to compare.
    RETURN_IF_ERROR(
        admin.Script(absl::StrCat("CREATE DATABASE ", QuoteName(database),
                                  " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'")));
  }
  std::string grants =
      absl::StrCat("REVOKE ALL ON DATABASE ", QuoteName(database), " FROM PUBLIC;");
  for (const std::string& role : roles) {
    absl::StrAppend(&grants, "GRANT CONNECT ON DATABASE ", QuoteName(database), " TO ",
                    QuoteName(role), ";");
  }
  return admin.Script(grants);
}

absl::Status Migrate(Connection& owner, const std::vector<Migration>& migrations) {
  RETURN_IF_ERROR(Transact(owner, [](Connection& tx) {
    RETURN_IF_ERROR(tx.Query("SELECT pg_advisory_xact_lock($1)", {kLock}).status());
    return tx.Script(kHistory);
  }));
  for (const Migration& migration : migrations) {
    const absl::Status applied = ApplyUnderLoad(owner, migration);
    if (!applied.ok()) {
      return absl::Status(applied.code(),
                          absl::StrCat("migration ", migration.name, ": ", applied.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMigrated(Connection& connection, const std::vector<Migration>& migrations) {
  struct Applied {
    std::string name;
    std::string sql;
    bool expands;
  };
  std::vector<Applied> applied;
  // By jsonb: a database that an older program has set up has no such column.
  absl::StatusOr<Result> found = connection.Query(
      "SELECT name, sql, coalesce((to_jsonb(m) ->> 'expands')::boolean, false)"
      " FROM public.migration AS m ORDER BY position");
  // No such table: nothing was ever applied.
  if (!found.ok() && !absl::StrContains(found.status().message(), "SQLSTATE 42P01")) {
    return found.status();
  }
  for (int row = 0; found.ok() && row < found->rows(); ++row) {
    applied.push_back({found->Text(row, 0), found->Text(row, 1), found->Bool(row, 2)});
  }
  for (const Migration& migration : migrations) {
    const auto it = std::find_if(applied.begin(), applied.end(), [&](const Applied& there) {
      return there.name == migration.name;
    });
    if (it == applied.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", migration.name, " has not been applied to this database"));
    }
    if (it->sql != migration.sql) return Changed(migration);
    applied.erase(it);
  }
  for (const Applied& unknown : applied) {
    if (unknown.expands) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("the database has migration ", unknown.name,
                     ", which this program does not know: it is older than the database"));
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::pg
