// Moments in text from outside. Any thread.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace fosterwatch::json {

// RFC 3339 with an offset, as protobuf's JSON and CloudEvents have it: "2026-08-01T21:10:00Z",
// "2026-08-01T22:10:00.25+01:00"; years 0001 to 9999, nanoseconds at most, no leap second. nullopt
// for anything else, of which absl::ParseTime takes some ("infinite-future", blanks).
absl::optional<absl::Time> ParseRfc3339(absl::string_view text);

}  // namespace fosterwatch::json
