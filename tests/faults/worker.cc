// A process with one relay or one consumer of the ledger of tests/component/ledger_world.h, to be
// stopped, killed and resumed by a test. Settings by the environment, as Worker::Start gives them.
// Every tenth of a second it says how it is: "state oldest_unsent=0.0 behind=0 status=OK".
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include <signal.h>

#include "libs/bus/kafka_bus.h"
#include "libs/bus/postgres_bus.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/relay.h"
#include "libs/runtime/log.h"
#include "tests/component/ledger_world.h"

namespace fosterwatch::faults {
namespace {

std::atomic<bool> ending = false;

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::unique_ptr<bus::Bus> OpenBus() {
  const std::string kafka = Setting("WORKER_KAFKA");
  auto bus = kafka.empty()
                 ? bus::MakePostgresBus(Setting("WORKER_BUS"))
                 : bus::MakeKafkaBus({.brokers = kafka, .session_timeout = absl::Seconds(6)});
  if (!bus.ok()) {
    std::fprintf(stderr, "no bus: %s\n", bus.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(bus);
}

// What a record brings about: one row, with the record's id.
absl::StatusOr<std::optional<ledger::Unit>> Effect(const bus::Record& record,
                                                   absl::Duration duration) {
  absl::SleepFor(duration);  // a slow consumer's work
  ledger::Unit unit;
  unit.agency_id = bus::HeaderOf(record, "ce_agencyid");
  unit.effects.push_back(
      {"INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, $2, $3)",
       {unit.agency_id, record.key, bus::HeaderOf(record, "ce_id")}});
  return unit;
}

int Main() {
  signal(SIGTERM, [](int) { ending = true; });
  const std::unique_ptr<bus::Bus> bus = OpenBus();
  ledger::Ledger::Options options;
  options.conninfo = Setting("WORKER_SERVICE");
  options.relay_conninfo = Setting("WORKER_RELAY");
  options.fact = &directory::v1::DirectoryFact::default_instance();
  options.aggregates = ledger::Aggregates();
  int days = 0;
  if (absl::SimpleAtoi(Setting("WORKER_DAYS_LATER"), &days)) {
    options.now = [days] { return absl::Now() + days * absl::Hours(24); };
  }
  auto sealer = *privacy::Sealer::Create(std::string(32, 'k'));
  auto ledger =
      *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(32, 'k')));

  runtime::Stop stop;
  std::unique_ptr<ledger::Relay> relay;
  std::unique_ptr<ledger::Consumer> consumer;
  const auto progress = std::make_shared<bus::Progress>();
  const std::string topic = Setting("WORKER_TOPIC");
  if (Setting("WORKER_GROUP").empty()) {
    relay = std::make_unique<ledger::Relay>(
        ledger.get(), bus.get(),
        ledger::Relay::Options{topic, "fosterwatch.directory.v1", "/test"});
  } else {
    ledger::Consumer::Options consume;
    consume.group = Setting("WORKER_GROUP");
    consume.member = Setting("WORKER_MEMBER");
    consume.topics = {topic};
    consume.progress = progress;
    int milliseconds = 0;
    (void)absl::SimpleAtoi(Setting("WORKER_MILLISECONDS"), &milliseconds);
    consume.handle = [milliseconds](const bus::Record& record) {
      return Effect(record, absl::Milliseconds(milliseconds));
    };
    consumer = std::make_unique<ledger::Consumer>(ledger.get(), bus.get(), sealer.get(),
                                                  Setting("WORKER_SERVICE"), std::move(consume));
  }
  std::thread thread([&] { relay != nullptr ? relay->Run(stop) : consumer->Run(stop); });
  while (!ending) {
    const double oldest = relay != nullptr ? relay->oldest_unsent_seconds() : 0;
    const absl::Status status = relay != nullptr ? relay->last_status() : consumer->last_status();
    std::printf("state oldest_unsent=%.1f behind=%lld status=%s\n", oldest,
                static_cast<long long>(progress->behind()),
                absl::StatusCodeToString(status.code()).c_str());
    std::fflush(stdout);
    absl::SleepFor(absl::Milliseconds(100));
  }
  stop.Request();
  thread.join();
  return 0;
}

}  // namespace
}  // namespace fosterwatch::faults

int main() { return fosterwatch::faults::Main(); }
