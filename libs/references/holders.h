// Who holds which role from when until when, as facts of the directory tell it: a table
// reference.holder in the database of a service that asks about it, with the columns agency_id,
// holder_id, person_id, role, from_at and until_at.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::references {

// The moment that stands in a column for what has no end yet.
absl::Time Never();

// The row that a fact of the directory asks for; nullopt where it is about no holder.
std::optional<pg::Statement> HolderRow(const std::string& agency_id,
                                       const directory::v1::DirectoryFact& fact);

}  // namespace fosterwatch::references
