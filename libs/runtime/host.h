// What a process has while it runs modules. Inside of this library.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/auth/token.h"
#include "libs/runtime/metrics.h"
#include "libs/runtime/module.h"

namespace fosterwatch::runtime {

// Keys, bus, door, client, loops and checks, shared by all modules of the process.
class Process {
 public:
  // Called when a loop ends by itself.
  Process(Settings settings, std::function<void()> failed);
  ~Process();

  // The local issuer where the key set is its own, the verifier, and the door.
  absl::Status OpenKeys();
  void SetBus(std::unique_ptr<bus::Bus> bus) { bus_ = std::move(bus); }
  // Where this process's own services answer, once that is known.
  void SetOwnEndpoint(const std::string& address);

  void StartLoops();
  void StopLoops();
  // Asks all checks; true when everything required is OK. Logs what changed.
  bool Look();

  const Settings& settings() const { return settings_; }
  bus::Bus& bus() { return *bus_; }
  Door& door() { return *door_; }
  Client& client() { return *client_; }
  auth::Verifier& verifier() { return *verifier_; }
  Metrics& metrics() { return metrics_; }
  absl::StatusOr<std::unique_ptr<privacy::Sealer>> MakeSealer();
  absl::StatusOr<std::string> TokenOf(const std::string& person_id);
  void AddLoop(const std::string& name, std::function<void(const Stop&)> body);
  void AddCheck(const std::string& name, bool required, std::function<absl::Status()> check);
  std::vector<Host::Readiness> Readinesses() const;

 private:
  struct Check {
    std::string name;
    bool required;
    std::function<absl::Status()> check;
    absl::Status last = absl::UnavailableError("has not been asked yet");
    bool was_ok = false;
  };
  struct Loop {
    std::string name;
    std::function<void(const Stop&)> body;
  };
  struct Token {
    std::string text;
    absl::Time renew;
  };

  std::string EndpointOf(const std::string& service) const;

  const Settings settings_;
  const std::function<void()> failed_;
  Metrics metrics_;
  std::unique_ptr<auth::LocalIssuer> issuer_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Client> client_;

  Stop stop_;
  std::vector<Loop> loops_;  // until StartLoops
  std::vector<std::thread> threads_;

  mutable absl::Mutex mutex_;
  std::string own_endpoint_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Check>> checks_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Token> tokens_ ABSL_GUARDED_BY(mutex_);
};

// The process as one module sees it: under that module's name.
class ModuleHost : public Host {
 public:
  ModuleHost(Process* process, std::string name);

  const Settings& settings() const override { return process_->settings(); }
  bus::Bus& bus() override { return process_->bus(); }
  Door& door() override { return process_->door(); }
  Client& client() override { return process_->client(); }
  absl::StatusOr<std::unique_ptr<privacy::Sealer>> MakeSealer() override {
    return process_->MakeSealer();
  }
  auth::Verifier& verifier() override { return process_->verifier(); }
  absl::StatusOr<std::string> ServiceToken() override;
  absl::Time Now() const override;
  void Run(const std::string& name, std::function<void(const Stop&)> body) override;
  void AddReadiness(const std::string& name, std::function<absl::Status()> check) override;
  void AddWatch(const std::string& name, std::function<absl::Status()> check) override;
  std::vector<Readiness> Readinesses() const override { return process_->Readinesses(); }
  void AddGauge(const std::string& name, const std::string& help,
                std::function<double()> read) override;

 private:
  Process* const process_;
  const std::string person_id_;
};

}  // namespace fosterwatch::runtime
