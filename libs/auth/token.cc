#include "libs/auth/token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <sys/stat.h>

#include "libs/auth/claims.h"
#include "libs/auth/jose.h"
#include "libs/auth/key_set.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

constexpr size_t kMostTokenBytes = 16 * 1024;
constexpr size_t kMostKeySetBytes = 1024 * 1024;
constexpr size_t kMostGoodTokens = 10'000;
constexpr absl::Duration kReloadPause = absl::Seconds(5);

absl::Status Unauthenticated(absl::string_view reason) {
  return Error(absl::StatusCode::kUnauthenticated, reason, "a valid access token is required");
}

absl::Status Invalid() { return Unauthenticated("TOKEN_INVALID"); }

// An ID or refresh token of the same issuer is no access token.
bool IsAccessToken(const nlohmann::json& header, const nlohmann::json& claims) {
  const std::string type = absl::AsciiStrToLower(TextOf(header, "typ"));
  if (type != "at+jwt" && type != "application/at+jwt" && type != "jwt") return false;
  const auto claimed = claims.find("typ");
  return claimed == claims.end() || TextOf(claims, "typ") == "Bearer";
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
  absl::StatusOr<KeySet> keys = KeySet::Parse(text);
  if (!keys.ok()) {
    return absl::Status(keys.status().code(), absl::StrCat(file_, " ", keys.status().message()));
  }
  keys_ = std::make_shared<const KeySet>(*std::move(keys));
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

absl::StatusOr<Caller> Verifier::Verify(absl::string_view token, absl::Time now, Caller* over) {
  ASSIGN_OR_RETURN(Caller caller, Open(token, now, over));
  if (!ended_.Has(caller)) return caller;
  if (over != nullptr) *over = std::move(caller);
  return Unauthenticated("TOKEN_ENDED");
}

absl::StatusOr<Caller> Verifier::Open(absl::string_view token, absl::Time now, Caller* over) {
  if (token.empty()) return Unauthenticated("TOKEN_MISSING");
  if (token.size() > kMostTokenBytes) return Invalid();
  const std::string hash = jose::Sha256(token);
  std::shared_ptr<const KeySet> keys;
  {
    absl::MutexLock lock(&mutex_);
    LoadIfChanged(now);
    const auto known = good_.find(hash);
    if (known != good_.end() && now < known->second.expires) return known->second;
    keys = keys_;
  }
  ASSIGN_OR_RETURN(Caller caller, Check(token, *keys, now, over));
  absl::MutexLock lock(&mutex_);
  if (keys == keys_) {
    if (good_.size() >= kMostGoodTokens) good_.clear();
    good_[hash] = caller;
  }
  return caller;
}

absl::StatusOr<Caller> Verifier::Check(absl::string_view token, const KeySet& keys, absl::Time now,
                                       Caller* over) const {
  const std::optional<SignedToken> opened = keys.Open(token);
  if (!opened) return Invalid();
  const nlohmann::json& claims = opened->claims;
  if (TextOf(claims, "iss") != issuer_ || !NamesAudience(claims, audience_) ||
      !IsAccessToken(opened->header, claims)) {
    return Invalid();
  }
  const std::optional<absl::Time> expires = TimeOf(claims, "exp");
  if (!expires) return Invalid();
  if (!HasBegun(claims, now)) return Invalid();
  const bool is_over = now >= *expires + kLeeway;

  Caller caller;
  caller.person_id = TextOf(claims, "sub");
  caller.agency_id = TextOf(claims, "agency");
  caller.expires = *expires;
  caller.issued = TimeOf(claims, "iat").value_or(absl::InfinitePast());
  caller.token_id = TokenIdOf(claims, token);
  const auto roles = RolesOf(claims.value("roles", nlohmann::json()));
  if (!IsPersonId(caller.person_id) || !roles) return Invalid();
  caller.roles = *roles;
  // Only our own services may speak for every agency.
  const bool every_agency =
      caller.agency_id == "*" && caller.Has(options::v1::ROLE_SERVICE) && caller.roles.size() == 1;
  if (!every_agency && !IsAgencyId(caller.agency_id)) return Invalid();
  const auto others =
      OtherAgenciesOf(claims.value("other_agencies", nlohmann::json()), caller.agency_id);
  if (!others || (every_agency && !others->empty())) return Invalid();
  caller.other_agencies = *others;
  if (is_over) {
    if (over != nullptr) *over = std::move(caller);
    return Unauthenticated("TOKEN_EXPIRED");
  }
  return caller;
}

}  // namespace fosterwatch::auth
