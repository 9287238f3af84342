// What placements knows of other services, from their facts: which bodies and carers there are. In
// tables of its own database; it never asks another service while it writes.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::placements {

// Topics that placements reads.
inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";

// The row of the reference tables that a record asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record);

// Reads these tables. Any thread.
class References {
 public:
  explicit References(ledger::Ledger* ledger) : ledger_(ledger) {}

  // Those of the ids that are known: authorities are bodies that are local authorities.
  struct Known {
    std::set<std::string> authorities;
    std::set<std::string> carers;
  };
  absl::StatusOr<Known> KnownOf(const std::string& agency_id,
                                const std::set<std::string>& authorities,
                                const std::set<std::string>& carers);

 private:
  ledger::Ledger* const ledger_;
};

std::string ReferenceSql(const std::string& role);

}  // namespace fosterwatch::placements
