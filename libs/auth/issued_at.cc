#include "libs/auth/issued_at.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

#include "libs/auth/claims.h"
#include "libs/auth/jose.h"
#include "libs/status/error.h"

namespace fosterwatch::auth {

absl::StatusOr<absl::Time> IssuedAt(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() == 3) {
    const std::optional<std::string> text = jose::FromBase64Url(parts[1]);
    const std::optional<nlohmann::json> claims = text ? jose::ParseObject(*text) : std::nullopt;
    const std::optional<absl::Time> issued = claims ? TimeOf(*claims, "iat") : std::nullopt;
    if (issued) return *issued;
  }
  return Error(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
               "a valid access token is required");
}

}  // namespace fosterwatch::auth
