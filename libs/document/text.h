// What the writers share.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace fosterwatch::document {

// Well-formed UTF-8 without what neither XML nor HTML allow: a sequence that is broken becomes
// U+FFFD, a control character a space. Tabs and line breaks stay.
std::string CleanText(absl::string_view text);

}  // namespace fosterwatch::document
