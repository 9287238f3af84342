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
#include "libs/runtime/checks.h"
#include "libs/runtime/client.h"
#include "libs/runtime/door.h"
#include "libs/runtime/settings.h"

namespace fosterwatch::runtime {

// Set when a loop is to end. A loop that asks it, or waits by it, is seen to be alive; so none
// waits long for anything else.
class Stop {
 public:
  bool requested() const;
  // Waits for `time` or until stopped; true when stopped.
  bool WaitFor(absl::Duration time) const;
  void Request();

  // The same stop, with a beat of its own.
  Stop ForLoop() const;
  // How long nobody has asked this one (nor a copy of it), beyond what WaitFor had announced.
  absl::Duration silence() const;

 private:
  struct State;
  struct Beat;
  static std::shared_ptr<State> MakeState();
  static std::shared_ptr<Beat> MakeBeat();
  std::shared_ptr<State> state_ = MakeState();
  std::shared_ptr<Beat> beat_ = MakeBeat();
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
  // Asked and shown too, and decides nothing; where it is OK, `text` says what is shown.
  virtual void AddRemark(const std::string& name, std::function<absl::Status()> check,
                         std::function<std::string()> text) {
    (void)name, (void)check, (void)text;
  }
  // The last answers of all checks of this process, in the order in which they were added.
  virtual std::vector<CheckLine> Readinesses() const = 0;
  // When a watchdog last asked this process how it is; InfinitePast where none has.
  virtual absl::Time LastWatched() const { return absl::InfinitePast(); }
  // Called once when the process is to end, while everything still works: no further work is let in
  // from outside, and what is under way comes to its end, within `patience`. For a way in besides
  // the door.
  virtual void OnDrain(std::function<void(absl::Duration patience)> drain) { (void)drain; }
  // A gauge under fosterwatch_<name>, or a counter where the name ends in _total; read when it is
  // scraped, from any thread.
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
  // Whether a process of it alone is for a watchdog to watch; the watchdog's own is not.
  virtual bool IsWatched() const { return true; }
  // Registers handlers, opens the ledger, starts loops. Called once, before the door opens.
  virtual absl::Status Start(Host& host) = 0;
  // Rebuilds its views from its ledger (or from the topics); sends nothing. Called instead of
  // Start, with no door and no loops running.
  virtual absl::Status Rebuild(Host& host) = 0;
};

// Runs these modules until SIGTERM or SIGINT. They may start before the databases and the bus are
// there: the process listens and says what it waits for (/readyz, VitalsService, gRPC health), and
// loops of modules that have a database begin once its schema fits. A schema that does not fit ends
// the process, as does a loop that ends.
//
// SIGTERM: health says NOT_SERVING, and a moment later nothing more is let in; what is under way
// comes to its end (10 s at most), loops stop, and it ends. A second signal, or SIGQUIT, ends it at
// once. Returns the exit code: 0 after a signal, 1 where it could not start or go on.
//
// Once calls are taken it logs {"msg":"listening","grpc":"127.0.0.1:7410"} with the port that was
// bound, and {"msg":"ready"} once all that calls need is there.
int RunModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules);

// main() of a service's own program: settings from flags and environment, then RunModules.
int RunMain(int argc, char** argv, std::unique_ptr<Module> module);

// Rebuilds the views of these modules, one after the other. No other process should run them.
absl::Status RebuildModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules);

// The file of the certificate that is shown to Kafka; empty where none is.
std::string KafkaCertificateOf(const Settings& settings);

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
