// One HTTP request to a server that the operator has named, and its answer whole. https only, or
// http to a loopback address; its certificate checked, no redirects.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace fosterwatch::curl {

struct Request {
  std::string url;
  // A form is posted (application/x-www-form-urlencoded); without one it is a GET.
  std::string form;
  // By HTTP Basic, each encoded as a form would be (RFC 6749 2.3.1); empty: none.
  std::string user, password;
  std::string ca_file;  // certificates to trust; empty: the system's
  absl::Duration timeout = absl::Seconds(5);
  size_t most_bytes = 256 * 1024;  // of the answer
};

struct Answer {
  long status = 0;
  std::string body;
};

// https, or http to 127.0.0.0/8, ::1 or localhost; without user, password and fragment.
bool IsSafeUrl(const std::string& url);

// INVALID_ARGUMENT for a URL that is not safe; UNAVAILABLE with the word of FailureCode where no
// answer came; RESOURCE_EXHAUSTED for one that is too long. Any thread; blocks.
absl::StatusOr<Answer> Fetch(const Request& request);

// As a value in a form or a query.
std::string Escape(absl::string_view text);

}  // namespace fosterwatch::curl
