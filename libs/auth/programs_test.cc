#include "libs/auth/programs.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/auth/key_set.h"
#include "libs/auth/test_tokens.h"
#include "libs/status/error.h"

namespace fosterwatch::auth {
namespace {

using options::v1::ROLE_CASEWORKER;
using options::v1::ROLE_PUBLISHER;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

json GoodHeader() { return {{"alg", "ES256"}, {"kid", "key-1"}, {"typ", "at+jwt"}}; }

// As RFC 9068 has it, and with what a token may claim beside.
json GoodClaims() {
  const int64_t now = absl::ToUnixSeconds(kNow);
  return {{"iss", "https://council.example"},
          {"aud", "fosterwatch"},
          {"sub", "case-system"},
          {"client_id", "case-system"},
          {"jti", "1"},
          {"agency", "southern"},
          {"roles", {"service", "registered_manager"}},
          {"iat", now - 10},
          {"nbf", now - 10},
          {"exp", now + 300}};
}

ProgramsSettings Settings() {
  ProgramsSettings settings;
  settings.issuer = "https://council.example";
  settings.audience = "fosterwatch";
  settings.client_claim = "/client_id";
  settings.programs = {
      {"case-system", {"case-system", "northern", {ROLE_PUBLISHER}}},
      {"reports", {"0b9f", "northern", {ROLE_PUBLISHER, ROLE_CASEWORKER}}},
  };
  return settings;
}

class ProgramTokenTest : public ::testing::Test {
 protected:
  ProgramTokenTest()
      : key_(EcKey()),
        rsa_(RsaKey(2048)),
        keys_(*KeySet::Parse(SetOf({{"key-1", &key_}, {"rsa-1", &rsa_}}).dump())) {}

  absl::StatusOr<Caller> CallerOf(const std::string& token) const {
    return CallerOfProgram(settings_, keys_, token, kNow);
  }
  std::string Signed(const json& header, const json& claims) const {
    return Sign(key_, header, claims.dump());
  }
  void ExpectRefused(const std::string& token, const std::string& reason = "TOKEN_INVALID") const {
    const absl::StatusOr<Caller> caller = CallerOf(token);
    EXPECT_EQ(caller.status().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(caller.status().message(), "a valid access token is required");
    EXPECT_EQ(ReasonOf(caller.status()), reason);
  }

  ProgramsSettings settings_ = Settings();
  jose::Key key_;
  jose::Key rsa_;
  KeySet keys_;
};

TEST_F(ProgramTokenTest, AgencyAndRolesAreTheOperatorsWhateverTheTokenClaims) {
  const auto caller = CallerOf(Signed(GoodHeader(), GoodClaims()));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->person_id, "program:case-system");
  EXPECT_EQ(caller->agency_id, "northern");
  EXPECT_THAT(caller->roles, ElementsAre(ROLE_PUBLISHER));
  EXPECT_TRUE(caller->other_agencies.empty());
  EXPECT_EQ(caller->expires, kNow + absl::Minutes(5));
  json header = GoodHeader();
  header["alg"] = "RS256";
  header["kid"] = "rsa-1";
  header["typ"] = "application/AT+JWT";
  EXPECT_TRUE(CallerOf(Sign(rsa_, header, GoodClaims().dump())).ok());
}

TEST_F(ProgramTokenTest, IsRefusedWhateverClaimIsTwisted) {
  const int64_t now = absl::ToUnixSeconds(kNow);
  struct Case {
    const char* name;
    std::function<void(json&)> twist;
    const char* reason = "TOKEN_INVALID";
  };
  const Case cases[] = {
      {"expired", [&](json& c) { c["exp"] = now - 60; }, "TOKEN_EXPIRED"},
      {"never expires", [](json& c) { c.erase("exp"); }},
      {"an end that is text", [&](json& c) { c["exp"] = absl::StrCat(now + 600); }},
      {"not yet", [&](json& c) { c["nbf"] = now + 61; }},
      {"issued in the future", [&](json& c) { c["iat"] = now + 61; }},
      {"issued at no time", [](json& c) { c.erase("iat"); }},
      {"another issuer", [](json& c) { c["iss"] = "https://other.example"; }},
      {"an issuer with a slash more", [](json& c) { c["iss"] = "https://council.example/"; }},
      {"our own issuer", [](json& c) { c["iss"] = kLocalIssuer; }},
      {"no issuer", [](json& c) { c.erase("iss"); }},
      {"another audience", [](json& c) { c["aud"] = "account"; }},
      {"other audiences",
       [](json& c) {
         c["aud"] = {"account", "fosterwatch2"};
       }},
      {"no audience", [](json& c) { c.erase("aud"); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    json claims = GoodClaims();
    c.twist(claims);
    ExpectRefused(Signed(GoodHeader(), claims), c.reason);
  }
  std::string twice = GoodClaims().dump();
  twice.insert(twice.size() - 1, R"(,"client_id":"reports")");
  ExpectRefused(Sign(key_, GoodHeader(), twice));
}

TEST_F(ProgramTokenTest, IsRefusedWhoeverSignedItElse) {
  const std::string good = Signed(GoodHeader(), GoodClaims());
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  for (const char* algorithm : {"none", "None", "HS256", "ES384", ""}) {
    json header = GoodHeader();
    header["alg"] = algorithm;
    const std::string head = jose::ToBase64Url(header.dump());
    ExpectRefused(absl::StrCat(head, ".", parts[1], "."));
    ExpectRefused(absl::StrCat(head, ".", parts[1], ".", parts[2]));
  }
  const jose::Key stranger = EcKey();
  ExpectRefused(Sign(stranger, GoodHeader(), GoodClaims().dump()));
  json header = GoodHeader();
  header["jwk"] = JsonOf(stranger);
  ExpectRefused(Sign(stranger, header, GoodClaims().dump()));
  header = GoodHeader();
  header["jku"] = "http://127.0.0.1:1/jwks.json";
  header["kid"] = "stranger";
  ExpectRefused(Sign(stranger, header, GoodClaims().dump()));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(CallerOf(changed).ok()) << "byte " << i;
  }
  ExpectRefused(good + std::string(16 * 1024, 'A'));
  ExpectRefused("");
}

TEST_F(ProgramTokenTest, IsAnAccessTokenAndNoOther) {
  json header = GoodHeader();
  for (const char* type : {"JWT", "logout+jwt", ""}) {
    header["typ"] = type;
    ExpectRefused(Signed(header, GoodClaims()));
  }
  header["typ"] = "JWT";
  settings_.takes_plain_type = true;
  EXPECT_TRUE(CallerOf(Signed(header, GoodClaims())).ok());
  for (const auto& [name, value] : std::vector<std::pair<std::string, json>>{
           {"typ", "ID"}, {"typ", "Refresh"}, {"nonce", "n"}, {"at_hash", "h"}}) {
    json claims = GoodClaims();
    claims[name] = value;
    ExpectRefused(Signed(header, claims));
  }
  json claims = GoodClaims();
  claims["typ"] = "Bearer";
  EXPECT_TRUE(CallerOf(Signed(header, claims)).ok());
}

TEST_F(ProgramTokenTest, OfAProgramThatTheFileDoesNotHaveItIsNotKnown) {
  const auto reason_of = [&](const std::function<void(json&)>& twist) {
    json claims = GoodClaims();
    twist(claims);
    const auto caller = CallerOf(Signed(GoodHeader(), claims));
    EXPECT_EQ(caller.status().code(), absl::StatusCode::kPermissionDenied);
    return ReasonOf(caller.status());
  };
  EXPECT_EQ(reason_of([](json& c) { c["client_id"] = c["sub"] = "payroll"; }), "PROGRAM_NOT_KNOWN");
  EXPECT_EQ(reason_of([](json& c) { c.erase("client_id"); }), "PROGRAM_NOT_KNOWN");
  EXPECT_EQ(reason_of([](json& c) { c["client_id"] = {"case-system"}; }), "PROGRAM_NOT_KNOWN");
  EXPECT_EQ(reason_of([](json& c) { c["client_id"] = ""; }), "PROGRAM_NOT_KNOWN");
  // Of a person who works by the program.
  EXPECT_EQ(reason_of([](json& c) { c["sub"] = "jo.hart"; }), "PROGRAM_NOT_KNOWN");
  EXPECT_EQ(reason_of([](json& c) { c.erase("sub"); }), "PROGRAM_NOT_KNOWN");

  json claims = GoodClaims();
  claims["client_id"] = "reports";
  claims["sub"] = "0b9f";
  EXPECT_EQ(CallerOf(Signed(GoodHeader(), claims))->person_id, "program:reports");
  settings_.client_claim = "/azp";
  claims.erase("client_id");
  claims["azp"] = "reports";
  EXPECT_TRUE(CallerOf(Signed(GoodHeader(), claims)).ok());
}

TEST(ProgramsFileTest, NamesTheFieldThatIsWrong) {
  Folder folder;
  const std::string file = folder / "programs.json";
  const auto read = [&](const std::function<void(json&)>& change) {
    json text = {
        {"issuer", "https://council.example"},
        {"programs",
         {{{"client_id", "case-system"}, {"agency", "northern"}, {"roles", {"publisher"}}}}}};
    change(text);
    Write(file, text.dump());
    return ReadProgramsSettings(file);
  };
  const auto good = read([](json&) {});
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->audience, "fosterwatch");
  EXPECT_EQ(good->programs.at("case-system").subject, "case-system");

  struct Case {
    std::function<void(json&)> change;
    std::string says;
  };
  const std::vector<Case> cases = {
      {[](json& t) { t.erase("issuer"); }, "field issuer is no https address"},
      {[](json& t) { t["issuer"] = "http://council.example"; }, "field issuer is no https address"},
      {[](json& t) { t["client_claim"] = "azp"; }, "field client_claim is no JSON pointer"},
      {[](json& t) { t["audience"] = ""; }, "field audience is empty"},
      {[](json& t) { t["takes_plain_type"] = "yes"; }, "field takes_plain_type is neither"},
      {[](json& t) { t["secret"] = "x"; }, "field secret is unknown"},
      {[](json& t) { t.erase("programs"); }, "field programs is no list"},
      {[](json& t) { t["programs"][0]["roles"] = {"service"}; },
       "field programs[0].roles has the role service"},
      {[](json& t) {
         t["programs"][0]["roles"] = {"publisher", "root"};
       },
       "field programs[0].roles has a word that is no role"},
      {[](json& t) { t["programs"][0]["roles"] = json::array(); }, "field programs[0].roles is no"},
      {[](json& t) { t["programs"][0]["agency"] = "*"; }, "field programs[0].agency is no"},
      {[](json& t) { t["programs"][0].erase("client_id"); }, "field programs[0].client_id is"},
      {[](json& t) { t["programs"][0]["source"] = "x"; }, "field programs[0].source is unknown"},
      {[](json& t) { t["programs"].push_back(t["programs"][0]); }, "programs[1].client_id stands"},
  };
  for (const Case& c : cases) {
    const absl::Status status = read(c.change).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
  }
  Write(file, "[]");
  EXPECT_THAT(std::string(ReadProgramsSettings(file).status().message()),
              HasSubstr("is no JSON object"));
}

}  // namespace
}  // namespace fosterwatch::auth
