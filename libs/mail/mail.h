// A mail as RFC 5322 has it: one recipient, plain text in UTF-8, quoted-printable so that a person
// can still read it in a mail server's queue. Pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace fosterwatch::mail {

struct Message {
  std::string from;                       // an address
  std::string from_name = "Fosterwatch";  // beside it; ASCII letters and spaces
  std::string to;                         // an address
  std::string subject;                    // one line, UTF-8; no personal data
  std::string message_id;                 // "<...@...>"
  std::string text;                       // UTF-8, lines end with \n
  absl::Time date;
};

// The whole mail with CRLF line ends, marked as sent by a machine (RFC 3834). INVALID_ARGUMENT
// (MAIL_INVALID) where an address, the name or the Message-ID is not one, or the subject is empty
// or holds a control character.
absl::StatusOr<std::string> Render(const Message& message);

}  // namespace fosterwatch::mail
