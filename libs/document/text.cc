#include "libs/document/text.h"

#include <cstddef>
#include <cstdint>

namespace fosterwatch::document {
namespace {

// The length of the well-formed sequence that `text` begins with; 0 where there is none. Unicode
// 15, table 3-7.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto between = [&](size_t i, int low, int high) {
    return byte(i) >= low && byte(i) <= high;
  };
  const int first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return between(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const int low = first == 0xE0 ? 0xA0 : 0x80;
    const int high = first == 0xED ? 0x9F : 0xBF;
    return between(1, low, high) && between(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const int low = first == 0xF0 ? 0x90 : 0x80;
    const int high = first == 0xF4 ? 0x8F : 0xBF;
    return between(1, low, high) && between(2, 0x80, 0xBF) && between(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string CleanText(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const absl::string_view sequence = text.substr(0, length);
    const unsigned char first = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      clean += "\xEF\xBF\xBD";
    } else if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F ||
               (length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0)) {
      clean += ' ';
    } else if (sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF") {
      clean += "\xEF\xBF\xBD";
    } else {
      clean.append(sequence.data(), sequence.size());
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

}  // namespace fosterwatch::document
