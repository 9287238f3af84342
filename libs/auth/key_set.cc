#include "libs/auth/key_set.h"

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"

#include "libs/auth/claims.h"

namespace fosterwatch::auth {
namespace {

constexpr int kLeastRsaBits = 2048;

// The algorithm that a key of the set is for; empty where we use no such key.
std::string AlgorithmOf(const nlohmann::json& jwk, const cjose_jwk_t* key) {
  std::string algorithm;
  if (TextOf(jwk, "kty") == "EC" && TextOf(jwk, "crv") == "P-256") {
    algorithm = "ES256";
  } else if (TextOf(jwk, "kty") == "RSA" && cjose_jwk_get_keysize(key, nullptr) >= kLeastRsaBits) {
    algorithm = "RS256";
  }
  if (jwk.contains("alg") && TextOf(jwk, "alg") != algorithm) return "";
  return algorithm;
}

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(absl::string_view text) {
  const std::optional<nlohmann::json> set = jose::ParseObject(text);
  if (!set || !set->contains("keys") || !set->at("keys").is_array()) {
    return absl::InvalidArgumentError("is no JSON Web Key Set");
  }
  KeySet keys;
  for (const nlohmann::json& jwk : set->at("keys")) {
    if (!jwk.is_object() || TextOf(jwk, "kid").empty() || jwk.contains("d") ||
        (jwk.contains("use") && TextOf(jwk, "use") != "sig")) {
      continue;
    }
    const std::string json = jwk.dump();
    jose::Key key(cjose_jwk_import(json.data(), json.size(), nullptr));
    if (key == nullptr) continue;
    std::string algorithm = AlgorithmOf(jwk, key.get());
    if (algorithm.empty()) continue;
    keys.keys_.try_emplace(TextOf(jwk, "kid"), Key{std::move(key), std::move(algorithm)});
  }
  if (keys.keys_.empty()) {
    return absl::InvalidArgumentError(
        "holds no key for signatures (EC P-256, or RSA of 2048 bits)");
  }
  return keys;
}

std::string KeyIdOf(absl::string_view token) {
  const std::optional<std::string> text = jose::FromBase64Url(token.substr(0, token.find('.')));
  if (!text) return "";
  const std::optional<nlohmann::json> header = jose::ParseObject(*text);
  return header ? TextOf(*header, "kid") : "";
}

std::optional<SignedToken> KeySet::Open(absl::string_view token) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3 || parts[2].empty()) return std::nullopt;
  const std::optional<std::string> header_text = jose::FromBase64Url(parts[0]);
  const std::optional<std::string> claims_text = jose::FromBase64Url(parts[1]);
  if (!header_text || !claims_text || !jose::FromBase64Url(parts[2])) return std::nullopt;
  const std::optional<nlohmann::json> header = jose::ParseObject(*header_text);
  if (!header || header->contains("crit")) return std::nullopt;

  const auto found = keys_.find(TextOf(*header, "kid"));
  if (found == keys_.end()) return std::nullopt;
  // cjose chooses by the header's algorithm, so it has to be the key's before cjose sees it.
  if (TextOf(*header, "alg") != found->second.algorithm) return std::nullopt;
  const jose::Signature signature(cjose_jws_import(token.data(), token.size(), nullptr));
  if (signature == nullptr ||
      !cjose_jws_verify(signature.get(), found->second.key.get(), nullptr)) {
    return std::nullopt;
  }
  std::optional<nlohmann::json> claims = jose::ParseObject(*claims_text);
  if (!claims) return std::nullopt;
  return SignedToken{*header, *std::move(claims)};
}

}  // namespace fosterwatch::auth
