#include "libs/wording/wording.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace fosterwatch::wording {
namespace {

constexpr size_t kMostSubject = 150;

}  // namespace

std::string Fill(absl::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  while (!text.empty()) {
    const size_t at = text.find('{');
    const size_t end = text.find('}', at == absl::string_view::npos ? 0 : at);
    if (at == absl::string_view::npos || end == absl::string_view::npos) break;
    absl::StrAppend(&filled, text.substr(0, at));
    const auto value = values.find(std::string(text.substr(at + 1, end - at - 1)));
    if (value != values.end()) absl::StrAppend(&filled, value->second);
    text.remove_prefix(end + 1);
  }
  absl::StrAppend(&filled, text);
  return filled;
}

absl::Status CheckPlaceholders(absl::string_view text, const std::set<std::string>& allowed) {
  for (size_t at = text.find_first_of("{}"); at != absl::string_view::npos;
       at = text.find_first_of("{}", at)) {
    const size_t end = text.find('}', at);
    if (text[at] == '}' || end == absl::string_view::npos ||
        allowed.count(std::string(text.substr(at + 1, end - at - 1))) == 0) {
      return absl::InvalidArgumentError("takes in what it may not, or has a lone brace");
    }
    at = end + 1;
  }
  return absl::OkStatus();
}

absl::Status CheckSubject(absl::string_view subject) {
  if (subject.empty() || subject.size() > kMostSubject ||
      !std::all_of(subject.begin(), subject.end(),
                   [](unsigned char c) { return absl::ascii_isprint(c); })) {
    return absl::InvalidArgumentError("needs a subject of one line in ASCII");
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::wording
