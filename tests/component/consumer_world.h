// What the tests of consumers share: records, a handler that writes what it is given into a view,
// and a consumer that runs for as long as the test wants it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/ledger/consumer.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/ledger_world.h"
#include "tests/support/memory_bus.h"

namespace fosterwatch::ledger {

class ConsumerTest : public LedgerTest {
 protected:
  static bus::Record RecordOf(const std::string& id, const std::string& key,
                              const std::string& value) {
    bus::Record record;
    record.topic = kTopic;
    record.key = key;
    record.value = value;
    record.headers = {{"ce_id", id},
                      {"ce_type", "test.v1.happened"},
                      {"ce_time", "2026-11-22T08:00:00Z"},
                      {"ce_agencyid", "agency-a"}};
    return record;
  }

  // Writes each record's value into view.effect; "bad" is unreadable.
  static absl::StatusOr<std::optional<Unit>> Handle(const bus::Record& record) {
    auto envelope = EnvelopeOf(record);
    if (!envelope.ok()) return envelope.status();
    if (absl::StartsWith(record.value, "bad")) return Unreadable();
    if (record.value == "refused") return UnitOf(Refused("h"));
    if (record.value == "of no interest") return std::nullopt;
    Unit unit;
    unit.agency_id = envelope->agency_id;
    unit.effects.push_back(
        {"INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, $2, $3)",
         {envelope->agency_id, record.key, record.value}});
    return unit;
  }

  Consumer::Options Options() {
    Consumer::Options options;
    options.group = "group";
    options.topics = {kTopic};
    options.handle = Handle;
    return options;
  }

  // A consumer on a thread of its own, for as long as this lives.
  class Running {
   public:
    Running(Ledger* ledger, testing::MemoryBus* bus, const std::string& conninfo,
            Consumer::Options options)
        : sealer_(MakeSealer()),
          consumer_(ledger, bus, sealer_.get(), conninfo, std::move(options)),
          thread_([this] { consumer_.Run(stop_); }) {}
    ~Running() {
      stop_.Request();
      thread_.join();
    }
    Consumer* operator->() { return &consumer_; }
    privacy::Sealer& sealer() { return *sealer_; }

   private:
    std::unique_ptr<privacy::Sealer> sealer_;
    Consumer consumer_;
    runtime::Stop stop_;
    std::thread thread_;
  };

  std::vector<std::string> Effects() {
    auto rows = testing::Connect(database_.admin())
                    ->Query("SELECT record_key || ':' || value FROM view.effect ORDER BY position");
    EXPECT_THAT(rows, testing::IsOk());
    std::vector<std::string> effects;
    for (int row = 0; row < rows->rows(); ++row) effects.push_back(rows->Text(row, 0));
    return effects;
  }
};

}  // namespace fosterwatch::ledger
