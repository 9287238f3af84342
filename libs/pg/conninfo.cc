#include "libs/pg/conninfo.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <libpq-fe.h>

namespace fosterwatch::pg {
namespace {

constexpr char kMendingPayload[] = "fosterwatch.pg/mending";

// libpq keeps no SQLSTATE of a connection that failed. These are its own words, which it says in
// English as long as the process sets no locale, and the server's where it speaks English; of a
// server that does not, only the log says why.
struct Saying {
  absl::string_view says;
  absl::string_view mending;  // USER and DATABASE stand for theirs
};
constexpr Saying kSayings[] = {
    {"could not translate host name", "the name of its host is not known"},
    {"authentication failed for user", "the server refuses the role USER or its password"},
    {"no password supplied", "the server wants a password of the role USER, and there is none"},
    {"no pg_hba.conf entry", "the server does not let the role USER in from here (pg_hba.conf)"},
    {"is not permitted to log in", "the role USER may not log in"},
    {"permission denied for database", "the role USER may not use the database DATABASE"},
    {"certificate verify failed", "the server's certificate is not one to trust"},
    {"does not match host name", "the server's certificate is not one to trust"},
    {"root certificate file", "the file of authorities (sslrootcert) cannot be read"},
    {"does not support SSL", "the server does not speak TLS, which is asked of it"},
};

absl::string_view OrEmpty(const char* text) { return text == nullptr ? "" : text; }

std::string Named(absl::string_view mending, const PGconn* connection) {
  return absl::StrReplaceAll(
      mending, {{"USER", OrEmpty(PQuser(connection))}, {"DATABASE", OrEmpty(PQdb(connection))}});
}

std::string MendingOf(absl::string_view text, const PGconn* connection) {
  if (absl::StrContains(
          text, absl::StrCat("database \"", OrEmpty(PQdb(connection)), "\" does not exist"))) {
    return Named("the server has no database DATABASE: 'fosterwatch database setup' makes it",
                 connection);
  }
  if (absl::StrContains(
          text, absl::StrCat("role \"", OrEmpty(PQuser(connection)), "\" does not exist"))) {
    return Named("the server has no role USER: 'fosterwatch database setup' makes it", connection);
  }
  for (const Saying& saying : kSayings) {
    if (absl::StrContains(text, saying.says)) return Named(saying.mending, connection);
  }
  return "";
}

bool CanNeverBeRight(absl::string_view text) {
  return absl::StartsWith(text, "invalid ") || absl::StartsWith(text, "could not match ") ||
         absl::StrContains(text, ": invalid port number");
}

absl::Status Check(const std::string& conninfo, bool of_all) {
  if (absl::StartsWith(conninfo, "postgres://") || absl::StartsWith(conninfo, "postgresql://")) {
    return absl::InvalidArgumentError(
        "is a URL, which user and dbname cannot be added to: write host=... port=...");
  }
  PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), nullptr);
  if (options == nullptr) {
    return absl::InvalidArgumentError("is no connection string such as host=... port=...");
  }
  const absl::Cleanup freed = [options] { PQconninfoFree(options); };
  for (const PQconninfoOption* option = options; of_all && option->keyword != nullptr; ++option) {
    const absl::string_view keyword = option->keyword;
    if (option->val == nullptr || (keyword != "user" && keyword != "dbname")) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("names a ", keyword, ": each service has one of its own"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckConninfo(const std::string& conninfo) { return Check(conninfo, false); }
absl::Status CheckConninfoOfAll(const std::string& conninfo) { return Check(conninfo, true); }

absl::Status WhyNotMade(const PGconn* connection) {
  const absl::string_view text = absl::StripAsciiWhitespace(PQerrorMessage(connection));
  if (CanNeverBeRight(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the connection string of the database: ", text));
  }
  absl::Status status =
      absl::UnavailableError(absl::StrCat("cannot connect to the database: ", text));
  const std::string mending = MendingOf(text, connection);
  if (!mending.empty()) status.SetPayload(kMendingPayload, absl::Cord(mending));
  return status;
}

std::string MendingOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kMendingPayload);
  return payload.has_value() ? std::string(*payload) : "";
}

}  // namespace fosterwatch::pg
