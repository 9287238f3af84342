#include "libs/runtime/module.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CLI/CLI.hpp"
#include "libs/pg/connection.h"
#include "libs/runtime/host.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(250);
constexpr absl::Duration kSayAgain = absl::Seconds(10);
constexpr absl::Duration kPatience = absl::Seconds(10);

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

// True when a signal came within the time.
bool WaitForSignal(absl::Duration time) {
  const sigset_t signals = EndingSignals();
  const timespec limit = absl::ToTimespec(time);
  return sigtimedwait(&signals, nullptr, &limit) > 0;
}

// --- what other libraries say -------------------------------------------------------------------

void LogOfGrpc(gpr_log_func_args* args) {
  if (args->severity < GPR_LOG_SEVERITY_ERROR) return;
  LogWarning("grpc says", {{"text", args->message}});
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

// Tries until it is no longer UNAVAILABLE, saying why it waits. CANCELLED when a signal comes.
absl::Status WaitUntilThere(const std::string& what, const std::function<absl::Status()>& attempt) {
  absl::Time say = absl::InfinitePast();
  bool waited = false;
  while (true) {
    const absl::Status status = attempt();
    if (!absl::IsUnavailable(status)) {
      if (status.ok() && waited) LogInfo("it is there", {{"what", what}});
      return status;
    }
    if (absl::Now() >= say) {
      LogStatus("waiting", status, {{"what", what}});
      say = absl::Now() + kSayAgain;
      waited = true;
    }
    if (WaitForSignal(kPause)) return absl::CancelledError("stopped while waiting");
  }
}

absl::Status CheckDatabase(const Settings& settings, const Module& module) {
  const std::vector<pg::Migration> migrations = module.migrations();
  if (migrations.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> connection,
                   pg::Connection::Open(settings.Database(module.name())));
  const absl::Status migrated = pg::CheckMigrated(*connection, migrations);
  if (!absl::IsFailedPrecondition(migrated)) return migrated;
  return absl::FailedPreconditionError(
      absl::StrCat("the database of ", module.name(), " does not fit this program (",
                   migrated.message(), "): run 'fosterwatch database setup'"));
}

absl::Status WaitForDatabasesAndBus(Process& process,
                                    const std::vector<std::unique_ptr<Module>>& modules) {
  const Settings& settings = process.settings();
  for (const std::unique_ptr<Module>& module : modules) {
    RETURN_IF_ERROR(WaitUntilThere("database of " + module->name(),
                                   [&] { return CheckDatabase(settings, *module); }));
  }
  RETURN_IF_ERROR(WaitUntilThere("bus", [&]() -> absl::Status {
    ASSIGN_OR_RETURN(std::unique_ptr<bus::Bus> bus, OpenBus(settings));
    process.SetBus(std::move(bus));
    return absl::OkStatus();
  }));
  // A broker that is away holds nobody up: what is recorded leaves when it is back.
  process.AddCheck("bus", /*required=*/false, [&process] { return process.bus().Check(); });
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<grpc::Server>> OpenDoor(Process& process) {
  const std::string& address = process.settings().grpc_listen;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  // Otherwise two processes would share the port without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients look after their connections every 20 seconds.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  RETURN_IF_ERROR(process.door().Open(builder));
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("cannot listen on ", address));
  }
  // Until the checks have been asked.
  server->GetHealthCheckService()->SetServingStatus(false);
  const std::string bound = absl::StartsWith(address, "unix:")
                                ? address
                                : absl::StrCat(address.substr(0, address.rfind(':') + 1), port);
  process.SetOwnEndpoint(bound);
  LogFields fields = {{"grpc", bound}};
  if (const std::string metrics = process.metrics().address(); !metrics.empty()) {
    fields.emplace_back("metrics", metrics);
  }
  LogInfo("listening", fields);
  return server;
}

// Everything of one run; what it holds goes in the reverse order.
class Run {
 public:
  Run(const Settings& settings, std::vector<std::unique_ptr<Module>> modules)
      : modules_(std::move(modules)), process_(settings, [this] { Fail(); }) {}

  int Go() {
    absl::Status status = Start();
    if (status.ok()) {
      Serve();
    } else if (!absl::IsCancelled(status)) {
      LogError("cannot start", {{"code", absl::StatusCodeToString(status.code())},
                                {"error", std::string(status.message())}});
      failed_ = true;
    }
    End();
    return failed_ ? 1 : 0;
  }

 private:
  absl::Status Start() {
    const Settings& settings = process_.settings();
    RETURN_IF_ERROR(CheckFree(settings.grpc_listen));
    if (!settings.metrics_listen.empty()) {
      RETURN_IF_ERROR(process_.metrics().Listen(settings.metrics_listen));
    }
    RETURN_IF_ERROR(process_.OpenKeys());
    RETURN_IF_ERROR(WaitForDatabasesAndBus(process_, modules_));
    for (const std::unique_ptr<Module>& module : modules_) {
      hosts_.push_back(std::make_unique<ModuleHost>(&process_, module->name()));
      if (absl::Status started = module->Start(*hosts_.back()); !started.ok()) {
        return absl::Status(started.code(), absl::StrCat(module->name(), ": ", started.message()));
      }
    }
    ASSIGN_OR_RETURN(server_, OpenDoor(process_));
    process_.StartLoops();
    return absl::OkStatus();
  }

  // Until a signal comes; meanwhile says whether it is ready.
  void Serve() {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    process_.metrics().AddGauge("ready", "Whether all that calls need is there",
                                [this] { return ready_ ? 1.0 : 0.0; });
    bool said = false;
    do {
      ready_ = process_.Look();
      health->SetServingStatus(ready_);
      if (ready_ && !said) LogInfo("ready");
      said |= ready_;
    } while (!WaitForSignal(ready_ ? absl::Seconds(1) : kPause));
    LogInfo("stopping");
    health->SetServingStatus(false);
  }

  void End() {
    if (server_ != nullptr) process_.door().Close(kPatience);
    process_.StopLoops();
    process_.metrics().ClearGauges();
    while (!modules_.empty()) modules_.pop_back();
    // A reply that a module kept is dropped by now, so nothing holds the server up.
    if (server_ != nullptr) server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
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
};

std::string ThisProgram() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace

int RunModules(const Settings& settings, std::vector<std::unique_ptr<Module>> modules) {
  BlockSignals();
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
    RETURN_IF_ERROR(CheckDatabase(settings, *module));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<bus::Bus> bus, OpenBus(settings));
  process.SetBus(std::move(bus));
  for (const std::unique_ptr<Module>& module : modules) {
    ModuleHost host(&process, module->name());
    RETURN_IF_ERROR(module->Rebuild(host));
    LogInfo("rebuilt", {{"views_of", module->name()}});
  }
  while (!modules.empty()) modules.pop_back();
  return absl::OkStatus();
}

}  // namespace fosterwatch::runtime
