// The oracle on a real ledger, relay and consumer: a bus that brings everything twice is absorbed
// by the inbox; with the inbox taken out the same run turns red.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/ledger/consumer.h"
#include "libs/ledger/relay.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/ledger_world.h"
#include "tests/oracle/oracle.h"
#include "tests/support/memory_bus.h"

namespace fosterwatch::ledger {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::MemoryBus;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class InboxTest : public LedgerTest {
 protected:
  // Records thirty facts of three aggregates, publishes them, and has them consumed twice.
  oracle::Verdict ConsumeTwice(bool inbox) {
    oracle::History history;
    auto ledger = Open();
    for (int i = 0; i < 30; ++i) {
      const std::string request = absl::StrCat("request-", i);
      Unit unit = UnitOf(CountUp(absl::StrCat("h", i % 3)), request);
      unit.cause = request;
      EXPECT_THAT(ledger->SubmitAndWait(std::move(unit)), IsOk());
      history.requests.push_back({request, oracle::Answer::kAcknowledged});
    }
    MemoryBus bus;
    Relay relay(ledger.get(), &bus, {kTopic, "fosterwatch.directory.v1", "/test"});
    EXPECT_TRUE(AwaitTrue([&] { return relay.PublishBatch().ok() && bus.records().size() == 30; }));

    Consumer::Options options;
    options.group = "group";
    options.topics = {kTopic};
    options.inbox = inbox;
    options.handle = [](const bus::Record& record) -> absl::StatusOr<std::optional<Unit>> {
      Unit unit;
      unit.agency_id = bus::HeaderOf(record, "ce_agencyid");
      unit.effects.push_back(
          {"INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, $2, $3)",
           {unit.agency_id, record.key, bus::HeaderOf(record, "ce_id")}});
      return unit;
    };
    {
      auto sealer = MakeSealer();
      Consumer consumer(ledger.get(), &bus, sealer.get(), database_.service(), options);
      runtime::Stop stop;
      std::thread thread([&] { consumer.Run(stop); });
      EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
      bus.ForgetOffsets("group");
      EXPECT_TRUE(AwaitTrue([&] { return bus.Done("group"); }));
      stop.Request();
      thread.join();
    }

    auto admin = Connect(database_.admin());
    auto facts = admin->Query(
        "SELECT fact_id, agency_id || '/' || aggregate_id, version, cause FROM ledger.fact");
    auto effects = admin->Query(
        "SELECT value, record_key, version FROM view.effect JOIN ledger.fact ON fact_id = value"
        " ORDER BY view.effect.position");
    EXPECT_THAT(facts, IsOk());
    EXPECT_THAT(effects, IsOk());
    for (int row = 0; row < facts->rows(); ++row) {
      history.facts.push_back(
          {facts->Text(row, 0), facts->Text(row, 1), facts->Int(row, 2), facts->Text(row, 3)});
    }
    for (int row = 0; row < effects->rows(); ++row) {
      history.effects.push_back(
          {effects->Text(row, 0), effects->Text(row, 1), effects->Int(row, 2)});
    }
    for (const bus::Record& record : bus.records()) {
      int64_t version = 0;
      EXPECT_TRUE(absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &version));
      history.records.push_back({bus::HeaderOf(record, "ce_id"), record.key, version});
    }
    return oracle::Judge(history);
  }
};

TEST_F(InboxTest, WhatComesTwiceHasItsEffectOnce) {
  const oracle::Verdict verdict = ConsumeTwice(/*inbox=*/true);
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
}

TEST_F(InboxTest, WithTheInboxTakenOutTheOracleNamesEveryDuplicate) {
  const oracle::Verdict verdict = ConsumeTwice(/*inbox=*/false);
  EXPECT_THAT(verdict.duplicate, SizeIs(30)) << verdict.ToString();
  EXPECT_THAT(verdict.duplicate[0], HasSubstr("had its effect 2 times"));
  EXPECT_THAT(verdict.lost, SizeIs(0));
  EXPECT_THAT(verdict.ghost, SizeIs(0));
}

}  // namespace
}  // namespace fosterwatch::ledger
