// What the tests of libs/ledger share: a ledger of role holders on a fresh database, and ways to
// hold it still, to kill its sessions and to look at everything that it has stored.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/ledger/relay.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::ledger {

inline constexpr char kRole[] = "test_ledger";
inline constexpr char kTopic[] = "test.holders.v1";
inline constexpr char kCanary[] = "Canary-Kestrel-7391";

// The aggregates of these tests are role holders: the title counts the facts, the name is personal.
// view.holder has what each is now, view.log a row for every fact.
inline std::vector<Aggregate> Aggregates() {
  std::vector<Aggregate> aggregates;
  aggregates.push_back(MakeAggregate<directory::v1::RoleHolder, directory::v1::DirectoryFact>(
      "holder",
      [](directory::v1::RoleHolder& holder, const directory::v1::DirectoryFact& fact,
         const FactStamp&) { holder = fact.holder_appointed().holder(); },
      [](const directory::v1::RoleHolder& holder, const FactStamp& last, Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.holder VALUES ($1, $2, $3, $4) ON CONFLICT (agency_id, holder_id)"
             " DO UPDATE SET title = excluded.title, version = excluded.version",
             {last.agency_id, holder.holder_id(), holder.title(), last.version}});
      },
      {"view.holder", "view.log"}));
  aggregates.back().project_fact = ProjectFact<directory::v1::DirectoryFact>(
      [](const directory::v1::DirectoryFact& fact, const FactStamp& stamp, Statements& statements) {
        statements.push_back({"INSERT INTO view.log VALUES ($1, $2, $3, $4)",
                              {stamp.agency_id, stamp.fact_id, stamp.version,
                               fact.holder_appointed().holder().title()}});
      });
  aggregates.push_back(MakeAggregate<directory::v1::Body, directory::v1::DirectoryFact>(
      "body",
      [](directory::v1::Body& body, const directory::v1::DirectoryFact& fact, const FactStamp&) {
        body = fact.body_recorded().body();
      },
      nullptr, {}));
  return aggregates;
}

inline std::vector<pg::Migration> TestMigrations() {
  std::vector<pg::Migration> migrations = Migrations(kRole);
  migrations.push_back(
      {"test_0001",
       absl::StrCat("CREATE TABLE view.holder (agency_id text, holder_id text, title text NOT NULL,"
                    " version bigint NOT NULL, PRIMARY KEY (agency_id, holder_id));",
                    ViewRights("view.holder", kRole),
                    "CREATE TABLE view.log (agency_id text, fact_id text PRIMARY KEY,"
                    " version bigint NOT NULL, title text NOT NULL);",
                    ViewRights("view.log", kRole),
                    "CREATE TABLE view.effect (position bigint GENERATED ALWAYS AS IDENTITY,"
                    " agency_id text NOT NULL, record_key text NOT NULL, value text NOT NULL);",
                    ViewRights("view.effect", kRole))});
  return migrations;
}

// Records one more fact, whose title is the number of facts so far.
inline Change CountUp(const std::string& id, const std::string& name = kCanary) {
  return MakeChange<directory::v1::RoleHolder, directory::v1::DirectoryFact>(
      "holder", id,
      [id, name](const directory::v1::RoleHolder& holder,
                 int64_t version) -> absl::StatusOr<std::vector<directory::v1::DirectoryFact>> {
        int before = 0;
        if (version > 0 && !absl::SimpleAtoi(holder.title(), &before)) {
          return absl::InternalError("the state is not what was recorded");
        }
        directory::v1::DirectoryFact fact;
        directory::v1::RoleHolder* next = fact.mutable_holder_appointed()->mutable_holder();
        next->set_holder_id(id);
        next->set_title(absl::StrCat(before + 1));
        next->set_name(name);
        return std::vector<directory::v1::DirectoryFact>{fact};
      });
}

inline Change Refused(const std::string& id) {
  return MakeChange<directory::v1::RoleHolder, directory::v1::DirectoryFact>(
      "holder", id,
      [](const directory::v1::RoleHolder&,
         int64_t) -> absl::StatusOr<std::vector<directory::v1::DirectoryFact>> {
        return InvalidField("holder_id", "NOT_TODAY", "is refused");
      });
}

inline Unit UnitOf(Change change, const std::string& request_id = "",
                   const std::string& agency_id = "agency-a") {
  Unit unit;
  unit.agency_id = agency_id;
  unit.actor = "person-1";
  unit.request_id = request_id;
  unit.request_hash = "hash";
  unit.changes.push_back(std::move(change));
  return unit;
}

class LedgerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Ledger> Open(std::function<void(Ledger::Options&)> change = nullptr) {
    Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &directory::v1::DirectoryFact::default_instance();
    options.aggregates = Aggregates();
    if (change) change(options);
    auto ledger = Ledger::Open(std::move(options), MakeSealer());
    EXPECT_THAT(ledger, testing::IsOk());
    return *std::move(ledger);
  }

  static std::unique_ptr<privacy::Sealer> MakeSealer() {
    return *privacy::Sealer::Create(std::string(32, 'k'));
  }

  // One value, as superuser, who sees all.
  int64_t Number(const std::string& sql, pg::Values values = {}) {
    auto result = testing::Connect(database_.admin())->Query(sql, std::move(values));
    EXPECT_THAT(result, testing::IsOk()) << sql;
    return result.ok() && result->rows() == 1 ? result->Int(0, 0) : -1;
  }
  void Run(const std::string& sql) {
    EXPECT_THAT(testing::Connect(database_.admin())->Script(sql), testing::IsOk()) << sql;
  }

  // All sessions of the service's role are cut off.
  void KillSessions() {
    Run(absl::StrCat("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '",
                     database_.name(), "' AND usename LIKE '", kRole, "%'"));
  }

  // Every value of every column of every table of ours, with bytes as they are.
  std::string EverythingStored() {
    auto admin = testing::Connect(database_.admin());
    auto columns = admin->Query(
        "SELECT format('%I.%I', table_schema, table_name)::text, column_name::text,"
        " data_type::text FROM information_schema.columns"
        " WHERE table_schema IN ('ledger', 'view', 'privacy', 'reference')");
    EXPECT_THAT(columns, testing::IsOk());
    std::string all;
    for (int row = 0; row < columns->rows(); ++row) {
      const bool bytes = columns->Text(row, 2) == "bytea";
      auto values =
          admin->Query(absl::StrCat("SELECT ", pg::QuoteName(columns->Text(row, 1)),
                                    bytes ? "" : "::text", " FROM ", columns->Text(row, 0)));
      EXPECT_THAT(values, testing::IsOk());
      for (int i = 0; i < values->rows(); ++i) absl::StrAppend(&all, values->Text(i, 0), "\n");
    }
    return all;
  }

  // Versions without a gap or a repetition, for each aggregate.
  int64_t AggregatesWithGaps() {
    return Number(
        "SELECT count(*) FROM (SELECT FROM ledger.fact GROUP BY agency_id, aggregate_type,"
        " aggregate_id HAVING min(version) <> 1 OR max(version) <> count(*)) AS wrong");
  }

  testing::Database database_{kRole, TestMigrations()};
};

// The ledger's thread stands still while this lives: whatever is submitted waits together.
class Standstill {
 public:
  Standstill(const testing::Database& database, Ledger& ledger)
      : connection_(testing::Connect(database.admin())) {
    EXPECT_THAT(connection_->Script("BEGIN; LOCK TABLE ledger.fact IN ACCESS EXCLUSIVE MODE"),
                testing::IsOk());
    Unit first = UnitOf(CountUp("standstill"));
    first.done = [this](absl::StatusOr<Outcome>) { passed_.Notify(); };
    ledger.Submit(std::move(first));
    EXPECT_TRUE(testing::AwaitTrue([&] { return ledger.waiting() == 0; }));
  }
  ~Standstill() {
    EXPECT_THAT(connection_->Script("ROLLBACK"), testing::IsOk());
    passed_.WaitForNotification();
  }

 private:
  std::unique_ptr<pg::Connection> connection_;
  absl::Notification passed_;
};

// Collects answers in the order in which they come.
class Answers {
 public:
  std::function<void(absl::StatusOr<Outcome>)> Next(int number) {
    return [this, number](absl::StatusOr<Outcome> outcome) {
      absl::MutexLock lock(&mutex_);
      answers_.emplace_back(number, std::move(outcome));
    };
  }
  std::vector<std::pair<int, absl::StatusOr<Outcome>>> Take(size_t count) {
    EXPECT_TRUE(testing::AwaitTrue(
        [&] {
          absl::MutexLock lock(&mutex_);
          return answers_.size() >= count;
        },
        absl::Seconds(60)));
    absl::MutexLock lock(&mutex_);
    return std::move(answers_);
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::pair<int, absl::StatusOr<Outcome>>> answers_;
};

// How many the next batch has, once there is one. A relay waits for whatever transaction is open in
// the cluster, another test's too.
inline absl::StatusOr<int> NextBatch(Relay& relay) {
  absl::StatusOr<int> published = 0;
  testing::AwaitTrue([&] {
    published = relay.PublishBatch();
    return !published.ok() || *published > 0;
  });
  return published;
}

}  // namespace fosterwatch::ledger
