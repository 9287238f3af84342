#include "libs/webhook/client.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"
#include "libs/webhook/signature.h"
#include "libs/webhook/testing/scripted_http_server.h"

namespace fosterwatch::webhook {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::ScriptedHttpServer;
using ::fosterwatch::testing::TestAuthority;
using ::testing::SizeIs;
using Answer = ScriptedHttpServer::Answer;
using Fault = Answer::Fault;
using Outcome = Result::Outcome;

const std::function<bool()> kGoOn = [] { return false; };

class ClientTest : public ::testing::Test {
 protected:
  Client::Options Options() const {
    Client::Options options;
    options.allowed = *Networks::Parse("127.0.0.1");
    options.ca_file = authority_.ca_file();
    options.connect_timeout = absl::Seconds(2);
    options.timeout = absl::Seconds(3);
    return options;
  }
  Post PostTo(const std::string& url) const {
    return {url, "0191-d1", absl::Now(), R"({"type":"fosterwatch.notice"})", {secret_}};
  }
  Result Send(const ScriptedHttpServer& server) {
    return Client(Options()).Send(PostTo(server.url()), kGoOn);
  }

  const TestAuthority authority_;
  const std::string secret_ = NewSecret();
};

TEST_F(ClientTest, APostArrivesSignedAsTheSpecificationSays) {
  ScriptedHttpServer server(&authority_);
  server.Expect({.status = 202});
  const Result result = Send(server);
  EXPECT_EQ(result.outcome, Outcome::kTaken);
  EXPECT_EQ(result.code, "HTTP_202");
  ASSERT_THAT(server.received(), SizeIs(1));
  ScriptedHttpServer::Received received = server.received()[0];
  EXPECT_EQ(received.target, "/notices");
  EXPECT_EQ(received.body, R"({"type":"fosterwatch.notice"})");
  EXPECT_EQ(received.headers["content-type"], "application/json");
  EXPECT_EQ(received.headers["webhook-id"], "0191-d1");
  EXPECT_THAT(Verify("0191-d1", received.headers["webhook-timestamp"],
                     received.headers["webhook-signature"], received.body, secret_, absl::Now()),
              IsOk());
}

struct Case {
  const char* name;
  Answer answer;
  Outcome outcome;
  const char* code;
  bool endpoint_away;
};

class AnswerTest : public ClientTest, public ::testing::WithParamInterface<Case> {};

TEST_P(AnswerTest, DecidesWhatBecomesOfThePost) {
  ScriptedHttpServer server(&authority_);
  server.Expect(GetParam().answer);
  const Result result = Send(server);
  EXPECT_EQ(result.outcome, GetParam().outcome);
  EXPECT_EQ(result.code, GetParam().code);
  EXPECT_EQ(result.endpoint_away, GetParam().endpoint_away);
}

Answer Status(int status) { return {.status = status}; }

INSTANTIATE_TEST_SUITE_P(
    All, AnswerTest,
    ::testing::Values(
        Case{"Ok", Status(200), Outcome::kTaken, "HTTP_200", false},
        Case{"NoContent", Status(204), Outcome::kTaken, "HTTP_204", false},
        Case{"ARedirectIsNotFollowed",
             {.status = 302, .headers = "Location: https://127.0.0.1/\r\n"},
             Outcome::kRefused,
             "HTTP_302",
             false},
        Case{"BadRequest", Status(400), Outcome::kRefused, "HTTP_400", false},
        Case{"NotAuthorised", Status(401), Outcome::kRefused, "HTTP_401", false},
        Case{"NotFound", Status(404), Outcome::kRefused, "HTTP_404", false},
        Case{"Gone", Status(410), Outcome::kRefused, "HTTP_410", false},
        Case{"TooMany", Status(429), Outcome::kFailed, "HTTP_429", true},
        Case{"Broken", Status(500), Outcome::kFailed, "HTTP_500", false},
        Case{"BadGateway", Status(502), Outcome::kFailed, "HTTP_502", false},
        Case{"Unavailable", Status(503), Outcome::kFailed, "HTTP_503", true},
        Case{"NoSuchStatus", Status(600), Outcome::kRefused, "HTTP_600", false},
        Case{"AnAnswerWithoutEnd",
             {.status = 200, .body = std::string(1'000'000, 'x')},
             Outcome::kTaken,
             "HTTP_200",
             false},
        Case{"ClosedBeforeTls", {.fault = Fault::kAtOnce}, Outcome::kFailed, "TLS_FAILED", true},
        Case{"ClosedAfterTheRequest",
             {.fault = Fault::kAfterTheRequest},
             Outcome::kFailed,
             "OUTCOME_UNKNOWN",
             true},
        Case{"NoAnswer", {.fault = Fault::kSilent}, Outcome::kFailed, "OUTCOME_UNKNOWN", true}),
    [](const auto& info) { return info.param.name; });

TEST_F(ClientTest, RetryAfterIsReadAndBounded) {
  ScriptedHttpServer server(&authority_);
  const auto after = [&](const std::string& value) {
    server.Expect({.status = 503, .headers = absl::StrCat("Retry-After: ", value, "\r\n")});
    return Send(server).retry_after;
  };
  EXPECT_EQ(after("120"), absl::Minutes(2));
  EXPECT_EQ(after("99999999"), absl::Hours(1));
  EXPECT_EQ(after("-5"), absl::ZeroDuration());
  EXPECT_EQ(after("soon"), absl::ZeroDuration());
  const absl::Duration at = after(absl::FormatTime(
      "%a, %d %b %Y %H:%M:%S GMT", absl::Now() + absl::Minutes(3), absl::UTCTimeZone()));
  EXPECT_GT(at, absl::Minutes(2));
  EXPECT_LE(at, absl::Minutes(3));
}

TEST_F(ClientTest, ACertificateThatIsNotGoodTakesNothing) {
  const TestAuthority another;
  const TestAuthority expired({.expired = true});
  const TestAuthority other_name({.names = "DNS:elsewhere.example"});
  for (const TestAuthority* authority : {&another, &expired, &other_name}) {
    ScriptedHttpServer server(authority);
    Client::Options options = Options();
    if (authority != &another) options.ca_file = authority->ca_file();
    const Result result = Client(options).Send(PostTo(server.url()), kGoOn);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    EXPECT_EQ(result.code, "TLS_FAILED");
    EXPECT_THAT(server.received(), SizeIs(0));
  }
}

TEST_F(ClientTest, AnEndpointThatIsAwayIsSaidToBe) {
  std::string url;
  {
    ScriptedHttpServer server(&authority_);
    url = server.url();
  }
  const Result result = Client(Options()).Send(PostTo(url), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.code, "CONNECTION_REFUSED");
  EXPECT_TRUE(result.endpoint_away);
}

TEST_F(ClientTest, AnAddressThatIsNotAllowedIsNeverConnectedTo) {
  ScriptedHttpServer server(&authority_);
  Client::Options options = Options();
  options.allowed = Networks();
  const Client client(options);
  for (const char* host : {"127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
                           "[::ffff:127.0.0.1]", "localhost", "LOCALHOST."}) {
    const Result result =
        client.Send(PostTo(absl::StrCat("https://", host, ":", server.port(), "/")), kGoOn);
    EXPECT_EQ(result.outcome, Outcome::kRefused) << host;
    EXPECT_EQ(result.code, "ADDRESS_REFUSED") << host;
  }
  EXPECT_EQ(server.connections(), 0);
}

// The text of the URL says nothing: what the name resolves to does, at the moment of connecting.
TEST_F(ClientTest, ANameThatLeadsToSuchAnAddressIsNeverConnectedTo) {
  ScriptedHttpServer server(&authority_);
  Client::Options options = Options();
  options.allowed = Networks();
  const std::string url = absl::StrCat("https://case.northshire.example:", server.port(), "/");
  ASSERT_THAT(CheckUrl(url, options.allowed, "url"), IsOk());
  for (const char* address :
       {"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"}) {
    options.resolve = {absl::StrCat("case.northshire.example:", server.port(), ":", address)};
    const Result result = Client(options).Send(PostTo(url), kGoOn);
    EXPECT_EQ(result.outcome, Outcome::kRefused) << address;
    EXPECT_EQ(result.code, "ADDRESS_REFUSED") << address;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ClientTest, WithoutTlsOnlyToALoopbackAddressThatIsNamed) {
  ScriptedHttpServer server;
  EXPECT_EQ(Send(server).code, "HTTP_200");
  Client::Options options = Options();
  options.allowed = *Networks::Parse("10.0.0.0/8");
  EXPECT_EQ(Client(options).Send(PostTo("http://10.0.0.1/"), kGoOn).code, "WEBHOOK_INVALID");
}

TEST_F(ClientTest, AStoppingProcessDoesNotWait) {
  ScriptedHttpServer server(&authority_);
  server.Expect({.fault = Fault::kSilent});
  Client::Options options = Options();
  options.timeout = absl::Seconds(60);
  const Result result = Client(options).Send(PostTo(server.url()), [] { return true; });
  EXPECT_EQ(result.outcome, Outcome::kStopped);
}

TEST(CheckUrlTest, TakesWhatMayBeReached) {
  const Networks networks = *Networks::Parse("10.20.0.0/16,127.0.0.0/8");
  for (const char* url :
       {"https://case.northshire.example/notices", "HTTPS://case.northshire.example",
        "https://case.northshire.example:8443/a?b=c", "https://1.1.1.1/", "https://10.20.0.1/",
        "http://127.0.0.1:8080/", "https://[2606:4700::1111]/"}) {
    EXPECT_THAT(CheckUrl(url, networks, "url"), IsOk()) << url;
  }
}

TEST(CheckUrlTest, NamesWhatIsWrongWithAUrlAndNeverItsValue) {
  struct Wrong {
    std::string url;
    const char* reason;
  };
  const Wrong all[] = {
      {"", "INVALID_URL"},
      {"northshire", "INVALID_URL"},
      {"https://", "INVALID_URL"},
      {"https://a b/", "INVALID_URL"},
      {"https://a\r\nX: y/", "INVALID_URL"},
      {"https://a:99999/", "INVALID_URL"},
      {absl::StrCat("https://a/", std::string(500, 'x')), "URL_TOO_LONG"},
      {"http://case.northshire.example/", "URL_NOT_HTTPS"},
      {"http://127.0.0.1/", "URL_NOT_HTTPS"},
      {"ftp://case.northshire.example/", "URL_NOT_HTTPS"},
      {"file:///etc/passwd", "URL_NOT_HTTPS"},
      {"gopher://case.northshire.example/", "URL_NOT_HTTPS"},
      {"https://user:secret@case.northshire.example/", "URL_WITH_CREDENTIALS"},
      {"https://user@case.northshire.example/", "URL_WITH_CREDENTIALS"},
      {"https://@case.northshire.example/", "URL_WITH_CREDENTIALS"},
      {"https://case.northshire.example/#here", "URL_WITH_FRAGMENT"},
      {"https://case.northshire.example/#", "URL_WITH_FRAGMENT"},
      {"https://localhost/", "ADDRESS_REFUSED"},
      {"https://a.LocalHost./", "ADDRESS_REFUSED"},
      {"https://127.0.0.1/", "ADDRESS_REFUSED"},
      {"https://2130706433/", "ADDRESS_REFUSED"},
      {"https://0x7f.1/", "ADDRESS_REFUSED"},
      {"https://0177.0.0.1/", "ADDRESS_REFUSED"},
      {"https://169.254.169.254/latest/meta-data", "ADDRESS_REFUSED"},
      {"https://10.0.0.1/", "ADDRESS_REFUSED"},
      {"https://[::1]/", "ADDRESS_REFUSED"},
      {"https://[::ffff:10.0.0.1]/", "ADDRESS_REFUSED"},
      {"https://[fd00::1]/", "ADDRESS_REFUSED"},
  };
  for (const Wrong& wrong : all) {
    const absl::Status status = CheckUrl(wrong.url, Networks(), "url");
    EXPECT_THAT(status, HasReason(wrong.reason)) << wrong.url;
    ASSERT_THAT(ViolationsOf(status), SizeIs(1)) << wrong.url;
    EXPECT_EQ(ViolationsOf(status)[0].field, "url");
    if (wrong.url.size() > 10) {
      EXPECT_EQ(status.ToString().find(wrong.url), std::string::npos) << status;
    }
  }
}

}  // namespace
}  // namespace fosterwatch::webhook
