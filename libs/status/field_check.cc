#include "libs/status/field_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace fosterwatch {

size_t CountCharacters(absl::string_view utf8) {
  // Each character has one byte that is not a continuation (10xxxxxx).
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; });
}

bool IsBlank(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); });
}

void FieldCheck::Refuse(absl::string_view field, absl::string_view reason,
                        absl::string_view description) {
  if (violations_.empty()) reason_ = std::string(reason);
  violations_.push_back({std::string(field), std::string(description)});
}

void FieldCheck::Require(absl::string_view field, absl::string_view text, size_t limit) {
  if (IsBlank(text)) return Refuse(field, "REQUIRED", "is required");
  AtMost(field, text, limit);
}

void FieldCheck::AtMost(absl::string_view field, absl::string_view text, size_t limit) {
  if (text.size() > limit && CountCharacters(text) > limit) {
    Refuse(field, "TEXT_TOO_LONG", absl::StrCat("has more than ", limit, " characters"));
  }
}

absl::Status FieldCheck::ToStatus() const {
  if (ok()) return absl::OkStatus();
  std::string message;
  for (const Violation& violation : violations_) {
    absl::StrAppend(&message, message.empty() ? "" : "; ", violation.field, ": ",
                    violation.description);
  }
  return Error(absl::StatusCode::kInvalidArgument, reason_, message, violations_);
}

}  // namespace fosterwatch
