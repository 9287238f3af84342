#include "libs/auth/oidc.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <openssl/crypto.h>

#include "libs/auth/claims.h"
#include "libs/auth/jose.h"
#include "libs/auth/key_set.h"
#include "libs/auth/provider.h"
#include "libs/curl/fetch.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

using nlohmann::json;

constexpr size_t kMostSettingsBytes = 64 * 1024;
constexpr size_t kMostTokenBytes = 64 * 1024;
constexpr int kRandomBytes = 32;
// What a provider says of itself seldom changes; new keys are asked for when a token names one, but
// not more often than this.
constexpr absl::Duration kDiscoveryLife = absl::Minutes(10);
constexpr absl::Duration kKeysPause = absl::Seconds(10);

absl::Status Invalid() {
  return Error(absl::StatusCode::kUnauthenticated, "ID_TOKEN_INVALID",
               "the provider's ID token is not good");
}

bool IsEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// What a JSON pointer leads to; null where it leads nowhere.
json At(const json& claims, const std::string& pointer) {
  const json::json_pointer to(pointer);
  return claims.contains(to) ? claims.at(to) : json();
}

absl::Status WrongField(const std::string& field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("field ", field, " ", what));
}

bool IsPointer(const std::string& text) {
  try {
    return !text.empty() && !json::json_pointer(text).empty();
  } catch (const json::exception&) {
    return false;
  }
}

}  // namespace

absl::StatusOr<OidcSettings> ReadOidcSettings(const std::string& file) {
  const auto in_file = [&file](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
  };
  ASSIGN_OR_RETURN(const std::string text, jose::ReadFile(file, kMostSettingsBytes));
  const std::optional<json> object = jose::ParseObject(text);
  if (!object) return in_file(absl::InvalidArgumentError("is no JSON object"));
  OidcSettings settings;
  std::string secret_file;
  const std::map<std::string, std::string*> fields = {
      {"issuer", &settings.issuer},
      {"client_id", &settings.client_id},
      {"client_secret_file", &secret_file},
      {"ca_file", &settings.ca_file},
      {"scope", &settings.scope},
      {"person_claim", &settings.person_claim},
      {"agency_claim", &settings.agency_claim},
      {"roles_claim", &settings.roles_claim},
      {"other_agencies_claim", &settings.other_agencies_claim},
  };
  for (const auto& [name, value] : object->items()) {
    const auto field = fields.find(name);
    if (field == fields.end()) return in_file(WrongField(name, "is unknown"));
    if (!value.is_string()) return in_file(WrongField(name, "is no text"));
    *field->second = value.get<std::string>();
  }
  if (!curl::IsSafeUrl(settings.issuer)) {
    return in_file(WrongField("issuer", "is no https address, nor http to this machine itself"));
  }
  if (settings.client_id.empty()) return in_file(WrongField("client_id", "is missing"));
  for (const char* name : {"person_claim", "agency_claim", "roles_claim", "other_agencies_claim"}) {
    if (!IsPointer(*fields.at(name))) {
      return in_file(WrongField(name, "is no JSON pointer, such as /realm_access/roles"));
    }
  }
  const std::vector<absl::string_view> scopes = absl::StrSplit(settings.scope, ' ');
  if (std::find(scopes.begin(), scopes.end(), "openid") == scopes.end()) {
    return in_file(WrongField("scope", "does not ask for openid"));
  }
  if (!secret_file.empty()) {
    ASSIGN_OR_RETURN(const std::string secret, jose::ReadFile(secret_file, kMostSettingsBytes));
    settings.client_secret = std::string(absl::StripAsciiWhitespace(secret));
    if (settings.client_secret.empty()) {
      return in_file(WrongField("client_secret_file", "names an empty file"));
    }
  }
  return settings;
}

SignInAttempt SignInAttempt::New() {
  const auto random = [] { return jose::ToBase64Url(jose::RandomBytes(kRandomBytes)); };
  return {random(), random(), random()};
}

std::string SignInAttempt::ToCookie() const {
  return absl::StrCat(state, ".", nonce, ".", verifier);
}

absl::StatusOr<SignInAttempt> SignInAttempt::FromCookie(absl::string_view cookie) {
  const std::vector<std::string> parts = absl::StrSplit(cookie, '.');
  if (parts.size() != 3) return absl::InvalidArgumentError("is no attempt to sign in");
  for (const std::string& part : parts) {
    const std::optional<std::string> bytes = jose::FromBase64Url(part);
    if (!bytes || bytes->size() != kRandomBytes) {
      return absl::InvalidArgumentError("is no attempt to sign in");
    }
  }
  return SignInAttempt{parts[0], parts[1], parts[2]};
}

absl::StatusOr<Caller> CallerOfIdToken(const OidcSettings& settings, const KeySet& keys,
                                       absl::string_view id_token, absl::string_view nonce,
                                       absl::Time now) {
  if (id_token.size() > kMostTokenBytes) return Invalid();
  const std::optional<SignedToken> token = keys.Open(id_token);
  if (!token) return Invalid();
  const json& claims = token->claims;
  const std::optional<absl::Time> expires = TimeOf(claims, "exp");
  const std::string type = absl::AsciiStrToLower(TextOf(token->header, "typ"));
  if ((!type.empty() && type != "jwt") || TextOf(claims, "iss") != settings.issuer ||
      !NamesAudience(claims, settings.client_id) || !IsEqual(TextOf(claims, "nonce"), nonce) ||
      !expires || now >= *expires + kLeeway || !claims.contains("iat") || !HasBegun(claims, now)) {
    return Invalid();
  }
  // Where a token is for several, it has to have been asked for by us (Core 3.1.3.7).
  const bool several = claims.at("aud").is_array() && claims.at("aud").size() > 1;
  if ((several || claims.contains("azp")) && TextOf(claims, "azp") != settings.client_id) {
    return Invalid();
  }
  const json person = At(claims, settings.person_claim);
  const json agency = At(claims, settings.agency_claim);
  std::optional<std::vector<options::v1::Role>> roles = RolesOf(At(claims, settings.roles_claim));
  Caller caller;
  if (person.is_string()) caller.person_id = person.get<std::string>();
  if (agency.is_string()) caller.agency_id = agency.get<std::string>();
  if (roles) {
    // Our own services have their tokens from elsewhere.
    for (const options::v1::Role role : *roles) {
      if (role != options::v1::ROLE_SERVICE) caller.roles.push_back(role);
    }
  }
  const auto others = OtherAgenciesOf(At(claims, settings.other_agencies_claim), caller.agency_id);
  if (others) caller.other_agencies = *others;
  if (!IsPersonId(caller.person_id) || !IsAgencyId(caller.agency_id) || caller.roles.empty() ||
      !others) {
    return Error(absl::StatusCode::kPermissionDenied, "NO_ROLE_HERE",
                 "the provider names no agency or no role that is known here");
  }
  caller.expires = *expires;
  return caller;
}

// --- OidcProvider -------------------------------------------------------------------------------

struct OidcProvider::Known {
  std::string authorization_endpoint, token_endpoint, jwks_uri, end_session_endpoint;
};

OidcProvider::OidcProvider(OidcSettings settings, std::string redirect_url)
    : settings_(std::move(settings)), redirect_url_(std::move(redirect_url)) {}

OidcProvider::~OidcProvider() = default;

// The token endpoint's answer to a form, where it is 200.
absl::StatusOr<std::string> OidcProvider::Ask(const std::string& url,
                                              const std::string& form) const {
  curl::Request request;
  request.url = url;
  request.form = form;
  request.ca_file = settings_.ca_file;
  if (!settings_.client_secret.empty()) {
    request.user = settings_.client_id;
    request.password = settings_.client_secret;
  }
  const absl::StatusOr<curl::Answer> answer = curl::Fetch(request);
  if (!answer.ok()) return ProviderAway(answer.status().message());
  if (answer->status == 200) return answer->body;
  if (answer->status == 400 || answer->status == 401) {
    return Error(absl::StatusCode::kUnauthenticated, "CODE_REFUSED",
                 absl::StrCat("the provider refused the sign-in with HTTP ", answer->status));
  }
  return ProviderAway(absl::StrCat("it answers with HTTP ", answer->status));
}

absl::StatusOr<std::shared_ptr<const OidcProvider::Known>> OidcProvider::Discover(absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    if (known_ != nullptr && now - known_at_ < kDiscoveryLife) return known_;
  }
  ASSIGN_OR_RETURN(const json said, FetchConfiguration(settings_.issuer, settings_.ca_file));
  auto known = std::make_shared<Known>();
  known->authorization_endpoint = TextOf(said, "authorization_endpoint");
  known->token_endpoint = TextOf(said, "token_endpoint");
  known->jwks_uri = TextOf(said, "jwks_uri");
  known->end_session_endpoint = TextOf(said, "end_session_endpoint");
  for (const std::string* url :
       {&known->authorization_endpoint, &known->token_endpoint, &known->jwks_uri}) {
    if (!curl::IsSafeUrl(*url))
      return ProviderAway("an endpoint of its is missing or no https address");
  }
  if (!curl::IsSafeUrl(known->end_session_endpoint)) known->end_session_endpoint.clear();
  absl::MutexLock lock(&mutex_);
  known_ = known;
  known_at_ = now;
  return known_;
}

absl::StatusOr<std::shared_ptr<const KeySet>> OidcProvider::KeysFor(absl::string_view id_token,
                                                                    const Known& known,
                                                                    absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    const bool fresh = keys_ != nullptr && now - keys_at_ < kDiscoveryLife;
    if (keys_ != nullptr && now - keys_at_ < kKeysPause) return keys_;
    if (fresh && keys_->Has(KeyIdOf(id_token))) return keys_;
  }
  ASSIGN_OR_RETURN(KeySet keys, FetchKeys(known.jwks_uri, settings_.ca_file));
  absl::MutexLock lock(&mutex_);
  keys_ = std::make_shared<const KeySet>(std::move(keys));
  keys_at_ = now;
  return keys_;
}

absl::StatusOr<std::string> OidcProvider::SignInUrl(const SignInAttempt& attempt, absl::Time now) {
  ASSIGN_OR_RETURN(const auto known, Discover(now));
  const std::string& endpoint = known->authorization_endpoint;
  return absl::StrCat(endpoint, endpoint.find('?') == std::string::npos ? "?" : "&",
                      "response_type=code&client_id=", curl::Escape(settings_.client_id),
                      "&redirect_uri=", curl::Escape(redirect_url_),
                      "&scope=", curl::Escape(settings_.scope), "&state=", attempt.state,
                      "&nonce=", attempt.nonce, "&code_challenge_method=S256&code_challenge=",
                      jose::ToBase64Url(jose::Sha256(attempt.verifier)));
}

absl::StatusOr<Caller> OidcProvider::Redeem(absl::string_view code, const SignInAttempt& attempt,
                                            absl::Time now) {
  ASSIGN_OR_RETURN(const auto known, Discover(now));
  std::string form = absl::StrCat("grant_type=authorization_code&code=", curl::Escape(code),
                                  "&redirect_uri=", curl::Escape(redirect_url_),
                                  "&code_verifier=", attempt.verifier);
  if (settings_.client_secret.empty()) {
    absl::StrAppend(&form, "&client_id=", curl::Escape(settings_.client_id));
  }
  ASSIGN_OR_RETURN(const std::string text, Ask(known->token_endpoint, form));
  const std::optional<json> tokens = jose::ParseObject(text);
  const std::string id_token = tokens ? TextOf(*tokens, "id_token") : "";
  if (id_token.empty()) return Invalid();
  ASSIGN_OR_RETURN(const auto keys, KeysFor(id_token, *known, now));
  return CallerOfIdToken(settings_, *keys, id_token, attempt.nonce, now);
}

std::string OidcProvider::SignOutUrl(const std::string& back_url) const {
  absl::MutexLock lock(&mutex_);
  if (known_ == nullptr || known_->end_session_endpoint.empty()) return "";
  const std::string& endpoint = known_->end_session_endpoint;
  return absl::StrCat(endpoint, endpoint.find('?') == std::string::npos ? "?" : "&",
                      "client_id=", curl::Escape(settings_.client_id),
                      "&post_logout_redirect_uri=", curl::Escape(back_url));
}

}  // namespace fosterwatch::auth
