// Two versions beside each other: a schema that expands under the load of programs that do not know
// what it adds, which go on and start again on it; one that does not, on which they do not start; a
// schema that is a version behind, which a program refuses until it is set up.
// reliability.md F6, J8; docs/adr/0031.
#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/pg/migrate.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "tests/faults/scale.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

// Without "fosterwatch_": all that have a schema.
std::vector<std::string> Databases(const Installation& installation) {
  const auto rows = Connect(installation.cluster().admin())
                        ->Query(
                            "SELECT substr(datname, 13) FROM pg_database"
                            " WHERE datname LIKE 'fosterwatch\\_%' ORDER BY datname");
  std::vector<std::string> names;
  for (int row = 0; row < rows->rows(); ++row) names.push_back(rows->Text(row, 0));
  return names;
}

std::vector<pg::Migration> Applied(const Installation& installation, const std::string& database) {
  const auto rows = installation.Database(database)->Query(
      "SELECT name, sql FROM public.migration ORDER BY position");
  std::vector<pg::Migration> applied;
  for (int row = 0; row < rows->rows(); ++row) {
    applied.push_back({rows->Text(row, 0), rows->Text(row, 1)});
  }
  return applied;
}

// What the program of a later version could have: a column more in every table, a table, an index.
std::string Expansion(const std::string& suffix) {
  return absl::StrCat(
      "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT c.oid FROM pg_class AS c"
      " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
      " AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
      " AND c.relname <> 'migration' LOOP"
      " EXECUTE format('ALTER TABLE %s ADD COLUMN added_later bigint DEFAULT 7', t);"
      " END LOOP; END $$; CREATE TABLE public.of_later (k text PRIMARY KEY);",
      suffix);
}

absl::Status Apply(const Installation& installation, const std::string& database,
                   const pg::Migration& migration) {
  std::vector<pg::Migration> migrations = Applied(installation, database);
  migrations.push_back(migration);
  return pg::Migrate(*installation.Database(database), migrations);
}

// The session that sets up is ended with all its changes made and none committed.
void ApplyAndDieHalfWay(const Installation& installation, const std::string& database) {
  std::thread setup([&] {
    EXPECT_FALSE(
        Apply(installation, database, {"9000_expands", Expansion("SELECT pg_sleep(60);"), true})
            .ok());
  });
  const auto watch = installation.Database(database);
  EXPECT_TRUE(AwaitTrue([&] {
    return watch
               ->Query(
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                   " WHERE wait_event = 'PgSleep' AND datname = current_database()")
               .value()
               .rows() > 0;
  }));
  setup.join();
}

TEST(UpgradeTest, ASchemaThatExpandsUnderLoadIsNoticedByNobody) {
  Installation installation({});
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  Trial trial(&installation);
  trial.Report({.threads = 4, .requests = 5});

  const std::vector<std::string> databases = Databases(installation);
  ASSERT_GT(databases.size(), 8u);
  std::thread reports(
      [&] { trial.Report({.threads = 4, .requests = Scaled(60, 1'500), .rate = 40}); });
  ApplyAndDieHalfWay(installation, "notifiable_events");
  for (const std::string& database : databases) {
    EXPECT_THAT(Apply(installation, database, {"9000_expands", Expansion(""), true}), IsOk())
        << database;
  }
  // The setup of the program that does not know it: as after an upgrade was taken back.
  EXPECT_EQ(installation.Run({"database", "setup"}), 0);
  reports.join();
  EXPECT_EQ(trial.unanswered(), 0);
  const absl::Duration p99 = trial.p99();

  // It also starts on it, and again after a crash.
  installation.process().Kill(SIGKILL);
  EXPECT_THAT(installation.process().Output(), Not(HasSubstr("cached plan")));
  EXPECT_THAT(installation.process().Output(), Not(HasSubstr("\"level\":\"error\"")));
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  trial.Report({.threads = 4, .requests = 5});
  EXPECT_EQ(trial.unanswered(), 0);
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  std::printf("%zu databases expanded under load, %lld facts, p99 %.0f ms: %s\n", databases.size(),
              static_cast<long long>(trial.facts()), absl::ToDoubleMilliseconds(p99),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << "\n" << installation.process().Output();

  // What does not expand is for after the last old program: those that run go on, none starts.
  ASSERT_THAT(Apply(installation, "directory", {"9001_contracts", "SELECT 1"}), IsOk());
  trial.Report({.threads = 2, .requests = 5});
  EXPECT_EQ(trial.unanswered(), 0);
  installation.process().Kill(SIGKILL);
  installation.Start();
  const auto code = installation.process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << installation.process().Output();
  EXPECT_EQ(*code, 1);
  EXPECT_THAT(installation.process().Output(),
              HasSubstr("the database of directory does not fit this program (the database has "
                        "migration 9001_contracts, which this program does not know"));
}

TEST(UpgradeTest, AProgramDoesNotStartOnTheSchemaBeforeItAndDoesAfterItsSetup) {
  Installation installation({});
  const auto server = Connect(installation.cluster().admin());
  std::vector<std::string> last;
  for (const std::string& service : Databases(installation)) {
    std::vector<pg::Migration> migrations = Applied(installation, service);
    // That of the bus holds its topics.
    if (service == "bus" || migrations.size() < 2) continue;
    last.push_back(migrations.back().name);
    migrations.pop_back();
    const std::string name = absl::StrCat("fosterwatch_", service);
    ASSERT_THAT(server->Script(absl::StrCat("DROP DATABASE ", name, " WITH (FORCE)")), IsOk());
    ASSERT_THAT(pg::EnsureDatabase(*server, name, {name, absl::StrCat(name, "_relay")}, {"", ""}),
                IsOk());
    ASSERT_THAT(pg::Migrate(*installation.Database(service), migrations), IsOk());
  }
  ASSERT_GT(last.size(), 6u);
  installation.Start();
  const auto code = installation.process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << installation.process().Output();
  EXPECT_EQ(*code, 1);
  const std::string said = installation.process().Output();
  EXPECT_THAT(said, HasSubstr("run 'fosterwatch database setup'"));
  EXPECT_TRUE(std::any_of(last.begin(), last.end(), [&](const std::string& name) {
    return absl::StrContains(
        said, absl::StrCat("migration ", name, " has not been applied to this database"));
  })) << said;

  ASSERT_EQ(installation.Run({"database", "setup"}), 0);
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  Trial trial(&installation);
  trial.Report({.threads = 4, .requests = 10});
  EXPECT_EQ(trial.unanswered(), 0);
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  std::printf("%zu schemas a version behind: refused, then set up and served\n", last.size());
}

}  // namespace
}  // namespace fosterwatch::faults
