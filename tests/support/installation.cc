#include "tests/support/installation.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/bus/kafka_bus.h"
#include "libs/bus/postgres_bus.h"
#include "libs/runtime/tls.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/test_authority.h"

namespace fosterwatch::testing {
namespace {

std::string Binary() {
  const char* folder = std::getenv("FOSTERWATCH_BIN_DIR");
  if (folder == nullptr) {
    throw std::runtime_error("FOSTERWATCH_BIN_DIR does not name the folder of the binaries");
  }
  return absl::StrCat(folder, "/fosterwatch");
}

void Check(const absl::Status& status, const std::string& doing) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(doing, ": ", status.ToString()));
}

std::string MakeFolder() {
  std::string folder = "/tmp/fosterwatch-test-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("cannot make a folder in /tmp");
  return folder;
}

// Where the certificate, its key and its authority are, once MakeTls has put them there.
runtime::Settings CertificatesIn(const std::string& folder) {
  runtime::Settings settings;
  settings.grpc_cert_file = folder + "/tls.pem";
  settings.grpc_key_file = folder + "/tls.key";
  settings.grpc_ca_file = folder + "/tls-ca.pem";
  return settings;
}

std::shared_ptr<const runtime::Tls> MakeTls(const std::string& folder) {
  const runtime::Settings files = CertificatesIn(folder);
  const TestAuthority authority;
  authority.Issue(files.grpc_cert_file, files.grpc_key_file, {.days = 100});
  std::filesystem::copy_file(authority.ca_file(), files.grpc_ca_file);
  auto tls = runtime::Tls::Open(files);
  Check(tls.status(), "opening certificates");
  return *std::move(tls);
}

}  // namespace

uint16_t FreePort() {
  // Bound and never closed: whoever else asks for some port gets another one, and nobody's outgoing
  // connection takes it. A server that allows its address to be used again, as all of ours do, may
  // bind it all the same, and again after a restart.
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("there is no free port");
  }
  return ntohs(address.sin_port);
}

Installation::Installation(Options options)
    : options_(std::move(options)),
      folder_(MakeFolder()),
      client_(
          [this](const std::string& service) {
            const auto route = routes_.find(service);
            return route == routes_.end() ? grpc_address_ : route->second;
          },
          options_.certificates ? MakeTls(folder_) : nullptr) {
  grpc_address_ = absl::StrCat("127.0.0.1:", FreePort());
  http_port_ = FreePort();
  if (Run({"database", "setup"}) != 0) throw std::runtime_error("'database setup' failed");
  auto issuer = auth::LocalIssuer::Open(folder_ + "/issuer");
  Check(issuer.status(), "opening the issuer");
  issuer_ = *std::move(issuer);
}

Installation::~Installation() {
  process_.reset();
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

std::map<std::string, std::string> Installation::Settings() const {
  std::map<std::string, std::string> settings = {
      {"FOSTERWATCH_DATA_DIR", folder_},
      {"FOSTERWATCH_POSTGRES", cluster_.conninfo()},
      {"FOSTERWATCH_POSTGRES_ADMIN", cluster_.admin()},
      {"FOSTERWATCH_BUS", options_.bus},
      {"FOSTERWATCH_GRPC_LISTEN", grpc_address_},
      {"FOSTERWATCH_HTTP_LISTEN", absl::StrCat("127.0.0.1:", http_port_)},
      {"FOSTERWATCH_SMTP_URL", "smtp://127.0.0.1:9"},  // discard: nobody is there
  };
  if (!options_.kafka.empty()) settings["FOSTERWATCH_KAFKA"] = options_.kafka;
  if (!options_.share_dir.empty()) settings["FOSTERWATCH_SHARE_DIR"] = options_.share_dir;
  if (options_.certificates) {
    const runtime::Settings files = CertificatesIn(folder_);
    settings["FOSTERWATCH_GRPC_CERT_FILE"] = files.grpc_cert_file;
    settings["FOSTERWATCH_GRPC_KEY_FILE"] = files.grpc_key_file;
    settings["FOSTERWATCH_GRPC_CA_FILE"] = files.grpc_ca_file;
  }
  return settings;
}

void Installation::Start(const std::map<std::string, std::string>& settings) {
  std::map<std::string, std::string> all = Settings();
  for (const auto& [name, value] : settings) all[name] = value;
  process_.reset();
  auto process = Process::Start({{Binary(), "serve"}, std::move(all), {}, folder_ + "/serve.log"});
  Check(process.status(), "starting fosterwatch");
  process_ = std::make_unique<Process>(*std::move(process));
}

bool Installation::AwaitReady(absl::Duration timeout) {
  return AwaitTrue(
             [&] {
               if (!process_->Running()) return true;
               return client_.CheckHealth("any", absl::Seconds(1)).ok();
             },
             timeout) &&
         process_->Running();
}

int Installation::Run(std::vector<std::string> arguments, absl::Duration timeout) {
  std::string output;
  const int code = RunWith(std::move(arguments), {}, timeout, &output);
  if (code != 0) std::fputs(output.c_str(), stderr);
  return code;
}

int Installation::RunWith(std::vector<std::string> arguments,
                          const std::map<std::string, std::string>& settings,
                          absl::Duration timeout, std::string* output) {
  arguments.insert(arguments.begin(), Binary());
  std::map<std::string, std::string> all = Settings();
  for (const auto& [name, value] : settings) all[name] = value;
  auto process =
      Process::Start({std::move(arguments), std::move(all), {}, folder_ + "/command.log"});
  Check(process.status(), "starting fosterwatch");
  auto code = process->Wait(timeout);
  Check(code.status(), "waiting for fosterwatch");
  if (output != nullptr) *output = process->Output();
  return *code;
}

std::string Installation::RouteOf(const std::string& full_service) const {
  // "fosterwatch.notifiable_events.v1.NotifiableEventService"
  const std::vector<std::string> words = absl::StrSplit(full_service, '.');
  const std::string service = words.size() < 2 ? "" : absl::StrReplaceAll(words[1], {{"_", "-"}});
  return routes_.contains(service) ? service : "any";
}

std::string Installation::TokenOf(const Person& person) {
  auto token = issuer_->Issue({person.person_id, person.agency_id, person.roles,
                               absl::Now() + absl::Hours(1), person.other_agencies},
                              absl::Now());
  Check(token.status(), "issuing a token");
  return *token;
}

std::unique_ptr<pg::Connection> Installation::Database(const std::string& service) const {
  return Connect(absl::StrCat(cluster_.admin(), " dbname=fosterwatch_", service));
}

std::unique_ptr<bus::Bus> Installation::OpenBus() const {
  auto bus = options_.bus == "kafka"
                 ? bus::MakeKafkaBus({.brokers = options_.kafka})
                 : bus::MakePostgresBus(absl::StrCat(cluster_.conninfo(), " user=fosterwatch_bus",
                                                     " dbname=fosterwatch_bus"));
  Check(bus.status(), "opening the bus");
  return *std::move(bus);
}

}  // namespace fosterwatch::testing
