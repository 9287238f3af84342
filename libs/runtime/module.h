// A service as a library: what it serves, what it subscribes to, what it runs. main.cc of a
// service runs one module; apps/fosterwatch runs them all; nothing else differs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/bus/bus.h"
#include "libs/pg/migrate.h"
#include "libs/privacy/sealer.h"
#include "libs/runtime/client.h"
#include "libs/runtime/door.h"
#include "libs/runtime/settings.h"

namespace fosterwatch::runtime {

// Set when a loop is to end.
class Stop {
 public:
  bool requested() const;
  // Waits for `time` or until stopped; true when stopped.
  bool WaitFor(absl::Duration time) const;
  void Request();

 private:
  struct State;
  std::shared_ptr<State> state_ = MakeState();
  static std::shared_ptr<State> MakeState();
};

// What a process gives to its modules.
class Host {
 public:
  virtual ~Host() = default;
  virtual const Settings& settings() const = 0;
  virtual bus::Bus& bus() = 0;
  virtual Door& door() = 0;
  virtual Client& client() = 0;
  // With the master key of the settings; each service seals under keys of its own database.
  virtual absl::StatusOr<std::unique_ptr<privacy::Sealer>> MakeSealer() = 0;
  virtual auth::Verifier& verifier() = 0;
  // The bearer token of this service, renewed before it ends.
  virtual absl::StatusOr<std::string> ServiceToken() = 0;
  virtual absl::Time Now() const = 0;

  // Runs `body` on a thread of its own until stopped. The body returns only when stopped.
  virtual void Run(const std::string& name, std::function<void(const Stop&)> body) = 0;
  // Asked by readyz and gRPC health: OK, or why not.
  virtual void AddReadiness(const std::string& name, std::function<absl::Status()> check) = 0;
  // A gauge or counter under fosterwatch_<name>; bounded labels only, no ids.
  virtual void AddGauge(const std::string& name, const std::string& help,
                        std::function<double()> read) = 0;
};

class Module {
 public:
  virtual ~Module() = default;
  // "notifiable_events".
  virtual std::string name() const = 0;
  // The schema of its database; empty where it has none.
  virtual std::vector<pg::Migration> migrations() const = 0;
  // Topics of its own that have to exist.
  virtual std::vector<bus::Topic> topics() const = 0;
  // Registers handlers, opens the ledger, starts loops. Called once, before the door opens.
  virtual absl::Status Start(Host& host) = 0;
  // Rebuilds its views from its ledger (or from the topics); sends nothing. Called instead of
  // Start, with no door and no loops running.
  virtual absl::Status Rebuild(Host& host) = 0;
};

// Runs these modules until SIGTERM or SIGINT: settings, logging, metrics, database, bus, door,
// loops; then drains and stops in the reverse order. Returns the exit code.
int RunModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules);

// Applies migrations and makes databases, roles and topics for these modules.
absl::Status SetUpDatabases(const Settings& settings,
                            const std::vector<std::unique_ptr<Module>>& modules);
absl::Status SetUpTopics(const Settings& settings,
                         const std::vector<std::unique_ptr<Module>>& modules);

}  // namespace fosterwatch::runtime
