#include "libs/mail/mail.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/mail/address.h"
#include "libs/status/error.h"

namespace fosterwatch::mail {
namespace {

constexpr size_t kLineLimit = 76;  // RFC 2045 section 6.7, RFC 2047 section 2

bool IsNameCharacter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == ' ';
}

bool IsPlain(char c) { return c >= 0x20 && c < 0x7f; }

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "MAIL_INVALID", message);
}

// ASCII as it is where it fits a line; else encoded words that never cut a character in two.
std::string EncodeSubject(absl::string_view subject) {
  if (subject.size() <= 60 && std::all_of(subject.begin(), subject.end(), IsPlain)) {
    return std::string(subject);
  }
  std::string encoded;
  while (!subject.empty()) {
    size_t length = std::min<size_t>(subject.size(), 42);
    while (length < subject.size() && length > 1 && (subject[length] & 0xc0) == 0x80) --length;
    absl::StrAppend(&encoded, encoded.empty() ? "" : "\r\n ", "=?UTF-8?B?",
                    absl::Base64Escape(subject.substr(0, length)), "?=");
    subject.remove_prefix(length);
  }
  return encoded;
}

std::string QuotedPrintable(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
    size_t column = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      const bool at_end = i + 1 == line.size();
      const bool as_is =
          (IsPlain(c) && c != '=' && !(c == ' ' && at_end)) || (c == '\t' && !at_end);
      const size_t width = as_is ? 1 : 3;
      if (column + width > kLineLimit - 1) {  // leaves room for the soft line break
        encoded += "=\r\n";
        column = 0;
      }
      if (as_is) {
        encoded += c;
      } else {
        const auto byte = static_cast<unsigned char>(c);
        encoded += '=';
        encoded += kHex[byte >> 4];
        encoded += kHex[byte & 15];
      }
      column += width;
    }
    encoded += "\r\n";
  }
  return encoded;
}

}  // namespace

absl::StatusOr<std::string> Render(const Message& message) {
  if (!IsAddress(message.from)) return Invalid("the sender of a mail is not a mail address");
  if (!IsAddress(message.to)) return Invalid("the recipient of a mail is not a mail address");
  if (message.from_name.empty() ||
      !std::all_of(message.from_name.begin(), message.from_name.end(), IsNameCharacter)) {
    return Invalid("the name of a mail's sender is not letters and spaces");
  }
  const absl::string_view id = message.message_id;
  if (id.size() < 2 || id.front() != '<' || id.back() != '>' ||
      !IsAddress(id.substr(1, id.size() - 2))) {
    return Invalid("the Message-ID of a mail is not one");
  }
  if (message.subject.empty() ||
      std::any_of(message.subject.begin(), message.subject.end(),
                  [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); })) {
    return Invalid("the subject of a mail is empty or more than one line");
  }
  absl::string_view text = message.text;
  while (absl::EndsWith(text, "\n") || absl::EndsWith(text, "\r")) text.remove_suffix(1);
  return absl::StrCat(
      "From: ", message.from_name, " <", message.from, ">\r\nTo: <", message.to,
      ">\r\nSubject: ", EncodeSubject(message.subject), "\r\nDate: ",
      absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", message.date, absl::UTCTimeZone()),
      "\r\nMessage-ID: ", message.message_id,
      "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
      QuotedPrintable(text));
}

}  // namespace fosterwatch::mail
