// Connection strings that can never be right, and why a database could not be connected to, in
// words for a person.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

typedef struct pg_conn PGconn;

namespace fosterwatch::pg {

// INVALID_ARGUMENT where `conninfo` is none as libpq has them (host=... port=...), or is a URL,
// which nothing can be added to. The value is never quoted: it may hold a password.
absl::Status CheckConninfo(const std::string& conninfo);
// The same where it also names a user or a database, which each service has of its own.
absl::Status CheckConninfoOfAll(const std::string& conninfo);

// Of a connection that was not made: INVALID_ARGUMENT where no server could ever take what it was
// told (a port that is no number, an unknown sslmode), else UNAVAILABLE; the text is libpq's.
absl::Status WhyNotMade(const PGconn* connection);

// What the operator has to mend: "the server has no database fosterwatch_kpis". Names no address.
// "" where such a status says nothing of it, as when nobody listens or the server is full.
std::string MendingOf(const absl::Status& status);

}  // namespace fosterwatch::pg
