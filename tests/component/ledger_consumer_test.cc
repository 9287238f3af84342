// What a consumer makes of records: each effect once, in order, whatever goes away meanwhile.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/consumer_world.h"
#include "tests/support/memory_bus.h"

namespace fosterwatch::ledger {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::MemoryBus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(ConsumerTest, ParksWhatItCannotTakeAndGoesOn) {
  auto ledger = Open();
  MemoryBus bus;
  std::vector<bus::Record> records;
  records.push_back(RecordOf("1", "k", "one"));
  records.push_back(RecordOf("2", "k2", absl::StrCat("bad ", kCanary)));
  records.push_back(RecordOf("3", "k3", "refused"));
  records.push_back(RecordOf("", "k", "no id"));
  records.push_back(RecordOf(std::string("a\0b", 3), "k5", "id with a NUL"));
  records.push_back(RecordOf("\xff\xfe", std::string("\0\xff", 2), "id and key are no text"));
  records.push_back(RecordOf(std::string(5000, 'i'), "k7", "id too long"));
  records.push_back(RecordOf("8", "k8", std::string("text with a NUL \0", 17)));
  records.push_back(RecordOf("9", "k", "two agencies"));
  records.back().headers.back().second = "agency-a,agency-b";
  records.push_back(RecordOf("10", "k10", "agency is no text"));
  records.back().headers.back().second = "\xff";
  records.push_back(RecordOf("11", "k", "of no interest"));
  records.push_back(RecordOf("12", "k", "last"));
  ASSERT_THAT(bus.Publish(records), IsOk());
  {
    Consumer::Options options = Options();
    options.on_parked = [](const bus::Record&, const Parked& parked, Unit& unit) {
      // A fact that alerts a person.
      unit.changes.push_back(CountUp("parked", parked.reason_code));
    };
    Running consumer(ledger.get(), &bus, database_.service(), std::move(options));
    EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group"); })) << consumer->last_status();
    EXPECT_EQ(consumer->parked_count(), 9);
  }
  EXPECT_THAT(Effects(), ElementsAre("k:one", "k:last"));
  auto parked = Connect(database_.admin())
                    ->Query(
                        "SELECT \"offset\", reason_code, parked_id, agency_id, sealed_value"
                        " FROM ledger.parked ORDER BY \"offset\"");
  ASSERT_THAT(parked, IsOk());
  std::vector<std::string> reasons;
  for (int row = 0; row < parked->rows(); ++row) {
    reasons.push_back(absl::StrCat(parked->Int(row, 0), " ", parked->Text(row, 1)));
  }
  EXPECT_THAT(reasons, ElementsAre("1 UNREADABLE", "2 NOT_TODAY", "3 MALFORMED_ENVELOPE",
                                   "4 INVALID_ARGUMENT", "5 INVALID_ARGUMENT", "6 ID_TOO_LONG",
                                   "7 INVALID_ARGUMENT", "8 INVALID_AGENCY", "9 INVALID_ARGUMENT"));
  EXPECT_EQ(Number("SELECT sum(version)::bigint FROM view.holder WHERE holder_id = 'parked'"), 9);

  // What was parked is sealed, and can be read again by whoever has the key.
  EXPECT_THAT(EverythingStored(), Not(HasSubstr(kCanary)));
  auto sealer = MakeSealer();
  const privacy::Subject subject{parked->Text(0, 3), "parked:" + parked->Text(0, 2)};
  auto relay = Connect(database_.relay());
  ASSERT_THAT(sealer->Prepare(*relay, {subject}, /*create=*/false), IsOk());
  EXPECT_EQ(*sealer->Open(subject, parked->Text(0, 2), parked->Text(0, 4)),
            absl::StrCat("bad ", kCanary));

  // All of it again: nothing happens twice, nothing is parked twice.
  bus.ForgetOffsets("group");
  Running again(ledger.get(), &bus, database_.service(), Options());
  EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group"); })) << again->last_status();
  EXPECT_THAT(Effects(), SizeIs(2));
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.parked"), 9);
}

TEST_F(ConsumerTest, TheSameFactTenTimesIsOneEffect) {
  auto ledger = Open();
  MemoryBus bus;
  ASSERT_THAT(bus.Publish(std::vector<bus::Record>(10, RecordOf("1", "k", "once"))), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Options());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
    bus.ForgetOffsets("group");
  }
  ASSERT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  EXPECT_THAT(Effects(), ElementsAre("k:once"));
}

TEST_F(ConsumerTest, WaitsWhileTheBusIsAway) {
  auto ledger = Open();
  MemoryBus bus;
  bus.SetAway(true);
  Running consumer(ledger.get(), &bus, database_.service(), Options());
  EXPECT_TRUE(AwaitTrue([&] { return absl::IsUnavailable(consumer->last_status()); }));
  bus.SetAway(false);
  ASSERT_THAT(bus.Publish({RecordOf("1", "k", "one")}), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
  bus.SetAway(true);
  EXPECT_TRUE(AwaitTrue([&] { return absl::IsUnavailable(consumer->last_status()); }));
  bus.SetAway(false);
  ASSERT_THAT(bus.Publish({RecordOf("2", "k", "two")}), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group") && consumer->last_status().ok(); }));
  EXPECT_THAT(Effects(), ElementsAre("k:one", "k:two"));
}

TEST_F(ConsumerTest, WaitsWhileTheDatabaseIsAwayAndParksNothing) {
  auto ledger = Open();
  MemoryBus bus;
  auto server = Connect(testing::TestCluster());
  const auto allow = [&](bool yes) {
    ASSERT_THAT(server->Script(absl::StrCat("ALTER DATABASE ", database_.name(),
                                            " WITH ALLOW_CONNECTIONS ", yes)),
                IsOk());
  };
  allow(false);
  ASSERT_THAT(server->Script(absl::StrCat(
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '",
                  database_.name(), "'")),
              IsOk());
  std::vector<bus::Record> records;
  for (int i = 0; i < 300; ++i) {
    records.push_back(RecordOf(absl::StrCat(i), "k", absl::StrCat(i)));
  }
  records.push_back(RecordOf("bad", "bad", "bad"));
  ASSERT_THAT(bus.Publish(records), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Options());
  EXPECT_TRUE(AwaitTrue([&] { return absl::IsUnavailable(consumer->last_status()); }));
  EXPECT_FALSE(bus.Done("group"));
  allow(true);
  EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group"); }, absl::Seconds(60)));
  EXPECT_THAT(Effects(), SizeIs(300));
  EXPECT_EQ(consumer->parked_count(), 1);
  EXPECT_THAT(ledger->Check(), IsOk());
}

TEST_F(ConsumerTest, OrderHoldsWhateverGoesAwayInBetween) {
  auto ledger = Open([](Ledger::Options& options) {
    options.batch = 5;
    options.queue = 40;  // less than a poll brings: the consumer finds it full
  });
  MemoryBus bus;
  std::vector<bus::Record> records;
  for (int i = 0; i < 600; ++i) {
    records.push_back(
        RecordOf(absl::StrCat("id-", i), absl::StrCat("k", i % 3), absl::StrCat(i / 3)));
  }
  ASSERT_THAT(bus.Publish(records), IsOk());
  Running consumer(ledger.get(), &bus, database_.service(), Options());
  int kills = 0;
  EXPECT_TRUE(AwaitTrue(
      [&] {
        if (kills++ < 100) KillSessions();
        return bus.Done("group");
      },
      absl::Seconds(60)));
  std::printf("sessions were killed %d times\n", std::min(kills, 100));
  std::map<std::string, int> next;
  const std::vector<std::string> effects = Effects();
  for (const std::string& effect : effects) {
    const std::string key = effect.substr(0, 2);
    ASSERT_EQ(effect, absl::StrCat(key, ":", next[key]++));
  }
  EXPECT_THAT(effects, SizeIs(600));
  EXPECT_EQ(consumer->parked_count(), 0);
}

}  // namespace
}  // namespace fosterwatch::ledger
