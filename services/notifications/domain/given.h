// What every decision of this area is given beside the state. Decisions are pure: the same
// arguments always give the same facts.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/policy.pb.h"
#include "fosterwatch/type/v1/channel.pb.h"

namespace fosterwatch::notifications::domain {

struct Given {
  absl::Time now;
  const v1::AlertPolicies& policies;
  // The same id for the same words, so that nothing is made twice.
  absl::FunctionRef<std::string(absl::string_view words)> derive_id;
};

// One mail or webhook as it left, or was to leave.
struct Mailing {
  std::string send_id;
  std::string template_name;
  std::string template_version;
  std::string content_sha256;
  // An earlier one of the same Message-ID may have arrived.
  bool possible_repeat = false;
  type::v1::Channel channel = type::v1::CHANNEL_EMAIL;
};

struct MailResult {
  enum class Kind {
    kSent,
    kFailed,   // to be tried again
    kRefused,  // the answer will stay the same
  };
  Kind kind = Kind::kFailed;
  std::string code;  // as Send.result_code
  // Not to be tried again before, as the recipient asks.
  absl::Duration retry_after = absl::ZeroDuration();
};

// How long to wait after the n-th failed attempt (1, 2, ...): 5 s, 15 s, 1 min, then 5 min for
// good.
absl::Duration BackOff(int failed_attempts);

}  // namespace fosterwatch::notifications::domain
