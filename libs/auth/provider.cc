#include "libs/auth/provider.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/auth/claims.h"
#include "libs/curl/fetch.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

absl::StatusOr<std::string> Get(const std::string& url, const std::string& ca_file) {
  curl::Request request;
  request.url = url;
  request.ca_file = ca_file;
  const absl::StatusOr<curl::Answer> answer = curl::Fetch(request);
  if (!answer.ok()) return ProviderAway(answer.status().message());
  if (answer->status == 200) return answer->body;
  return ProviderAway(absl::StrCat("it answers with HTTP ", answer->status));
}

}  // namespace

absl::Status ProviderAway(absl::string_view why) {
  return Error(absl::StatusCode::kUnavailable, "PROVIDER_AWAY",
               absl::StrCat("the sign-in provider cannot be used: ", why));
}

absl::StatusOr<nlohmann::json> FetchConfiguration(const std::string& issuer,
                                                  const std::string& ca_file) {
  ASSIGN_OR_RETURN(const std::string text, Get(absl::StrCat(absl::StripSuffix(issuer, "/"),
                                                            "/.well-known/openid-configuration"),
                                               ca_file));
  std::optional<nlohmann::json> said = jose::ParseObject(text);
  if (!said) return ProviderAway("what it says of itself is no JSON object");
  if (TextOf(*said, "issuer") != issuer) return ProviderAway("it calls itself another issuer");
  return *std::move(said);
}

absl::StatusOr<KeySet> FetchKeys(const std::string& jwks_uri, const std::string& ca_file) {
  if (!curl::IsSafeUrl(jwks_uri)) {
    return ProviderAway("an endpoint of its is missing or no https address");
  }
  ASSIGN_OR_RETURN(const std::string text, Get(jwks_uri, ca_file));
  absl::StatusOr<KeySet> keys = KeySet::Parse(text);
  if (!keys.ok()) return ProviderAway(absl::StrCat("its key set ", keys.status().message()));
  return keys;
}

}  // namespace fosterwatch::auth
