// What cannot be taken: whose fault it is, what waits for it, and how it is taken after all.
// reliability.md C10, D1, D2 and D3.
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/ledger/parked.h"
#include "tests/component/consumer_world.h"

namespace fosterwatch::ledger {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::MemoryBus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPerson[] = "manager-1";

// Decides by key what happens to a record; counts how often each was tried.
class Fate {
 public:
  void Set(const std::string& key, absl::Status status) {
    absl::MutexLock lock(&mutex_);
    fates_[key] = std::move(status);
  }
  void SetAll(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    all_ = std::move(status);
  }
  absl::Status Of(const bus::Record& record) {
    absl::MutexLock lock(&mutex_);
    ++tries_[bus::HeaderOf(record, "ce_id")];
    ++total_;
    if (!all_.ok()) return all_;
    const auto found = fates_.find(record.key);
    return found == fates_.end() ? absl::OkStatus() : found->second;
  }
  int tries(const std::string& id) const {
    absl::MutexLock lock(&mutex_);
    const auto found = tries_.find(id);
    return found == tries_.end() ? 0 : found->second;
  }
  int total() const {
    absl::MutexLock lock(&mutex_);
    return total_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, absl::Status> fates_;
  std::map<std::string, int> tries_;
  absl::Status all_;
  int total_ = 0;
};

class ParkedTest : public ConsumerTest {
 protected:
  Consumer::Options Fated() {
    Consumer::Options options = Options();
    options.probe_every = absl::Milliseconds(20);
    options.handle = [this](const bus::Record& record) -> absl::StatusOr<std::optional<Unit>> {
      if (absl::Status fate = fate_.Of(record); !fate.ok()) return fate;
      return Handle(record);
    };
    return options;
  }

  static bus::Record Fact(const std::string& key, int version) {
    bus::Record record = RecordOf(absl::StrCat(key, "-", version), key, absl::StrCat("v", version));
    record.headers.emplace_back("ce_sequence", absl::StrCat(version));
    return record;
  }

  // The open ones with their reasons, in the order in which they came.
  std::vector<std::string> OpenRecords() {
    auto rows = Connect(database_.admin())
                    ->Query(
                        "SELECT encode(record_key, 'escape') || ' ' || reason_code"
                        " FROM ledger.parked p WHERE NOT EXISTS (SELECT 1 FROM"
                        " ledger.parked_outcome o WHERE o.parked_id = p.parked_id"
                        " AND outcome <> 'FAILED') ORDER BY \"offset\"");
    EXPECT_THAT(rows, IsOk());
    std::vector<std::string> open;
    for (int row = 0; row < rows->rows(); ++row) open.push_back(rows->Text(row, 0));
    return open;
  }
  std::string ParkedIdAt(int64_t offset) {
    auto rows = Connect(database_.admin())
                    ->Query("SELECT parked_id FROM ledger.parked WHERE \"offset\" = $1", {offset});
    EXPECT_THAT(rows, IsOk());
    return rows->rows() == 1 ? rows->Text(0, 0) : "";
  }
  int64_t Blocked() { return Number("SELECT count(*) FROM ledger.blocked_key"); }

  // In order per key, each once.
  void ExpectInOrder(const std::vector<std::string>& effects) {
    std::map<std::string, int> last;
    for (const std::string& effect : effects) {
      const std::vector<std::string> parts = absl::StrSplit(effect, ":v");
      int version = 0;
      ASSERT_TRUE(absl::SimpleAtoi(parts[1], &version));
      ASSERT_EQ(version, last[parts[0]] + 1) << effect;
      last[parts[0]] = version;
    }
  }

  static absl::Time Soon() { return absl::Now() + absl::Minutes(1); }

  Fate fate_;
};

TEST_F(ParkedTest, WhatCannotBeReadIsParkedAtOnceAndHoldsUpNobodyElse) {
  constexpr int kRecords = 10'000;
  auto ledger = Open();
  MemoryBus bus;
  std::vector<bus::Record> records;
  std::set<std::string> bad;
  for (int i = 0; i < kRecords; ++i) {
    const std::string id = absl::StrCat("id-", i);
    records.push_back(RecordOf(id, absl::StrCat("k", i), "fine"));
    if (i % 1000 != 500) continue;
    bad.insert(id);
    records.back().value = "bad";
    if (i % 2000 == 500) records.back().headers.resize(1);  // no envelope either
  }
  ASSERT_THAT(bus.Publish(records), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }, absl::Minutes(1)))
      << consumer->last_status();
  EXPECT_EQ(consumer->parked_count(), 10);
  EXPECT_THAT(Effects(), SizeIs(kRecords - 10));
  for (const std::string& id : bad) EXPECT_EQ(fate_.tries(id), 1) << id;
  EXPECT_EQ(Blocked(), 5) << "those that say whose fact they are";
  std::printf("%d records, %zu parked, each after one attempt\n", kRecords, bad.size());
}

TEST_F(ParkedTest, AFailingKeyParksItsOwnLaterFactsOnlyAndARetryTakesThemInOrder) {
  auto ledger = Open();
  MemoryBus bus;
  fate_.Set("k", absl::InternalError("broken for this one"));
  std::vector<bus::Record> records;
  for (int i = 1; i <= 101; ++i) {
    records.push_back(Fact("k", i));
    for (int other = 0; other < 20; ++other) records.push_back(Fact(absl::StrCat("o", other), i));
  }
  ASSERT_THAT(bus.Publish(records), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }, absl::Minutes(1)));
  EXPECT_THAT(consumer->last_status(), IsOk());
  const std::vector<std::string> others = Effects();
  EXPECT_THAT(others, SizeIs(2020));
  ExpectInOrder(others);
  const std::vector<std::string> open = OpenRecords();
  ASSERT_THAT(open, SizeIs(101));
  EXPECT_EQ(open[0], "k INTERNAL");
  EXPECT_EQ(open[1], "k BEHIND_PARKED");
  EXPECT_EQ(fate_.tries("k-1"), 3) << "a few quick attempts";
  EXPECT_EQ(fate_.tries("k-2"), 0) << "nothing is tried behind it";

  // Not mended yet: nothing changes but that it was tried.
  const std::string id = ParkedIdAt(0);
  auto replayed = consumer->Replay("agency-a", id, kPerson, Soon());
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->taken, 0);
  EXPECT_EQ(replayed->waiting, 101);
  EXPECT_EQ(replayed->stopped_by, "INTERNAL");
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.parked_outcome WHERE outcome = 'FAILED'"
                   " AND person_id = 'manager-1'"),
            1);

  // Another agency has no such record.
  EXPECT_TRUE(absl::IsNotFound(consumer->Replay("agency-b", id, kPerson, Soon()).status()));

  fate_.Set("k", absl::OkStatus());
  ASSERT_THAT(bus.Publish({Fact("k", 102)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(OpenRecords(), SizeIs(102)) << "mended is not retried";
  replayed = consumer->Replay("agency-a", id, kPerson, Soon());
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->taken, 102);
  EXPECT_EQ(replayed->waiting, 0);
  EXPECT_EQ(replayed->stopped_by, "");
  EXPECT_EQ(Blocked(), 0);
  ASSERT_THAT(bus.Publish({Fact("k", 103)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  const std::vector<std::string> all = Effects();
  EXPECT_THAT(all, SizeIs(2020 + 103)) << "none twice";
  ExpectInOrder(all);
  EXPECT_THAT(consumer->Replay("agency-a", id, kPerson, Soon()), HasReason("ALREADY_CLOSED"));

  // All of it again from the bus: everything was done.
  bus.ForgetOffsets("group");
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), SizeIs(2020 + 103));
  EXPECT_THAT(OpenRecords(), IsEmpty());
}

TEST_F(ParkedTest, ARefusalInsideABatchHoldsBackWhatStandsBehindIt) {
  auto ledger = Open();
  MemoryBus bus;
  // Decided by the ledger, when those behind it are submitted already.
  std::vector<bus::Record> records = {Fact("k", 1), Fact("k", 2), Fact("k", 3), Fact("o", 1)};
  records[1].value = "refused";
  ASSERT_THAT(bus.Publish(records), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k:v1", "o:v1"));
  EXPECT_THAT(OpenRecords(), ElementsAre("k NOT_TODAY", "k BEHIND_PARKED"));
}

TEST_F(ParkedTest, AnExceptionCostsItsKeyOnly) {
  auto ledger = Open();
  MemoryBus bus;
  Consumer::Options options = Options();
  options.handle = [](const bus::Record& record) -> absl::StatusOr<std::optional<Unit>> {
    if (record.key == "throws") throw std::runtime_error("a library's own");
    auto unit = Handle(record);
    if (unit.ok() && record.key == "throws later") {
      (*unit)->changes.push_back({"holder", "h", [](const auto&, int64_t) -> absl::StatusOr<Facts> {
                                    throw std::runtime_error("inside of the ledger");
                                  }});
    }
    return unit;
  };
  ASSERT_THAT(bus.Publish({Fact("throws", 1), Fact("throws later", 1), Fact("o", 1)}), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), std::move(options));
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("o:v1"));
  EXPECT_THAT(OpenRecords(), ElementsAre("throws HANDLER_THREW", "throws later DECISION_THREW"));
}

TEST_F(ParkedTest, NothingIsParkedWhileADependencyIsAway) {
  constexpr int kRecords = 10'000;
  auto ledger = Open();
  MemoryBus bus;
  std::vector<bus::Record> records;
  for (int i = 0; i < kRecords; ++i) {
    records.push_back(Fact(absl::StrCat("k", i % 500), 1 + i / 500));
  }
  ASSERT_THAT(bus.Publish(records), IsOk());
  fate_.SetAll(absl::UnavailableError("the owner does not answer"));
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return fate_.total() >= 8; }));
  EXPECT_TRUE(absl::IsUnavailable(consumer->last_status()));
  EXPECT_LT(fate_.total(), 30) << "one record is tried, not the topic";
  fate_.SetAll(absl::OkStatus());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }, absl::Minutes(1)));
  EXPECT_EQ(consumer->parked_count(), 0);
  const std::vector<std::string> effects = Effects();
  EXPECT_THAT(effects, SizeIs(kRecords));
  ExpectInOrder(effects);
}

TEST_F(ParkedTest, WhenNothingCanBeTakenTheFaultIsOursAndNothingIsParked) {
  auto ledger = Open();
  MemoryBus bus;
  std::vector<bus::Record> records;
  for (int i = 0; i < 1000; ++i) records.push_back(Fact(absl::StrCat("k", i), 1));
  ASSERT_THAT(bus.Publish(records), IsOk());
  fate_.SetAll(absl::InternalError("a bad deployment"));
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return consumer->breaker_open(); }));
  EXPECT_THAT(consumer->last_status(), HasReason("BREAKER_OPEN"));
  const int before = fate_.total();
  ASSERT_TRUE(AwaitTrue([&] { return fate_.total() >= before + 3; })) << "it probes";
  EXPECT_THAT(OpenRecords(), IsEmpty());
  fate_.SetAll(absl::OkStatus());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_FALSE(consumer->breaker_open());
  EXPECT_THAT(consumer->last_status(), IsOk());
  EXPECT_EQ(consumer->parked_count(), 0);
  EXPECT_THAT(Effects(), SizeIs(1000));
}

TEST_F(ParkedTest, ManyBadKeysInARowAreParkedOnceALaterOneIsTaken) {
  auto ledger = Open();
  MemoryBus bus;
  std::vector<bus::Record> records;
  for (int i = 0; i < 40; ++i) {
    records.push_back(Fact(absl::StrCat("bad", i), 1));
    fate_.Set(absl::StrCat("bad", i), absl::FailedPreconditionError("never"));
  }
  ASSERT_THAT(bus.Publish(records), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return consumer->breaker_open(); }));
  EXPECT_THAT(OpenRecords(), IsEmpty());
  ASSERT_THAT(bus.Publish({Fact("good", 1)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(OpenRecords(), SizeIs(40));
  EXPECT_THAT(Effects(), ElementsAre("good:v1"));
  EXPECT_FALSE(consumer->breaker_open());
}

TEST_F(ParkedTest, APublisherOfNothingButGarbageStopsNobody) {
  auto ledger = Open();
  MemoryBus bus;
  std::vector<bus::Record> records;
  for (int i = 0; i < 300; ++i) records.push_back(Fact(absl::StrCat("k", i), 1));
  for (bus::Record& record : records) record.value = "bad";
  ASSERT_THAT(bus.Publish(records), IsOk());
  Consumer::Options options = Fated();
  options.sequenced = false;
  Running consumer(ledger.get(), &bus, database_.service(), std::move(options));
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_FALSE(consumer->breaker_open());
  EXPECT_THAT(OpenRecords(), SizeIs(300));
  EXPECT_EQ(Blocked(), 0) << "each stands alone";
  ASSERT_THAT(bus.Publish({Fact("k0", 2)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k0:v2"));
}

TEST_F(ParkedTest, AMissingVersionIsWaitedForAndWhatWaitedFollowsIt) {
  auto ledger = Open();
  MemoryBus bus;
  Consumer::Options options = Fated();
  options.versioned_topics = {kTopic};
  Running consumer(ledger.get(), &bus, database_.service(), std::move(options));
  ASSERT_THAT(bus.Publish({Fact("k", 3), Fact("o", 1), Fact("k", 5), Fact("k", 6), Fact("o", 2)}),
              IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k:v3", "o:v1", "o:v2"));
  EXPECT_THAT(OpenRecords(), ElementsAre("k VERSION_MISSING", "k BEHIND_PARKED"));
  // A second hole, older copies, and then the first hole is filled.
  ASSERT_THAT(bus.Publish({Fact("k", 8), Fact("k", 3), Fact("k", 4)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k:v3", "o:v1", "o:v2", "k:v4", "k:v5", "k:v6"));
  EXPECT_THAT(OpenRecords(), ElementsAre("k BEHIND_PARKED"));
  EXPECT_EQ(Number("SELECT missing_version FROM ledger.blocked_key"), 7);
  ASSERT_THAT(bus.Publish({Fact("k", 7), Fact("k", 9)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(),
              ElementsAre("k:v3", "o:v1", "o:v2", "k:v4", "k:v5", "k:v6", "k:v7", "k:v8", "k:v9"));
  EXPECT_THAT(OpenRecords(), IsEmpty());
  EXPECT_EQ(Blocked(), 0);
}

TEST_F(ParkedTest, APersonMayGoOnWithoutAMissingVersion) {
  auto ledger = Open();
  MemoryBus bus;
  Consumer::Options options = Fated();
  options.versioned_topics = {kTopic};
  Running consumer(ledger.get(), &bus, database_.service(), std::move(options));
  ASSERT_THAT(bus.Publish({Fact("k", 3), Fact("k", 5), Fact("k", 8)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  auto replayed = consumer->Replay("agency-a", ParkedIdAt(2), kPerson, Soon());
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->taken, 2) << "of the whole key, whichever record is named";
  ASSERT_THAT(bus.Publish({Fact("k", 9)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k:v3", "k:v5", "k:v8", "k:v9"));
}

TEST_F(ParkedTest, RecordsThatWereLostStopTheConsumerUntilItsGroupIsMoved) {
  auto ledger = Open();
  MemoryBus bus;
  ASSERT_THAT(bus.Publish({Fact("k", 1)}), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  bus.Lose("group");
  ASSERT_TRUE(AwaitTrue([&] { return consumer->data_lost(); }));
  ASSERT_THAT(bus.Publish({Fact("k", 2), Fact("k", 3)}), IsOk());
  EXPECT_TRUE(absl::IsDataLoss(consumer->last_status()));
  EXPECT_THAT(Effects(), SizeIs(1));
  auto positions = bus.PositionsOf("group", {kTopic});
  positions->front().committed = 2;
  ASSERT_THAT(bus.MoveGroup("group", *positions), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k:v1", "k:v3"));
  EXPECT_TRUE(AwaitTrue([&] { return !consumer->data_lost(); }));
}

// Whoever retries, while records of the key keep coming, and however often it goes wrong.
TEST_F(ParkedTest, RetriesBesideTheRunningConsumerKeepTheOrderAndDoNothingTwice) {
  constexpr int kVersions = 400;
  auto ledger = Open();
  auto other = Open();  // another process
  MemoryBus bus;
  fate_.Set("k", absl::InternalError("now and then"));
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  MemoryBus nothing;
  Running elsewhere(other.get(), &nothing, database_.service(), Fated());
  std::atomic<bool> over = false;
  const auto retry = [&](Running& by) {
    while (!over) {
      auto rows = Connect(database_.admin())
                      ->Query(
                          "SELECT min(parked_id) FROM ledger.parked p WHERE NOT EXISTS"
                          " (SELECT 1 FROM ledger.parked_outcome o WHERE"
                          " o.parked_id = p.parked_id AND outcome <> 'FAILED')");
      if (!rows.ok() || rows->IsNull(0, 0)) {
        std::this_thread::yield();
        continue;
      }
      by->Replay("agency-a", rows->Text(0, 0), kPerson, Soon()).IgnoreError();
    }
  };
  std::thread first([&] { retry(consumer); });
  std::thread second([&] { retry(elsewhere); });
  for (int version = 1; version <= kVersions; ++version) {
    ASSERT_THAT(bus.Publish({Fact("k", version)}), IsOk());
    if (version % 7 == 0) fate_.Set("k", absl::OkStatus());
    if (version % 11 == 0) fate_.Set("k", absl::InternalError("now and then"));
    if (version % 5 == 0) AwaitTrue([&] { return bus.Done("group"); });
    if (version % 40 != 0) continue;
    // So that it is also free now and then.
    fate_.Set("k", absl::OkStatus());
    ASSERT_TRUE(AwaitTrue([&] { return Blocked() == 0; }));
  }
  fate_.Set("k", absl::OkStatus());
  EXPECT_TRUE(AwaitTrue(
      [&] { return bus.Done("group") && Effects().size() >= static_cast<size_t>(kVersions); },
      absl::Seconds(60)));
  EXPECT_TRUE(AwaitTrue([&] { return OpenRecords().empty() && Blocked() == 0; }));
  over = true;
  first.join();
  second.join();
  const std::vector<std::string> effects = Effects();
  EXPECT_THAT(effects, SizeIs(kVersions));
  ExpectInOrder(effects);
  std::printf("%lld records of the key were parked on the way\n",
              static_cast<long long>(Number("SELECT count(*) FROM ledger.parked")));
}

TEST_F(ParkedTest, OneRetryOfAKeyAtATime) {
  auto ledger = Open();
  MemoryBus bus;
  fate_.Set("k", absl::InternalError("broken"));
  Running consumer(ledger.get(), &bus, database_.service(), Fated());
  ASSERT_THAT(bus.Publish({Fact("k", 1)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  auto relay = Connect(database_.relay());
  const std::string id = ParkedIdAt(0);
  auto found = ReadRow(*relay, "agency-a", id);
  ASSERT_THAT(found, IsOk());
  {
    const auto lock = KeyLock::Take(database_.service(), found->row);
    ASSERT_THAT(lock, IsOk());
    EXPECT_THAT(consumer->Replay("agency-a", id, kPerson, Soon()), HasReason("RETRY_UNDER_WAY"));
  }
  EXPECT_TRUE(AwaitTrue([&] { return consumer->Replay("agency-a", id, kPerson, Soon()).ok(); }))
      << "the lock goes with its session";
}

}  // namespace
}  // namespace fosterwatch::ledger
