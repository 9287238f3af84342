// What the fault tests of relay and consumers share: the ledger of tests/component/ledger_world.h,
// a real bus of either kind with a topic of its own, workers in processes of their own that may be
// killed, stopped and resumed, and the oracle over all of it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "libs/bus/bus.h"
#include "libs/testing/process.h"
#include "tests/component/ledger_world.h"
#include "tests/faults/scale.h"
#include "tests/oracle/oracle.h"

namespace fosterwatch::faults {

// Named by its bus: "postgres" or "kafka".
class World : public ledger::LedgerTest, public ::testing::WithParamInterface<std::string> {
 protected:
  using Settings = std::map<std::string, std::string>;

  World();
  ~World() override;

  bool kafka() const { return GetParam() == "kafka"; }
  // A connection to the bus; the caller's own.
  std::unique_ptr<bus::Bus> OpenBus() const;
  bus::Bus& bus() { return *bus_; }
  const std::string& topic() const { return topic_; }

  // A worker with a relay, whose sessions are known to the database by `name`.
  std::unique_ptr<testing::Process> StartRelay(const std::string& name, Settings settings = {});
  // A worker with a consumer of the group "group"; a member of that name where one is given.
  std::unique_ptr<testing::Process> StartConsumer(const std::string& member,
                                                  Settings settings = {});
  // The newest value of "state <name>=..." that a worker said, or "".
  static std::string Said(const testing::Process& worker, const std::string& name);
  // Whether a signal holds it still.
  static bool IsStopped(const testing::Process& worker);
  // The name of the relay that holds the lock now, or "".
  std::string Leader();
  // Cuts off the sessions that a worker has with one database, as a firewall or an operator would.
  void CutSessions(const std::string& name) { CutSessions(name, database_.name()); }
  void CutSessionsWithBus(const std::string& name) { CutSessions(name, bus_database_.name()); }

  // Publishes facts of made up aggregates straight to the bus: `count` versions of each key,
  // in order per key. They are what effects are judged by.
  void Publish(int keys, int versions, size_t value_bytes = 0, absl::Duration age = {});
  // Every record published by Publish again, `copies` times, in the order that `random` makes.
  void PublishCopies(int copies, std::mt19937& random);

  // Of the ledger and the bus, once what is on the bus could be read: for relays.
  oracle::Verdict JudgeRelay();
  // Of what Publish published and the effects: for consumers.
  oracle::Verdict JudgeEffects();
  int64_t Effects() { return Number("SELECT count(*) FROM view.effect"); }

 private:
  void CutSessions(const std::string& name, const std::string& database);
  std::vector<oracle::Record> ReadBus();
  oracle::Verdict JudgeRelayOnce();

  testing::Database bus_database_;
  std::string topic_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<bus::Subscription> reader_;
  std::vector<oracle::Record> read_;
  std::vector<bus::Record> published_;
  std::map<std::string, int64_t> versions_;
  std::vector<oracle::Fact> facts_;
};

}  // namespace fosterwatch::faults
