#include "libs/auth/token.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cjose/util.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include "libs/auth/jose.h"
#include "libs/auth/sign_in_links.h"
#include "libs/auth/test_tokens.h"
#include "libs/status/error.h"

namespace fosterwatch::auth {
namespace {

using nlohmann::json;
using options::v1::ROLE_CASEWORKER;
using options::v1::ROLE_REGISTERED_MANAGER;
using options::v1::ROLE_SERVICE;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

std::string Unsigned(const json& header, const json& claims, const std::string& signature = "") {
  return absl::StrCat(jose::ToBase64Url(header.dump()), ".", jose::ToBase64Url(claims.dump()), ".",
                      signature);
}

json GoodHeader() { return {{"alg", "ES256"}, {"kid", "key-1"}, {"typ", "at+jwt"}}; }

json GoodClaims() {
  const int64_t now = absl::ToUnixSeconds(kNow);
  return {{"iss", "https://issuer.example"},
          {"aud", "fosterwatch"},
          {"sub", "person-1"},
          {"agency", "northern"},
          {"roles", {"caseworker", "registered_manager", "offline_access"}},
          {"iat", now - 10},
          {"nbf", now - 10},
          {"exp", now + 600}};
}

class VerifierTest : public testing::Test {
 protected:
  VerifierTest() : key_(EcKey()), rsa_(RsaKey(2048)) {
    Write(file(), SetOf({{"key-1", &key_}, {"rsa-1", &rsa_}}).dump());
    auto verifier = Verifier::FromFile(file(), "https://issuer.example", "fosterwatch");
    EXPECT_TRUE(verifier.ok()) << verifier.status();
    verifier_ = *std::move(verifier);
  }

  std::string file() const { return folder_ / "jwks.json"; }
  std::string Good() const { return Sign(key_, GoodHeader(), GoodClaims().dump()); }

  void ExpectRefused(const std::string& token, const std::string& reason = "TOKEN_INVALID") {
    const absl::StatusOr<Caller> caller = verifier_->Verify(token, kNow);
    EXPECT_EQ(caller.status().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(caller.status().message(), "a valid access token is required");
    EXPECT_EQ(ReasonOf(caller.status()), reason);
  }

  Folder folder_;
  jose::Key key_;
  jose::Key rsa_;
  std::unique_ptr<Verifier> verifier_;
};

TEST_F(VerifierTest, ReadsWhoCallsFromAGoodToken) {
  const absl::StatusOr<Caller> caller = verifier_->Verify(Good(), kNow);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->person_id, "person-1");
  EXPECT_EQ(caller->agency_id, "northern");
  EXPECT_THAT(caller->roles, testing::ElementsAre(ROLE_CASEWORKER, ROLE_REGISTERED_MANAGER));
  EXPECT_EQ(caller->expires, kNow + absl::Minutes(10));
}

TEST_F(VerifierTest, ReadsWhatOtherAgenciesTheCallerMaySeeBesideTheOwn) {
  const auto verified = [&](const json& others) {
    json claims = GoodClaims();
    claims["other_agencies"] = others;
    return verifier_->Verify(Sign(key_, GoodHeader(), claims.dump()), kNow);
  };
  EXPECT_THAT(verifier_->Verify(Good(), kNow)->other_agencies, testing::IsEmpty());
  EXPECT_THAT(verified({"western", "eastern", "western", "northern"})->other_agencies,
              testing::ElementsAre("eastern", "western"))
      << "each once, and not the own one";
  for (const json& wrong : {json("eastern"), json({"*"}), json({7}), json({{"a", "b"}}),
                            json(std::vector<std::string>(101, "eastern"))}) {
    EXPECT_EQ(ReasonOf(verified(wrong).status()), "TOKEN_INVALID") << wrong;
  }
  json service = GoodClaims();
  service["agency"] = "*";
  service["roles"] = {"service"};
  EXPECT_TRUE(verifier_->Verify(Sign(key_, GoodHeader(), service.dump()), kNow).ok());
  service["other_agencies"] = {"eastern"};
  ExpectRefused(Sign(key_, GoodHeader(), service.dump()));
}

TEST_F(VerifierTest, TakesAnRsaKeyForRs256) {
  const json header = {{"alg", "RS256"}, {"kid", "rsa-1"}, {"typ", "JWT"}};
  EXPECT_TRUE(verifier_->Verify(Sign(rsa_, header, GoodClaims().dump()), kNow).ok());
}

TEST_F(VerifierTest, RefusesATokenWhoseHeaderIsTwisted) {
  struct Case {
    const char* name;
    std::function<void(json&)> twist;
  };
  const Case cases[] = {
      {"another algorithm of the same key's kind", [](json& h) { h["alg"] = "ES384"; }},
      {"the other key's id", [](json& h) { h["kid"] = "rsa-1"; }},
      {"an unknown key's id", [](json& h) { h["kid"] = "key-2"; }},
      {"a path as key id", [](json& h) { h["kid"] = "../../../../dev/null"; }},
      {"SQL as key id", [](json& h) { h["kid"] = "key-1' OR '1'='1"; }},
      {"an address as key id", [](json& h) { h["kid"] = "http://127.0.0.1/key"; }},
      {"no key id", [](json& h) { h.erase("kid"); }},
      {"a number as key id", [](json& h) { h["kid"] = 1; }},
      {"critical extensions", [](json& h) { h["crit"] = {"exp"}; }},
      {"no type", [](json& h) { h.erase("typ"); }},
      {"another type", [](json& h) { h["typ"] = "logout+jwt"; }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    json header = GoodHeader();
    c.twist(header);
    // cjose does not sign what no key can; the token is then good in all but its header.
    const std::vector<std::string> good = absl::StrSplit(Good(), '.');
    ExpectRefused(absl::StrCat(jose::ToBase64Url(header.dump()), ".", good[1], ".", good[2]));
    if (header.value("alg", "") == "ES256") {
      ExpectRefused(Sign(key_, header, GoodClaims().dump()));
    }
  }
}

TEST_F(VerifierTest, RefusesATokenWithoutASignature) {
  for (const char* algorithm : {"none", "None", "nOnE", "NONE", ""}) {
    json header = GoodHeader();
    header["alg"] = algorithm;
    ExpectRefused(Unsigned(header, GoodClaims()));
    ExpectRefused(Unsigned(header, GoodClaims(), "AAAA"));
  }
  ExpectRefused(Unsigned(GoodHeader(), GoodClaims()));
}

TEST_F(VerifierTest, RefusesAnHs256TokenSignedWithThePublicKeysOwnBytes) {
  const json header = {{"alg", "HS256"}, {"kid", "rsa-1"}, {"typ", "JWT"}};
  const std::string content = Unsigned(header, GoodClaims());
  const std::string signed_part = content.substr(0, content.size() - 1);
  const std::string secrets[] = {JsonOf(rsa_).dump(), JsonOf(rsa_)["n"].get<std::string>(),
                                 Read(file())};
  for (const std::string& secret : secrets) {
    unsigned char mac[32];
    unsigned int size = sizeof mac;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac,
         &size);
    ExpectRefused(absl::StrCat(
        content, jose::ToBase64Url(absl::string_view(reinterpret_cast<char*>(mac), size))));
  }
}

TEST_F(VerifierTest, RefusesATokenThatBringsItsOwnKey) {
  const jose::Key stranger = EcKey();
  json header = GoodHeader();
  ExpectRefused(Sign(stranger, header, GoodClaims().dump()));
  header["jwk"] = JsonOf(stranger);
  ExpectRefused(Sign(stranger, header, GoodClaims().dump()));
  header.erase("jwk");
  header["jku"] = "http://127.0.0.1:1/jwks.json";
  header["x5u"] = "http://127.0.0.1:1/certificate.pem";
  ExpectRefused(Sign(stranger, header, GoodClaims().dump()));
  header["kid"] = "stranger";
  ExpectRefused(Sign(stranger, header, GoodClaims().dump()));
}

TEST_F(VerifierTest, RefusesATokenWhoseClaimsAreTwisted) {
  const int64_t now = absl::ToUnixSeconds(kNow);
  struct Case {
    const char* name;
    std::function<void(json&)> twist;
    const char* reason = "TOKEN_INVALID";
  };
  const Case cases[] = {
      {"expired", [&](json& c) { c["exp"] = now - 61; }, "TOKEN_EXPIRED"},
      {"just expired", [&](json& c) { c["exp"] = now - 60; }, "TOKEN_EXPIRED"},
      {"never expires", [](json& c) { c.erase("exp"); }},
      {"an end that is text", [&](json& c) { c["exp"] = absl::StrCat(now + 600); }},
      {"an end before all time", [](json& c) { c["exp"] = -1; }},
      {"an end past all time", [](json& c) { c["exp"] = 1e300; }},
      {"not yet", [&](json& c) { c["nbf"] = now + 61; }},
      {"issued in the future", [&](json& c) { c["iat"] = now + 61; }},
      {"another issuer", [](json& c) { c["iss"] = "https://other.example"; }},
      {"an issuer with a slash more", [](json& c) { c["iss"] = "https://issuer.example/"; }},
      {"no issuer", [](json& c) { c.erase("iss"); }},
      {"another audience", [](json& c) { c["aud"] = "elsewhere"; }},
      {"other audiences",
       [](json& c) {
         c["aud"] = {"elsewhere", "fosterwatch2"};
       }},
      {"no audience", [](json& c) { c.erase("aud"); }},
      {"an ID token", [](json& c) { c["typ"] = "ID"; }},
      {"a refresh token", [](json& c) { c["typ"] = "Refresh"; }},
      {"nobody", [](json& c) { c.erase("sub"); }},
      {"an empty person", [](json& c) { c["sub"] = ""; }},
      {"a person with a line break", [](json& c) { c["sub"] = "a\nb"; }},
      {"no agency", [](json& c) { c.erase("agency"); }},
      {"an agency that is a list", [](json& c) { c["agency"] = {"northern"}; }},
      {"an agency that would break a key", [](json& c) { c["agency"] = "northern/event-1"; }},
      {"every agency for a person", [](json& c) { c["agency"] = "*"; }},
      {"every agency for a service that is also a person",
       [](json& c) {
         c["agency"] = "*";
         c["roles"] = {"service", "caseworker"};
       }},
      {"no roles", [](json& c) { c.erase("roles"); }},
      {"a role that is no list", [](json& c) { c["roles"] = "registered_manager"; }},
      {"a role that is a number", [](json& c) { c["roles"] = {3}; }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    json claims = GoodClaims();
    c.twist(claims);
    ExpectRefused(Sign(key_, GoodHeader(), claims.dump()), c.reason);
  }
}

TEST_F(VerifierTest, AllowsAMinuteBetweenClocks) {
  json claims = GoodClaims();
  claims["exp"] = absl::ToUnixSeconds(kNow) - 59;
  EXPECT_TRUE(verifier_->Verify(Sign(key_, GoodHeader(), claims.dump()), kNow).ok());
  claims = GoodClaims();
  claims["nbf"] = claims["iat"] = absl::ToUnixSeconds(kNow) + 59;
  EXPECT_TRUE(verifier_->Verify(Sign(key_, GoodHeader(), claims.dump()), kNow).ok());
}

TEST_F(VerifierTest, RefusesATokenOfAnotherShape) {
  const std::string good = Good();
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  const std::string cases[] = {
      "garbage",
      ".",
      "..",
      good.substr(0, good.size() - 1),
      parts[0] + "." + parts[1],
      parts[0] + "." + parts[1] + ".",
      good + ".",
      good + "." + parts[2],
      good + "=",
      good + " ",
      " " + good,
      good + "\n",
      "." + parts[1] + "." + parts[2],
      parts[0] + ".." + parts[2],
      parts[0] + "." + parts[2] + "." + parts[1],
      std::string(good.size(), '\0'),
      good.substr(0, 20) + std::string(1, '\0') + good.substr(20),
      // A message protected five times over is no token either.
      good + "." + parts[1] + "." + parts[2],
      std::string(1024 * 1024, 'a'),
      good + std::string(16 * 1024, 'A'),
  };
  for (const std::string& token : cases) {
    SCOPED_TRACE(token.substr(0, 100));
    ExpectRefused(token);
  }
  ExpectRefused("", "TOKEN_MISSING");
}

TEST_F(VerifierTest, RefusesATokenThatWasChangedInAnyByte) {
  const std::string good = Good();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier_->Verify(changed, kNow).ok()) << "byte " << i;
  }
}

TEST_F(VerifierTest, RefusesAClaimThatStandsTwice) {
  std::string claims = GoodClaims().dump();
  claims.insert(claims.size() - 1, R"(,"agency":"southern")");
  ExpectRefused(Sign(key_, GoodHeader(), claims));
  claims = GoodClaims().dump();
  claims.insert(claims.size() - 1, R"(,"more":{"a":1,"a":2})");
  ExpectRefused(Sign(key_, GoodHeader(), claims));
  ExpectRefused(Sign(key_, GoodHeader(), "[]"));
  ExpectRefused(Sign(key_, GoodHeader(), GoodClaims().dump() + "{}"));
}

TEST_F(VerifierTest, KnowsAGoodTokenAgainUntilItExpires) {
  const std::string token = Good();
  EXPECT_TRUE(verifier_->Verify(token, kNow).ok());
  EXPECT_TRUE(verifier_->Verify(token, kNow + absl::Minutes(10) + absl::Seconds(59)).ok());
  EXPECT_FALSE(verifier_->Verify(token, kNow + absl::Minutes(11)).ok());
}

TEST_F(VerifierTest, FollowsAKeySetThatIsChangedWhileItRuns) {
  const std::string token = Good();
  EXPECT_TRUE(verifier_->Verify(token, kNow).ok());
  const jose::Key next = EcKey();
  Write(file(), SetOf({{"key-2", &next}}).dump());
  json header = GoodHeader();
  header["kid"] = "key-2";
  const std::string new_token = Sign(next, header, GoodClaims().dump());
  // Looked at no sooner than after five seconds, whatever is asked.
  EXPECT_FALSE(verifier_->Verify(new_token, kNow + absl::Seconds(4)).ok());
  EXPECT_TRUE(verifier_->Verify(token, kNow + absl::Seconds(4)).ok());
  EXPECT_TRUE(verifier_->Verify(new_token, kNow + absl::Seconds(5)).ok());
  EXPECT_FALSE(verifier_->Verify(token, kNow + absl::Seconds(5)).ok()) << "its key was taken back";

  Write(file(), "half a file");
  EXPECT_TRUE(verifier_->Verify(new_token, kNow + absl::Seconds(11)).ok());
}

TEST_F(VerifierTest, UsesNoKeyThatIsTooWeakOrMeantForSomethingElse) {
  const jose::Key weak = RsaKey(1024);
  const jose::Key other_curve = EcKey(CJOSE_JWK_EC_P_384);
  json set = SetOf({{"weak", &weak}, {"curve", &other_curve}});
  json encryption = JsonOf(key_);
  encryption["kid"] = "encryption";
  encryption["use"] = "enc";
  set["keys"].push_back(encryption);
  json secret = {{"kty", "oct"}, {"kid", "secret"}, {"k", "c2VjcmV0"}};
  set["keys"].push_back(secret);
  json leaked = JsonOf(key_, true);
  leaked["kid"] = "leaked";
  set["keys"].push_back(leaked);
  json contradicting = JsonOf(rsa_);
  contradicting["kid"] = "contradicting";
  contradicting["alg"] = "PS256";
  set["keys"].push_back(contradicting);
  set["keys"].push_back(7);
  Write(folder_ / "odd.json", set.dump());
  EXPECT_EQ(Verifier::FromFile(folder_ / "odd.json", "i", "a").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Verifier::FromFile(folder_ / "none.json", "i", "a").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(LocalIssuerTest, IssuesTokensThatItsKeySetVerifies) {
  Folder folder;
  auto issuer = LocalIssuer::Open(folder / "deep/issuer");
  ASSERT_TRUE(issuer.ok()) << issuer.status();
  auto verifier = Verifier::FromFile((*issuer)->jwks_file(), kLocalIssuer, kAudience);
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  const Caller service{"fosterwatch-kpis", "*", {ROLE_SERVICE}, kNow + absl::Hours(1)};
  const auto token = (*issuer)->Issue(service, kNow);
  ASSERT_TRUE(token.ok());
  const auto caller = (*verifier)->Verify(*token, kNow);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->agency_id, "*");
  EXPECT_TRUE(caller->Has(ROLE_SERVICE));
  const auto of_three =
      (*issuer)->Issue({"p", "a", {ROLE_CASEWORKER}, kNow + absl::Hours(1), {"b", "c"}}, kNow);
  ASSERT_TRUE(of_three.ok());
  EXPECT_THAT((*verifier)->Verify(*of_three, kNow)->other_agencies, testing::ElementsAre("b", "c"));
}

TEST(LocalIssuerTest, KeepsItsKeyToItself) {
  Folder folder;
  ASSERT_TRUE(LocalIssuer::Open(folder / "issuer").ok());
  struct stat seen = {};
  ASSERT_EQ(stat((folder / "issuer/key.json").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((folder / "issuer").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0700u);
  EXPECT_THAT(Read(folder / "issuer/jwks.json"), testing::Not(testing::HasSubstr("\"d\"")));
}

TEST(LocalIssuerTest, ProcessesThatStartAtOnceShareOneKey) {
  Folder folder;
  std::vector<std::string> tokens(8);
  std::vector<std::thread> threads;
  for (std::string& token : tokens) {
    threads.emplace_back([&] {
      auto issuer = LocalIssuer::Open(folder / "issuer");
      ASSERT_TRUE(issuer.ok()) << issuer.status();
      token = *(*issuer)->Issue({"p", "a", {ROLE_CASEWORKER}, kNow + absl::Hours(1)}, kNow);
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto verifier = Verifier::FromFile(folder / "issuer/jwks.json", kLocalIssuer, kAudience);
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  for (const std::string& token : tokens) EXPECT_TRUE((*verifier)->Verify(token, kNow).ok());
  int files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder / "issuer")) {
    ++files;
  }
  EXPECT_EQ(files, 2) << "drafts were left";
}

TEST(RoleTest, WordsAndRolesAreInverse) {
  EXPECT_EQ(WordOfRole(ROLE_REGISTERED_MANAGER), "registered_manager");
  EXPECT_EQ(*RoleFromWord("registered_manager"), ROLE_REGISTERED_MANAGER);
  for (const char* word : {"", "unspecified", "Caseworker", "ROLE_CASEWORKER", "role_caseworker"}) {
    EXPECT_FALSE(RoleFromWord(word).ok()) << word;
  }
}

class SignInLinksTest : public testing::Test {
 protected:
  const Caller caller_{"cw1", "demonstration", {ROLE_CASEWORKER}, kNow + absl::Hours(8)};
  Folder folder_;
};

TEST_F(SignInLinksTest, ACodeWorksOnce) {
  const absl::Time until = absl::Now() + absl::Hours(1);
  Caller caller_of_two = caller_;
  caller_of_two.other_agencies = {"northern"};
  const auto code = MakeSignInCode(folder_ / "links", caller_of_two, until);
  ASSERT_TRUE(code.ok()) << code.status();
  const auto caller = TakeSignInCode(folder_ / "links", *code, absl::Now());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->person_id, "cw1");
  EXPECT_EQ(caller->agency_id, "demonstration");
  EXPECT_THAT(caller->other_agencies, testing::ElementsAre("northern"));
  EXPECT_THAT(caller->roles, testing::ElementsAre(ROLE_CASEWORKER));
  const auto again = TakeSignInCode(folder_ / "links", *code, absl::Now());
  EXPECT_EQ(again.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(again.status()), "SIGN_IN_CODE_NOT_VALID");
}

TEST_F(SignInLinksTest, OfManyWhoTakeACodeAtOnceOneGetsIt) {
  const auto code = MakeSignInCode(folder_ / "links", caller_, absl::Now() + absl::Hours(1));
  ASSERT_TRUE(code.ok());
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      if (TakeSignInCode(folder_ / "links", *code, absl::Now()).ok()) ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
}

TEST_F(SignInLinksTest, ACodeThatIsOverOrMadeUpIsUnknown) {
  const absl::Time until = absl::Now() + absl::Hours(1);
  const auto code = MakeSignInCode(folder_ / "links", caller_, until);
  ASSERT_TRUE(code.ok());
  EXPECT_FALSE(TakeSignInCode(folder_ / "links", *code, until + absl::Seconds(2)).ok());
  for (const char* made_up : {"", "x", "../../etc/passwd", "%2e%2e", "'; --"}) {
    EXPECT_FALSE(TakeSignInCode(folder_ / "links", made_up, absl::Now()).ok()) << made_up;
  }
}

TEST_F(SignInLinksTest, TheFolderHoldsNoCode) {
  const auto code = MakeSignInCode(folder_ / "links", caller_, absl::Now() + absl::Hours(1));
  ASSERT_TRUE(code.ok());
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "links")) {
    EXPECT_THAT(file.path().string(), testing::Not(testing::HasSubstr(*code)));
    EXPECT_THAT(Read(file.path()), testing::Not(testing::HasSubstr(*code)));
  }
}

}  // namespace
}  // namespace fosterwatch::auth
