#include "libs/json/parse.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/status/error.h"

namespace fosterwatch::json {
namespace {

absl::Status Malformed(size_t byte) {
  return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON",
               absl::StrCat("the JSON cannot be read from byte ", byte, " on"));
}

// Before the parser sees the text: its values are freed and printed recursively.
bool TooDeep(absl::string_view text, int limit) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::string SafeName(absl::string_view name) {
  const bool plain =
      !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
      });
  return plain ? std::string(name) : "(unreadable)";
}

absl::StatusOr<nlohmann::json> Parse(absl::string_view text, const ParseOptions& options) {
  if (absl::string_view("\xEF\xBB\xBF") == text.substr(0, 3)) return Malformed(0);
  if (TooDeep(text, options.depth)) {
    return Error(absl::StatusCode::kInvalidArgument, "JSON_TOO_DEEP",
                 absl::StrCat("the JSON has more than ", options.depth, " levels"));
  }
  std::vector<std::set<std::string>> names;
  std::string repeated;
  bool has_nul = false;
  const auto see = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    switch (event) {
      case nlohmann::json::parse_event_t::object_start:
        names.emplace_back();
        break;
      case nlohmann::json::parse_event_t::object_end:
        names.pop_back();
        break;
      case nlohmann::json::parse_event_t::key: {
        const std::string& name = value.get_ref<const std::string&>();
        if (name.find('\0') != std::string::npos) has_nul = true;
        if (!names.back().insert(name).second && repeated.empty()) repeated = SafeName(name);
        break;
      }
      case nlohmann::json::parse_event_t::value:
        if (value.is_string() &&
            value.get_ref<const std::string&>().find('\0') != std::string::npos) {
          has_nul = true;
        }
        break;
      default:
        break;
    }
    return true;
  };
  nlohmann::json value;
  try {
    value = nlohmann::json::parse(text.begin(), text.end(), see);
  } catch (const nlohmann::json::parse_error& error) {
    return Malformed(error.byte);
  } catch (const nlohmann::json::exception&) {
    // A number that no double holds.
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON",
                 "a number in the JSON is out of range");
  }
  if (!repeated.empty()) {
    return InvalidField(repeated, "DUPLICATE_FIELD", "stands twice in one object");
  }
  if (has_nul) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON",
                 "the JSON holds the character U+0000");
  }
  return value;
}

}  // namespace fosterwatch::json
