// What every decision of this area is given beside the state. Decisions are pure: the same
// arguments always give the same facts.
#pragma once

#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/policy.pb.h"
#include "fosterwatch/type/v1/channel.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::notifications::domain {

// The data that decisions follow.
struct Rules {
  Rules() = default;
  // By default only weekends are no working days.
  Rules(v1::AlertPolicies policies, clock::WorkingCalendar calendar = {})  // NOLINT
      : policies(std::move(policies)), calendar(std::move(calendar)) {}

  v1::AlertPolicies policies;
  clock::WorkingCalendar calendar;  // of digests
  v1::Templates templates;          // of alerts and digests
};

struct Given {
  absl::Time now;
  const Rules& rules;
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
  // Of a notice: which of the body's contacts that need no person, from 0, and whether none comes
  // after it.
  int channel_index = 0;
  bool last_channel = true;
  // Word by word, to be kept sealed.
  std::string subject;
  std::string text;
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
