// What leaves a ledger and what can be made again from it: the relay, and a rebuild.
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/ledger/consumer.h"
#include "libs/ledger/id.h"
#include "libs/ledger/relay.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/ledger_world.h"
#include "tests/support/memory_bus.h"

namespace fosterwatch::ledger {
namespace {

using directory::v1::DirectoryFact;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::IsOkAndHolds;
using ::fosterwatch::testing::MemoryBus;
using ::fosterwatch::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class RelayTest : public LedgerTest {
 protected:
  static Relay::Options RelayOptions(int batch = 500) {
    return {kTopic, "fosterwatch.directory.v1", "/fosterwatch/directory", batch};
  }
  // A session of the service with an open transaction that has inserted these facts.
  std::unique_ptr<pg::Connection> OpenTransaction() {
    auto session = Connect(database_.service());
    EXPECT_THAT(
        session->Pipeline(
            {{"BEGIN", {}}, {"SELECT set_config('fosterwatch.agencies', 'agency-a', true)", {}}}),
        IsOk());
    return session;
  }
  static absl::Status Insert(pg::Connection& session, const std::string& aggregate,
                             int64_t version) {
    return session
        .Query(
            "INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id, version,"
            " name, payload, subject_id, recorded_at, actor, cause, trace_parent)"
            " VALUES ($1, 'agency-a', 'holder', $2, $3, 'holder_appointed', '', '', now(), '', '',"
            " '')",
            {absl::StrCat(aggregate, "/", version), aggregate, version})
        .status();
  }
  static std::vector<std::string> Ids(const std::vector<bus::Record>& records) {
    std::vector<std::string> ids;
    for (const bus::Record& record : records) ids.push_back(bus::HeaderOf(record, "ce_id"));
    return ids;
  }
};

TEST_F(RelayTest, PublishesAFactAsACloudEventWithItsPublicFieldsOnly) {
  auto ledger = Open();
  Unit unit = UnitOf(MakeChange<directory::v1::Body, DirectoryFact>(
      "body", "northshire",
      [](const directory::v1::Body&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        DirectoryFact fact;
        directory::v1::Body* body = fact.mutable_body_recorded()->mutable_body();
        body->set_body_id("northshire");
        body->add_contacts()->set_address(absl::StrCat(kCanary, "@example.org"));  // internal
        return std::vector<DirectoryFact>{fact};
      }));
  unit.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  ASSERT_THAT(ledger->SubmitAndWait(std::move(unit)), IsOk());
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "request-1")), IsOk());  // personal
  MemoryBus bus;
  Relay relay(ledger.get(), &bus, RelayOptions());
  EXPECT_THAT(NextBatch(relay), IsOkAndHolds(2));
  EXPECT_THAT(relay.PublishBatch(), IsOkAndHolds(0));

  const std::vector<bus::Record> records = bus.records();
  ASSERT_THAT(records, SizeIs(2));
  for (const bus::Record& record : records) {
    EXPECT_THAT(record.value, Not(HasSubstr(kCanary)));
    EXPECT_THAT(record.key, Not(HasSubstr(kCanary)));
    for (const auto& [name, value] : record.headers) EXPECT_THAT(value, Not(HasSubstr(kCanary)));
  }
  const bus::Record& record = records[0];
  EXPECT_EQ(record.topic, kTopic);
  EXPECT_EQ(record.key, "agency-a/northshire");
  EXPECT_EQ(bus::HeaderOf(record, "ce_specversion"), "1.0");
  EXPECT_EQ(bus::HeaderOf(record, "ce_type"), "fosterwatch.directory.v1.body_recorded");
  EXPECT_EQ(bus::HeaderOf(record, "ce_source"), "/fosterwatch/directory");
  EXPECT_EQ(bus::HeaderOf(record, "ce_subject"), "northshire");
  EXPECT_EQ(bus::HeaderOf(record, "ce_agencyid"), "agency-a");
  EXPECT_EQ(bus::HeaderOf(record, "ce_sequence"), "0000000001");
  EXPECT_EQ(bus::HeaderOf(record, "traceparent"),
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  auto envelope = EnvelopeOf(record);
  ASSERT_THAT(envelope, IsOk());
  EXPECT_EQ(envelope->fact_name, "body_recorded");
  EXPECT_EQ(envelope->agency_id, "agency-a");
  EXPECT_EQ(envelope->actor, "person-1");
  DirectoryFact fact;
  ASSERT_TRUE(fact.ParseFromString(record.value));
  EXPECT_EQ(fact.body_recorded().body().body_id(), "northshire");
}

TEST_F(RelayTest, WaitsForATransactionThatCommitsLate) {
  auto ledger = Open();
  MemoryBus bus;
  Relay relay(ledger.get(), &bus, RelayOptions());
  auto early = OpenTransaction();
  ASSERT_THAT(Insert(*early, "early", 1), IsOk());
  auto late = OpenTransaction();
  ASSERT_THAT(Insert(*late, "late", 1), IsOk());
  ASSERT_THAT(late->Commit(), IsOk());
  // "late" is committed and behind "early", which is not: reading it now would pass "early" over.
  EXPECT_THAT(relay.PublishBatch(), IsOkAndHolds(0));
  EXPECT_TRUE(AwaitTrue([&] {
    return relay.PublishBatch().ok() && relay.oldest_unsent_seconds() > 0;
  })) << "the wait is seen";
  ASSERT_THAT(early->Commit(), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return relay.PublishBatch().ok() && bus.records().size() == 2; }));
  EXPECT_THAT(Ids(bus.records()), ElementsAre("early/1", "late/1"));
}

TEST_F(RelayTest, MissesNoFactOfSixteenWritersThatCommitInAnyOrder) {
  constexpr int kWriters = 16, kTransactions = 160;
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  auto ledger = Open();
  MemoryBus bus;
  Relay relay(ledger.get(), &bus, RelayOptions(97));
  std::atomic<int> committed = 0;
  std::atomic<int> running = kWriters;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      std::mt19937 random(seed + w);
      auto session = Connect(database_.service());
      int64_t version = 0;
      for (int t = 0; t < kTransactions; ++t) {
        const int facts = 1 + static_cast<int>(random() % 3);
        const bool roll_back = random() % 10 == 0;
        std::vector<pg::Statement> statements = {
            {"BEGIN", {}}, {"SELECT set_config('fosterwatch.agencies', 'agency-a', true)", {}}};
        ASSERT_THAT(session->Pipeline(statements), IsOk());
        for (int f = 0; f < facts; ++f) {
          ASSERT_THAT(Insert(*session, absl::StrCat("w", w), version + f + 1), IsOk());
          // The others overtake now and then.
          if (random() % 8 == 0) {
            ASSERT_THAT(session->Query("SELECT pg_sleep(0.003)"), IsOk());
          }
        }
        if (roll_back) {
          session->Rollback();
        } else {
          ASSERT_THAT(session->Commit(), IsOk());
          version += facts;
          committed += facts;
        }
      }
      --running;
    });
  }
  while (running > 0) ASSERT_THAT(relay.PublishBatch(), IsOk());
  for (std::thread& writer : writers) writer.join();
  EXPECT_TRUE(AwaitTrue([&] {
    auto sent = relay.PublishBatch();
    return sent.ok() && *sent == 0 && static_cast<int>(bus.records().size()) >= committed;
  }));
  std::map<std::string, int64_t> last;
  for (const bus::Record& record : bus.records()) {
    int64_t sequence = 0;
    ASSERT_TRUE(absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &sequence));
    EXPECT_EQ(sequence, last[record.key] + 1) << record.key;
    last[record.key] = sequence;
  }
  EXPECT_GT(committed, 4000);
  EXPECT_EQ(static_cast<int>(bus.records().size()), committed);
}

TEST_F(RelayTest, RepeatsABatchThatFailedHalfWayAndPassesNothingOver) {
  auto ledger = Open();
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp(absl::StrCat("h", i % 3)))), IsOk());
  }
  MemoryBus bus;
  {
    Relay relay(ledger.get(), &bus, RelayOptions(20));
    bus.FailAfter(7);
    EXPECT_THAT(NextBatch(relay), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(bus.records(), SizeIs(7));
    EXPECT_GT(relay.oldest_unsent_seconds(), 0);
    bus.FailAfter(-1);
  }
  Relay relay(ledger.get(), &bus, RelayOptions(20));  // as after a restart
  EXPECT_THAT(NextBatch(relay), IsOkAndHolds(20));
  EXPECT_THAT(NextBatch(relay), IsOkAndHolds(10));
  EXPECT_THAT(relay.PublishBatch(), IsOkAndHolds(0));
  EXPECT_EQ(relay.oldest_unsent_seconds(), 0);
  std::map<std::string, int64_t> last;
  std::set<std::string> seen;
  for (const bus::Record& record : bus.records()) {
    if (!seen.insert(bus::HeaderOf(record, "ce_id")).second) continue;
    int64_t sequence = 0;
    ASSERT_TRUE(absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &sequence));
    EXPECT_EQ(sequence, ++last[record.key]);
  }
  EXPECT_THAT(seen, SizeIs(30));
  EXPECT_THAT(bus.records(), SizeIs(37));
}

TEST_F(RelayTest, OnlyOneRelayOfADatabasePublishesAndAnotherTakesOver) {
  auto ledger = Open();
  MemoryBus bus;
  auto first = std::make_unique<Relay>(ledger.get(), &bus, RelayOptions());
  ASSERT_THAT(first->PublishBatch(), IsOkAndHolds(0));
  Relay second(ledger.get(), &bus, RelayOptions());
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_THAT(second.PublishBatch(), IsOkAndHolds(0));
  EXPECT_THAT(NextBatch(*first), IsOkAndHolds(1));
  first.reset();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_TRUE(AwaitTrue([&] {
    auto sent = second.PublishBatch();
    return sent.ok() && *sent == 1;
  }));
}

TEST_F(RelayTest, GoesOnByItselfAfterTheBusAndTheDatabaseWereAway) {
  auto ledger = Open();
  MemoryBus bus;
  bus.SetAway(true);
  Relay relay(ledger.get(), &bus, RelayOptions());
  runtime::Stop stop;
  std::thread thread([&] { relay.Run(stop); });
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return absl::IsUnavailable(relay.last_status()); }));
  bus.SetAway(false);
  EXPECT_TRUE(AwaitTrue([&] { return bus.records().size() == 1; }));
  KillSessions();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "request-1")), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return bus.records().size() == 2 && relay.last_status().ok(); }));
  stop.Request();
  thread.join();
}

TEST_F(RelayTest, ReadsTransactionsInTheOrderOfTheirNumbers) {
  for (const char* tx : {"9", "10", "99", "100", "101"}) {
    Run(
        absl::StrCat("INSERT INTO ledger.fact (tx, fact_id, agency_id, aggregate_type,"
                     " aggregate_id, version, name, payload, subject_id, recorded_at, actor,"
                     " cause, trace_parent) VALUES ('",
                     tx, "', '", tx, "', 'agency-a', 'holder', 'h", tx,
                     "', 1, 'holder_appointed', '', '', now(), '', '', '')"));
  }
  auto ledger = Open();
  MemoryBus bus;
  Relay relay(ledger.get(), &bus, RelayOptions(2));
  EXPECT_TRUE(AwaitTrue([&] { return relay.PublishBatch().ok() && bus.records().size() == 5; }));
  EXPECT_THAT(Ids(bus.records()), ElementsAre("9", "10", "99", "100", "101"));
}

TEST_F(RelayTest, ReadsByItsIndexHoweverManyFactsThereAre) {
  Run("INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id, version, name,"
      " payload, subject_id, recorded_at, actor, cause, trace_parent)"
      " SELECT n::text, 'agency-a', 'holder', 'h' || n % 1000, 1 + n / 1000, 'holder_appointed',"
      " '', '', now(), '', '', '' FROM generate_series(0, 99999) AS n;"
      "ANALYZE ledger.fact");
  // Most of it has left before.
  Run("UPDATE ledger.relay SET tx = (SELECT max(tx)::text FROM ledger.fact),"
      " position = (SELECT max(position) - 3000 FROM ledger.fact)");
  const auto read = [this] {
    return Number(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
        " WHERE relname = 'fact'");
  };
  // What the sessions before have read is told when they end.
  int64_t before = read();
  ASSERT_TRUE(AwaitTrue([&] { return std::exchange(before, read()) == before && before > 0; }));
  {
    auto ledger = Open();
    MemoryBus bus;
    Relay relay(ledger.get(), &bus, RelayOptions());
    ASSERT_TRUE(AwaitTrue([&] { return relay.PublishBatch().ok() && !bus.records().empty(); }));
    for (int i = 0; i < 5; ++i) ASSERT_THAT(relay.PublishBatch(), IsOkAndHolds(500));
  }  // a session that ends says what it has read
  EXPECT_TRUE(AwaitTrue([&] { return read() >= before + 3000; }));
  EXPECT_LT(read(), before + 4000) << "each batch reads its own rows, not those behind it";
}

// ---- Rebuilding ----

TEST_F(RelayTest, ARebuildGivesTheSameViewsAndPublishesNothing) {
  auto ledger = Open();
  for (int i = 0; i < 1200; ++i) {
    Unit unit =
        UnitOf(CountUp(absl::StrCat("h", i % 700)), "", i % 3 == 0 ? "agency-a" : "agency-b");
    unit.done = [](absl::StatusOr<Outcome> outcome) { EXPECT_THAT(outcome, IsOk()); };
    ledger->Submit(std::move(unit));
  }
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("last"))), IsOk());
  MemoryBus bus;
  Relay relay(ledger.get(), &bus, RelayOptions());
  ASSERT_TRUE(AwaitTrue([&] { return relay.PublishBatch().ok() && bus.records().size() == 1201; }));
  const auto views = [&] {
    auto rows = Connect(database_.admin())
                    ->Query(
                        "SELECT string_agg(all_rows.line, E'\\n' ORDER BY line) FROM"
                        " (SELECT holder::text AS line FROM view.holder"
                        " UNION ALL SELECT log::text FROM view.log) AS all_rows");
    EXPECT_THAT(rows, IsOk());
    return Sha256(rows->Text(0, 0));
  };
  EXPECT_EQ(Number("SELECT count(*) FROM view.log WHERE title = version::text"), 1201);
  const std::string before = views();
  Run("UPDATE view.holder SET title = 'wrong' WHERE holder_id = 'h1';"
      "DELETE FROM view.holder WHERE holder_id = 'h2';"
      "INSERT INTO view.holder VALUES ('agency-a', 'ghost', '', 1);"
      "DELETE FROM view.log WHERE version = 2");
  ASSERT_NE(views(), before);
  ASSERT_THAT(ledger->Rebuild(), IsOk());
  EXPECT_EQ(views(), before);
  EXPECT_THAT(relay.PublishBatch(), IsOkAndHolds(0));
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 1201);
}

}  // namespace
}  // namespace fosterwatch::ledger
