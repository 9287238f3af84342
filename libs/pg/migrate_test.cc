#include "libs/pg/migrate.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::pg {
namespace {

using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::Database;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;

const std::vector<Migration> kTwo = {
    {"0001_table", "CREATE TABLE t (k text PRIMARY KEY); INSERT INTO t VALUES ('once');"},
    {"0002_column", "ALTER TABLE t ADD COLUMN n bigint;"},
};

class MigrateTest : public ::testing::Test {
 protected:
  Database database_{"fosterwatch_pg_test"};
  std::unique_ptr<Connection> pg_ = Connect(database_.admin());
};

TEST_F(MigrateTest, AppliesEachOnce) {
  EXPECT_THAT(Migrate(*pg_, {kTwo[0]}), IsOk());
  EXPECT_THAT(Migrate(*pg_, kTwo), IsOk());
  EXPECT_THAT(Migrate(*pg_, kTwo), IsOk());
  EXPECT_THAT(pg_->Query("SELECT k, n FROM t"), IsOk());
}

TEST_F(MigrateTest, SeveralProcessesMayStartAtOnce) {
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto connection = Connection::Open(database_.admin());
      if (!connection.ok() || !Migrate(**connection, kTwo).ok()) ++failed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_THAT(CheckMigrated(*pg_, kTwo), IsOk());
}

TEST_F(MigrateTest, RefusesAMigrationWhoseTextChanged) {
  ASSERT_THAT(Migrate(*pg_, kTwo), IsOk());
  std::vector<Migration> changed = kTwo;
  changed[1].sql += " -- and more";
  EXPECT_THAT(Migrate(*pg_, changed),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0002_column")));
  EXPECT_THAT(CheckMigrated(*pg_, changed),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0002_column")));
}

TEST_F(MigrateTest, AFailedMigrationLeavesNothingAndIsNamed) {
  const std::vector<Migration> bad = {kTwo[0],
                                      {"0002_bad", "CREATE TABLE half (k text); SELECT 1 / 0;"}};
  EXPECT_THAT(Migrate(*pg_, bad), StatusIs(absl::StatusCode::kInternal, HasSubstr("0002_bad")));
  EXPECT_THAT(pg_->Query("SELECT * FROM half"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Migrate(*pg_, kTwo), IsOk());
}

TEST_F(MigrateTest, CheckNamesWhatIsMissingOrUnknown) {
  const Database empty("fosterwatch_pg_test");
  const auto service = Connect(database_.service());
  ASSERT_THAT(Migrate(*pg_, {kTwo[0]}), IsOk());
  EXPECT_THAT(CheckMigrated(*service, kTwo),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0002_column")));
  ASSERT_THAT(Migrate(*pg_, kTwo), IsOk());
  EXPECT_THAT(CheckMigrated(*service, kTwo), IsOk());
  EXPECT_THAT(CheckMigrated(*service, {kTwo[0]}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0002_column")));
}

TEST_F(MigrateTest, AProgramGoesOnOnWhatOnlyExpandsAndOnNothingElse) {
  const std::vector<Migration> old = {kTwo[0]};
  const std::vector<Migration> newer = {kTwo[0], {kTwo[1].name, kTwo[1].sql, /*expands=*/true}};
  const auto service = Connect(database_.service());
  ASSERT_THAT(Migrate(*pg_, newer), IsOk());
  EXPECT_THAT(CheckMigrated(*service, newer), IsOk());
  EXPECT_THAT(CheckMigrated(*service, old), IsOk()) << "it stands for the program before";
  ASSERT_THAT(Migrate(*pg_, {{"0003_gone", "ALTER TABLE t DROP COLUMN n;"}}), IsOk());
  EXPECT_THAT(CheckMigrated(*service, old),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0003_gone")));
}

// As a program from before there were migrations that expand has left it.
TEST_F(MigrateTest, AHistoryWithoutTheColumnIsReadAndGetsIt) {
  ASSERT_THAT(Migrate(*pg_, {kTwo[0]}), IsOk());
  ASSERT_THAT(pg_->Script("ALTER TABLE public.migration DROP COLUMN expands"), IsOk());
  const auto service = Connect(database_.service());
  EXPECT_THAT(CheckMigrated(*service, {kTwo[0]}), IsOk());
  EXPECT_THAT(CheckMigrated(*service, {}), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Migrate(*pg_, {kTwo[0], {kTwo[1].name, kTwo[1].sql, true}}), IsOk());
  EXPECT_THAT(CheckMigrated(*service, {kTwo[0]}), IsOk());
}

TEST_F(MigrateTest, OneThatWaitsForATableHoldsNobodyUp) {
  ASSERT_THAT(Migrate(*pg_, {kTwo[0]}), IsOk());
  const auto reader = Connect(database_.admin());
  ASSERT_THAT(reader->Begin(), IsOk());
  ASSERT_THAT(reader->Query("SELECT count(*) FROM t"), IsOk());
  std::thread migrate([&] { EXPECT_THAT(Migrate(*pg_, kTwo), IsOk()); });
  // It asks for the table, and everybody who comes after it waits; but not for long.
  const auto other = Connect(database_.admin());
  const auto waits = [&] {
    return other
               ->Query(
                   "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass")
               .value()
               .Int(0, 0) > 0;
  };
  EXPECT_TRUE(testing::AwaitTrue(waits));
  ASSERT_THAT(other->Script("SET statement_timeout = '5s'"), IsOk());
  for (int i = 0; i < 3; ++i) EXPECT_THAT(other->Query("SELECT count(*) FROM t"), IsOk());
  reader->Rollback();
  migrate.join();
  EXPECT_THAT(CheckMigrated(*other, kTwo), IsOk());
}

TEST_F(MigrateTest, CheckOfADatabaseThatWasNeverMigratedNamesTheFirst) {
  ASSERT_THAT(pg_->Script("DROP TABLE public.migration"), IsOk());
  EXPECT_THAT(CheckMigrated(*Connect(database_.service()), kTwo),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0001_table")));
}

TEST_F(MigrateTest, AServiceRoleOwnsNothingAndAStrangerCannotConnect) {
  const auto service = Connect(database_.service());
  EXPECT_THAT(service->Script("CREATE TABLE mine (k text)"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const Database other("fosterwatch_pg_other_test");
  EXPECT_THAT(Connection::Open(other.service() + " dbname=" + database_.name()),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(MigrateTest, ARoleThatBypassesRowSecurityIsRefused) {
  const auto cluster = Connect(testing::TestCluster());
  EXPECT_THAT(EnsureDatabase(*cluster, database_.name(), {"postgres"}, {""}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("row-level security")));
}

TEST_F(MigrateTest, TextIsInTheOrderOfItsBytesWhateverTheServersLocale) {
  const auto cluster = Connect(testing::TestCluster());
  const std::string name = database_.name() + "_bytes";
  ASSERT_THAT(EnsureDatabase(*cluster, name, {}, {}), IsOk());
  const std::string collation =
      cluster->Query("SELECT datcollate FROM pg_database WHERE datname = $1", {name})
          .value()
          .Text(0, 0);
  ASSERT_THAT(cluster->Script("DROP DATABASE " + QuoteName(name)), IsOk());
  EXPECT_EQ(collation, "C");
}

TEST_F(MigrateTest, APasswordNeedsNoQuotingAndIsStoredAsAVerifier) {
  const auto cluster = Connect(testing::TestCluster());
  ASSERT_THAT(EnsureDatabase(*cluster, database_.name(), {"fosterwatch_pg_password_test"},
                             {"it's \"quoted\" \\ $1"}),
              IsOk());
  EXPECT_THAT(cluster
                  ->Query("SELECT rolpassword FROM pg_authid WHERE rolname = $1",
                          {"fosterwatch_pg_password_test"})
                  .value()
                  .Text(0, 0),
              HasSubstr("SCRAM-SHA-256$"));
}

}  // namespace
}  // namespace fosterwatch::pg
