// One signed POST to one webhook, by libcurl. https only (http only to a loopback address that is
// allowed), its certificate checked, no redirects, no proxy; the address that the name resolves to
// is judged when the connection is made, so a name that changes its address in between gains
// nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "libs/webhook/networks.h"

namespace fosterwatch::webhook {

// Of a URL; it is told to other bodies and kept in tables.
inline constexpr size_t kMaxUrl = 500;

// Whether a webhook may be at this URL, as far as its text says. INVALID_ARGUMENT with the reason
// and one violation of `field`: INVALID_URL, URL_TOO_LONG, URL_NOT_HTTPS, URL_WITH_CREDENTIALS,
// URL_WITH_FRAGMENT, ADDRESS_REFUSED (localhost, or an address that is not allowed, in whatever
// spelling libcurl would take for one).
absl::Status CheckUrl(absl::string_view url, const Networks& allowed, absl::string_view field);

struct Post {
  std::string url;
  std::string id;                    // the header webhook-id; without a full stop
  absl::Time timestamp;              // of this attempt
  std::string body;                  // JSON
  std::vector<std::string> secrets;  // newest first; each signs
};

struct Result {
  enum class Outcome {
    kTaken,    // 2xx
    kFailed,   // may go better later
    kRefused,  // the answer will stay the same until somebody changes something
    kStopped,  // given up because the process is stopping; it may have been taken
  };
  Outcome outcome = Outcome::kFailed;
  // "HTTP_202"; "NAME_NOT_FOUND", "CONNECTION_REFUSED", "CONNECTION_LOST", "TIMEOUT", "TLS_FAILED";
  // "OUTCOME_UNKNOWN": it went over whole, and no answer came; "ADDRESS_REFUSED",
  // "WEBHOOK_INVALID".
  std::string code;
  // The endpoint itself is away or asks for less: other posts to it would fare the same.
  bool endpoint_away = false;
  // How long the endpoint asks to be left alone (Retry-After); zero where it does not say.
  absl::Duration retry_after = absl::ZeroDuration();
};

// What becomes of a post that was answered with this HTTP status: 2xx taken; 429 and 5xx failed;
// every other one refused.
Result ResultOfStatus(long status);

// Any thread; each post has a handle of its own, and its connection is closed behind it.
class Client {
 public:
  struct Options {
    Networks allowed;
    std::string ca_file;  // certificates to trust; empty: the system's
    // "host:port:address": what a name resolves to, in place of asking. For tests.
    std::vector<std::string> resolve;
    absl::Duration connect_timeout = absl::Seconds(5);
    absl::Duration timeout = absl::Seconds(10);
    // How long an endpoint may have itself left alone at most.
    absl::Duration most_retry_after = absl::Hours(1);
  };
  explicit Client(Options options);

  // Blocks. `stopping` is asked about once a second.
  Result Send(const Post& post, const std::function<bool()>& stopping) const;

 private:
  const Options options_;
};

}  // namespace fosterwatch::webhook
