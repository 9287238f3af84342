// The two long commands of an operator are killed half way and run again: setting up the databases,
// and making the views again.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/testing/cluster.h"
#include "libs/testing/database.h"
#include "libs/testing/process.h"
#include "libs/testing/status_matchers.h"
#include "tests/faults/scale.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::Cluster;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Process;

constexpr const char* kDatabases[] = {"directory",     "carers", "placements", "notifiable_events",
                                      "notifications", "kpis",   "bus"};

int SetUpDatabases(const Cluster& cluster, const std::string& crash_at) {
  auto process = Process::Start(
      {{absl::StrCat(std::getenv("FOSTERWATCH_BIN_DIR"), "/fosterwatch"), "database", "setup"},
       {{"FOSTERWATCH_POSTGRES", cluster.conninfo()},
        {"FOSTERWATCH_POSTGRES_ADMIN", cluster.admin()},
        {"FOSTERWATCH_CRASH_AT", crash_at}},
       {},
       ""});
  EXPECT_THAT(process, IsOk());
  auto code = process->Wait(absl::Minutes(2));
  EXPECT_THAT(code, IsOk());
  if (code.ok() && *code != 0 && *code != 137) ADD_FAILURE() << process->Output();
  return code.value_or(-1);
}

// Every table with its columns, rights and migrations, by database.
std::map<std::string, std::string> Schemas(const Cluster& cluster) {
  std::map<std::string, std::string> schemas;
  for (const char* database : kDatabases) {
    auto connection = Connect(absl::StrCat(cluster.admin(), " dbname=fosterwatch_", database));
    auto rows = connection->Query(
        "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
        " SELECT format('%s.%s.%s %s %s', table_schema, table_name, column_name, data_type,"
        "  column_default) FROM information_schema.columns"
        "  WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        " UNION ALL SELECT format('%s %s.%s %s', grantee, table_schema, table_name,"
        "  privilege_type) FROM information_schema.role_table_grants"
        "  WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        " UNION ALL SELECT format('%s %s', schemaname, indexdef) FROM pg_indexes"
        "  WHERE schemaname NOT IN ('pg_catalog')"
        " UNION ALL SELECT name || sql FROM public.migration) AS lines (line)");
    EXPECT_THAT(rows, IsOk());
    schemas[database] = rows->Text(0, 0);
  }
  return schemas;
}

TEST(SchemaKill, SettingUpGoesOnWhereItWasKilled) {
  std::mt19937 random(Seed());
  Cluster whole;
  ASSERT_EQ(SetUpDatabases(whole, ""), 0);
  const auto expected = Schemas(whole);
  int killed = 0;
  // Each run goes a migration or a few further, until one is not killed any more.
  do {
    Cluster cluster;
    while (SetUpDatabases(cluster, absl::StrCat("during_migration:", 1 + random() % 3)) == 137)
      ++killed;
    ASSERT_EQ(SetUpDatabases(cluster, ""), 0);
    EXPECT_EQ(Schemas(cluster), expected);
  } while (killed < Scaled(3, 25));
  std::printf("killed setup during_migration: %d\n", killed);
}

// Every row of every view.
std::map<std::string, std::string> Views(const Installation& installation) {
  std::map<std::string, std::string> views;
  for (const char* service : kDatabases) {
    auto database = installation.Database(service);
    auto tables = database->Query(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'view'");
    EXPECT_THAT(tables, IsOk());
    for (int row = 0; row < tables->rows(); ++row) {
      const std::string table = absl::StrCat("view.", tables->Text(row, 0));
      auto rows = database->Query(
          absl::StrCat("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM ",
                       table, " AS t"));
      EXPECT_THAT(rows, IsOk()) << table;
      views[absl::StrCat(service, " ", table)] = rows->Text(0, 0);
    }
  }
  return views;
}

int64_t FactsOf(const Installation& installation) {
  int64_t facts = 0;
  for (const char* service : kDatabases) {
    if (std::string(service) == "bus") continue;
    facts += installation.Database(service)->Query("SELECT count(*) FROM ledger.fact")->Int(0, 0);
  }
  return facts;
}

TEST(SchemaKill, ViewsAreTheSameHoweverOftenMakingThemWasKilled) {
  std::mt19937 random(Seed());
  Installation installation({});
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  Trial trial(&installation);
  trial.Report({.threads = 4, .requests = 20});
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  ASSERT_TRUE(verdict.ok()) << verdict.ToString();
  ASSERT_THAT(installation.process().Stop(), IsOk());
  const auto views = Views(installation);
  const int64_t facts = FactsOf(installation);
  EXPECT_GT(views.size(), 5);
  const int rounds = Scaled(2, 25);
  int killed = 0;
  for (int i = 0; killed < rounds && i < 4 * rounds; ++i) {
    // One pass of the point a service, as long as each has less than a slice.
    const int code = installation.RunWith(
        {"rebuild"}, {{"FOSTERWATCH_CRASH_AT", absl::StrCat("during_rebuild:", 1 + random() % 6)}});
    killed += code == 137;
    if (i % 5 == 0 || killed == rounds) {
      ASSERT_EQ(installation.Run({"rebuild"}), 0);
      EXPECT_EQ(Views(installation), views);
    }
  }
  EXPECT_EQ(FactsOf(installation), facts) << "nothing is recorded, so nothing is told";
  EXPECT_EQ(killed, rounds);
  std::printf("killed rebuild during_rebuild: %d\n", killed);
}

}  // namespace
}  // namespace fosterwatch::faults
