// What every service with a ledger has: the ledger, its relay to the service's topic, the records
// that its consumers could not take (parked_service.h), and their readiness and gauges. A module
// opens one in Start.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "libs/ledger/access_service.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "libs/ledger/parked_service.h"
#include "libs/ledger/relay.h"
#include "libs/runtime/module.h"

namespace fosterwatch::ledger {

class Service {
 public:
  struct Options {
    std::string name;   // "notifiable_events"; its database is fosterwatch_<name>
    std::string topic;  // "fosterwatch.notifiable-events.v1"
    const google::protobuf::Message* fact = nullptr;
    std::vector<Aggregate> aggregates;
    // Records that this caller may not know of, as "allegation:ID": who looked at them is not told
    // to the caller either. None where it is not set.
    AccessService::Withheld withheld = nullptr;
  };

  static absl::StatusOr<std::unique_ptr<Service>> Open(runtime::Host& host, Options options);

  // Runs the relay; from here on facts leave.
  void StartRelay();

  // Runs a consumer of the service's own group into its ledger. The suffix keeps groups apart
  // where a service has several ("intake"); the group is then "<name>-<suffix>".
  void StartConsumer(const std::string& suffix, Consumer::Options options);

  Ledger& ledger() { return *ledger_; }
  privacy::Sealer& sealer() { return *sealer_; }

 private:
  Service(runtime::Host& host, std::string name) : host_(host), name_(std::move(name)) {}
  void CountParked(const runtime::Stop& stop);
  double Open(const std::string& group);

  runtime::Host& host_;
  const std::string name_;
  std::unique_ptr<privacy::Sealer> sealer_;  // of what consumers park
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Relay> relay_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::unique_ptr<ParkedService> parked_;
  std::unique_ptr<AccessService> access_;

  absl::Mutex mutex_;
  std::map<std::string, int64_t> open_ ABSL_GUARDED_BY(mutex_);  // parked, by consumer
};

// A unit of work for one RPC: its agency, caller, trace and request id (the request's field
// request_id, where it has one).
Unit UnitOf(const runtime::Call& call, const google::protobuf::Message& request);

// One RPC that changes one aggregate: records what `decide` says and returns the state after it.
// Blocks the calling thread until it is committed.
template <typename State, typename Fact>
absl::StatusOr<State> Write(
    Ledger& ledger, const runtime::Call& call, const google::protobuf::Message& request,
    std::string type, std::string id,
    std::function<absl::StatusOr<std::vector<Fact>>(const State&, int64_t version)> decide) {
  Unit unit = UnitOf(call, request);
  unit.changes.push_back(
      MakeChange<State, Fact>(std::move(type), std::move(id), std::move(decide)));
  auto outcome = ledger.SubmitAndWait(std::move(unit));
  if (!outcome.ok()) return outcome.status();
  return outcome->template As<State>(0);
}

}  // namespace fosterwatch::ledger
