#include "libs/webhook/signature.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <sodium.h>

#include "libs/status/status_macros.h"

namespace fosterwatch::webhook {
namespace {

constexpr absl::string_view kPrefix = "whsec_";
constexpr size_t kLeastKey = 24, kMostKey = 64;

void Start() {
  // Idempotent; -1 only where the system has no randomness at all.
  if (sodium_init() < 0) std::abort();
}

absl::StatusOr<std::string> KeyOf(absl::string_view secret) {
  std::string key;
  if (!absl::ConsumePrefix(&secret, kPrefix) || !absl::Base64Unescape(secret, &key) ||
      key.size() < kLeastKey || key.size() > kMostKey) {
    return absl::InvalidArgumentError("the secret of a webhook is not one");
  }
  return key;
}

std::string Hmac(const std::string& key, absl::string_view id, absl::string_view timestamp,
                 absl::string_view body) {
  const std::string head = absl::StrCat(id, ".", timestamp, ".");
  const auto bytes = [](absl::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes(head), head.size());
  crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  return mac;
}

}  // namespace

std::string NewSecret() {
  Start();
  std::string key(32, '\0');
  randombytes_buf(key.data(), key.size());
  return absl::StrCat(kPrefix, absl::Base64Escape(key));
}

absl::StatusOr<std::string> Sign(absl::string_view id, absl::Time timestamp, absl::string_view body,
                                 const std::vector<std::string>& secrets) {
  Start();
  if (id.empty() || absl::StrContains(id, ".")) {
    return absl::InvalidArgumentError("the id of a webhook is not one");
  }
  if (secrets.empty()) return absl::InvalidArgumentError("a webhook has no secret");
  std::string header;
  for (const std::string& secret : secrets) {
    ASSIGN_OR_RETURN(const std::string key, KeyOf(secret));
    absl::StrAppend(
        &header, header.empty() ? "" : " ", "v1,",
        absl::Base64Escape(Hmac(key, id, absl::StrCat(absl::ToUnixSeconds(timestamp)), body)));
  }
  return header;
}

absl::Status Verify(absl::string_view id, absl::string_view timestamp, absl::string_view header,
                    absl::string_view body, absl::string_view secret, absl::Time now) {
  Start();
  ASSIGN_OR_RETURN(const std::string key, KeyOf(secret));
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(timestamp, &seconds) ||
      absl::AbsDuration(absl::FromUnixSeconds(seconds) - now) > kTolerance) {
    return absl::UnauthenticatedError("the webhook is too old, or of the future");
  }
  const std::string expected = Hmac(key, id, timestamp, body);
  bool matches = false;
  for (const absl::string_view signature : absl::StrSplit(header, ' ', absl::SkipEmpty())) {
    std::string given;
    if (!absl::StartsWith(signature, "v1,") || !absl::Base64Unescape(signature.substr(3), &given) ||
        given.size() != expected.size()) {
      continue;
    }
    matches |= sodium_memcmp(given.data(), expected.data(), expected.size()) == 0;
  }
  if (!matches) return absl::UnauthenticatedError("no signature of the webhook is of this secret");
  return absl::OkStatus();
}

}  // namespace fosterwatch::webhook
