#include "libs/runtime/host.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "libs/bus/kafka_bus.h"
#include "libs/bus/postgres_bus.h"
#include "libs/pg/connection.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

constexpr absl::Duration kTokenLife = absl::Hours(1);
constexpr absl::Duration kTokenFileLife = absl::Seconds(30);

std::string ProgramOf(const std::string& module) {
  return absl::StrCat("fosterwatch-", absl::StrReplaceAll(module, {{"_", "-"}}));
}

}  // namespace

// --- Stop ---------------------------------------------------------------------------------------

struct Stop::State {
  absl::Mutex mutex;
  bool requested ABSL_GUARDED_BY(mutex) = false;
};

std::shared_ptr<Stop::State> Stop::MakeState() { return std::make_shared<State>(); }

bool Stop::requested() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->requested;
}

bool Stop::WaitFor(absl::Duration time) const {
  absl::MutexLock lock(&state_->mutex);
  return state_->mutex.AwaitWithTimeout(absl::Condition(&state_->requested), time);
}

void Stop::Request() {
  absl::MutexLock lock(&state_->mutex);
  state_->requested = true;
}

// --- Process ------------------------------------------------------------------------------------

Process::Process(Settings settings, std::function<void()> failed)
    : settings_(std::move(settings)),
      failed_(std::move(failed)),
      client_(std::make_unique<Client>(
          [this](const std::string& service) { return EndpointOf(service); })) {}

Process::~Process() { StopLoops(); }

absl::Status Process::OpenKeys() {
  if (settings_.UsesLocalIssuer()) {
    ASSIGN_OR_RETURN(issuer_, auth::LocalIssuer::Open(settings_.IssuerFolder()));
  }
  ASSIGN_OR_RETURN(
      verifier_, auth::Verifier::FromFile(settings_.jwks_file, settings_.issuer, auth::kAudience));
  Door::Options options;
  options.observe = [this](const std::string& path, absl::StatusCode code, absl::Duration took) {
    metrics_.CountCall(path, code, took);
  };
  door_ = std::make_unique<Door>(verifier_.get(), std::move(options));
  return absl::OkStatus();
}

void Process::SetOwnEndpoint(const std::string& address) {
  absl::MutexLock lock(&mutex_);
  own_endpoint_ = address;
}

std::string Process::EndpointOf(const std::string& service) const {
  Settings settings = settings_;
  {
    absl::MutexLock lock(&mutex_);
    if (!own_endpoint_.empty()) settings.grpc_listen = own_endpoint_;
  }
  return settings.Endpoint(service);
}

absl::StatusOr<std::unique_ptr<privacy::Sealer>> Process::MakeSealer() {
  const bool own = settings_.master_key_file == settings_.data_dir + "/master.key";
  return privacy::Sealer::FromFile(settings_.master_key_file, own);
}

absl::StatusOr<std::string> Process::TokenOf(const std::string& person_id) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  Token& token = tokens_[person_id];
  if (!token.text.empty() && now < token.renew) return token.text;
  if (!settings_.service_token_file.empty()) {
    std::ifstream file(settings_.service_token_file);
    std::stringstream text;
    text << file.rdbuf();
    token.text = std::string(absl::StripAsciiWhitespace(text.str()));
    if (token.text.empty()) return absl::UnavailableError("the service token cannot be read");
    token.renew = now + kTokenFileLife;
  } else if (issuer_ != nullptr) {
    const auth::Caller self{person_id, "*", {options::v1::ROLE_SERVICE}, now + kTokenLife};
    ASSIGN_OR_RETURN(token.text, issuer_->Issue(self, now));
    token.renew = now + kTokenLife / 2;
  } else {
    return absl::FailedPreconditionError(
        "this service has no token: name a file with --service-token-file");
  }
  return token.text;
}

void Process::AddLoop(const std::string& name, std::function<void(const Stop&)> body) {
  loops_.push_back({name, std::move(body)});
}

void Process::StartLoops() {
  for (Loop& loop : loops_) {
    threads_.emplace_back([this, loop = std::move(loop)] {
      loop.body(stop_);
      if (stop_.requested()) return;
      LogError("a loop has ended by itself", {{"loop", loop.name}});
      failed_();
    });
  }
  loops_.clear();
}

void Process::StopLoops() {
  stop_.Request();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Process::AddCheck(const std::string& name, bool required,
                       std::function<absl::Status()> check) {
  absl::MutexLock lock(&mutex_);
  checks_.push_back(std::make_shared<Check>(Check{name, required, std::move(check)}));
}

bool Process::Look() {
  std::vector<std::shared_ptr<Check>> checks;
  {
    absl::MutexLock lock(&mutex_);
    checks = checks_;
  }
  bool ready = true;
  for (const std::shared_ptr<Check>& check : checks) {
    const absl::Status status = check->check();
    absl::MutexLock lock(&mutex_);
    if (status.ok() && check->was_ok && !check->last.ok()) {
      LogInfo("a check is good again", {{"check", check->name}});
    } else if (!status.ok() && status != check->last) {
      LogStatus("a check is not good", status, {{"check", check->name}});
    }
    check->last = status;
    check->was_ok |= status.ok();
    ready &= status.ok() || (!check->required && check->was_ok);
  }
  return ready;
}

std::vector<Host::Readiness> Process::Readinesses() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Host::Readiness> readinesses;
  for (const std::shared_ptr<Check>& check : checks_) {
    readinesses.push_back({check->name, check->last, check->required || !check->was_ok});
  }
  return readinesses;
}

// --- ModuleHost ---------------------------------------------------------------------------------

ModuleHost::ModuleHost(Process* process, std::string name)
    : process_(process), person_id_(ProgramOf(name)) {}

absl::StatusOr<std::string> ModuleHost::ServiceToken() { return process_->TokenOf(person_id_); }

absl::Time ModuleHost::Now() const { return absl::Now(); }

void ModuleHost::Run(const std::string& name, std::function<void(const Stop&)> body) {
  process_->AddLoop(name, std::move(body));
}

void ModuleHost::AddReadiness(const std::string& name, std::function<absl::Status()> check) {
  process_->AddCheck(name, true, std::move(check));
}

void ModuleHost::AddWatch(const std::string& name, std::function<absl::Status()> check) {
  process_->AddCheck(name, false, std::move(check));
}

void ModuleHost::AddGauge(const std::string& name, const std::string& help,
                          std::function<double()> read) {
  process_->metrics().AddGauge(name, help, std::move(read));
}

// --- the bus ------------------------------------------------------------------------------------

absl::StatusOr<std::unique_ptr<bus::Bus>> OpenBus(const Settings& settings) {
  if (settings.bus == "kafka") {
    bus::KafkaOptions options;
    options.brokers = settings.kafka;
    options.properties_file = settings.kafka_properties_file;
    options.warn = LogWarning;
    return bus::MakeKafkaBus(options);
  }
  const std::string conninfo = settings.Database("bus");
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> connection,
                   pg::Connection::Open(conninfo));
  RETURN_IF_ERROR(pg::CheckMigrated(*connection, bus::PostgresBusMigrations("fosterwatch_bus")));
  return bus::MakePostgresBus(conninfo);
}

}  // namespace fosterwatch::runtime
