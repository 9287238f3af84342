#include "libs/auth/oidc.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/auth/key_set.h"
#include "libs/auth/test_tokens.h"
#include "libs/curl/fetch.h"
#include "libs/status/error.h"

namespace fosterwatch::auth {
namespace {

using options::v1::ROLE_CASEWORKER;
using options::v1::ROLE_REGISTERED_MANAGER;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr char kNonce[] = "of-this-attempt";

class IdTokenTest : public testing::Test {
 protected:
  IdTokenTest() : key_(EcKey()), rsa_(RsaKey(2048)), stranger_(EcKey()) {
    auto keys = KeySet::Parse(SetOf({{"key-1", &key_}, {"rsa-1", &rsa_}}).dump());
    EXPECT_TRUE(keys.ok()) << keys.status();
    keys_ = std::make_unique<KeySet>(*std::move(keys));
    settings_.issuer = "https://council.example";
    settings_.client_id = "fosterwatch";
  }

  static json Header() { return {{"alg", "ES256"}, {"kid", "key-1"}, {"typ", "JWT"}}; }
  static json Claims() {
    const int64_t now = absl::ToUnixSeconds(kNow);
    return {{"iss", "https://council.example"},
            {"aud", "fosterwatch"},
            {"sub", "jo.hart"},
            {"agency", "northern"},
            {"roles", {"registered_manager", "offline_access"}},
            {"nonce", kNonce},
            {"iat", now - 5},
            {"exp", now + 300}};
  }
  absl::StatusOr<Caller> CallerOf(const std::string& token) const {
    return CallerOfIdToken(settings_, *keys_, token, kNonce, kNow);
  }
  absl::StatusOr<Caller> CallerOf(const json& claims) const {
    return CallerOf(Sign(key_, Header(), claims.dump()));
  }

  OidcSettings settings_;
  jose::Key key_, rsa_, stranger_;
  std::unique_ptr<KeySet> keys_;
};

TEST_F(IdTokenTest, SaysWhoCameBack) {
  const absl::StatusOr<Caller> caller = CallerOf(Claims());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->person_id, "jo.hart");
  EXPECT_EQ(caller->agency_id, "northern");
  EXPECT_THAT(caller->roles, ElementsAre(ROLE_REGISTERED_MANAGER));

  json header = Header();
  header["alg"] = "RS256";
  header["kid"] = "rsa-1";
  EXPECT_TRUE(CallerOf(Sign(rsa_, header, Claims().dump())).ok());
}

TEST_F(IdTokenTest, TheClaimsMayStandElsewhere) {
  settings_.person_claim = "/preferred_username";
  settings_.agency_claim = "/organisation/id";
  settings_.roles_claim = "/realm_access/roles";
  settings_.other_agencies_claim = "/organisation/sisters";
  json claims = Claims();
  claims["preferred_username"] = "jo";
  claims["organisation"] = {{"id", "oakley"}, {"sisters", {"elm", "ash"}}};
  claims["realm_access"] = {{"roles", {"caseworker"}}};
  const absl::StatusOr<Caller> caller = CallerOf(claims);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->person_id, "jo");
  EXPECT_EQ(caller->agency_id, "oakley");
  EXPECT_THAT(caller->other_agencies, ElementsAre("ash", "elm"));
  EXPECT_THAT(caller->roles, ElementsAre(ROLE_CASEWORKER));
}

TEST_F(IdTokenTest, IsRefusedWhateverIsTwisted) {
  const auto twisted = [](const std::function<void(json&)>& twist) {
    json claims = Claims();
    twist(claims);
    return claims;
  };
  const int64_t now = absl::ToUnixSeconds(kNow);
  const std::vector<std::pair<const char*, std::function<void(json&)>>> twists = {
      {"another issuer", [](json& c) { c["iss"] = "https://council.example/"; }},
      {"no issuer", [](json& c) { c.erase("iss"); }},
      {"for another client", [](json& c) { c["aud"] = "payroll"; }},
      {"for several, asked for by nobody",
       [](json& c) {
         c["aud"] = {"fosterwatch", "payroll"};
       }},
      {"asked for by another client", [](json& c) { c["azp"] = "payroll"; }},
      {"of another attempt", [](json& c) { c["nonce"] = "of-another"; }},
      {"of no attempt", [](json& c) { c.erase("nonce"); }},
      {"an attempt that is no text", [](json& c) { c["nonce"] = 7; }},
      {"over", [&](json& c) { c["exp"] = now - 61; }},
      {"never over", [](json& c) { c.erase("exp"); }},
      {"over at a text", [](json& c) { c["exp"] = "tomorrow"; }},
      {"issued in the future", [&](json& c) { c["iat"] = now + 120; }},
      {"issued at no time", [](json& c) { c.erase("iat"); }},
      {"not yet begun", [&](json& c) { c["nbf"] = now + 120; }},
  };
  for (const auto& [what, twist] : twists) {
    const absl::Status status = CallerOf(twisted(twist)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << what;
    EXPECT_EQ(ReasonOf(status), "ID_TOKEN_INVALID") << what;
    EXPECT_EQ(status.message(), "the provider's ID token is not good") << what;
  }

  json access_token = Header();
  access_token["typ"] = "at+jwt";
  json of_stranger = Header();
  json unknown_key = Header();
  unknown_key["kid"] = "../key-1";
  json other_algorithm = Header();
  other_algorithm["kid"] = "rsa-1";
  const std::string good = Sign(key_, Header(), Claims().dump());
  for (const std::string& token :
       {std::string(), std::string("x"), good + ".", good.substr(0, good.rfind('.') + 1),
        std::string(100'000, 'x'), Sign(key_, access_token, Claims().dump()),
        Sign(stranger_, of_stranger, Claims().dump()), Sign(key_, unknown_key, Claims().dump()),
        Sign(key_, other_algorithm, Claims().dump()),
        jose::ToBase64Url(R"({"alg":"none"})") + "." + jose::ToBase64Url(Claims().dump()) + "."}) {
    EXPECT_EQ(ReasonOf(CallerOf(token).status()), "ID_TOKEN_INVALID") << token.substr(0, 60);
  }
}

TEST_F(IdTokenTest, WhoHasNoAgencyOrRoleHereIsToldSo) {
  const std::vector<std::pair<const char*, std::function<void(json&)>>> cases = {
      {"no agency", [](json& c) { c.erase("agency"); }},
      {"every agency", [](json& c) { c["agency"] = "*"; }},
      {"agencies",
       [](json& c) {
         c["agency"] = {"a", "b"};
       }},
      {"other agencies that are none", [](json& c) { c["other_agencies"] = {"*"}; }},
      {"no roles", [](json& c) { c.erase("roles"); }},
      {"roles of other systems", [](json& c) { c["roles"] = {"offline_access"}; }},
      {"one of our own services", [](json& c) { c["roles"] = {"service"}; }},
      {"roles as a text", [](json& c) { c["roles"] = "registered_manager"; }},
      {"nobody", [](json& c) { c.erase("sub"); }},
      {"a name with a line feed", [](json& c) { c["sub"] = "jo\nhart"; }},
  };
  for (const auto& [what, twist] : cases) {
    json claims = Claims();
    twist(claims);
    const absl::Status status = CallerOf(claims).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << what;
    EXPECT_EQ(ReasonOf(status), "NO_ROLE_HERE") << what;
  }
  json both = Claims();
  both["roles"] = {"service", "caseworker"};
  EXPECT_THAT(CallerOf(both)->roles, ElementsAre(ROLE_CASEWORKER));
}

TEST(SignInAttemptTest, ComesBackFromItsCookieAndFromNoOther) {
  const SignInAttempt attempt = SignInAttempt::New();
  const absl::StatusOr<SignInAttempt> back = SignInAttempt::FromCookie(attempt.ToCookie());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->state, attempt.state);
  EXPECT_EQ(back->nonce, attempt.nonce);
  EXPECT_EQ(back->verifier, attempt.verifier);
  EXPECT_GE(attempt.verifier.size(), 43u);  // RFC 7636 4.1
  EXPECT_NE(SignInAttempt::New().state, attempt.state);
  for (const std::string& other :
       {std::string(), std::string(".."), std::string("a.b.c"), attempt.state,
        attempt.ToCookie() + ".x", attempt.ToCookie() + "x"}) {
    EXPECT_FALSE(SignInAttempt::FromCookie(other).ok()) << other;
  }
}

TEST(OidcSettingsTest, AreReadFromAFile) {
  Folder folder;
  Write(folder / "secret", "s3cret\n");
  Write(folder / "oidc.json", json({{"issuer", "https://council.example"},
                                    {"client_id", "fosterwatch"},
                                    {"client_secret_file", folder / "secret"},
                                    {"roles_claim", "/realm_access/roles"}})
                                  .dump());
  const absl::StatusOr<OidcSettings> settings = ReadOidcSettings(folder / "oidc.json");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->issuer, "https://council.example");
  EXPECT_EQ(settings->client_secret, "s3cret");
  EXPECT_EQ(settings->person_claim, "/sub");
  EXPECT_EQ(settings->roles_claim, "/realm_access/roles");
}

TEST(OidcSettingsTest, WhatIsWrongIsNamed) {
  Folder folder;
  Write(folder / "empty", "\n");
  const std::vector<std::pair<json, std::string>> cases = {
      {{{"client_id", "x"}}, "field issuer is no https address"},
      {{{"issuer", "http://council.example"}, {"client_id", "x"}}, "field issuer"},
      {{{"issuer", "https://council.example"}}, "field client_id is missing"},
      {{{"issuer", "https://c.example"}, {"client_id", 7}}, "field client_id is no text"},
      {{{"issuer", "https://c.example"}, {"client_id", "x"}, {"client_secret", "y"}},
       "field client_secret is unknown"},
      {{{"issuer", "https://c.example"}, {"client_id", "x"}, {"roles_claim", "roles"}},
       "field roles_claim is no JSON pointer"},
      {{{"issuer", "https://c.example"}, {"client_id", "x"}, {"scope", "profile"}},
       "field scope does not ask for openid"},
      {{{"issuer", "https://c.example"},
        {"client_id", "x"},
        {"client_secret_file", folder / "empty"}},
       "field client_secret_file names an empty file"},
      {{{"issuer", "https://c.example"},
        {"client_id", "x"},
        {"client_secret_file", folder / "nowhere"}},
       "nowhere"},
  };
  for (const auto& [written, said] : cases) {
    Write(folder / "oidc.json", written.dump());
    const absl::Status status = ReadOidcSettings(folder / "oidc.json").status();
    EXPECT_THAT(std::string(status.message()), HasSubstr(said));
  }
}

TEST(SafeUrlTest, IsHttpsOrThisMachine) {
  for (const char* url : {"https://council.example", "https://council.example:8443/a?b=c",
                          "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/"}) {
    EXPECT_TRUE(curl::IsSafeUrl(url)) << url;
  }
  for (const char* url :
       {"", "council.example", "http://council.example", "http://127.0.0.1.example/",
        "ftp://council.example", "file:///etc/passwd", "https://u:p@council.example",
        "https://council.example/#x", "http://10.0.0.1/", "https://"}) {
    EXPECT_FALSE(curl::IsSafeUrl(url)) << url;
  }
}

}  // namespace
}  // namespace fosterwatch::auth
