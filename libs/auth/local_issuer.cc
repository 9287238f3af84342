#include <utility>

#include <cjose/util.h>

#include "libs/auth/jose.h"
#include "libs/auth/token.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

constexpr size_t kMostKeyBytes = 16 * 1024;

std::string JsonOf(const jose::Key& key, bool with_private) {
  char* text = cjose_jwk_to_json(key.get(), with_private, nullptr);
  std::string json = text == nullptr ? "{}" : text;
  cjose_get_dealloc()(text);
  return json;
}

// RFC 7638: the key's id follows from the key.
std::string Thumbprint(const jose::Key& key) {
  const nlohmann::json jwk = nlohmann::json::parse(JsonOf(key, false));
  const nlohmann::json required = {
      {"crv", jwk["crv"]}, {"kty", jwk["kty"]}, {"x", jwk["x"]}, {"y", jwk["y"]}};
  return jose::ToBase64Url(jose::Sha256(required.dump()));
}

absl::Status MakeKey(const std::string& path) {
  const jose::Key key(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr));
  if (key == nullptr) return absl::InternalError("a key for tokens cannot be made");
  const absl::Status written = jose::WriteFile(path, JsonOf(key, true), 0600, false);
  // Another process was first; its key is as good.
  return absl::IsAlreadyExists(written) ? absl::OkStatus() : written;
}

}  // namespace

struct LocalIssuer::Key {
  jose::Key key;
  std::string id;
};

LocalIssuer::LocalIssuer(std::string folder, std::unique_ptr<Key> key)
    : folder_(std::move(folder)), key_(std::move(key)) {}

LocalIssuer::~LocalIssuer() = default;

std::string LocalIssuer::jwks_file() const { return folder_ + "/jwks.json"; }

absl::StatusOr<std::unique_ptr<LocalIssuer>> LocalIssuer::Open(const std::string& folder) {
  RETURN_IF_ERROR(jose::MakePrivateFolder(folder));
  const std::string path = folder + "/key.json";
  absl::StatusOr<std::string> text = jose::ReadFile(path, kMostKeyBytes);
  if (absl::IsNotFound(text.status())) {
    RETURN_IF_ERROR(MakeKey(path));
    text = jose::ReadFile(path, kMostKeyBytes);
  }
  RETURN_IF_ERROR(text.status());
  auto key = std::make_unique<Key>();
  key->key.reset(cjose_jwk_import(text->data(), text->size(), nullptr));
  if (key->key == nullptr || cjose_jwk_get_kty(key->key.get(), nullptr) != CJOSE_JWK_KTY_EC) {
    return absl::InvalidArgumentError(path + " holds no key of ours");
  }
  key->id = Thumbprint(key->key);

  nlohmann::json jwk = nlohmann::json::parse(JsonOf(key->key, false));
  jwk["kid"] = key->id;
  jwk["use"] = "sig";
  jwk["alg"] = "ES256";
  const std::string set = nlohmann::json({{"keys", {jwk}}}).dump() + "\n";
  auto issuer = std::unique_ptr<LocalIssuer>(new LocalIssuer(folder, std::move(key)));
  const absl::StatusOr<std::string> there = jose::ReadFile(issuer->jwks_file(), kMostKeyBytes);
  if (!there.ok() || *there != set) {
    RETURN_IF_ERROR(jose::WriteFile(issuer->jwks_file(), set, 0644, true));
  }
  return issuer;
}

absl::StatusOr<std::string> LocalIssuer::Issue(const Caller& caller, absl::Time now) {
  nlohmann::json roles = nlohmann::json::array();
  for (const options::v1::Role role : caller.roles) roles.push_back(WordOfRole(role));
  nlohmann::json claimed = {
      {"iss", kLocalIssuer},
      {"aud", kAudience},
      {"sub", caller.person_id},
      {"agency", caller.agency_id},
      {"roles", roles},
      {"iat", absl::ToUnixSeconds(now)},
      {"exp", absl::ToUnixSeconds(caller.expires)},
      {"jti", jose::ToBase64Url(jose::RandomBytes(12))},
      {"sid",
       caller.token_id.empty() ? jose::ToBase64Url(jose::RandomBytes(12)) : caller.token_id}};
  if (!caller.other_agencies.empty()) claimed["other_agencies"] = caller.other_agencies;
  const std::string claims = claimed.dump();
  const jose::Header header(cjose_header_new(nullptr));
  if (header == nullptr ||
      !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, nullptr) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, key_->id.c_str(), nullptr) ||
      !cjose_header_set(header.get(), "typ", "at+jwt", nullptr)) {
    return absl::InternalError("a token's header cannot be made");
  }
  const jose::Signature signature(cjose_jws_sign(key_->key.get(), header.get(),
                                                 reinterpret_cast<const uint8_t*>(claims.data()),
                                                 claims.size(), nullptr));
  const char* token = nullptr;
  if (signature == nullptr || !cjose_jws_export(signature.get(), &token, nullptr)) {
    return absl::InternalError("a token cannot be signed");
  }
  return std::string(token);
}

}  // namespace fosterwatch::auth
