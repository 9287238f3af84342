// When a browser's session ends, and where it goes on.
#include <string>
#include <vector>

#include "gmock/gmock.h"

#include "libs/auth/sign_in_links.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

constexpr char kKeepSession[] = "/fosterwatch.gateway.v1.SessionService/KeepSession";

class GatewayLimitsTest : public GatewayTest {
 protected:
  GatewayLimitsTest() {
    // A whole second: tokens know no parts of one.
    time_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
    now_ = [this] { return time_; };
  }

  HttpAnswer SignIn(const Headers& headers = {}) {
    const std::string code =
        *auth::MakeSignInCode(links(), CallerOf(ROLE_REGISTERED_MANAGER), time_ + absl::Hours(1));
    return Exchange(HttpText("GET", "/signin?code=" + code, headers));
  }
  static std::string CookieOf(const HttpAnswer& answer) {
    const auto set = answer.headers.find("set-cookie");
    return set == answer.headers.end() ? "" : set->second.substr(0, set->second.find(';'));
  }
  HttpAnswer Call(const std::string& path, const std::string& cookie) {
    return Exchange(HttpText("POST", path,
                             {{"Cookie", cookie},
                              {"Content-Type", "application/json"},
                              {"Connect-Protocol-Version", "1"},
                              {"Origin", "http://gateway.test"}},
                             "{}"));
  }
  static std::string At(absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  }

  absl::Time time_;
};

TEST_F(GatewayLimitsTest, ASessionEndsAfterHalfAnHourWithoutAnybodyToTheSecond) {
  StartGateway();
  const absl::Time begun = time_;
  const HttpAnswer signed_in = SignIn();
  const std::string cookie = CookieOf(signed_in);
  EXPECT_THAT(signed_in.headers.at("set-cookie"), HasSubstr("Max-Age=1800;"));
  time_ = begun + absl::Minutes(30) - absl::Seconds(1);
  const HttpAnswer session = Call(kGetSession, cookie);
  ASSERT_EQ(session.status, 200) << session.body;
  const Json said = Json::parse(session.body);
  EXPECT_EQ(said["expireTime"], At(begun + absl::Minutes(30)));
  EXPECT_EQ(said["endTime"], At(begun + absl::Hours(12)));
  EXPECT_EQ(said["saidTime"], At(time_));
  EXPECT_EQ(said["warning"], "120s");
  time_ = begun + absl::Minutes(30);
  const HttpAnswer over = Call(kGetSession, cookie);
  EXPECT_EQ(over.status, 401);
  EXPECT_EQ(ReasonIn(over), "TOKEN_EXPIRED");
  // What has ended is not kept.
  EXPECT_EQ(Call(kKeepSession, cookie).status, 401);
}

TEST_F(GatewayLimitsTest, WhoeverIsThereKeepsItForTwelveHoursAndNoLonger) {
  StartGateway();
  const absl::Time begun = time_;
  std::string cookie = CookieOf(SignIn());
  int kept = 0;
  while (time_ + absl::Minutes(29) < begun + absl::Hours(12)) {
    time_ += absl::Minutes(29);
    const HttpAnswer answer = Call(kKeepSession, cookie);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(Json::parse(answer.body)["expireTime"],
              At(std::min(time_ + absl::Minutes(30), begun + absl::Hours(12))));
    EXPECT_THAT(answer.headers.at("set-cookie"), HasSubstr("HttpOnly; SameSite=Lax"));
    // The one before goes on to its own end only.
    EXPECT_EQ(Call(kGetSession, cookie).status, 200);
    cookie = CookieOf(answer);
    ++kept;
  }
  EXPECT_EQ(kept, 24);
  time_ = begun + absl::Hours(12) - absl::Seconds(1);
  EXPECT_EQ(Call(kGetSession, cookie).status, 200);
  time_ = begun + absl::Hours(12);
  EXPECT_EQ(Call(kGetSession, cookie).status, 401);
  EXPECT_EQ(Call(kKeepSession, cookie).status, 401);
}

TEST_F(GatewayLimitsTest, ReadingDoesNotKeepItAndAProgramHasNone) {
  sessions_.idle = absl::Seconds(90);
  StartGateway();
  const HttpAnswer signed_in = SignIn();
  const HttpAnswer read = Call(kGetSession, CookieOf(signed_in));
  EXPECT_EQ(read.headers.count("set-cookie"), 0u);
  // It warns no earlier than a third of it is left.
  EXPECT_EQ(Json::parse(read.body)["warning"], "30s");
  const HttpAnswer program = Rpc(kKeepSession, "{}");
  EXPECT_EQ(program.status, 400);
  EXPECT_EQ(ReasonIn(program), "NO_SESSION");
  EXPECT_EQ(program.headers.count("set-cookie"), 0u);
  EXPECT_FALSE(Json::parse(Rpc(kGetSession, "{}").body).contains("endTime"));
}

TEST_F(GatewayLimitsTest, ASessionEndsWithAnAppointmentAndANewOneIsWithoutIt) {
  std::vector<Role> lost;
  sessions_.lost = [&lost](const auth::Caller&) { return lost; };
  StartGateway();
  const std::string cookie = CookieOf(SignIn());
  EXPECT_EQ(Call(kGetSession, cookie).status, 200);
  lost = {ROLE_REGISTERED_MANAGER};
  const HttpAnswer ended = Call(kGetSession, cookie);
  EXPECT_EQ(ended.status, 401);
  EXPECT_EQ(ReasonIn(ended), "APPOINTMENT_ENDED");
  EXPECT_EQ(Call(kKeepSession, cookie).status, 401);
  EXPECT_EQ(Call(kGetBody, cookie).status, 401);
  // Nobody begins one without a role that is left.
  const HttpAnswer again = SignIn();
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(CookieOf(again), "");
  EXPECT_THAT(again.body, HasSubstr("appointment"));
  // Another person's role is not theirs.
  lost = {ROLE_TEAM_MANAGER};
  EXPECT_EQ(Call(kGetSession, cookie).status, 200);
}

TEST_F(GatewayLimitsTest, SignsInBackToThePageThatWasLeft) {
  StartGateway();
  const HttpAnswer asked =
      Exchange(HttpText("GET", "/signin?to=%2Fevents%2F0190-abc%3Fpage%3D2", {}));
  const std::string page = CookieOf(asked);
  EXPECT_EQ(page, "fosterwatch_page=/events/0190-abc?page=2");
  const HttpAnswer signed_in = SignIn({{"Cookie", page}});
  EXPECT_EQ(signed_in.status, 303);
  EXPECT_EQ(signed_in.headers.at("location"), "/events/0190-abc?page=2");
  // Nowhere else, whatever the cookie came to say.
  EXPECT_EQ(SignIn({{"Cookie", "fosterwatch_page=//evil.test"}}).headers.at("location"), "/");
  EXPECT_EQ(Exchange(HttpText("GET", "/signin?to=%2F%2Fevil.test", {})).headers.count("set-cookie"),
            0u);
}

TEST(IsOwnPageTest, IsAPathOfThisHostWhateverABrowserMakesOfIt) {
  for (const char* page : {"/", "/events", "/events/0190-abc?page=2&state=open", "/a%20b"}) {
    EXPECT_TRUE(gateway::IsOwnPage(page)) << page;
  }
  for (const char* foreign :
       {"", "events", "//evil.test", "https://evil.test", "/\\evil.test", "/a\r\nSet-Cookie: a=b",
        "/\t/evil.test", "javascript:alert(1)", "/a;b", "/a\"b", "/<script>"}) {
    EXPECT_FALSE(gateway::IsOwnPage(foreign)) << foreign;
  }
  EXPECT_FALSE(gateway::IsOwnPage("/" + std::string(1000, 'a')));
}

}  // namespace
}  // namespace fosterwatch::testing
