// Headers of proxies that nobody asked, and requests that two readers might cut apart at different
// places: the first change nothing, of the second no part is answered as a request of its own.
#include <string>
#include <vector>

#include "gmock/gmock.h"

#include "libs/auth/sign_in_links.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace options::v1;  // NOLINT: roles

class GatewayForgedTest : public GatewayTest {
 protected:
  // Everything that comes back until the gateway closes.
  std::string AllOf(const std::string& text) const {
    HttpConnection connection(port());
    connection.Send(text);
    connection.EndSending();
    return connection.ReadToEnd();
  }

  static size_t AnswersIn(const std::string& text) {
    size_t answers = 0;
    for (size_t at = 0; (at = text.find("HTTP/1.1 ", at)) != std::string::npos; ++at) ++answers;
    return answers;
  }
};

// What a proxy says of where a request came from, as nobody's proxy says it.
const std::vector<std::pair<std::string, std::string>>& Forged() {
  static const auto* const headers = new std::vector<std::pair<std::string, std::string>>{
      {"X-Forwarded-For", "127.0.0.1"},
      {"X-Forwarded-Host", "evil.test"},
      {"X-Forwarded-Server", "evil.test"},
      {"X-Forwarded-Port", "4443"},
      {"X-Forwarded-Proto", "https"},
      {"X-Forwarded-Scheme", "https"},
      {"X-Forwarded-Ssl", "on"},
      {"X-Forwarded-Prefix", "/evil"},
      {"X-Forwarded-User", "person-2"},
      {"Front-End-Https", "on"},
      {"Forwarded", "for=127.0.0.1;host=evil.test;proto=https"},
      {"Via", "1.1 evil.test"},
      {"X-Real-IP", "127.0.0.1"},
      {"X-Client-IP", "127.0.0.1"},
      {"True-Client-IP", "127.0.0.1"},
      {"CF-Connecting-IP", "127.0.0.1"},
      {"X-Host", "evil.test"},
      {"X-Original-Host", "evil.test"},
      {"X-Original-URL", "/livez"},
      {"X-Rewrite-URL", "/livez"},
      {"X-HTTP-Method", "GET"},
      {"X-HTTP-Method-Override", "GET"},
      {"X-Method-Override", "GET"},
      {"X-User-Id", "person-2"},
      {"X-Remote-User", "person-2"},
      {"X-Agency-Id", "elsewhere"},
      {"X-Roles", "ROLE_ADMINISTRATOR"},
      {"X-SSL-Client-Verify", "SUCCESS"},
      {"X-Forwarded-Client-Cert", "Subject=\"CN=carers\""},
  };
  return *headers;
}

TEST_F(GatewayForgedTest, WhatAProxyMightSayChangesNoAnswer) {
  StartGateway();
  const auto without_date = [](HttpAnswer answer) {
    answer.headers.erase("date");
    return answer;
  };
  const struct {
    std::string method, path;
    Headers headers;
    std::string body;
  } requests[] = {
      {"GET", "/", {}, ""},
      {"GET", "/livez", {}, ""},
      {"GET", "/v1/none", {}, ""},
      {"GET", "/signin?code=none", {}, ""},
      {"POST", "/signin?code=none", {}, ""},
      {"POST", "/signout", {}, ""},
      {"POST", kGetBody, {{"Content-Type", "application/json"}}, "{}"},
      {"POST",
       kGetBody,
       {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + Token()}},
       R"({"bodyId": "a"})"},
  };
  for (const auto& request : requests) {
    const auto plain = without_date(
        Exchange(HttpText(request.method, request.path, request.headers, request.body)));
    Headers all = request.headers;
    for (const auto& [name, value] : Forged()) {
      Headers one = request.headers;
      one[name] = value;
      all[name] = value;
      const auto told =
          without_date(Exchange(HttpText(request.method, request.path, one, request.body)));
      EXPECT_EQ(told.status, plain.status) << request.path << " with " << name;
      EXPECT_EQ(told.headers, plain.headers) << request.path << " with " << name;
      EXPECT_EQ(told.body, plain.body) << request.path << " with " << name;
    }
    const auto told =
        without_date(Exchange(HttpText(request.method, request.path, all, request.body)));
    EXPECT_EQ(told.headers, plain.headers) << request.path << " with all of them";
    EXPECT_EQ(told.body, plain.body) << request.path << " with all of them";
  }
}

// Neither makes the cookie of a page that is not behind https secure, which would lose it, nor the
// other way round, nor leads a redirect away.
TEST_F(GatewayForgedTest, NoneOfItReachesACookieOrARedirect) {
  for (const std::string url : {"http://gateway.test", "https://gateway.test"}) {
    if (gateway_ != nullptr) gateway_->Stop(absl::Seconds(1));
    public_url_ = url;
    StartGateway();
    const auto sign_in = [&](const Headers& headers, const std::string& host) {
      const std::string code =
          *auth::MakeSignInCode(links(), CallerOf(ROLE_CASEWORKER), absl::Now() + absl::Hours(1));
      std::string text = HttpText("GET", "/signin?code=" + code + "&to=//evil.test/", headers);
      text.replace(text.find("gateway.test"), 12, host);
      return Exchange(text);
    };
    Headers all;
    for (const auto& [name, value] : Forged()) all[name] = value;
    all["X-Forwarded-Proto"] = url == "http://gateway.test" ? "https" : "http";
    for (const std::string host : {"gateway.test", "gateway.test:1", "evil.test", "evil.test:443",
                                   "127.0.0.1", "user@gateway.test", "gateway.test, evil.test"}) {
      const HttpAnswer answer = sign_in(all, host);
      ASSERT_EQ(answer.status, 303) << host;
      EXPECT_EQ(answer.headers.at("location"), "/") << host;
      const std::string cookie = answer.headers.at("set-cookie");
      EXPECT_THAT(cookie, Not(HasSubstr("Domain"))) << host;
      EXPECT_EQ(absl::StrContains(cookie, "; Secure"), absl::StartsWith(url, "https")) << host;
      EXPECT_EQ(answer.headers.count("strict-transport-security"),
                absl::StartsWith(url, "https") ? 1u : 0u);
    }
  }
}

// Of what stands twice, or may be read in two ways, nothing is taken.
TEST_F(GatewayForgedTest, WhatTwoReadersMightCutApartIsRefused) {
  StartGateway();
  const std::string smuggled = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post = absl::StrCat("POST ", kGetBody, " HTTP/1.1\r\nHost: x\r\n");
  const std::string chunk = absl::StrCat("0\r\n\r\n", smuggled);
  const std::pair<const char*, std::string> shapes[] = {
      {"CL.TE", post + "Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk},
      {"TE.CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunk},
      {"two lengths", post + "Content-Length: 0\r\nContent-Length: 34\r\n\r\n" + smuggled},
      {"a list of lengths", post + "Content-Length: 0, 34\r\n\r\n" + smuggled},
      {"a signed length", post + "Content-Length: +0\r\n\r\n" + smuggled},
      {"a negative length", post + "Content-Length: -1\r\n\r\n" + smuggled},
      {"a length in hexadecimal", post + "Content-Length: 0x0\r\n\r\n" + smuggled},
      {"a length past all numbers",
       post + "Content-Length: 18446744073709551616\r\n\r\n" + smuggled},
      {"a length with a space in it", post + "Content-Length: 0 0\r\n\r\n" + smuggled},
      {"a space before the colon", post + "Content-Length : 0\r\n\r\n" + smuggled},
      {"TE with a space before the colon",
       post + "Content-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n" + chunk},
      {"a folded TE", post + "Content-Length: 4\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + chunk},
      {"a TE that nobody knows", post + "Transfer-Encoding: xchunked\r\n\r\n" + chunk},
      {"a TE that nobody knows, and a length",
       post + "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + smuggled},
      {"chunked, and then not", post + "Transfer-Encoding: chunked, identity\r\n\r\n" + chunk},
      {"TE twice",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunk},
      {"chunked in HTTP/1.0", absl::StrCat("POST ", kGetBody,
                                           " HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n"
                                           "Transfer-Encoding: chunked\r\n\r\n",
                                           chunk)},
      {"a chunk without a number", post + "Transfer-Encoding: chunked\r\n\r\nx\r\n" + smuggled},
      {"a chunk past all numbers",
       post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + smuggled},
      {"a chunk that is longer than it says",
       post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n" + chunk},
      {"lines that end bare",
       absl::StrCat("POST ", kGetBody, " HTTP/1.1\nHost: x\nContent-Length: 0\n\n", smuggled)},
      {"a bare end within a header", post + "X: a\nContent-Length: 34\r\n\r\n" + smuggled},
      {"a bare return within a header", post + "X: a\rContent-Length: 34\r\n\r\n" + smuggled},
      {"a NUL within a header", post + std::string("X: a\0b\r\n\r\n", 9) + smuggled},
      {"no name before the colon", post + ": a\r\n\r\n" + smuggled},
      {"two hosts", post + "Host: y\r\nContent-Length: 0\r\n\r\n" + smuggled},
      {"a fold in the first header",
       absl::StrCat("POST ", kGetBody, " HTTP/1.1\r\n Host: x\r\n\r\n", smuggled)},
      {"absolute", "GET http://gateway.test/livez HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled},
      {"absolute, to somebody else",
       "GET http://169.254.169.254/ HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled},
      {"a tunnel", "CONNECT evil.test:443 HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled},
      {"of no path", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled},
      {"a path with a space", "GET /livez HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled},
      {"another version", "GET /livez HTTP/2.0\r\nHost: x\r\n\r\n" + smuggled},
  };
  for (const auto& [shape, text] : shapes) {
    const std::string told = AllOf(text);
    EXPECT_THAT(told, HasSubstr("HTTP/1.1 400 ")) << shape;
    EXPECT_EQ(AnswersIn(told), 1u) << shape << ": " << told;
    EXPECT_THAT(told, Not(HasSubstr("alive"))) << shape;
  }
  // As it should be it is answered, and so is what follows.
  EXPECT_EQ(AnswersIn(AllOf(post + "Content-Length: 0\r\n\r\n" + smuggled)), 2u);
  EXPECT_EQ(AnswersIn(AllOf(post + "Transfer-Encoding: chunked\r\n\r\n" + chunk)), 2u);
}

// A second one of a header that says who asks is no second chance.
TEST_F(GatewayForgedTest, OfTwoTokensOrOriginsNoneIsTaken) {
  StartGateway();
  const auto ask = [&](const std::vector<std::string>& lines) {
    std::string text = absl::StrCat("POST ", kGetSession,
                                    " HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 2\r\n"
                                    "Content-Type: application/json\r\n"
                                    "Connect-Protocol-Version: 1\r\n");
    for (const std::string& line : lines) absl::StrAppend(&text, line, "\r\n");
    return Exchange(absl::StrCat(text, "\r\n{}")).status;
  };
  const std::string good = "Authorization: Bearer " + Token();
  const std::string bad = "Authorization: Bearer x";
  const std::string cookie = "Cookie: fosterwatch_session=" + Token();
  EXPECT_EQ(ask({good}), 200);
  EXPECT_EQ(ask({good, bad}), 400);
  EXPECT_EQ(ask({bad, good}), 400);
  EXPECT_EQ(ask({cookie, "Origin: http://gateway.test"}), 200);
  EXPECT_EQ(ask({cookie, "Origin: http://gateway.test", "Origin: http://evil.test"}), 400);
  EXPECT_EQ(ask({cookie, "Origin: http://evil.test", "Origin: http://gateway.test"}), 400);
  EXPECT_EQ(ask({cookie, "X-Forwarded-Host: evil.test", "Origin: http://evil.test"}), 403);
  EXPECT_EQ(ask({cookie, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"}), 400);
}

}  // namespace
}  // namespace fosterwatch::testing
