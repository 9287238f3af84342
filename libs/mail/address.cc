#include "libs/mail/address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace fosterwatch::mail {
namespace {

bool IsAtomCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != absl::string_view::npos;
}

bool IsDotAtom(absl::string_view text) {
  for (const absl::string_view atom : absl::StrSplit(text, '.')) {
    if (atom.empty() || !std::all_of(atom.begin(), atom.end(), IsAtomCharacter)) return false;
  }
  return true;
}

}  // namespace

bool IsAddress(absl::string_view text) {
  if (text.size() > 254) return false;
  const size_t at = text.find('@');
  if (at == absl::string_view::npos || at > 64) return false;
  return IsDotAtom(text.substr(0, at)) && IsDotAtom(text.substr(at + 1));
}

}  // namespace fosterwatch::mail
