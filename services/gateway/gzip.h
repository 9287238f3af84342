// gzip (RFC 1952) of whole bodies. Any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace fosterwatch::gateway {

std::string Compress(absl::string_view bytes);

// INVALID_ARGUMENT (MALFORMED_GZIP), or RESOURCE_EXHAUSTED (BODY_TOO_LARGE) once it is clear that
// more than `most` bytes would come of it.
absl::StatusOr<std::string> Decompress(absl::string_view bytes, size_t most);

}  // namespace fosterwatch::gateway
