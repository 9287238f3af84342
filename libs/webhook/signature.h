// Signatures of the Standard Webhooks specification 1.0.0 (https://www.standardwebhooks.com):
// HMAC-SHA256 over "<id>.<timestamp>.<body>", under a secret that is written "whsec_<base64>".
// Pure functions but NewSecret; any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace fosterwatch::webhook {

// What a receiver allows between its clock and ours.
inline constexpr absl::Duration kTolerance = absl::Minutes(5);

// "whsec_" and the base64 of 32 random bytes.
std::string NewSecret();

// The header webhook-signature: "v1,<base64>" for each secret, with a space between. `id` holds no
// full stop, so that nothing else can be signed the same. INVALID_ARGUMENT where it does, or where
// there is no secret, or one is not "whsec_" and base64 of 24 to 64 bytes.
absl::StatusOr<std::string> Sign(absl::string_view id, absl::Time timestamp, absl::string_view body,
                                 const std::vector<std::string>& secrets);

// Whether one of the signatures in `header` is of this secret, compared in constant time, and the
// timestamp within kTolerance of `now`. What a receiver does; ours are tests and the check of a
// published vector. UNAUTHENTICATED otherwise.
absl::Status Verify(absl::string_view id, absl::string_view timestamp, absl::string_view header,
                    absl::string_view body, absl::string_view secret, absl::Time now);

}  // namespace fosterwatch::webhook
