#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/modules.h"
#include "apps/fosterwatch/people.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/operations/v1/vitals_service.pb.h"
#include "libs/auth/token.h"
#include "libs/curl/curl.h"
#include "libs/pg/connection.h"
#include "libs/pg/migrate.h"
#include "libs/runtime/module.h"
#include "libs/runtime/tls.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(3);
// Keys, links and what the watchdog has told are small; less than this is a disk that fills up.
constexpr uint64_t kLeastFreeBytes = 64'000'000;
// Of a database only PostgreSQL sees the disk; what it has no room for, nobody records.
constexpr size_t kProbeBytes = 256'000;

// Names what it looks at, one line each, and counts what is wrong. A line is written whole: what a
// library says meanwhile stands before it, and not within.
class Report {
 public:
  void Look(const std::string& what, const std::function<absl::Status()>& check) {
    const absl::Status status = check();
    if (!status.ok()) ++wrong_;
    std::printf("%-44s %s%s\n", what.c_str(),
                status.ok() ? "ok" : "WRONG: ", std::string(status.message()).c_str());
    std::fflush(stdout);
  }
  // What is no fault, but nobody should overlook it.
  void Note(const std::string& what, const std::string& note) {
    std::printf("%-44s NOTE: %s\n", what.c_str(), note.c_str());
  }
  int wrong() const { return wrong_; }

 private:
  int wrong_ = 0;
};

absl::Status CheckFolder(const std::string& folder, bool writable) {
  if (!std::filesystem::is_directory(folder)) {
    return absl::NotFoundError(absl::StrCat(folder, " is not there"));
  }
  if (access(folder.c_str(), writable ? R_OK | W_OK | X_OK : R_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(folder, " may not be used by this user"));
  }
  return absl::OkStatus();
}

absl::Status CheckDisk(const std::string& folder) {
  struct statvfs seen = {};
  if (statvfs(folder.c_str(), &seen) != 0) {
    return absl::NotFoundError(absl::StrCat("the disk of ", folder, " cannot be asked"));
  }
  const uint64_t free = uint64_t{seen.f_bavail} * seen.f_frsize;
  if (free >= kLeastFreeBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the disk of ", folder, " is full: ", free / 1'000'000, " MB are left"));
}

// `others`: the rights that nobody may have. A mounted secret is for its group.
absl::Status CheckKey(const std::string& file, mode_t others = 077) {
  struct stat seen = {};
  if (stat(file.c_str(), &seen) != 0) {
    return absl::NotFoundError(absl::StrCat(file, " is not there (a first start makes it)"));
  }
  if ((seen.st_mode & others) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("others may read ", file));
  }
  return absl::OkStatus();
}

// The clock against the database's: every due time is worked out by one and kept by the other.
absl::Status CheckClock(const runtime::Settings& settings) {
  if (absl::Now() < absl::FromUnixSeconds(1'780'000'000)) {
    return absl::FailedPreconditionError("the clock is years slow");
  }
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(settings.Database("directory")));
  ASSIGN_OR_RETURN(const pg::Result result, connection->Query("SELECT clock_timestamp()"));
  const absl::Duration apart = absl::AbsDuration(result.Time(0, 0) - absl::Now());
  if (apart < absl::Seconds(2)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the database's clock is ", absl::FormatDuration(apart), " off"));
}

// Whether there is room for more, in the database and in its log: written, and taken back.
absl::Status CheckRoom(pg::Connection& connection) {
  // Of chance, so that nothing of it is compressed away.
  std::mt19937 random(std::random_device{}());
  std::string bytes(kProbeBytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  RETURN_IF_ERROR(connection.Begin());
  const absl::Status written =
      connection.Query("SELECT lo_from_bytea(0, $1)", {pg::Bytes{std::move(bytes)}}).status();
  connection.Rollback();
  return written;
}

absl::Status CheckDatabase(const runtime::Settings& settings, const runtime::Module& module) {
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(settings.Database(module.name())));
  RETURN_IF_ERROR(pg::CheckMigrated(*connection, module.migrations()));
  RETURN_IF_ERROR(CheckRoom(*connection));
  // What a service records leaves by the other role.
  return pg::Connection::Open(settings.Database(module.name(), true)).status();
}

absl::Status CheckKafkaCertificate(const std::string& file) {
  ASSIGN_OR_RETURN(const absl::Time end, runtime::EndOfCertificate(file));
  const absl::Time now = absl::Now();
  if (end - now > runtime::kCertificateSoon) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("it ", now < end ? "ends " : "ended ",
                   absl::FormatTime("%Y-%m-%d %H:%M UTC", end, absl::UTCTimeZone())));
}

// TLS between the services, as these settings say it; null where they speak in clear.
std::shared_ptr<const runtime::Tls> ExamineTls(const runtime::Settings& settings, Report& report) {
  std::shared_ptr<const runtime::Tls> tls;
  const std::string what = "certificate between services";
  if (settings.grpc_cert_file.empty() && settings.grpc_key_file.empty() &&
      settings.grpc_ca_file.empty()) {
    bool open = !runtime::IsLoopback(settings.grpc_listen);
    for (const std::string& name : settings.Processes()) {
      open |= !runtime::IsLoopback(settings.Endpoint(name));
    }
    if (open) report.Note(what, "none: services talk in clear on a network (--grpc-cert-file)");
    return nullptr;
  }
  report.Look(what, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(tls, runtime::Tls::Open(settings));
    return tls->Check(absl::Now());
  });
  report.Look("key of that certificate", [&] { return CheckKey(settings.grpc_key_file, 007); });
  return tls;
}

// A topic that is not there says so when it is read.
absl::Status CheckTopic(bus::Bus& bus, const std::string& topic) {
  bus::SubscribeOptions options;
  options.topics = {topic};
  options.live = true;
  ASSIGN_OR_RETURN(const auto subscription, bus.Subscribe(options));
  return subscription->Poll(1, absl::Milliseconds(200)).status();
}

// Whether the server answers, and for HTTP whether it says that all is well.
absl::Status CheckUrl(const std::string& url, bool only_connect) {
  std::string body;
  const curl::Handle handle;
  CURL* const easy = handle.get();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, curl::Milliseconds(kPatience));
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, only_connect ? 1L : 0L);
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION, +[](char* data, size_t, size_t size, void* to) {
        static_cast<std::string*>(to)->append(data, size);
        return size;
      });
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    return absl::UnavailableError(absl::StrCat(url, ": ", curl_easy_strerror(code)));
  }
  long answer = 200;
  if (!only_connect) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
  if (answer == 200) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("answers ", answer, ": ", body.substr(0, 500)));
}

// A real call: the token is good at the door and the directory answers from its database.
absl::Status CheckCall(const Context& context) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  return remote
      ->Call<directory::v1::ListBodiesResponse>("directory", "DirectoryService", "ListBodies",
                                                directory::v1::ListBodiesRequest())
      .status();
}

// A token of a service, as what runs has one.
absl::StatusOr<std::string> ServiceToken(const runtime::Settings& settings) {
  if (settings.service_token_file.empty()) {
    return IssueToken(settings, "service", "*", "", absl::Minutes(5));
  }
  std::ifstream file(settings.service_token_file);
  std::string token;
  if (!(file >> token)) return absl::NotFoundError("the service token cannot be read");
  return token;
}

// Whether a watchdog asks this process how it is; the process itself says so.
absl::Status CheckWatched(const runtime::Settings& settings, runtime::Client& client,
                          const std::string& service) {
  runtime::Client::Options call;
  call.timeout = kPatience;
  ASSIGN_OR_RETURN(call.token, ServiceToken(settings));
  const auto vitals =
      client.Call<operations::v1::Vitals>(service, "fosterwatch.operations.v1.VitalsService",
                                          "GetVitals", operations::v1::GetVitalsRequest(), call);
  if (absl::IsUnavailable(vitals.status())) {
    return absl::UnavailableError("not known, since nobody answers there");
  }
  RETURN_IF_ERROR(vitals.status());
  for (const auto& check : vitals->checks()) {
    if (check.name() != "watchdog" || check.good()) continue;
    return absl::UnavailableError(absl::StrCat(
        check.text(), " (start fosterwatch-watchdog with this address in --endpoints)"));
  }
  return absl::OkStatus();
}

absl::Status Examine(const Context& context) {
  const runtime::Settings& settings = context.settings;
  const std::vector<std::unique_ptr<runtime::Module>> modules = MakeModules();
  Report report;
  QuietGrpc();
  report.Look("data folder", [&] { return CheckFolder(settings.data_dir, true); });
  report.Look("disk of the data folder", [&] { return CheckDisk(settings.data_dir); });
  report.Look("law and calendars", [&] { return CheckFolder(settings.share_dir, false); });
  report.Look("key set of access tokens", [&] {
    return auth::Verifier::FromFile(settings.jwks_file, settings.issuer, auth::kAudience).status();
  });
  report.Look("master key of personal data", [&] { return CheckKey(settings.master_key_file); });
  report.Look("clock", [&] { return CheckClock(settings); });
  for (const auto& module : modules) {
    if (module->migrations().empty()) continue;
    report.Look(absl::StrCat("database of ", absl::StrReplaceAll(module->name(), {{"_", "-"}})),
                [&] { return CheckDatabase(settings, *module); });
  }

  std::unique_ptr<bus::Bus> bus;
  report.Look(absl::StrCat("bus (", settings.bus, ")"), [&]() -> absl::Status {
    ASSIGN_OR_RETURN(bus, runtime::OpenBus(settings));
    const absl::Status status = bus->Check();
    // One that is away is waited for once, and not for each of its topics.
    if (!status.ok()) bus.reset();
    return status;
  });
  for (const auto& module : modules) {
    for (const bus::Topic& topic : module->topics()) {
      report.Look(absl::StrCat("topic ", topic.name), [&]() -> absl::Status {
        if (bus == nullptr) return absl::UnavailableError("the bus is away");
        return CheckTopic(*bus, topic.name);
      });
    }
  }

  if (const std::string file = runtime::KafkaCertificateOf(settings); !file.empty()) {
    report.Look("certificate for Kafka", [&] { return CheckKafkaCertificate(file); });
  }
  runtime::Client client([&](const std::string& service) { return settings.Endpoint(service); },
                         ExamineTls(settings, report));
  for (const auto& module : modules) {
    const std::string name = absl::StrReplaceAll(module->name(), {{"_", "-"}});
    report.Look(absl::StrCat("service ", name, " at ", settings.Endpoint(name)),
                [&] { return client.CheckHealth(name, kPatience); });
  }
  std::set<std::string> addresses;
  for (const auto& module : modules) {
    const std::string name = absl::StrReplaceAll(module->name(), {{"_", "-"}});
    const std::string address = settings.Endpoint(name);
    if (!addresses.insert(address).second) continue;
    report.Look("watchdog of " + address, [&] { return CheckWatched(settings, client, name); });
  }
  report.Look("a call with a token", [&] { return CheckCall(context); });
  report.Look("gateway at " + settings.http_listen, [&] {
    return CheckUrl(absl::StrCat("http://", settings.http_listen, "/readyz"), false);
  });
  report.Look("mail server at " + settings.smtp_url,
              [&] { return CheckUrl(settings.smtp_url, true); });

  if (report.wrong() == 0) {
    std::puts("\nAll is well.");
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat(report.wrong(), " of these are wrong"));
}

// One process, one question, nothing printed when the answer is yes: for health checks of
// containers, whose image has no other client.
absl::Status AskHealth(const runtime::Settings& settings, bool gateway) {
  if (gateway) return CheckUrl(absl::StrCat("http://", settings.http_listen, "/readyz"), false);
  QuietGrpc();
  ASSIGN_OR_RETURN(std::shared_ptr<const runtime::Tls> tls, runtime::Tls::Open(settings));
  // As the process itself calls what is in it.
  runtime::Settings own = settings;
  own.endpoints.clear();
  runtime::Client client([&](const std::string& service) { return own.Endpoint(service); },
                         std::move(tls));
  return client.CheckHealth("the service", kPatience);
}

}  // namespace

void AddDoctor(CLI::App& app, Context* context) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Look at everything that Fosterwatch needs, and say what is wrong");
  doctor->footer("Exit codes: 0 all is well, 6 something is wrong.\n");
  doctor->callback([context] { context->run = [context] { return Examine(*context); }; });

  CLI::App* health = app.add_subcommand(
      "health", "Ask the service that listens at --grpc-listen whether it takes calls");
  auto gateway = std::make_shared<bool>(false);
  health->add_flag("--gateway", *gateway, "ask /readyz at --http-listen instead");
  health->footer("Exit codes: 0 it does, 6 it does not.\n");
  health->callback([context, gateway] {
    context->run = [context, gateway] { return AskHealth(context->settings, *gateway); };
  });
}

}  // namespace fosterwatch::app
