// What looks like a person in a text that must hold none, such as the id of a record. It finds
// shapes, not names: what it does not find may still be one.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace fosterwatch::app {

// "an NHS number", "a postcode", "a mail address", "a telephone number", "a National Insurance
// number"; never what was found. An NHS number is ten digits of which the last checks the others;
// telephone numbers are those of the United Kingdom. UUIDs are passed over.
std::vector<std::string> PersonalDataIn(absl::string_view text);

// Letters, digits and . _ : / - with a digit among them, 200 characters at most: what an id looks
// like, and a name does not.
bool LooksLikeAnId(absl::string_view text);

}  // namespace fosterwatch::app
