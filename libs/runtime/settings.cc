#include "libs/runtime/settings.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <unistd.h>

#include "CLI/CLI.hpp"
#include "libs/runtime/setting_names.h"

namespace fosterwatch::runtime {
namespace {

std::string Kebab(absl::string_view name) { return absl::StrReplaceAll(name, {{"_", "-"}}); }

// Where to call what listens there.
std::string AddressToCall(const std::string& listen) {
  for (const char* any : {"0.0.0.0:", "[::]:"}) {
    if (absl::StartsWith(listen, any)) {
      return absl::StrCat("127.0.0.1:", absl::StripPrefix(listen, any));
    }
  }
  return listen;
}

// "" or what is wrong, as CLI11 has it.
std::string CheckEndpoints(const std::string& text) {
  for (const absl::string_view entry : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> named =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (absl::StripAsciiWhitespace(named.first).empty() || !absl::StrContains(named.second, ':')) {
      return absl::StrCat("'", absl::StripAsciiWhitespace(entry), "' is not NAME=HOST:PORT");
    }
  }
  return "";
}

}  // namespace

std::string Settings::Database(const std::string& service, bool relay) const {
  const std::string name = absl::StrCat("fosterwatch_", service);
  return absl::StrCat(postgres, " user=", name, relay ? "_relay" : "", " dbname=", name,
                      " application_name=", name);
}

std::string Settings::Endpoint(const std::string& service) const {
  for (const absl::string_view entry : absl::StrSplit(endpoints, ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> named =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (Kebab(absl::StripAsciiWhitespace(named.first)) == Kebab(service)) {
      return std::string(absl::StripAsciiWhitespace(named.second));
    }
  }
  return AddressToCall(grpc_listen);
}

std::string Settings::AgencyName(const std::string& agency_id) const {
  for (const absl::string_view entry : absl::StrSplit(agency_names, ';', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> named =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (absl::StripAsciiWhitespace(named.first) == agency_id) {
      return std::string(absl::StripAsciiWhitespace(named.second));
    }
  }
  return "";
}

std::vector<std::string> Settings::Processes() const {
  std::vector<std::string> names, addresses;
  for (const absl::string_view entry : absl::StrSplit(endpoints, ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> named =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const std::string address(absl::StripAsciiWhitespace(named.second));
    if (std::find(addresses.begin(), addresses.end(), address) != addresses.end()) continue;
    addresses.push_back(address);
    names.emplace_back(absl::StripAsciiWhitespace(named.first));
  }
  return names;
}

void AddSettings(CLI::App& app, Settings& settings) {
  const auto named = [](CLI::Option* option, const std::string& flag) {
    const std::string name = absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}}));
    return option->envname("FOSTERWATCH_" + name)->group("Settings");
  };
  const auto add = [&](const std::string& flag, std::string& value, const std::string& help) {
    CLI::Option* option = named(app.add_option("--" + flag, value, help), flag);
    if (!value.empty()) option->capture_default_str();
    return option;
  };
  add("data-dir", settings.data_dir, "folder of keys and sign-in links [./.fosterwatch]");
  add("share-dir", settings.share_dir, "folder of law, calendars and definitions");
  add("postgres", settings.postgres, "libpq conninfo without user and dbname");
  add("postgres-admin", settings.postgres_admin,
      "conninfo of a superuser, for 'database setup' only");
  add("bus", settings.bus, "postgres or kafka")->check(CLI::IsMember({"postgres", "kafka"}));
  add("kafka", settings.kafka, "bootstrap servers");
  add("kafka-properties-file", settings.kafka_properties_file,
      "security.protocol, ssl.*, sasl.* of the way to Kafka, one name=value a line");
  add("instance", settings.instance,
      "name of this process among those of its service, the same after a restart [the host's]");
  add("grpc-listen", settings.grpc_listen, "address of the gRPC port");
  add("grpc-cert-file", settings.grpc_cert_file,
      "certificate (PEM) of this process, for TLS between the services [no TLS]");
  add("grpc-key-file", settings.grpc_key_file, "key of that certificate");
  add("grpc-ca-file", settings.grpc_ca_file, "authorities whose certificates the services have");
  add("endpoints", settings.endpoints,
      "where services answer: directory=HOST:PORT,...; the rest at --grpc-listen")
      ->check(CheckEndpoints);
  add("http-listen", settings.http_listen, "address of the gateway's HTTP port");
  add("metrics-listen", settings.metrics_listen, "address of the metrics port [none]");
  add("web-dir", settings.web_dir, "folder of the built web application");
  add("public-url", settings.public_url, "where people reach the gateway");
  add("smtp-url", settings.smtp_url, "mail server: smtp://[USER@]HOST:PORT or smtps://...");
  add("smtp-password-file", settings.smtp_password_file,
      "password of the mail server's user; needs TLS");
  add("smtp-ca-file", settings.smtp_ca_file,
      "certificates that the mail server is checked against [the system's]");
  named(app.add_option("--smtp-connections", settings.smtp_connections,
                       "mails on their way at a time, 2 to 32; one is kept for alerts"),
        "smtp-connections")
      ->check(CLI::Range(2, 32))
      ->capture_default_str();
  add("mail-from", settings.mail_from, "sender of mails");
  add("webhook-networks", settings.webhook_networks,
      "networks that webhooks may reach beside the public internet: 10.20.0.0/16,...");
  add("webhook-ca-file", settings.webhook_ca_file,
      "certificates that webhooks are checked against [the system's]");
  add("watch-mail-to", settings.watch_mail_to,
      "whom the watchdog tells: mail addresses with commas between");
  add("watch-smtp-url", settings.watch_smtp_url,
      "mail server of the watchdog's own [that of --smtp-url]");
  add("watch-webhook-url", settings.watch_webhook_url, "where the watchdog posts what it tells");
  add("watch-policy", settings.watch_policy,
      "what the watchdog alarms about [policy/watch.json of --share-dir]");
  add("master-key-file", settings.master_key_file, "seals the keys of personal data");
  add("jwks-file", settings.jwks_file, "key set that access tokens are checked against");
  add("issuer", settings.issuer, "issuer of access tokens");
  add("service-token-file", settings.service_token_file,
      "token of this service [one of the local issuer]");
  add("oidc-file", settings.oidc_file,
      "how people sign in at their organisation (docs/signing_in.md) [by links]");
  add("programs-file", settings.programs_file,
      "programs that have tokens of a provider (docs/publishing.md) [none]");
  add("session-idle", settings.session_idle,
      "a browser's session ends after so long without anybody at it");
  add("session-life", settings.session_life, "and so long after it began");
  add("pdf-python", settings.pdf_python,
      "a Python that has WeasyPrint, for documents as PDF [none is made]");
  add("agency-names", settings.agency_names,
      "agencies as documents print them: northern=Northern Fostering;... [their ids]");
  add("log-level", settings.log_level, "trace, debug, info, warn, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
  RefuseUnknownNames(app);
}

void CompleteSettings(Settings& settings, const std::string& program_path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (settings.data_dir.empty()) settings.data_dir = ".fosterwatch";
  settings.data_dir = fs::absolute(settings.data_dir, error).lexically_normal().string();
  if (settings.share_dir.empty()) {
    const fs::path program = fs::weakly_canonical(program_path, error);
    settings.share_dir = (program.parent_path().parent_path() / "share" / "fosterwatch").string();
  }
  if (settings.master_key_file.empty()) {
    settings.master_key_file = settings.data_dir + "/master.key";
  }
  if (settings.instance.empty()) {
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    settings.instance = name;
  }
  if (settings.jwks_file.empty()) settings.jwks_file = settings.IssuerFolder() + "/jwks.json";
}

}  // namespace fosterwatch::runtime
