#include "apps/fosterwatch/personal_data.h"

#include <algorithm>
#include <regex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace fosterwatch::app {
namespace {

constexpr size_t kLongestId = 200;
// What a regular expression is asked about; an attribute may be longer than any id.
constexpr size_t kMost = 2048;

// The tenth digit is 11 less the weighted sum of the others modulo 11.
bool IsNhsNumber(const std::string& digits) {
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (digits[i] - '0') * (10 - i);
  const int check = (11 - sum % 11) % 11;
  return check != 10 && check == digits[9] - '0';
}

bool HasNhsNumber(const std::string& text) {
  static const auto* const shape =
      new std::regex("(?:^|[^0-9A-Za-z])([0-9]{3})[ -]?([0-9]{3})[ -]?([0-9]{4})(?![0-9A-Za-z])");
  for (std::sregex_iterator it(text.begin(), text.end(), *shape), end; it != end; ++it) {
    if (IsNhsNumber(absl::StrCat(it->str(1), it->str(2), it->str(3)))) return true;
  }
  return false;
}

bool Has(const std::string& text, const std::regex& shape) {
  return std::regex_search(text, shape);
}

}  // namespace

std::vector<std::string> PersonalDataIn(absl::string_view given) {
  static const auto* const uuid = new std::regex(
      "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", std::regex::icase);
  static const auto* const postcode = new std::regex(
      "(?:^|[^0-9A-Za-z])[A-Z]{1,2}[0-9][0-9A-Z]?[ +]?[0-9][ABD-HJLNP-UW-Z]{2}(?![0-9A-Za-z])",
      std::regex::icase);
  static const auto* const mail =
      new std::regex("[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+");
  static const auto* const telephone = new std::regex(
      "(?:^|[^0-9A-Za-z])(?:\\+44[ -]?(?:\\(0\\))?[ -]?|0)[1-35789](?:[ -]?[0-9]){8,9}"
      "(?![0-9A-Za-z])");
  static const auto* const insurance = new std::regex(
      "(?:^|[^0-9A-Za-z])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?[0-9]{2}){3} ?[A-D]"
      "(?![0-9A-Za-z])",
      std::regex::icase);
  std::vector<std::string> found;
  const bool worth_a_look = std::any_of(given.begin(), given.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '@';
  });
  if (!worth_a_look) return found;
  const std::string text = std::regex_replace(std::string(given.substr(0, kMost)), *uuid, "uuid");
  if (HasNhsNumber(text)) found.push_back("an NHS number");
  if (Has(text, *postcode)) found.push_back("a postcode");
  if (Has(text, *mail)) found.push_back("a mail address");
  if (Has(text, *telephone)) found.push_back("a telephone number");
  if (Has(text, *insurance)) found.push_back("a National Insurance number");
  return found;
}

bool LooksLikeAnId(absl::string_view text) {
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  return !text.empty() && text.size() <= kLongestId &&
         std::any_of(text.begin(), text.end(), is_digit) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  absl::string_view("._:/-").find(c) != absl::string_view::npos;
         });
}

}  // namespace fosterwatch::app
