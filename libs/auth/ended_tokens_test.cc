// What was taken back is refused, with all that was made from it, and nothing else is.
#include "libs/auth/ended_tokens.h"

#include <string>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "libs/auth/jose.h"
#include "libs/auth/test_tokens.h"
#include "libs/auth/token.h"
#include "libs/status/error.h"

namespace fosterwatch::auth {
namespace {

using options::v1::ROLE_CASEWORKER;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

class EndedTokensTest : public testing::Test {
 protected:
  EndedTokensTest() {
    issuer_ = *LocalIssuer::Open(folder_ / "issuer");
    verifier_ = *Verifier::FromFile(issuer_->jwks_file(), kLocalIssuer, kAudience);
  }

  std::string Token(const std::string& person = "person-1", const std::string& agency = "northern",
                    absl::Time issued = kNow, const std::string& token_id = "") {
    Caller caller{person, agency, {ROLE_CASEWORKER}, kNow + absl::Hours(1)};
    caller.token_id = token_id;
    return *issuer_->Issue(caller, issued);
  }
  // "" where it is good.
  std::string Refused(const std::string& token) {
    return ReasonOf(verifier_->Verify(token, kNow).status());
  }
  Caller CallerOf(const std::string& token) { return *verifier_->Verify(token, kNow); }

  Folder folder_;
  std::unique_ptr<LocalIssuer> issuer_;
  std::unique_ptr<Verifier> verifier_;
};

TEST_F(EndedTokensTest, ATokenIsRefusedWithAllOfItsSessionAndNoOther) {
  const std::string token = Token();
  const Caller caller = CallerOf(token);
  ASSERT_FALSE(caller.token_id.empty());
  // Issued anew, as for who stays.
  const std::string kept = *issuer_->Issue(caller, kNow);
  EXPECT_NE(kept, token);
  EXPECT_EQ(CallerOf(kept).token_id, caller.token_id);
  const std::string other = Token();
  EXPECT_NE(CallerOf(other).token_id, caller.token_id);

  verifier_->ended().Add({{"northern", caller.token_id, "", {}, kNow + absl::Hours(24)}});
  EXPECT_EQ(Refused(token), "TOKEN_ENDED");
  EXPECT_EQ(Refused(kept), "TOKEN_ENDED");
  EXPECT_EQ(Refused(other), "");
  // Whose it was is told to who keeps a log of it.
  Caller over;
  EXPECT_FALSE(verifier_->Verify(token, kNow, &over).ok());
  EXPECT_EQ(over.person_id, "person-1");
  // Another agency's entry says nothing of ours.
  verifier_->ended().Add({{"southern", CallerOf(other).token_id, "", {}, kNow + absl::Hours(24)}});
  EXPECT_EQ(Refused(other), "");
}

TEST_F(EndedTokensTest, WhoIsShutOutHasNoneThatWasIssuedUntilThen) {
  const std::string before = Token("case-system", "northern", kNow - absl::Hours(100));
  const std::string then = Token("case-system");
  const std::string after = Token("case-system", "northern", kNow + absl::Seconds(1));
  verifier_->ended().Add({{"northern", "", "case-system", kNow, kNow + absl::Hours(24)}});
  EXPECT_EQ(Refused(before), "TOKEN_ENDED");
  EXPECT_EQ(Refused(then), "TOKEN_ENDED");
  EXPECT_EQ(Refused(after), "");
  EXPECT_EQ(Refused(Token("person-1")), "");
  EXPECT_EQ(Refused(Token("case-system", "southern")), "");
  // What is read again later takes nothing back.
  verifier_->ended().Add(
      {{"northern", "", "case-system", kNow - absl::Hours(1), kNow + absl::Hours(24)}});
  EXPECT_EQ(Refused(then), "TOKEN_ENDED");
}

TEST_F(EndedTokensTest, ATokenWithoutAnIdOrATimeCanBeTakenBackToo) {
  const jose::Key key = EcKey();
  Write(folder_ / "jwks.json", SetOf({{"key-1", &key}}).dump());
  verifier_ = *Verifier::FromFile(folder_ / "jwks.json", "https://issuer.example", kAudience);
  const int64_t now = absl::ToUnixSeconds(kNow);
  nlohmann::json claims = {{"iss", "https://issuer.example"},
                           {"aud", "fosterwatch"},
                           {"sub", "person-1"},
                           {"agency", "northern"},
                           {"roles", {"caseworker"}},
                           {"exp", now + 600}};
  const nlohmann::json header = {{"alg", "ES256"}, {"kid", "key-1"}, {"typ", "at+jwt"}};
  const std::string bare = Sign(key, header, claims.dump());
  const Caller caller = CallerOf(bare);
  EXPECT_EQ(caller.token_id.size(), 43u);  // its hash
  claims["jti"] = "a-1";
  EXPECT_EQ(CallerOf(Sign(key, header, claims.dump())).token_id, "a-1");
  claims["jti"] = "no id\n";
  EXPECT_EQ(CallerOf(Sign(key, header, claims.dump())).token_id.size(), 43u);
  verifier_->ended().Add({{"northern", caller.token_id, "", {}, kNow + absl::Hours(24)}});
  EXPECT_EQ(Refused(bare), "TOKEN_ENDED");
  // One that does not say when it was issued may be from before.
  verifier_->ended().Add({{"northern", "", "person-1", kNow, kNow + absl::Hours(24)}});
  EXPECT_EQ(Refused(Sign(key, header, claims.dump())), "TOKEN_ENDED");
}

TEST(EndedTokensListTest, ForgetsWhatSaysNothingMore) {
  EndedTokens ended;
  EXPECT_FALSE(ended.known());
  ended.Add({{"northern", "a-1", "", {}, kNow + absl::Hours(1)},
             {"northern", "", "person-1", kNow, kNow + absl::Hours(2)}});
  ended.SetRead(kNow);
  EXPECT_TRUE(ended.known());
  EXPECT_EQ(ended.size(), 2u);
  ended.SetRead(kNow + absl::Hours(1));
  EXPECT_EQ(ended.size(), 1u);
  ended.SetRead(kNow + absl::Hours(2));
  EXPECT_EQ(ended.size(), 0u);
}

}  // namespace
}  // namespace fosterwatch::auth
