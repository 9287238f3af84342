#include "libs/json/time.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace fosterwatch::json {
namespace {

constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// 'd' in the shape stands for a digit.
bool HasShape(absl::string_view text, absl::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(), [](char c, char expected) {
           return expected == 'd' ? absl::ascii_isdigit(static_cast<unsigned char>(c))
                                  : c == expected;
         });
}

}  // namespace

absl::optional<absl::Time> ParseRfc3339(absl::string_view text) {
  constexpr absl::string_view kMoment = "dddd-dd-ddTdd:dd:dd";
  if (!HasShape(text.substr(0, kMoment.size()), kMoment)) return absl::nullopt;
  absl::string_view rest = text.substr(kMoment.size());
  if (!rest.empty() && rest[0] == '.') {
    const size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == absl::string_view::npos || end < 2 || end > 10) return absl::nullopt;
    rest.remove_prefix(end);
  }
  if (rest != "Z" && !HasShape(rest, "+dd:dd") && !HasShape(rest, "-dd:dd")) return absl::nullopt;
  if (text.substr(17, 2) == "60") return absl::nullopt;
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return absl::nullopt;
  const int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds < kFirstSecond || seconds > kLastSecond) return absl::nullopt;
  return time;
}

}  // namespace fosterwatch::json
