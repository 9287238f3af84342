// When a token was issued. Pure: any thread.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace fosterwatch::auth {

// Of a token that a Verifier found good just now: its claim `iat`. UNAUTHENTICATED (TOKEN_INVALID)
// where it has none.
absl::StatusOr<absl::Time> IssuedAt(absl::string_view token);

}  // namespace fosterwatch::auth
