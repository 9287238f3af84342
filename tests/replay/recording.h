// Recorded ledgers: what an earlier commit's services held, kept as text, and what that commit made
// of it. A recording is a folder with, for each service that has a ledger,
//   <service>.sql            its database as pg_dump writes it, with the schema of that commit, the
//                            views empty and the relay's mark at the beginning
//   <service>.views.jsonl    every row of its views as they stood
//   <service>.records.jsonl  what its relay had published
//   <service>.states.jsonl   the state of every aggregate, its personal part with it
// and the master key, which is a test's own, under which the personal parts are sealed.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <nlohmann/json.hpp>

#include "tests/support/installation.h"

namespace fosterwatch::replay {

using Json = nlohmann::json;

// Every service that has a ledger today.
const std::vector<std::string>& Services();
// Those that a recording holds: the others came later, and have nothing to replay.
std::vector<std::string> ServicesIn(const std::string& folder);
// The views of a service that the recording speaks of, such as "view.alert".
absl::StatusOr<std::set<std::string>> ViewsIn(const std::string& folder,
                                              const std::string& service);

// Rows of every view, as {"table":…, "row":{column:…}}, in the order of their text. A message that
// a view holds as bytes is read, so that a field added to it later is seen as such.
absl::StatusOr<std::vector<Json>> ViewsOf(const testing::Installation& installation,
                                          const std::string& service);
// What is on the topic of its facts, by partition and offset.
absl::StatusOr<std::vector<Json>> RecordsOf(const testing::Installation& installation,
                                            const std::string& service);
// The state of every aggregate, opened under the master key of the installation.
absl::StatusOr<std::vector<Json>> StatesOf(const testing::Installation& installation,
                                           const std::string& service);
// How many facts it holds.
absl::StatusOr<int64_t> FactsOf(const testing::Installation& installation,
                                const std::string& service);

// Writes a recording of an installation that is stopped, and whose relays had published all.
// Changes its databases: the transactions of its facts get small numbers, since those of one
// cluster say nothing in another.
absl::Status Write(const testing::Installation& installation, const std::string& folder);

// Puts a recording into an installation that is set up and was never started: its databases are
// replaced. What the recorded schema lacks is for `fosterwatch database setup` to add.
absl::Status Restore(const std::string& folder, const testing::Installation& installation);

absl::StatusOr<std::vector<Json>> ReadLines(const std::string& path);

// Where `actual` does not say what `expected` says; "" where it does. Fields that only `actual` has
// are fine at any depth; arrays are as long as each other.
std::string Difference(const Json& expected, const Json& actual);

}  // namespace fosterwatch::replay
