#include "libs/runtime/host.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "libs/bus/kafka_bus.h"
#include "libs/bus/kafka_properties.h"
#include "libs/bus/postgres_bus.h"
#include "libs/pg/connection.h"
#include "libs/runtime/data_file.h"
#include "libs/runtime/late_bus.h"
#include "libs/runtime/log.h"
#include "libs/runtime/sections.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

constexpr absl::Duration kTokenLife = absl::Hours(1);
constexpr absl::Duration kTokenFileLife = absl::Seconds(30);

std::string ProgramOf(const std::string& module) {
  return absl::StrCat("fosterwatch-", absl::StrReplaceAll(module, {{"_", "-"}}));
}

// "sasl_ssl://kafka-1:9093/bootstrap:", "ipv4#10.0.0.7:9092", "'kafka-1:9092':"
bool NamesAddress(absl::string_view word) {
  if (absl::StrContains(word, "://")) return true;
  const size_t colon = word.find_last_of(':', word.find_last_not_of(":'"));
  return colon != absl::string_view::npos && colon + 1 < word.size() &&
         absl::ascii_isdigit(word[colon + 1]);
}

// Where things are is for the log, not for /readyz.
std::string WithoutAddresses(absl::string_view text) {
  std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  for (absl::string_view& word : words) {
    if (NamesAddress(word)) word = absl::EndsWith(word, ":") ? "the broker:" : "the broker";
  }
  return absl::StrJoin(words, " ");
}

}  // namespace

std::string KafkaCertificateOf(const Settings& settings) {
  if (settings.bus != "kafka" || settings.kafka_properties_file.empty()) return "";
  const auto text = bus::kafka::ReadPropertiesFile(settings.kafka_properties_file);
  const auto properties = bus::kafka::ParseProperties(text.ok() ? *text : "");
  if (!properties.ok()) return "";
  for (const auto& [name, value] : *properties) {
    if (name == "ssl.certificate.location") return value;
  }
  return "";
}

// --- Stop ---------------------------------------------------------------------------------------

struct Stop::State {
  absl::Mutex mutex;
  bool requested ABSL_GUARDED_BY(mutex) = false;
};

// When the next sign of life is due, in microseconds since 1970.
struct Stop::Beat {
  std::atomic<int64_t> due = absl::ToUnixMicros(absl::Now());
  void ExpectBy(absl::Time time) { due = absl::ToUnixMicros(time); }
};

std::shared_ptr<Stop::State> Stop::MakeState() { return std::make_shared<State>(); }
std::shared_ptr<Stop::Beat> Stop::MakeBeat() { return std::make_shared<Beat>(); }

bool Stop::requested() const {
  beat_->ExpectBy(absl::Now());
  absl::MutexLock lock(&state_->mutex);
  return state_->requested;
}

bool Stop::WaitFor(absl::Duration time) const {
  beat_->ExpectBy(absl::Now() + time);
  absl::MutexLock lock(&state_->mutex);
  const bool requested = state_->mutex.AwaitWithTimeout(absl::Condition(&state_->requested), time);
  beat_->ExpectBy(absl::Now());
  return requested;
}

void Stop::Request() {
  absl::MutexLock lock(&state_->mutex);
  state_->requested = true;
}

Stop Stop::ForLoop() const {
  Stop stop = *this;
  stop.beat_ = MakeBeat();
  return stop;
}

absl::Duration Stop::silence() const {
  return std::max(absl::ZeroDuration(), absl::Now() - absl::FromUnixMicros(beat_->due));
}

// --- Process ------------------------------------------------------------------------------------

Process::Process(Settings settings, std::function<void()> failed)
    : settings_(std::move(settings)), failed_(std::move(failed)) {}

Process::~Process() { StopLoops(); }

absl::Status Process::OpenKeys() {
  ASSIGN_OR_RETURN(tls_, Tls::Open(settings_));
  client_ = std::make_unique<Client>(
      [this](const std::string& service) { return EndpointOf(service); }, tls_);
  if (settings_.UsesLocalIssuer()) {
    ASSIGN_OR_RETURN(issuer_, auth::LocalIssuer::Open(settings_.IssuerFolder()));
  }
  ASSIGN_OR_RETURN(
      verifier_, auth::Verifier::FromFile(settings_.jwks_file, settings_.issuer, auth::kAudience));
  Door::Options options;
  options.needs_access_logs = true;
  ASSIGN_OR_RETURN(const std::string sections,
                   ReadDataFile(settings_.share_dir + "/policy/sections.json"));
  ASSIGN_OR_RETURN(options.sections, SectionTable::Parse(sections));
  options.observe = [this](const std::string& path, absl::StatusCode code, absl::Duration took) {
    metrics_.CountCall(path, code, took);
  };
  door_ = std::make_unique<Door>(verifier_.get(), std::move(options));
  return absl::OkStatus();
}

// NaN where it cannot be told, which is not fine.
void Process::WatchCertificates() {
  const auto seconds = [](const absl::StatusOr<absl::Time>& end) {
    return end.ok() ? absl::ToDoubleSeconds(*end - absl::Now()) : std::nan("");
  };
  if (tls_ != nullptr) {
    checks_.Add(
        "certificate", Checks::Kind::kRemark,
        [this] {
          // One that ends soon still works; the gauges say so in time.
          const absl::Status status = tls_->Check(absl::Now());
          return ReasonOf(status) == "CERTIFICATE_ENDS" ? absl::OkStatus() : status;
        },
        [this] {
          const absl::StatusOr<CertificateEnds> ends = tls_->Ends();
          if (!ends.ok()) return std::string();
          return absl::StrCat(
              "good until ",
              absl::FormatTime("%Y-%m-%d", std::min(ends->certificate, ends->authority),
                               absl::UTCTimeZone()));
        });
    metrics_.AddGauge(
        "certificate_expiry_seconds",
        "Until the certificate ends that this process shows to other services", [this, seconds] {
          const auto ends = tls_->Ends();
          return seconds(ends.ok() ? ends->certificate : absl::StatusOr<absl::Time>(ends.status()));
        });
    metrics_.AddGauge(
        "certificate_authority_expiry_seconds",
        "Until the authority ends that signed this process's certificate", [this, seconds] {
          const auto ends = tls_->Ends();
          return seconds(ends.ok() ? ends->authority : absl::StatusOr<absl::Time>(ends.status()));
        });
  }
  if (const std::string file = KafkaCertificateOf(settings_); !file.empty()) {
    metrics_.AddGauge("kafka_certificate_expiry_seconds",
                      "Until the certificate ends that this process shows to Kafka",
                      [file, seconds] { return seconds(EndOfCertificate(file)); });
  }
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

bus::Bus& Process::bus() {
  if (bus_ == nullptr) {
    bus_ = std::make_unique<LateBus>(settings_);
    // A broker that is away holds nobody up for long: what is recorded leaves when it is back.
    checks_.Add("bus", Checks::Kind::kUntilOnce, [this] {
      const absl::Status status = bus_->Check();
      if (absl::IsFailedPrecondition(status)) GiveUp(status);
      // PostgreSQL's words are libpq's; Kafka's say what an operator has to know.
      if (status.ok() || settings_.bus != "kafka") return status;
      return Error(status.code(), "BUS_AWAY", WithoutAddresses(status.message()));
    });
  }
  return *bus_;
}

void Process::GiveUp(const absl::Status& why) {
  LogError("cannot start",
           {{"code", absl::StatusCodeToString(why.code())}, {"error", std::string(why.message())}});
  failed_();
}

absl::Status CheckSchema(const Settings& settings, const Module& module) {
  const std::vector<pg::Migration> migrations = module.migrations();
  if (migrations.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> connection,
                   pg::Connection::Open(settings.Database(module.name())));
  const absl::Status migrated = pg::CheckMigrated(*connection, migrations);
  if (!absl::IsFailedPrecondition(migrated)) return migrated;
  return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_DOES_NOT_FIT",
               absl::StrCat("the database of ", module.name(), " does not fit this program (",
                            migrated.message(), "): run 'fosterwatch database setup'"));
}

void Process::ExpectSchema(const Module& module) {
  if (module.migrations().empty()) return;
  {
    absl::MutexLock lock(&mutex_);
    ++schemas_missing_;
  }
  checks_.Add(module.name() + " schema", Checks::Kind::kUntilOnce,
              [this, &module, found = false]() mutable -> absl::Status {
                if (found) return absl::OkStatus();
                const absl::Status status = CheckSchema(settings_, module);
                // The latter: a setting that no server could take.
                if (absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status)) {
                  GiveUp(status);
                }
                if (!status.ok()) return status;
                found = true;
                absl::MutexLock lock(&mutex_);
                --schemas_missing_;
                return status;
              });
}

void Process::FollowEndedTokens(const std::string& module) {
  ended_tokens_ = std::make_unique<EndedTokensReader>(
      &verifier_->ended(),
      [this, program = ProgramOf(module)](const operations::v1::ListEndedTokensRequest& request)
          -> absl::StatusOr<operations::v1::ListEndedTokensResponse> {
        Client::Options options;
        ASSIGN_OR_RETURN(options.token, TokenOf(program));
        return client_->Call<operations::v1::ListEndedTokensResponse>(
            "directory", request.GetDescriptor()->file()->service(0)->full_name(),
            "ListEndedTokens", request, options);
      });
  AddLoop("ended tokens", false, [this](const Stop& stop) { ended_tokens_->Run(stop); });
  checks_.Add(
      "ended tokens", Checks::Kind::kRemark, [this] { return ended_tokens_->Check(absl::Now()); },
      [] { return ""; });
  metrics_.AddGauge("ended_tokens", "Tokens that are refused because they were taken back",
                    [this] { return static_cast<double>(verifier_->ended().size()); });
}

void Process::ServeVitals(std::vector<std::string> modules) {
  using operations::v1::GetVitalsRequest;
  using operations::v1::Vitals;
  modules_ = std::move(modules);
  const auto* service = GetVitalsRequest::descriptor()->file()->service(0);
  door_->ServeProcess(service);
  door_->On<GetVitalsRequest, Vitals>(
      service->full_name(), "GetVitals",
      [this](const Call&, const GetVitalsRequest& request) -> absl::StatusOr<Vitals> {
        if (!request.watcher().empty()) {
          absl::MutexLock lock(&mutex_);
          last_watched_ = absl::Now();
        }
        Vitals vitals;
        FillVitals(&vitals);
        return vitals;
      });
}

std::vector<CheckLine> Process::Readinesses() const {
  std::vector<CheckLine> lines = checks_.Lines();
  if (stopping_) lines.insert(lines.begin(), {"process", false, true, "it is stopping", ""});
  return lines;
}

void Process::FillVitals(operations::v1::Vitals* vitals) const {
  for (const std::string& module : modules_) vitals->add_modules(module);
  vitals->mutable_started_time()->set_seconds(absl::ToUnixSeconds(started_));
  const std::vector<CheckLine> lines = checks_.Lines();
  vitals->set_ready(!stopping_ && AllReady(lines));
  vitals->set_stopping(stopping_);
  for (const CheckLine& line : lines) {
    auto* check = vitals->add_checks();
    check->set_name(line.name);
    check->set_good(line.good);
    check->set_decides(line.decides);
    check->set_text(line.text);
    check->set_code(line.code);
  }
  for (const auto& [name, value] : metrics_.Gauges()) {
    auto* gauge = vitals->add_gauges();
    gauge->set_name(name);
    gauge->set_value(value);
  }
  for (const Loop& loop : loops_) {
    auto* told = vitals->add_loops();
    told->set_name(loop.name);
    told->set_silent_seconds(absl::ToDoubleSeconds(loop.stop.silence()));
  }
}

absl::Time Process::last_watched() const {
  absl::MutexLock lock(&mutex_);
  return last_watched_;
}

void Process::AddLoop(const std::string& name, bool after_schemas,
                      std::function<void(const Stop&)> body) {
  loops_.push_back({name, after_schemas, std::move(body), stop_.ForLoop()});
}

void Process::StartLoops() {
  for (const Loop& loop : loops_) threads_.emplace_back([this, &loop] { RunLoop(loop); });
}

void Process::RunLoop(const Loop& loop) {
  while (loop.after_schemas && !loop.stop.requested()) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(
              absl::Condition(
                  +[](int* missing) { return *missing == 0; }, &schemas_missing_),
              absl::Milliseconds(250))) {
        break;
      }
    }
  }
  if (loop.stop.requested()) return;
  loop.body(loop.stop);
  if (loop.stop.requested()) return;
  LogError("a loop has ended by itself", {{"loop", loop.name}});
  failed_();
}

void Process::StopLoops() {
  stop_.Request();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Process::Drain(absl::Duration patience) {
  const absl::Time until = absl::Now() + patience;
  for (const auto& drain : drains_) drain(std::max(absl::ZeroDuration(), until - absl::Now()));
  door_->Close(std::max(absl::ZeroDuration(), until - absl::Now()));
}

// --- ModuleHost ---------------------------------------------------------------------------------

ModuleHost::ModuleHost(Process* process, const Module& module)
    : process_(process),
      person_id_(ProgramOf(module.name())),
      has_database_(!module.migrations().empty()) {}

absl::StatusOr<std::string> ModuleHost::ServiceToken() { return process_->TokenOf(person_id_); }

absl::Time ModuleHost::Now() const { return absl::Now(); }

void ModuleHost::Run(const std::string& name, std::function<void(const Stop&)> body) {
  process_->AddLoop(name, has_database_, std::move(body));
}

void ModuleHost::AddReadiness(const std::string& name, std::function<absl::Status()> check) {
  process_->checks().Add(name, Checks::Kind::kRequired, std::move(check));
}

void ModuleHost::AddWatch(const std::string& name, std::function<absl::Status()> check) {
  process_->checks().Add(name, Checks::Kind::kUntilOnce, std::move(check));
}

void ModuleHost::AddRemark(const std::string& name, std::function<absl::Status()> check,
                           std::function<std::string()> text) {
  process_->checks().Add(name, Checks::Kind::kRemark, std::move(check), std::move(text));
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
