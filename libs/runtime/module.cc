#include "libs/runtime/module.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/health/v1/health.pb.h"
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CLI/CLI.hpp"
#include "libs/pg/conninfo.h"
#include "libs/runtime/host.h"
#include "libs/runtime/log.h"
#include "libs/runtime/ops_server.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

constexpr absl::Duration kHealthPause = absl::Milliseconds(250);
// From NOT_SERVING until nothing more is let in: who watches health sends no more by then.
constexpr absl::Duration kNotice = absl::Milliseconds(200);
// From then until everything has ended; and until the process ends whatever hangs.
constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr absl::Duration kHardEnd = absl::Seconds(15);
// How often what is waited for is logged again.
constexpr absl::Duration kSayAgain = absl::Seconds(5);
// A watchdog that has not asked for so long watches no more.
constexpr absl::Duration kWatchedWithin = absl::Seconds(60);

// --- signals ------------------------------------------------------------------------------------

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Before any thread begins: all inherit it, and only the main thread takes signals, by waiting.
void BlockSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// The memory of a service holds names and the master key: a crash writes none of it to the disk.
// The soft limit alone, so that whoever looks for a fault can lift it (prlimit --core).
void WriteNoCore() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &limit);
}

// True when a signal came within the time.
bool WaitForSignal(absl::Duration time) {
  const sigset_t signals = EndingSignals();
  const timespec limit = absl::ToTimespec(time);
  return sigtimedwait(&signals, nullptr, &limit) > 0;
}

// --- what other libraries say -------------------------------------------------------------------

// From one place in gRPC seldom: whoever knocks with a wrong certificate knocks every second.
void LogOfGrpc(gpr_log_func_args* args) {
  if (args->severity < GPR_LOG_SEVERITY_ERROR) return;
  struct Said {
    absl::Time last = absl::InfinitePast();
    int since = 0;
  };
  static absl::Mutex mutex;
  static auto* const said = new std::map<std::pair<std::string, int>, Said>;
  int unsaid = 0;
  {
    absl::MutexLock lock(&mutex);
    Said& here = (*said)[{args->file, args->line}];
    if (absl::Now() - here.last < kSayAgain) {
      ++here.since;
      return;
    }
    unsaid = here.since;
    here = {absl::Now(), 0};
  }
  LogWarning("grpc says", {{"text", args->message}, {"unsaid", absl::StrCat(unsaid)}});
}

void LogOfProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  // Warnings are about requests, which are refused anyway, and may quote them.
  if (level < google::protobuf::LOGLEVEL_ERROR) return;
  if (absl::StrContains(message, "invalid UTF-8")) return;
  LogWarning("protobuf says", {{"text", message}});
}

// --- the start ----------------------------------------------------------------------------------

// gRPC says no more than that it could not; so this is tried first, before the long part.
absl::Status CheckFree(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (absl::StartsWith(address, "unix:") || colon == std::string::npos) return absl::OkStatus();
  std::string host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot make sense of the address ", address));
  }
  const absl::Cleanup freed = [found] { freeaddrinfo(found); };
  const int trial = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (trial < 0) return absl::UnavailableError("cannot make a socket");
  const absl::Cleanup closed = [trial] { close(trial); };
  const int yes = 1;
  setsockopt(trial, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(trial, found->ai_addr, found->ai_addrlen) == 0 && listen(trial, 1) == 0) {
    return absl::OkStatus();
  }
  if (errno == EADDRINUSE) {
    return absl::FailedPreconditionError(
        absl::StrCat("the address ", address,
                     " is taken: stop what listens there, or name another with --grpc-listen"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("cannot listen on ", address, ": ", strerror(errno)));
}

absl::StatusOr<std::unique_ptr<grpc::Server>> OpenDoor(Process& process,
                                                       const std::string& metrics) {
  const std::string& address = process.settings().grpc_listen;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // Linked in, so that reflection can describe the service of health.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::ServerBuilder builder;
  // Otherwise two processes would share the port without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients look after their connections every 20 seconds.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // What one client, or all of them together, may take: calls at a time of one connection, bytes of
  // headers, and memory of what is being received; and nobody keeps a connection for nothing.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 * 1024);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 10 * 60 * 1'000);
  builder.SetResourceQuota(grpc::ResourceQuota("door").Resize(256 * 1024 * 1024));
  int port = 0;
  const Tls* const tls = process.tls();
  if (tls == nullptr && !IsLoopback(address)) {
    LogWarning(
        "services are reachable from other machines without TLS: anybody on that network "
        "can read what they say; see --grpc-cert-file",
        {{"grpc", address}});
  }
  builder.AddListeningPort(
      address, tls == nullptr ? grpc::InsecureServerCredentials() : tls->ForServer(), &port);
  RETURN_IF_ERROR(process.door().Open(builder));
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("cannot listen on ", address));
  }
  // Until the checks have been asked; from here on each service is told of with the whole.
  grpc::HealthCheckServiceInterface* const health = server->GetHealthCheckService();
  for (const std::string& service : process.door().services()) {
    health->SetServingStatus(service, false);
  }
  health->SetServingStatus(false);
  const std::string bound = absl::StartsWith(address, "unix:")
                                ? address
                                : absl::StrCat(address.substr(0, address.rfind(':') + 1), port);
  process.SetOwnEndpoint(bound);
  LogFields fields = {{"grpc", bound}};
  if (!metrics.empty()) fields.emplace_back("metrics", metrics);
  LogInfo("listening", fields);
  return server;
}

// Ends the process at once on a further signal, or when its end takes too long.
class ImpatientEnd {
 public:
  ImpatientEnd()
      : thread_([this] {
          const absl::Time until = absl::Now() + kHardEnd;
          while (!done_.HasBeenNotified()) {
            if (WaitForSignal(absl::Milliseconds(50))) {
              LogWarning("ended at once by a further signal");
              _exit(128 + SIGTERM);
            }
            if (absl::Now() > until) {
              LogError("something does not end: the process ends without it");
              _exit(1);
            }
          }
        }) {}
  ~ImpatientEnd() {
    done_.Notify();
    thread_.join();
  }

 private:
  absl::Notification done_;
  std::thread thread_;
};

// Everything of one run; what it holds goes in the reverse order.
class Run {
 public:
  Run(const Settings& settings, std::vector<std::unique_ptr<Module>> modules)
      : modules_(std::move(modules)), process_(settings, [this] { Fail(); }) {}

  int Go() {
    absl::Status status = Start();
    if (status.ok()) {
      Serve();
    } else {
      LogError("cannot start", {{"code", absl::StatusCodeToString(status.code())},
                                {"error", std::string(status.message())}});
      failed_ = true;
    }
    const ImpatientEnd impatient;
    End();
    return failed_ ? 1 : 0;
  }

 private:
  absl::Status Start() {
    const Settings& settings = process_.settings();
    if (absl::Status wrong = pg::CheckConninfoOfAll(settings.postgres); !wrong.ok()) {
      return absl::Status(wrong.code(), absl::StrCat("--postgres ", wrong.message()));
    }
    RETURN_IF_ERROR(CheckFree(settings.grpc_listen));
    if (!settings.metrics_listen.empty()) {
      ASSIGN_OR_RETURN(ops_, OpsServer::Listen(settings.metrics_listen,
                                               [this](const OpsServer::Request& request) {
                                                 return PageOf(request);
                                               }));
    }
    RETURN_IF_ERROR(process_.OpenKeys());
    process_.WatchCertificates();
    std::vector<std::string> names;
    for (const std::unique_ptr<Module>& module : modules_) {
      names.push_back(module->name());
      process_.ExpectSchema(*module);
      hosts_.push_back(std::make_unique<ModuleHost>(&process_, *module));
      if (absl::Status started = module->Start(*hosts_.back()); !started.ok()) {
        return absl::Status(started.code(), absl::StrCat(module->name(), ": ", started.message()));
      }
    }
    const bool watched = std::any_of(modules_.begin(), modules_.end(),
                                     [](const auto& module) { return module->IsWatched(); });
    if (watched) {
      AddWatched();
      process_.FollowEndedTokens(names.front());
    }
    process_.ServeVitals(std::move(names));
    process_.metrics().AddGauge("ready", "Whether all that calls need is there",
                                [this] { return ready_ ? 1.0 : 0.0; });
    process_.metrics().AddGauge("resident_bytes", "Memory of the process that is in use",
                                ResidentBytes);
    ASSIGN_OR_RETURN(server_, OpenDoor(process_, ops_ == nullptr ? "" : ops_->address()));
    process_.StartLoops();
    process_.checks().Start();
    return absl::OkStatus();
  }

  // Says whether a watchdog asks.
  void AddWatched() {
    process_.checks().Add(
        "watchdog", Checks::Kind::kRemark,
        [this]() -> absl::Status {
          const absl::Time last = process_.last_watched();
          if (absl::Now() - last < kWatchedWithin) return absl::OkStatus();
          return Error(absl::StatusCode::kUnavailable, "NOBODY_WATCHES",
                       last == absl::InfinitePast()
                           ? "nobody watches: no watchdog has asked since the start"
                           : absl::StrCat("nobody watches: a watchdog last asked ", Ago(last)));
        },
        [this] { return absl::StrCat("a watchdog asked ", Ago(process_.last_watched())); });
  }

  static std::string Ago(absl::Time time) {
    return absl::StrCat(absl::ToInt64Seconds(absl::Now() - time), " s ago");
  }

  static double ResidentBytes() {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages >> pages;
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  }

  OpsServer::Page PageOf(const OpsServer::Request& request) const {
    constexpr char kText[] = "text/plain; charset=utf-8";
    if (request.path == "/livez") return {200, kText, "alive\n"};
    if (request.path == "/metrics") {
      return {200, "text/plain; version=0.0.4; charset=utf-8", process_.metrics().Text()};
    }
    if (request.path != "/readyz") return {404, kText, "/metrics, /livez, /readyz?verbose\n"};
    const std::vector<CheckLine> lines = process_.Readinesses();
    const int status = AllReady(lines) ? 200 : 503;
    if (request.wants_json) return {status, "application/json", ReadyJson(lines)};
    return {status, kText, ReadyText(lines, request.verbose)};
  }

  // Until a signal comes; meanwhile says whether it is ready.
  void Serve() {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    bool said = false;
    absl::Time say = absl::InfinitePast();
    do {
      const std::vector<CheckLine> lines = process_.checks().Lines();
      ready_ = AllReady(lines);
      health->SetServingStatus(ready_);
      if (ready_ && !said) LogInfo("ready");
      said |= ready_;
      if (!ready_ && absl::Now() >= say) {
        if (say != absl::InfinitePast()) LogInfo("waiting", {{"for", WhatIsMissing(lines)}});
        say = absl::Now() + kSayAgain;
      }
    } while (!WaitForSignal(kHealthPause));
    LogInfo("stopping");
    ready_ = false;
    process_.SetStopping();
    health->SetServingStatus(false);
  }

  static std::string WhatIsMissing(const std::vector<CheckLine>& lines) {
    std::string missing;
    for (const CheckLine& line : lines) {
      if (line.good || !line.decides) continue;
      absl::StrAppend(&missing, missing.empty() ? "" : "; ", line.name, ": ", line.text);
    }
    return missing;
  }

  void End() {
    const absl::Time until = absl::Now() + kPatience;
    if (server_ != nullptr) {
      absl::SleepFor(kNotice);
      // Ways in that lead to the door are shut before it; calls end first, then loops.
      process_.Drain(until - absl::Now() - absl::Seconds(2));
    }
    process_.StopLoops();
    process_.checks().Stop();
    process_.metrics().ClearGauges();
    while (!modules_.empty()) modules_.pop_back();
    // A reply that a module kept is dropped by now, so nothing holds the server up.
    if (server_ != nullptr) server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
    LogInfo("stopped");
  }

  void Fail() {
    if (!failed_.exchange(true)) kill(getpid(), SIGTERM);
  }

  std::vector<std::unique_ptr<Module>> modules_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> ready_ = false;
  Process process_;
  std::vector<std::unique_ptr<ModuleHost>> hosts_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<OpsServer> ops_;
};

std::string ThisProgram() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace

int RunModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules) {
  BlockSignals();
  WriteNoCore();
  InitLog(modules.size() == 1 ? modules.front()->name() : "fosterwatch", settings.log_level);
  gpr_set_log_function(LogOfGrpc);
  google::protobuf::SetLogHandler(LogOfProtobuf);
  return Run(settings, std::move(modules)).Go();
}

int RunMain(int argc, char** argv, std::unique_ptr<Module> module) {
  Settings settings;
  CLI::App app(absl::StrCat("The service ", absl::StrReplaceAll(module->name(), {{"_", "-"}}),
                            " of Fosterwatch, as one process."));
  AddSettings(app, settings);
  CLI11_PARSE(app, argc, argv);
  CompleteSettings(settings, ThisProgram());
  std::vector<std::unique_ptr<Module>> modules;
  modules.push_back(std::move(module));
  return RunModules(settings, std::move(modules));
}

absl::Status RebuildModules(const Settings& settings,
                            std::vector<std::unique_ptr<Module>> modules) {
  Process process(settings, [] {});
  RETURN_IF_ERROR(process.OpenKeys());
  for (const std::unique_ptr<Module>& module : modules) {
    RETURN_IF_ERROR(CheckSchema(settings, *module));
  }
  for (const std::unique_ptr<Module>& module : modules) {
    ModuleHost host(&process, *module);
    RETURN_IF_ERROR(module->Rebuild(host));
    LogInfo("rebuilt", {{"views_of", module->name()}});
  }
  while (!modules.empty()) modules.pop_back();
  return absl::OkStatus();
}

}  // namespace fosterwatch::runtime
