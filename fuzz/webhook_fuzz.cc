// What people say of webhooks, and what a receiver of ours checks. Input: a letter, then
//   u  a URL; a  an address; n  a list of networks
//   v  lines with id, timestamp, signatures and secret, then a body
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "fuzz/fuzz.h"
#include "libs/webhook/client.h"
#include "libs/webhook/networks.h"
#include "libs/webhook/signature.h"

namespace fosterwatch::webhook {

FUZZ_TARGET(webhook) {
  if (input.empty()) return;
  const char what = input[0];
  input.remove_prefix(1);
  switch (what) {
    case 'u': {
      const absl::Status checked = CheckUrl(input, Networks(), "url");
      CHECKED(checked.ok() || absl::IsInvalidArgument(checked));
      if (checked.ok()) CHECKED(input.size() <= kMaxUrl);
      return;
    }
    case 'a': {
      const auto address = ParseAddress(input);
      if (address.ok()) CHECKED(!IsLoopback(*address) || !IsPublic(*address));
      return;
    }
    case 'n': {
      const auto networks = Networks::Parse(input);
      if (networks.ok()) networks->Allow(Address{});
      return;
    }
    default: {
      const absl::string_view id = fuzz::TakeLine(&input);
      const absl::string_view timestamp = fuzz::TakeLine(&input);
      const absl::string_view header = fuzz::TakeLine(&input);
      const std::string secret(fuzz::TakeLine(&input));
      int64_t seconds = 0;
      const bool moment =
          absl::SimpleAtoi(timestamp, &seconds) && seconds > 0 && seconds < 10'000'000'000;
      const absl::Time now = absl::FromUnixSeconds(moment ? seconds : 1'795'000'000);
      Verify(id, timestamp, header, input, secret, now).IgnoreError();
      const auto signature = Sign(id, now, input, {secret});
      if (signature.ok() && moment) {
        CHECKED(Verify(id, absl::StrCat(seconds), *signature, input, secret, now).ok());
      }
    }
  }
}

}  // namespace fosterwatch::webhook
