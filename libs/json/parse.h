// JSON text from outside into a value, strictly: RFC 8259, UTF-8 without a byte order mark, no
// repeated name in an object, no character U+0000, and no deeper than asked. Any thread.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <nlohmann/json.hpp>

namespace fosterwatch::json {

struct ParseOptions {
  // How many arrays and objects may stand inside each other.
  int depth = 32;
};

// INVALID_ARGUMENT with the reason MALFORMED_JSON (and the byte where reading stopped),
// JSON_TOO_DEEP or DUPLICATE_FIELD. No message repeats the text.
absl::StatusOr<nlohmann::json> Parse(absl::string_view text, const ParseOptions& options = {});

// A name from outside as it may stand in a message: itself where it looks like a field's name,
// else "(unreadable)", since a caller may have put a value in its place.
std::string SafeName(absl::string_view name);

}  // namespace fosterwatch::json
