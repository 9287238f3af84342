#include "libs/cloudevents/text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

namespace fosterwatch::cloudevents {
namespace {

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("!#$%&'*+-.^_`|~").find(c) != absl::string_view::npos;
  });
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const uint8_t lead = static_cast<uint8_t>(text[i]);
    const int more = lead < 0x80   ? 0
                     : lead < 0xC2 ? -1
                     : lead < 0xE0 ? 1
                     : lead < 0xF0 ? 2
                     : lead < 0xF5 ? 3
                                   : -1;
    if (more < 0 || i + more >= text.size()) return false;
    for (int k = 1; k <= more; ++k) {
      if ((static_cast<uint8_t>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    const uint8_t second = more > 0 ? static_cast<uint8_t>(text[i + 1]) : 0;
    // Overlong, surrogate, past U+10FFFF.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    i += 1 + more;
  }
  return true;
}

bool IsAllowedText(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t c = static_cast<uint8_t>(text[i]);
    if (c < 0x20 || c == 0x7F) return false;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<uint8_t>(text[i + 1]) < 0xA0) return false;
  }
  return true;
}

bool IsUriReference(absl::string_view text) {
  constexpr absl::string_view kOther = "-._~:/?#[]@!$&'()*+,;=";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
    } else if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
               kOther.find(c) == absl::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool IsMediaType(absl::string_view text) {
  const absl::string_view type = text.substr(0, text.find(';'));
  const size_t slash = type.find('/');
  return slash != absl::string_view::npos && IsToken(type.substr(0, slash)) &&
         IsToken(absl::StripAsciiWhitespace(type.substr(slash + 1)));
}

std::string MediaTypeOf(absl::string_view content_type) {
  return absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
}

bool IsJsonMediaType(absl::string_view content_type) {
  const std::string type = MediaTypeOf(content_type);
  return type == "application/json" || type == "text/json" || absl::EndsWith(type, "+json");
}

absl::optional<std::string> DecodeHeaderValue(absl::string_view value) {
  value = absl::StripAsciiWhitespace(value);
  std::string unquoted;
  if (absl::StartsWith(value, "\"")) {
    size_t i = 1;
    for (; i < value.size() && value[i] != '"'; ++i) {
      if (value[i] == '\\' && ++i == value.size()) return absl::nullopt;
      unquoted += value[i];
    }
    if (i + 1 != value.size()) return absl::nullopt;
    value = unquoted;
  }
  std::string decoded;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      decoded += value[i];
      continue;
    }
    if (i + 2 >= value.size() || !IsHex(value[i + 1]) || !IsHex(value[i + 2])) {
      return absl::nullopt;
    }
    decoded += absl::HexStringToBytes(value.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

}  // namespace fosterwatch::cloudevents
