#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/bus/postgres_bus.h"
#include "libs/pg/connection.h"
#include "libs/pg/conninfo.h"
#include "libs/runtime/host.h"
#include "libs/runtime/module.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

// Role to password, from a file in libpq's format: host:port:database:user:password.
using Passwords = std::vector<std::pair<std::string, std::string>>;

// The fields of a line; "\:" and "\\" stand for ":" and "\".
std::vector<std::string> FieldsOf(const std::string& line) {
  std::vector<std::string> fields(1);
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      fields.back() += line[++i];
    } else if (line[i] == ':' && fields.size() < 5) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

absl::StatusOr<Passwords> ReadPasswords(const std::string& conninfo) {
  Passwords passwords;
  for (absl::string_view part : absl::StrSplit(conninfo, ' ', absl::SkipEmpty())) {
    if (!absl::ConsumePrefix(&part, "passfile=")) continue;
    const std::string path(absl::StripPrefix(absl::StripSuffix(part, "'"), "'"));
    std::ifstream file(path);
    if (!file) return absl::NotFoundError(absl::StrCat("cannot read the passfile ", path));
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> fields = FieldsOf(line);
      if (fields.size() == 5 && fields[0][0] != '#') passwords.emplace_back(fields[3], fields[4]);
    }
  }
  return passwords;
}

std::string PasswordOf(const Passwords& passwords, const std::string& role) {
  for (const auto& [user, password] : passwords) {
    if (user == role || user == "*") return password;
  }
  return "";
}

absl::Status SetUpDatabase(const Settings& settings, const std::string& service,
                           const std::vector<std::string>& roles, const Passwords& passwords,
                           const std::vector<pg::Migration>& migrations) {
  const std::string database = absl::StrCat("fosterwatch_", service);
  std::vector<std::string> passwords_of_roles;
  for (const std::string& role : roles) passwords_of_roles.push_back(PasswordOf(passwords, role));
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> admin,
                   pg::Connection::Open(settings.postgres_admin));
  RETURN_IF_ERROR(pg::EnsureDatabase(*admin, database, roles, passwords_of_roles));
  // Of a key that a conninfo names twice, libpq takes the last.
  ASSIGN_OR_RETURN(
      const std::unique_ptr<pg::Connection> owner,
      pg::Connection::Open(absl::StrCat(settings.postgres_admin, " dbname=", database)));
  return pg::Migrate(*owner, migrations);
}

}  // namespace

absl::Status SetUpDatabases(const Settings& settings,
                            const std::vector<std::unique_ptr<Module>>& modules) {
  if (settings.postgres_admin.empty()) {
    return absl::FailedPreconditionError(
        "setting up databases needs a superuser: name one with --postgres-admin");
  }
  if (absl::Status wrong = pg::CheckConninfo(settings.postgres_admin); !wrong.ok()) {
    return absl::Status(wrong.code(), absl::StrCat("--postgres-admin ", wrong.message()));
  }
  ASSIGN_OR_RETURN(const Passwords passwords, ReadPasswords(settings.postgres));
  for (const std::unique_ptr<Module>& module : modules) {
    const std::vector<pg::Migration> migrations = module->migrations();
    if (migrations.empty()) continue;
    const std::string role = absl::StrCat("fosterwatch_", module->name());
    RETURN_IF_ERROR(SetUpDatabase(settings, module->name(), {role, absl::StrCat(role, "_relay")},
                                  passwords, migrations));
  }
  if (settings.bus != "postgres") return absl::OkStatus();
  RETURN_IF_ERROR(SetUpDatabase(settings, "bus", {"fosterwatch_bus"}, passwords,
                                bus::PostgresBusMigrations("fosterwatch_bus")));
  return SetUpTopics(settings, modules);
}

absl::Status SetUpTopics(const Settings& settings,
                         const std::vector<std::unique_ptr<Module>>& modules) {
  std::vector<bus::Topic> topics;
  for (const std::unique_ptr<Module>& module : modules) {
    for (bus::Topic& topic : module->topics()) topics.push_back(std::move(topic));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<bus::Bus> bus, OpenBus(settings));
  return bus->EnsureTopics(topics);
}

}  // namespace fosterwatch::runtime
