// What the register of carers knows of other services: who holds which role, local authorities,
// children. Facts of the directory and of placements make it, so that it may be behind them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer.pb.h"
#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "services/carers/domain/named.h"

namespace fosterwatch::carers {

inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";

// The row of the reference tables that a record asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record);

// The schema of the reference tables.
std::string ReferenceSql(const std::string& role);

// Who holds which role in the agency, and its bodies. Reads, so not from the ledger's own thread.
absl::StatusOr<std::shared_ptr<const domain::Directory>> DirectoryOf(ledger::Ledger& ledger,
                                                                     const std::string& agency_id);

// Adds to `carer` what it names and nobody here has heard of; of an agency of whose children
// (bodies) nothing was heard, none.
absl::Status AddUnknownReferences(ledger::Ledger& ledger, const std::string& agency_id,
                                  v1::Carer& carer);

}  // namespace fosterwatch::carers
