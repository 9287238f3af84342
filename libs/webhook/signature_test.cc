#include "libs/webhook/signature.h"

#include <array>
#include <cstdio>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::webhook {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;

// The vector of the specification's own libraries.
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr char kBody[] = R"({"test": 2432232314})";
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const absl::Time kTime = absl::FromUnixSeconds(1614265330);

TEST(SignTest, GivesThePublishedSignature) {
  EXPECT_EQ(*Sign(kId, kTime, kBody, {kSecret}), kSignature);
}

TEST(SignTest, AgreesWithOpenSsl) {
  const std::string secret = NewSecret();
  std::string key;
  ASSERT_TRUE(absl::Base64Unescape(secret.substr(6), &key));
  const std::string command = absl::StrCat(
      "printf %s '", kId, ".1614265330.", kBody,
      "' | openssl dgst -sha256 -mac HMAC -macopt hexkey:", absl::BytesToHexString(key),
      " -binary | openssl base64 -A");
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 200> answer{};
  const size_t size = std::fread(answer.data(), 1, answer.size(), pipe);
  ASSERT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(*Sign(kId, kTime, kBody, {secret}),
            absl::StrCat("v1,", absl::string_view(answer.data(), size)));
}

TEST(SignTest, SignsWithEachSecretWhileOneReplacesTheOther) {
  const std::string newer = NewSecret();
  const std::string header = *Sign(kId, kTime, kBody, {newer, kSecret});
  EXPECT_TRUE(absl::EndsWith(header, absl::StrCat(" ", kSignature)));
  EXPECT_THAT(Verify(kId, "1614265330", header, kBody, newer, kTime), IsOk());
  EXPECT_THAT(Verify(kId, "1614265330", header, kBody, kSecret, kTime), IsOk());
}

TEST(SignTest, RefusesWhatCouldBeSignedTwice) {
  EXPECT_THAT(Sign("a.1", kTime, kBody, {kSecret}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Sign("", kTime, kBody, {kSecret}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Sign(kId, kTime, kBody, {}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SignTest, RefusesWhatIsNoSecret) {
  const std::string short_key = absl::StrCat("whsec_", absl::Base64Escape(std::string(23, 'k')));
  const std::string long_key = absl::StrCat("whsec_", absl::Base64Escape(std::string(65, 'k')));
  for (const std::string& secret :
       {std::string(), std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), std::string("whsec_"),
        std::string("whsec_!!"), short_key, long_key}) {
    EXPECT_THAT(Sign(kId, kTime, kBody, {secret}), StatusIs(absl::StatusCode::kInvalidArgument))
        << secret;
  }
}

TEST(NewSecretTest, IsAnotherOneEachTime) {
  EXPECT_NE(NewSecret(), NewSecret());
  EXPECT_EQ(NewSecret().size(), 6u + 44u);
}

TEST(VerifyTest, RefusesWhatIsNotTheSame) {
  const auto refused = StatusIs(absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(Verify(kId, "1614265330", kSignature, kBody, kSecret, kTime), IsOk());
  EXPECT_THAT(Verify("msg_other", "1614265330", kSignature, kBody, kSecret, kTime), refused);
  EXPECT_THAT(Verify(kId, "1614265331", kSignature, kBody, kSecret, kTime), refused);
  EXPECT_THAT(Verify(kId, "1614265330", kSignature, R"({"test":2432232314})", kSecret, kTime),
              refused);
  EXPECT_THAT(Verify(kId, "1614265330", kSignature, kBody, NewSecret(), kTime), refused);
  for (const char* header : {"", "v1,", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                             "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}) {
    EXPECT_THAT(Verify(kId, "1614265330", header, kBody, kSecret, kTime), refused) << header;
  }
}

TEST(VerifyTest, RefusesAReplayAfterFiveMinutes) {
  const auto verify = [](absl::Duration later) {
    return Verify(kId, "1614265330", kSignature, kBody, kSecret, kTime + later);
  };
  EXPECT_THAT(verify(absl::Minutes(5)), IsOk());
  EXPECT_THAT(verify(-absl::Minutes(5)), IsOk());
  EXPECT_THAT(verify(absl::Minutes(5) + absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(verify(-absl::Minutes(5) - absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace fosterwatch::webhook
