// One-time sign-in links of the embedded default. A link holds a random code; the folder holds
// only its hash, whom it signs in, and when it ends. Used once, it is gone, also across restarts
// and between processes that share the folder.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "libs/auth/token.h"

namespace fosterwatch::auth {

// Makes a code for the caller; it ends at `until`. The folder is made with mode 0700.
absl::StatusOr<std::string> MakeSignInCode(const std::string& folder, const Caller& caller,
                                           absl::Time until);

// Takes the code: NOT_FOUND where it is unknown, used or over.
absl::StatusOr<Caller> TakeSignInCode(const std::string& folder, absl::string_view code,
                                      absl::Time now);

}  // namespace fosterwatch::auth
