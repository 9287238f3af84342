#include "libs/auth/token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <sys/stat.h>

#include "libs/auth/jose.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

constexpr size_t kMostTokenBytes = 16 * 1024;
constexpr size_t kMostKeySetBytes = 1024 * 1024;
constexpr size_t kMostGoodTokens = 10'000;
constexpr absl::Duration kLeeway = absl::Seconds(60);
constexpr absl::Duration kReloadPause = absl::Seconds(5);
constexpr int kLeastRsaBits = 2048;

absl::Status Unauthenticated(absl::string_view reason) {
  return Error(absl::StatusCode::kUnauthenticated, reason, "a valid access token is required");
}

absl::Status Invalid() { return Unauthenticated("TOKEN_INVALID"); }

std::string StringOf(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Seconds since 1970, or nothing where the claim is absent or no sensible number.
std::optional<absl::Time> TimeOf(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < 1e11)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

bool NamesAudience(const nlohmann::json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get<std::string>() == audience;
  if (!found->is_array()) return false;
  return std::any_of(found->begin(), found->end(), [&](const nlohmann::json& one) {
    return one.is_string() && one.get<std::string>() == audience;
  });
}

// An ID or refresh token of the same issuer is no access token.
bool IsAccessToken(const nlohmann::json& header, const nlohmann::json& claims) {
  const std::string type = absl::AsciiStrToLower(StringOf(header, "typ"));
  if (type != "at+jwt" && type != "application/at+jwt" && type != "jwt") return false;
  const auto claimed = claims.find("typ");
  return claimed == claims.end() || StringOf(claims, "typ") == "Bearer";
}

bool IsPersonId(const std::string& id) {
  return !id.empty() && id.size() <= 200 &&
         std::all_of(id.begin(), id.end(), [](char c) { return absl::ascii_isprint(c); });
}

struct CachedKey {
  jose::Key key;
  std::string algorithm;
};

// The algorithm that a key of the set is for; empty where we use no such key.
std::string AlgorithmOf(const nlohmann::json& jwk, const cjose_jwk_t* key) {
  std::string algorithm;
  if (StringOf(jwk, "kty") == "EC" && StringOf(jwk, "crv") == "P-256") {
    algorithm = "ES256";
  } else if (StringOf(jwk, "kty") == "RSA" &&
             cjose_jwk_get_keysize(key, nullptr) >= kLeastRsaBits) {
    algorithm = "RS256";
  }
  if (jwk.contains("alg") && StringOf(jwk, "alg") != algorithm) return "";
  return algorithm;
}

}  // namespace

absl::StatusOr<options::v1::Role> RoleFromWord(absl::string_view word) {
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  const std::string name = absl::StrCat("ROLE_", absl::AsciiStrToUpper(word));
  if (absl::AsciiStrToLower(word) != word || !options::v1::Role_Parse(name, &role) ||
      role == options::v1::ROLE_UNSPECIFIED) {
    return absl::InvalidArgumentError("there is no such role");
  }
  return role;
}

std::string WordOfRole(options::v1::Role role) {
  return absl::AsciiStrToLower(absl::StripPrefix(options::v1::Role_Name(role), "ROLE_"));
}

bool IsAgencyId(absl::string_view id) {
  return !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

bool Caller::Has(options::v1::Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

struct Verifier::Keys {
  absl::flat_hash_map<std::string, CachedKey> by_id;
};

Verifier::Verifier(std::string file, std::string issuer, std::string audience)
    : file_(std::move(file)), issuer_(std::move(issuer)), audience_(std::move(audience)) {}

Verifier::~Verifier() = default;

absl::StatusOr<std::unique_ptr<Verifier>> Verifier::FromFile(const std::string& jwks_file,
                                                             const std::string& issuer,
                                                             const std::string& audience) {
  auto verifier = std::unique_ptr<Verifier>(new Verifier(jwks_file, issuer, audience));
  absl::MutexLock lock(&verifier->mutex_);
  RETURN_IF_ERROR(verifier->Load());
  return verifier;
}

absl::Status Verifier::Load() {
  struct stat seen = {};
  stat(file_.c_str(), &seen);
  ASSIGN_OR_RETURN(const std::string text, jose::ReadFile(file_, kMostKeySetBytes));
  const std::optional<nlohmann::json> set = jose::ParseObject(text);
  if (!set || !set->contains("keys") || !set->at("keys").is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(file_, " is no JSON Web Key Set"));
  }
  auto keys = std::make_shared<Keys>();
  for (const nlohmann::json& jwk : set->at("keys")) {
    if (!jwk.is_object() || StringOf(jwk, "kid").empty() || jwk.contains("d") ||
        (jwk.contains("use") && StringOf(jwk, "use") != "sig")) {
      continue;
    }
    const std::string json = jwk.dump();
    jose::Key key(cjose_jwk_import(json.data(), json.size(), nullptr));
    if (key == nullptr) continue;
    const std::string algorithm = AlgorithmOf(jwk, key.get());
    if (algorithm.empty()) continue;
    keys->by_id.try_emplace(StringOf(jwk, "kid"), CachedKey{std::move(key), algorithm});
  }
  if (keys->by_id.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, " holds no key for signatures (EC P-256, or RSA of 2048 bits)"));
  }
  keys_ = std::move(keys);
  version_ = absl::StrCat(seen.st_ino, ".", seen.st_size, ".", seen.st_mtim.tv_sec, ".",
                          seen.st_mtim.tv_nsec);
  good_.clear();
  return absl::OkStatus();
}

// A key that its issuer took back is in force no longer than the pause.
void Verifier::LoadIfChanged(absl::Time now) {
  if (now - looked_ < kReloadPause) return;
  looked_ = now;
  struct stat seen = {};
  if (stat(file_.c_str(), &seen) != 0) return;
  const std::string version = absl::StrCat(seen.st_ino, ".", seen.st_size, ".", seen.st_mtim.tv_sec,
                                           ".", seen.st_mtim.tv_nsec);
  if (version != version_) Load().IgnoreError();
}

absl::StatusOr<Caller> Verifier::Verify(absl::string_view token, absl::Time now) {
  if (token.empty()) return Unauthenticated("TOKEN_MISSING");
  if (token.size() > kMostTokenBytes) return Invalid();
  const std::string hash = jose::Sha256(token);
  std::shared_ptr<const Keys> keys;
  {
    absl::MutexLock lock(&mutex_);
    LoadIfChanged(now);
    const auto known = good_.find(hash);
    if (known != good_.end() && now < known->second.expires) return known->second;
    keys = keys_;
  }
  ASSIGN_OR_RETURN(Caller caller, Check(token, *keys, now));
  absl::MutexLock lock(&mutex_);
  if (keys == keys_) {
    if (good_.size() >= kMostGoodTokens) good_.clear();
    good_[hash] = caller;
  }
  return caller;
}

absl::StatusOr<Caller> Verifier::Check(absl::string_view token, const Keys& keys,
                                       absl::Time now) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3 || parts[2].empty()) return Invalid();
  const std::optional<std::string> header_text = jose::FromBase64Url(parts[0]);
  const std::optional<std::string> claims_text = jose::FromBase64Url(parts[1]);
  if (!header_text || !claims_text || !jose::FromBase64Url(parts[2])) return Invalid();
  const std::optional<nlohmann::json> header = jose::ParseObject(*header_text);
  if (!header || header->contains("crit")) return Invalid();

  const auto found = keys.by_id.find(StringOf(*header, "kid"));
  if (found == keys.by_id.end()) return Invalid();
  // cjose chooses by the header's algorithm, so it has to be the key's before cjose sees it.
  if (StringOf(*header, "alg") != found->second.algorithm) return Invalid();
  const jose::Signature signature(cjose_jws_import(token.data(), token.size(), nullptr));
  if (signature == nullptr ||
      !cjose_jws_verify(signature.get(), found->second.key.get(), nullptr)) {
    return Invalid();
  }

  const std::optional<nlohmann::json> claims = jose::ParseObject(*claims_text);
  if (!claims || StringOf(*claims, "iss") != issuer_ || !NamesAudience(*claims, audience_) ||
      !IsAccessToken(*header, *claims)) {
    return Invalid();
  }
  const std::optional<absl::Time> expires = TimeOf(*claims, "exp");
  if (!expires) return Invalid();
  for (const char* name : {"nbf", "iat"}) {
    if (!claims->contains(name)) continue;
    const std::optional<absl::Time> from = TimeOf(*claims, name);
    if (!from || now < *from - kLeeway) return Invalid();
  }
  if (now >= *expires + kLeeway) return Unauthenticated("TOKEN_EXPIRED");

  Caller caller;
  caller.person_id = StringOf(*claims, "sub");
  caller.agency_id = StringOf(*claims, "agency");
  caller.expires = *expires;
  const auto roles = claims->find("roles");
  if (!IsPersonId(caller.person_id) || roles == claims->end() || !roles->is_array()) {
    return Invalid();
  }
  for (const nlohmann::json& word : *roles) {
    if (!word.is_string()) return Invalid();
    // An issuer may know roles of other systems.
    if (const auto role = RoleFromWord(word.get<std::string>()); role.ok()) {
      caller.roles.push_back(*role);
    }
  }
  // Only our own services may speak for every agency.
  const bool every_agency =
      caller.agency_id == "*" && caller.Has(options::v1::ROLE_SERVICE) && caller.roles.size() == 1;
  if (!every_agency && !IsAgencyId(caller.agency_id)) return Invalid();
  return caller;
}

}  // namespace fosterwatch::auth
