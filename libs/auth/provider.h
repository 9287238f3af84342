// What an organisation's provider says of itself: its discovery document and its keys. Inside of
// this library. Blocks, 5 s a request at most; any thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "libs/auth/jose.h"
#include "libs/auth/key_set.h"

namespace fosterwatch::auth {

// UNAVAILABLE, PROVIDER_AWAY.
absl::Status ProviderAway(absl::string_view why);

// The provider's configuration (OpenID Connect Discovery 1.0). UNAVAILABLE (PROVIDER_AWAY) where it
// does not answer, or calls itself another issuer.
absl::StatusOr<nlohmann::json> FetchConfiguration(const std::string& issuer,
                                                  const std::string& ca_file);
// The keys at its `jwks_uri`; UNAVAILABLE likewise.
absl::StatusOr<KeySet> FetchKeys(const std::string& jwks_uri, const std::string& ca_file);

}  // namespace fosterwatch::auth
