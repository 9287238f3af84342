// The types of CloudEvents attributes, as text. Any thread.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace fosterwatch::cloudevents {

bool IsUtf8(absl::string_view text);

// No C0 and C1 control character; `text` is UTF-8.
bool IsAllowedText(absl::string_view text);

// Only characters that RFC 3986 has, and each percent sign followed by two hexadecimal digits. The
// empty text is one.
bool IsUriReference(absl::string_view text);

// "application/json; charset=utf-8"
bool IsMediaType(absl::string_view text);

// Type and subtype in lower case, without parameters.
std::string MediaTypeOf(absl::string_view content_type);

// application/json, text/json and every "+json".
bool IsJsonMediaType(absl::string_view content_type);

// The value of a ce- header: a quoted string is unquoted, then percent-encoding is undone, whatever
// was encoded. nullopt for a quote or a percent sign that is not complete.
absl::optional<std::string> DecodeHeaderValue(absl::string_view value);

}  // namespace fosterwatch::cloudevents
