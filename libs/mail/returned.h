// Mails that come back: delivery reports (RFC 3464 in a multipart/report, RFC 6522) and answers of
// machines (RFC 3834, and what Exchange and others mark theirs by). Read by GMime. Any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace fosterwatch::mail {

struct Returned {
  enum class Kind {
    kBounced,    // action "failed": no further attempt will be made, whatever its status
    kDelayed,    // action "delayed"
    kDelivered,  // "delivered", "relayed" or "expanded"
    kAutoReply,
  };
  Kind kind = Kind::kBounced;
  std::string status_code;  // "5.1.1"; empty where none is named
  // Of the mails that it may be about, each "<...@...>", the likeliest first, at most 20: those of
  // the returned part of a report; otherwise In-Reply-To, then References from the last.
  std::vector<std::string> message_ids;
};

// Of several recipients in one report the worst. INVALID_ARGUMENT (NOT_RETURNED_MAIL) for a mail
// that is neither, such as the answer of a person. Takes any bytes.
absl::StatusOr<Returned> ParseReturned(absl::string_view mail);

}  // namespace fosterwatch::mail
