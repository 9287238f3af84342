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
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "fosterwatch/operations/v1/vitals_service.pb.h"
#include "libs/auth/token.h"
#include "libs/runtime/checks.h"
#include "libs/runtime/ended_tokens.h"
#include "libs/runtime/metrics.h"
#include "libs/runtime/module.h"
#include "libs/runtime/tls.h"

namespace fosterwatch::runtime {

// Keys, bus, door, client, loops and checks, shared by all modules of the process.
class Process {
 public:
  // `failed` is called when the process cannot go on: a loop has ended by itself, or what it stands
  // on is not what this program needs.
  Process(Settings settings, std::function<void()> failed);
  ~Process();

  // TLS where it is configured, the local issuer where the key set is its own, the verifier, the
  // door and the client.
  absl::Status OpenKeys();
  // Where this process's own services answer, once that is known.
  void SetOwnEndpoint(const std::string& address);
  // The check and the gauges of when certificates end that this process shows to others.
  void WatchCertificates();
  // Adds the check that the module's database has the schema of this program.
  void ExpectSchema(const Module& module);
  // Follows which tokens were taken back, asking the directory as the program of this module.
  void FollowEndedTokens(const std::string& module);
  // VitalsService, at the door.
  void ServeVitals(std::vector<std::string> modules);

  void StartLoops();
  void StopLoops();

  const Settings& settings() const { return settings_; }
  // Opened at first use, and watched from then on.
  bus::Bus& bus();
  Door& door() { return *door_; }
  Client& client() { return *client_; }
  // Null where services speak in clear.
  const Tls* tls() const { return tls_.get(); }
  auth::Verifier& verifier() { return *verifier_; }
  Metrics& metrics() { return metrics_; }
  const Metrics& metrics() const { return metrics_; }
  Checks& checks() { return checks_; }
  const Checks& checks() const { return checks_; }
  absl::StatusOr<std::unique_ptr<privacy::Sealer>> MakeSealer();
  absl::StatusOr<std::string> TokenOf(const std::string& person_id);
  // `after_schemas`: it begins once all schemas that are expected were found.
  void AddLoop(const std::string& name, bool after_schemas, std::function<void(const Stop&)> body);
  absl::Time last_watched() const;
  void AddDrain(std::function<void(absl::Duration)> drain) { drains_.push_back(std::move(drain)); }
  // Until all ways in are shut and empty, or `patience` has passed.
  void Drain(absl::Duration patience);
  void SetStopping() { stopping_ = true; }
  // Of all checks; once it stops, that before them.
  std::vector<CheckLine> Readinesses() const;

 private:
  struct Loop {
    std::string name;
    bool after_schemas;
    std::function<void(const Stop&)> body;
    Stop stop;
  };
  struct Token {
    std::string text;
    absl::Time renew;
  };

  std::string EndpointOf(const std::string& service) const;
  // Says why, and that the process cannot go on.
  void GiveUp(const absl::Status& why);
  void FillVitals(operations::v1::Vitals* vitals) const;
  void RunLoop(const Loop& loop);

  const Settings settings_;
  const std::function<void()> failed_;
  const absl::Time started_ = absl::Now();
  Metrics metrics_;
  Checks checks_;
  std::shared_ptr<const Tls> tls_;
  std::unique_ptr<auth::LocalIssuer> issuer_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<EndedTokensReader> ended_tokens_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Client> client_;

  Stop stop_;
  std::vector<std::string> modules_;
  std::vector<Loop> loops_;  // their order and names stay once they run
  std::vector<std::thread> threads_;
  std::vector<std::function<void(absl::Duration)>> drains_;
  std::atomic<bool> stopping_ = false;

  mutable absl::Mutex mutex_;
  std::string own_endpoint_ ABSL_GUARDED_BY(mutex_);
  int schemas_missing_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_watched_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::flat_hash_map<std::string, Token> tokens_ ABSL_GUARDED_BY(mutex_);
};

// The process as one module sees it: under that module's name.
class ModuleHost : public Host {
 public:
  ModuleHost(Process* process, const Module& module);

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
  void AddRemark(const std::string& name, std::function<absl::Status()> check,
                 std::function<std::string()> text) override;
  std::vector<CheckLine> Readinesses() const override { return process_->Readinesses(); }
  absl::Time LastWatched() const override { return process_->last_watched(); }
  void OnDrain(std::function<void(absl::Duration)> drain) override {
    process_->AddDrain(std::move(drain));
  }
  void AddGauge(const std::string& name, const std::string& help,
                std::function<double()> read) override;

 private:
  Process* const process_;
  const std::string person_id_;
  const bool has_database_;
};

// OK where the module's database has the schema of this program; UNAVAILABLE while it is away;
// FAILED_PRECONDITION, saying what to do, where the schema is another.
absl::Status CheckSchema(const Settings& settings, const Module& module);

}  // namespace fosterwatch::runtime
