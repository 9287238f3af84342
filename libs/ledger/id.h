// Ids: UUIDs of version 7 (RFC 9562), so that new rows lie together in an index; made random by
// libsodium. DerivedId gives the same id for the same words, for what must not be made twice.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace fosterwatch::ledger {

std::string NewId();
std::string DerivedId(absl::string_view words);

// Lower-case hexadecimal SHA-256.
std::string Sha256(absl::string_view bytes);

}  // namespace fosterwatch::ledger
