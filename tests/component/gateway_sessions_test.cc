// Signing in by a link, the session cookie, and the pages that it is for.
#include <string>
#include <thread>

#include "gmock/gmock.h"

#include "libs/auth/sign_in_links.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

TEST_F(GatewayTest, SignsInOnceByALinkAndOutAgain) {
  StartGateway();
  const std::string code = *auth::MakeSignInCode(links(), CallerOf(ROLE_REGISTERED_MANAGER),
                                                 absl::Now() + absl::Hours(1));
  EXPECT_EQ(Exchange(HttpText("HEAD", "/signin?code=" + code, {})).status, 405);
  const HttpAnswer signed_in = Exchange(HttpText("GET", "/signin?code=" + code, {}));
  EXPECT_EQ(signed_in.status, 303);
  EXPECT_EQ(signed_in.headers.at("location"), "/");
  const std::string set = signed_in.headers.at("set-cookie");
  EXPECT_THAT(set, HasSubstr("HttpOnly"));
  EXPECT_THAT(set, HasSubstr("SameSite=Lax"));
  EXPECT_THAT(set, HasSubstr("Path=/;"));
  EXPECT_THAT(set, Not(HasSubstr("Secure")));
  const std::string cookie = set.substr(0, set.find(';'));

  const Headers page = {{"Cookie", "other=1; " + cookie},
                        {"Content-Type", "application/json"},
                        {"Connect-Protocol-Version", "1"},
                        {"Origin", "http://gateway.test"}};
  const HttpAnswer session = Exchange(HttpText("POST", kGetSession, page, "{}"));
  EXPECT_EQ(session.status, 200) << session.body;
  EXPECT_EQ(Json::parse(session.body)["roles"], Json({"ROLE_REGISTERED_MANAGER"}));
  EXPECT_EQ(Json::parse(session.body)["agencyId"], "oakley");
  EXPECT_EQ(Exchange(HttpText("POST", kGetBody, page, "{}")).status, 200);

  const HttpAnswer again = Exchange(HttpText("GET", "/signin?code=" + code, {}));
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(again.headers.count("set-cookie"), 0u);
  EXPECT_THAT(again.body, HasSubstr("no longer works"));

  const HttpAnswer out = Exchange(HttpText("POST", "/signout", page, ""));
  EXPECT_EQ(out.status, 303);
  EXPECT_THAT(out.headers.at("set-cookie"), HasSubstr("fosterwatch_session=; Path=/; Max-Age=0"));
}

TEST_F(GatewayTest, TakesACookieFromItsOwnPagesOnly) {
  StartGateway();
  const std::string cookie = "fosterwatch_session=" + Token();
  const struct {
    Headers headers;
    int status;
  } cases[] = {
      {{{"Origin", "http://gateway.test"}, {"Connect-Protocol-Version", "1"}}, 200},
      {{{"Sec-Fetch-Site", "same-origin"}, {"Connect-Protocol-Version", "1"}}, 200},
      {{{"Origin", "http://gateway.test"}}, 403},
      {{{"Connect-Protocol-Version", "1"}}, 403},
      {{{"Origin", "http://evil.test"}, {"Connect-Protocol-Version", "1"}}, 403},
      {{{"Origin", "https://gateway.test"}, {"Connect-Protocol-Version", "1"}}, 403},
      {{{"Origin", "null"}, {"Connect-Protocol-Version", "1"}}, 403},
      {{{"Origin", "http://evil.test"},
        {"Sec-Fetch-Site", "same-origin"},
        {"Connect-Protocol-Version", "1"}},
       403},
      {{{"Sec-Fetch-Site", "same-site"}, {"Connect-Protocol-Version", "1"}}, 403},
  };
  for (const auto& c : cases) {
    Headers headers = c.headers;
    headers["Cookie"] = cookie;
    headers["Content-Type"] = "application/json";
    const HttpAnswer answer = Exchange(HttpText("POST", kGetSession, headers, "{}"));
    EXPECT_EQ(answer.status, c.status) << HttpText("POST", kGetSession, c.headers);
    EXPECT_EQ(ReasonIn(answer), c.status == 403 ? "SAME_ORIGIN_REQUIRED" : "");
  }
  EXPECT_EQ(
      Exchange(HttpText("POST", "/signout", {{"Cookie", cookie}, {"Origin", "http://evil.test"}}))
          .status,
      403);
  // Not even then at the intake, which is for programs.
  EXPECT_EQ(Exchange(HttpText("POST", "/v1/events",
                              {{"Cookie", cookie}, {"Origin", "http://gateway.test"}}, "{}"))
                .status,
            401);
}

TEST_F(GatewayTest, MakesTheCookieSecureBehindHttps) {
  public_url_ = "https://fosterwatch.example";
  StartGateway();
  const std::string code =
      *auth::MakeSignInCode(links(), CallerOf(ROLE_CASEWORKER), absl::Now() + absl::Hours(1));
  const HttpAnswer answer = Exchange(HttpText("GET", "/signin?code=" + code, {}));
  EXPECT_THAT(answer.headers.at("set-cookie"), HasSubstr("__Host-fosterwatch_session="));
  EXPECT_THAT(answer.headers.at("set-cookie"), HasSubstr("; Secure"));
  EXPECT_EQ(answer.headers.count("strict-transport-security"), 1u);
}

TEST_F(GatewayTest, ServesTheWebApplication) {
  StartGateway();
  for (const char* page : {"/", "/index.html", "/events/0190-abc", "/alerts?state=open"}) {
    const HttpAnswer answer = Exchange(HttpText("GET", page, {}));
    EXPECT_EQ(answer.status, 200) << page;
    EXPECT_THAT(answer.body, HasSubstr("<title>Fosterwatch</title>")) << page;
    EXPECT_EQ(answer.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
    EXPECT_THAT(answer.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.at("referrer-policy"), "same-origin");
  }
  const HttpAnswer asset =
      Exchange(HttpText("GET", "/assets/main-Ab12.js", {{"Accept-Encoding", "gzip"}}));
  EXPECT_EQ(asset.headers.at("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(asset.headers.at("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(asset.headers.at("content-encoding"), "gzip");
  EXPECT_LT(asset.body.size(), 4000u);
  const HttpAnswer head = Exchange(HttpText("HEAD", "/", {}));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "41");
  EXPECT_EQ(Exchange(HttpText("POST", "/", {}, "x")).status, 405);
  EXPECT_EQ(Exchange(HttpText("GET", "/v1/nothing", {})).status, 404);
}

TEST_F(GatewayTest, ServesNoFileOutsideOfTheWebApplication) {
  std::filesystem::create_symlink(folder_ + "/secret.txt", web() + "/link.txt");
  StartGateway();
  for (const char* path :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt",
        "//secret.txt", "/link.txt", "/assets/missing.js", "/favicon.ico"}) {
    const HttpAnswer answer = Exchange(HttpText("GET", path, {}));
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("secret"))) << path;
  }
}

}  // namespace
}  // namespace fosterwatch::testing
