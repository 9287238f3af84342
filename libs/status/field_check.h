// Collects what is wrong with the fields of a request, so that one answer names every fault at once
// and a form can show them together. Not for threads to share.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "libs/status/error.h"

namespace fosterwatch {

// Unicode characters of a UTF-8 text.
size_t CountCharacters(absl::string_view utf8);

// Whether there is nothing but white space in it.
bool IsBlank(absl::string_view text);

class FieldCheck {
 public:
  void Refuse(absl::string_view field, absl::string_view reason, absl::string_view description);

  // REQUIRED where the text is blank, TEXT_TOO_LONG where it has more characters than `limit`.
  void Require(absl::string_view field, absl::string_view text, size_t limit);
  // TEXT_TOO_LONG only.
  void AtMost(absl::string_view field, absl::string_view text, size_t limit);

  bool ok() const { return violations_.empty(); }

  // OK, or INVALID_ARGUMENT with every violation in order and the reason of the first.
  absl::Status ToStatus() const;

 private:
  std::string reason_;
  std::vector<Violation> violations_;
};

}  // namespace fosterwatch
