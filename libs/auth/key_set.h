// The public keys of an issuer, and what a token says that one of them has signed. Inside of this
// library.
//
// Threads: a KeySet does not change.
#pragma once

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "libs/auth/jose.h"

namespace fosterwatch::auth {

struct SignedToken {
  nlohmann::json header;
  nlohmann::json claims;
};

class KeySet {
 public:
  // Takes the keys for signatures: EC P-256 for ES256, RSA of 2048 bits and more for RS256; others
  // of the set are passed over. INVALID_ARGUMENT where there is none of them.
  static absl::StatusOr<KeySet> Parse(absl::string_view text);

  bool Has(absl::string_view key_id) const { return keys_.contains(key_id); }

  // Nothing for a token that no key here has signed, whatever is wrong with it: its shape, a header
  // that asks for more than we understand, another algorithm than the key's, a name twice.
  std::optional<SignedToken> Open(absl::string_view token) const;

 private:
  struct Key {
    jose::Key key;
    std::string algorithm;
  };
  absl::flat_hash_map<std::string, Key> keys_;
};

// The id of the key that the token says it is signed by; empty where it says nothing readable.
std::string KeyIdOf(absl::string_view token);

}  // namespace fosterwatch::auth
