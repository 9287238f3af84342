// Words with placeholders in braces: "{event_id}". Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace fosterwatch::wording {

// A text with its placeholders replaced, in one pass: what is put in is never read as a
// placeholder. One without a value becomes nothing.
std::string Fill(absl::string_view text, const std::map<std::string, std::string>& values);

// INVALID_ARGUMENT for a placeholder that is not allowed, or a brace that belongs to none.
absl::Status CheckPlaceholders(absl::string_view text, const std::set<std::string>& allowed);

// INVALID_ARGUMENT for what is no subject of a mail: not one line of 1 to 150 printable ASCII
// characters.
absl::Status CheckSubject(absl::string_view subject);

}  // namespace fosterwatch::wording
