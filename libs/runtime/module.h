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
  // The bearer token of this service, renewed before it ends. FAILED_PRECONDITION where neither a
  // token file nor the local issuer is configured.
  virtual absl::StatusOr<std::string> ServiceToken() = 0;
  virtual absl::Time Now() const = 0;

  // Runs `body` on a thread of its own until stopped. The body returns only when stopped: earlier,
  // it ends the process with an error. Threads begin once all modules have started.
  virtual void Run(const std::string& name, std::function<void(const Stop&)> body) = 0;
  // Asked every second, on one thread, by readyz and gRPC health: OK, or why not. While one is not
  // OK, calls are better sent elsewhere.
  virtual void AddReadiness(const std::string& name, std::function<absl::Status()> check) = 0;
  // Asked and shown like readiness, but decides it only until it was OK once: for what the process
  // waits for at its start and works without later, such as the bus behind a relay.
  virtual void AddWatch(const std::string& name, std::function<absl::Status()> check) = 0;
  struct Readiness {
    std::string name;
    absl::Status status;
    bool required = true;
  };
  // The last answers of all checks of this process, in the order in which they were added.
  virtual std::vector<Readiness> Readinesses() const = 0;
  // A gauge under fosterwatch_<name>, read when it is scraped, from any thread.
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

// Runs these modules until SIGTERM or SIGINT: keys, metrics, database, bus, modules, door, loops;
// then drains (10 s at most) and stops in the reverse order; SIGQUIT ends it at once. Returns the
// exit code: 0 after a signal, 1 where it could not start or a loop ended. Once calls are taken it
// logs
// {"msg":"listening","grpc":"127.0.0.1:7410"} with the port that was bound.
int RunModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules);

// main() of a service's own program: settings from flags and environment, then RunModules.
int RunMain(int argc, char** argv, std::unique_ptr<Module> module);

// Rebuilds the views of these modules, one after the other. No other process should run them.
absl::Status RebuildModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules);

// The bus of the settings. UNAVAILABLE while it is away; FAILED_PRECONDITION where its schema is
// not the program's.
absl::StatusOr<std::unique_ptr<bus::Bus>> OpenBus(const Settings& settings);

// Makes databases and roles and applies migrations for these modules, and for the bus where it is
// in PostgreSQL, with its topics. Passwords of the roles are those of the passfile that
// settings.postgres names; without one the roles have none. May be run again at any time.
absl::Status SetUpDatabases(const Settings& settings,
                            const std::vector<std::unique_ptr<Module>>& modules);
// Makes the modules' topics that are missing on the bus of the settings.
absl::Status SetUpTopics(const Settings& settings,
                         const std::vector<std::unique_ptr<Module>>& modules);

}  // namespace fosterwatch::runtime
