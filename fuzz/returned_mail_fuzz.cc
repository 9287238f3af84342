// Mails that come back, as anybody may send them. Input: the mail.
#include "absl/status/status.h"

#include "fuzz/fuzz.h"
#include "libs/mail/returned.h"

namespace fosterwatch::mail {

FUZZ_TARGET(returned_mail) {
  const auto returned = ParseReturned(input);
  CHECKED(returned.ok() || absl::IsInvalidArgument(returned.status()));
  if (!returned.ok()) return;
  CHECKED(returned->message_ids.size() <= 20);
  CHECKED(returned->status_code.size() <= 11);
  for (const std::string& id : returned->message_ids) {
    CHECKED(id.size() > 2 && id.front() == '<' && id.back() == '>');
  }
}

}  // namespace fosterwatch::mail
