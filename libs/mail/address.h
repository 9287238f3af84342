// What may stand where a mail address is asked for. No mail server is asked, and nothing of libcurl
// is here: rules use it, too.
#pragma once

#include "absl/strings/string_view.h"

namespace fosterwatch::mail {

// Whether it is one address: a dot-atom of RFC 5322 on each side of one @ (ASCII letters, digits
// and !#$%&'*+-/=?^_`{|}~ with single dots between), 64 characters at most before the @ and 254 in
// all (RFC 5321 section 4.5.3.1). Nothing that could end a header or an SMTP command.
bool IsAddress(absl::string_view text);

}  // namespace fosterwatch::mail
