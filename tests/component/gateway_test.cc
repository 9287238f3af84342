#include <string>
#include <thread>

#include "gmock/gmock.h"

#include "libs/auth/sign_in_links.h"
#include "libs/testing/await.h"
#include "services/gateway/gzip.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

// --- unary calls --------------------------------------------------------------------------------

TEST_F(GatewayTest, CarriesACallToItsOwnerUnderTheCallersToken) {
  StartGateway();
  const HttpAnswer answer = Rpc(kGetBody, R"({"bodyId": "northshire-police"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(Json::parse(answer.body), Json::parse(R"({"bodyId": "northshire-police",
      "kind": "KIND_POLICE", "name": "for oakley, person-1"})"));
}

TEST_F(GatewayTest, CarriesProtobufAsItIs) {
  StartGateway();
  directory_v1::GetBodyRequest request;
  request.set_body_id("b");
  const HttpAnswer answer =
      Rpc(kGetBody, request.SerializeAsString(), {{"Content-Type", "application/proto"}});
  EXPECT_EQ(answer.headers.at("content-type"), "application/proto");
  directory_v1::Body body;
  ASSERT_TRUE(body.ParseFromString(answer.body));
  EXPECT_EQ(body.kind(), directory_v1::Body::KIND_POLICE);
  const HttpAnswer bad = Rpc(kGetBody, "\x0a\xff", {{"Content-Type", "application/proto"}});
  EXPECT_EQ(bad.status, 400);
  request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(77, "Jane");
  const HttpAnswer unknown =
      Rpc(kGetBody, request.SerializeAsString(), {{"Content-Type", "application/proto"}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(ReasonIn(unknown), "UNKNOWN_FIELD");
  EXPECT_THAT(unknown.body, HasSubstr("77"));
  EXPECT_THAT(unknown.body, Not(HasSubstr("Jane")));
}

TEST_F(GatewayTest, RefusesUnknownFieldsAndEnumNamesByNameAndNeverByValue) {
  StartGateway();
  const Headers manager = {{"Authorization", "Bearer " + Token(ROLE_REGISTERED_MANAGER)}};
  const struct {
    std::string body, reason, field;
  } cases[] = {
      {R"({"body": {"kind": "Jane O'Connor"}})", "UNKNOWN_ENUM_VALUE", "body.kind"},
      {R"({"body": {"kinds": "Jane O'Connor"}})", "UNKNOWN_FIELD", "body.kinds"},
      {R"({"body": {"contacts": [{"channel": "Jane"}]}})", "UNKNOWN_ENUM_VALUE",
       "body.contacts[0].channel"},
      {R"({"body": {"name": 7}})", "WRONG_TYPE", "body.name"},
  };
  for (const auto& c : cases) {
    const HttpAnswer answer = Rpc(kRecordBody, c.body, manager);
    EXPECT_EQ(answer.status, 400) << c.body;
    const Json error = Json::parse(answer.body);
    EXPECT_EQ(error["code"], "invalid_argument");
    EXPECT_EQ(ReasonIn(answer), c.reason);
    EXPECT_EQ(error["details"][1]["type"], "google.rpc.BadRequest");
    EXPECT_EQ(error["details"][1]["debug"]["fieldViolations"][0]["field"], c.field);
    EXPECT_THAT(answer.body, Not(HasSubstr("Jane")));
  }
  const HttpAnswer malformed = Rpc(kRecordBody, "{", manager);
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(ReasonIn(malformed), "MALFORMED_JSON");
}

TEST_F(GatewayTest, PassesTheOwnersErrorsOn) {
  get_body_ = [](const Call&, const directory_v1::GetBodyRequest&, auto reply) {
    reply(Error(absl::StatusCode::kNotFound, "UNKNOWN_BODY", "there is no such body",
                {{"body_id", "is not known"}}));
  };
  StartGateway();
  const HttpAnswer answer = Rpc(kGetBody, "{}");
  EXPECT_EQ(answer.status, 404);
  const Json error = Json::parse(answer.body);
  EXPECT_EQ(error["code"], "not_found");
  EXPECT_EQ(error["message"], "there is no such body");
  EXPECT_EQ(ReasonIn(answer), "UNKNOWN_BODY");
  EXPECT_EQ(error["details"][0]["value"].get<std::string>().find('='), std::string::npos);
}

TEST_F(GatewayTest, SaysWhoMayCome) {
  StartGateway();
  const HttpAnswer none =
      Exchange(HttpText("POST", kGetBody, {{"Content-Type", "application/json"}}, "{}"));
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.headers.at("www-authenticate"), "Bearer realm=\"fosterwatch\"");
  EXPECT_EQ(Json::parse(none.body)["code"], "unauthenticated");
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Authorization", "Bearer forged.to.ken"}}).status, 401);
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Authorization", "Basic YTpi"}}).status, 401);
  const HttpAnswer wrong =
      Rpc(kGetBody, "{}", {{"Authorization", "Bearer " + Token(ROLE_PUBLISHER)}});
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(ReasonIn(wrong), "ROLE_NOT_ALLOWED");
  // The token comes before the body: a stranger learns nothing about fields.
  EXPECT_EQ(
      Exchange(HttpText("POST", kGetBody, {{"Content-Type", "application/json"}}, "{")).status,
      401);
}

TEST_F(GatewayTest, KnowsWhatIsNoCall) {
  StartGateway();
  const HttpAnswer unknown = Rpc("/fosterwatch.directory.v1.DirectoryService/Nothing", "{}");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(Json::parse(unknown.body)["code"], "unimplemented");
  const HttpAnswer get = Exchange(HttpText("GET", kGetBody, {}));
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
  const HttpAnswer text = Rpc(kGetBody, "{}", {{"Content-Type", "text/plain"}});
  EXPECT_EQ(text.status, 415);
  EXPECT_EQ(text.headers.at("accept-post"), "application/json, application/proto");
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Content-Type", "application/json; charset=utf-8"}}).status, 200);
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Connect-Protocol-Version", "2"}}).status, 400);
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Connect-Timeout-Ms", "soon"}}).status, 400);
}

TEST_F(GatewayTest, ReadsAndWritesGzip) {
  StartGateway();
  const HttpAnswer answer = Rpc(kListBodies, gateway::Compress("{}"),
                                {{"Content-Encoding", "gzip"}, {"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-encoding"), "gzip");
  const auto text = gateway::Decompress(answer.body, 1'000'000);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(Json::parse(*text)["bodies"].size(), 100u);
  // Too short to be worth it, or not wanted.
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Accept-Encoding", "gzip"}}).headers.count("content-encoding"),
            0u);
  EXPECT_EQ(
      Rpc(kListBodies, "{}", {{"Accept-Encoding", "gzip;q=0"}}).headers.count("content-encoding"),
      0u);

  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Content-Encoding", "br"}}).status, 501);
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Content-Encoding", "gzip"}}).status, 400);
  const std::string bomb = gateway::Compress(std::string(50'000'000, ' '));
  const HttpAnswer refused = Rpc(kGetBody, bomb, {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(ReasonIn(refused), "BODY_TOO_LARGE");
}

TEST_F(GatewayTest, EndsACallAtItsDeadline) {
  runtime::Reply<directory_v1::Body> kept;
  get_body_ = [&](const Call&, const directory_v1::GetBodyRequest&, auto reply) { kept = reply; };
  StartGateway();
  const HttpAnswer answer = Rpc(kGetBody, "{}", {{"Connect-Timeout-Ms", "100"}});
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(Json::parse(answer.body)["code"], "deadline_exceeded");
  kept = nullptr;
}

TEST_F(GatewayTest, SaysThatAnOwnerIsAwayWithoutSayingWhere) {
  StartGateway();
  const HttpAnswer answer = Rpc("/fosterwatch.kpis.v1.KpisService/ListKpis", "{}");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(Json::parse(answer.body)["code"], "unavailable");
  EXPECT_THAT(answer.body, Not(HasSubstr("127.0.0.1")));
}

// --- limits -------------------------------------------------------------------------------------

TEST_F(GatewayTest, RefusesABodyOfOneByteMoreThanAMillion) {
  StartGateway();
  const HttpAnswer over = Rpc(kGetBody, std::string(1'000'001, ' '));
  EXPECT_EQ(over.status, 413);
  EXPECT_EQ(Json::parse(over.body)["code"], "resource_exhausted");
  EXPECT_EQ(over.headers.at("connection"), "close");
  EXPECT_EQ(Rpc(kGetBody, "{}" + std::string(999'998, ' ')).status, 200);
  // The same without a length that says so.
  HttpConnection connection(port());
  connection.Send(absl::StrCat("POST ", kGetBody, " HTTP/1.1\r\nHost: x\r\n",
                               "Transfer-Encoding: chunked\r\n\r\n", absl::Hex(1'000'001), "\r\n",
                               std::string(1'000'001, ' '), "\r\n0\r\n\r\n"));
  EXPECT_EQ(connection.Read().status, 413);
}

TEST_F(GatewayTest, RefusesWhatIsNoRequest) {
  StartGateway();
  EXPECT_EQ(Exchange("nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(Exchange("GET / HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(Exchange("GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
  EXPECT_EQ(Exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n{}")
                .status,
            400);
  EXPECT_EQ(Exchange(HttpText("GET", "/", {{"X", std::string(17000, 'a')}})).status, 431);
}

TEST_F(GatewayTest, KeepsAConnectionAndAnswersInOrder) {
  StartGateway();
  HttpConnection connection(port());
  const Headers headers = {{"Content-Type", "application/json"},
                           {"Authorization", "Bearer " + Token()}};
  connection.Send(HttpText("POST", kGetBody, headers, R"({"bodyId": "a"})") +
                  HttpText("POST", kGetBody, headers, R"({"bodyId": "b"})") +
                  HttpText("GET", "/livez", {{"Connection", "close"}}));
  EXPECT_THAT(connection.Read().body, HasSubstr(R"("bodyId":"a")"));
  EXPECT_THAT(connection.Read().body, HasSubstr(R"("bodyId":"b")"));
  EXPECT_EQ(connection.Read().body, "alive\n");
  EXPECT_TRUE(connection.IsClosed());
}

TEST_F(GatewayTest, AsksForABodyThatWaitsToBeAskedFor) {
  StartGateway();
  HttpConnection connection(port());
  connection.Send(absl::StrCat("POST ", kGetBody,
                               " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n",
                               "Content-Type: application/json\r\nAuthorization: Bearer ", Token(),
                               "\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(connection.ReadHead().status, 100);
  connection.Send("{}");
  EXPECT_EQ(connection.Read().status, 200);
}

TEST_F(GatewayTest, RefusesConnectionsOverItsLimit) {
  options_.most_connections = 2;
  StartGateway();
  HttpConnection first(port());
  HttpConnection second(port());
  ASSERT_TRUE(AwaitTrue([&] { return gateway_->server().connections() == 2; }));
  HttpConnection third(port());
  EXPECT_EQ(third.Read().status, 503);
  first.Send(HttpText("GET", "/livez", {}));
  EXPECT_EQ(first.Read().status, 200);
}

TEST_F(GatewayTest, ClosesAConnectionThatSendsNothing) {
  options_.header_patience = absl::Milliseconds(50);
  StartGateway();
  HttpConnection silent(port());
  EXPECT_TRUE(silent.IsClosed());
  HttpConnection slow(port());
  slow.Send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(slow.IsClosed());
}

// --- sessions -----------------------------------------------------------------------------------

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

// --- pages --------------------------------------------------------------------------------------

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

TEST_F(GatewayTest, IsReadyOnceItsOwnersWereReady) {
  StartGateway();
  EXPECT_EQ(Exchange(HttpText("GET", "/livez", {})).status, 200);
  // Nobody answers for the figures.
  const HttpAnswer answer = Exchange(HttpText("GET", "/readyz?verbose", {}));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body,
            "[+] service directory is ready\n[-] service kpis is not ready\n"
            "[+] service notifiable_events is ready\nnot ready\n");
  EXPECT_EQ(Exchange(HttpText("GET", "/readyz", {})).body, "not ready\n");
}

// --- the live stream ----------------------------------------------------------------------------

bus::Record FactRecord(const std::string& agency, const std::string& id) {
  bus::Record record;
  record.topic = "fosterwatch.notifiable-events.v1";
  record.key = agency + "/event-7";
  record.headers = {{"ce_id", id},
                    {"ce_type", "fosterwatch.notifiable_events.v1.notice_given"},
                    {"ce_time", "2026-08-01T21:10:00.5Z"},
                    {"ce_subject", "event-7"}};
  return record;
}

// The messages of a stream, each with its flags.
class Screen {
 public:
  Screen(uint16_t port, const std::string& path, std::map<std::string, std::string> headers,
         const std::string& message = "{}")
      : connection_(port) {
    headers.emplace("Content-Type", "application/connect+json");
    connection_.Send(HttpText("POST", path, headers, gateway::Envelope(0, message)));
    head = connection_.ReadHead();
  }
  std::string Next(uint8_t flags = 0) {
    while (bytes_.size() < 5 || bytes_.size() < 5 + Size()) {
      bytes_ += head.headers.count("transfer-encoding") != 0 ? connection_.ReadChunk()
                                                             : connection_.Rest();
    }
    EXPECT_EQ(static_cast<uint8_t>(bytes_[0]), flags);
    const std::string message = bytes_.substr(5, Size());
    bytes_.erase(0, 5 + Size());
    return message;
  }
  HttpConnection& connection() { return connection_; }
  HttpAnswer head;

 private:
  size_t Size() const {
    size_t size = 0;
    for (int i = 1; i < 5; ++i) size = size << 8 | static_cast<uint8_t>(bytes_[i]);
    return size;
  }
  HttpConnection connection_;
  std::string bytes_;
};

TEST_F(GatewayTest, ShowsEachScreenTheFactsOfItsOwnAgency) {
  StartGateway();
  Screen oakley(port(), kWatch, {{"Authorization", "Bearer " + Token()}});
  Screen other(port(), kWatch, {{"Authorization", "Bearer " + Token(ROLE_CASEWORKER, "other")}});
  EXPECT_EQ(oakley.head.status, 200);
  EXPECT_EQ(oakley.head.headers.at("content-type"), "application/connect+json");
  EXPECT_EQ(oakley.Next(), R"({"kind":"KIND_HELLO"})");
  EXPECT_EQ(other.Next(), R"({"kind":"KIND_HELLO"})");
  gateway_->live().Deliver(
      {FactRecord("other", "1"), FactRecord("oakley", "2"), FactRecord("oakle", "3")});
  gateway_->live().Ping(absl::Now());
  EXPECT_EQ(Json::parse(oakley.Next()), Json::parse(R"({"kind": "KIND_FACT",
      "topic": "fosterwatch.notifiable-events.v1", "fact": "notice_given",
      "aggregateId": "event-7", "recordedTime": "2026-08-01T21:10:00.500Z", "factId": "2"})"));
  EXPECT_EQ(oakley.Next(), R"({"kind":"KIND_PING"})");
  EXPECT_EQ(Json::parse(other.Next())["factId"], "1");
  EXPECT_EQ(other.Next(), R"({"kind":"KIND_PING"})");
}

TEST_F(GatewayTest, SpeaksProtobufToScreensThatWantIt) {
  StartGateway();
  Screen screen(
      port(), kWatch,
      {{"Authorization", "Bearer " + Token()}, {"Content-Type", "application/connect+proto"}}, "");
  gateway::v1::WatchResponse message;
  ASSERT_TRUE(message.ParseFromString(screen.Next()));
  EXPECT_EQ(message.kind(), gateway::v1::WatchResponse::KIND_HELLO);
}

TEST_F(GatewayTest, PutsAStreamsErrorIntoItsLastMessage) {
  StartGateway();
  const struct {
    Headers headers;
    std::string message, code;
  } cases[] = {
      {{}, "{}", "unauthenticated"},
      {{{"Authorization", "Bearer " + Token(ROLE_PUBLISHER)}}, "{}", "permission_denied"},
      {{{"Authorization", "Bearer " + Token()}}, R"({"x": 1})", "invalid_argument"},
      {{{"Authorization", "Bearer " + Token()}, {"Connect-Content-Encoding", "br"}},
       "{}",
       "unimplemented"},
  };
  for (const auto& c : cases) {
    Screen screen(port(), kWatch, c.headers, c.message);
    EXPECT_EQ(screen.head.status, 200);
    EXPECT_EQ(Json::parse(screen.Next(gateway::kEndStreamFlag))["error"]["code"], c.code);
  }
}

TEST_F(GatewayTest, EndsAStreamWithItsToken) {
  StartGateway();
  Screen screen(port(), kWatch, {{"Authorization", "Bearer " + Token()}});
  screen.Next();
  gateway_->live().Ping(absl::Now() + absl::Hours(2));
  EXPECT_EQ(Json::parse(screen.Next(gateway::kEndStreamFlag))["error"]["code"], "unauthenticated");
  EXPECT_TRUE(screen.connection().IsClosed());
}

TEST_F(GatewayTest, TellsScreensThatItStops) {
  StartGateway();
  Screen screen(port(), kWatch, {{"Authorization", "Bearer " + Token()}});
  screen.Next();
  std::thread stopping([&] { gateway_->Stop(absl::Seconds(5)); });
  EXPECT_EQ(Json::parse(screen.Next(gateway::kEndStreamFlag))["error"]["code"], "unavailable");
  stopping.join();
}

TEST_F(GatewayTest, ForgetsAScreenThatIsGone) {
  StartGateway();
  {
    Screen screen(port(), kWatch, {{"Authorization", "Bearer " + Token()}});
    screen.Next();
    EXPECT_EQ(gateway_->live().clients(), 1u);
  }
  EXPECT_TRUE(AwaitTrue([&] {
    gateway_->live().Ping(absl::Now());
    return gateway_->live().clients() == 0;
  }));
  EXPECT_EQ(gateway_->server().cut_off(), 0u);
}

TEST_F(GatewayTest, CutsOffAScreenThatDoesNotReadAndKeepsTheOthers) {
  options_.most_stream_writes = 16;
  StartGateway();
  Screen slow(port(), kWatch, {{"Authorization", "Bearer " + Token()}});
  Screen quick(port(), kWatch, {{"Authorization", "Bearer " + Token(ROLE_CASEWORKER, "other")}});
  EXPECT_EQ(quick.Next(), R"({"kind":"KIND_HELLO"})");
  bus::Record large = FactRecord("oakley", std::string(100'000, '1'));
  EXPECT_TRUE(AwaitTrue([&] {
    gateway_->live().Deliver({large});
    return gateway_->live().clients() == 1;
  }));
  EXPECT_TRUE(AwaitTrue([&] { return gateway_->server().cut_off() == 1; }));
  gateway_->live().Deliver({FactRecord("other", "9")});
  EXPECT_EQ(Json::parse(quick.Next())["factId"], "9");
}

// --- the intake ---------------------------------------------------------------------------------

constexpr char kReported[] = "uk.fosterwatch.notifiable-event.reported.v1";

TEST_F(GatewayTest, TakesABinaryCloudEvent) {
  StartGateway();
  const HttpAnswer answer = Exchange(HttpText("POST", "/v1/events",
                                              {{"Authorization", "Bearer " + Token(ROLE_PUBLISHER)},
                                               {"ce-specversion", "1.0"},
                                               {"ce-id", "a%2Db"},
                                               {"ce-source", "/case-system"},
                                               {"ce-type", kReported},
                                               {"ce-time", "2026-08-01T21:10:00Z"},
                                               {"Content-Type", "application/json"}},
                                              R"({"childId": "c1"})"));
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(answer.headers.at("location"), "/events/event-a-b");
  EXPECT_EQ(Json::parse(answer.body)["event_id"], "event-a-b");
  ASSERT_EQ(taken_.size(), 1u);
  EXPECT_EQ(taken_[0].id(), "a-b");
  EXPECT_EQ(taken_[0].source(), "/case-system");
  EXPECT_EQ(taken_[0].type(), kReported);
  EXPECT_EQ(taken_[0].time().seconds(), 1785618600);
  EXPECT_EQ(taken_[0].data_content_type(), "application/json");
  EXPECT_EQ(taken_[0].data(), R"({"childId": "c1"})");
}

TEST_F(GatewayTest, TakesABatchEachEventAlone) {
  StartGateway();
  const std::string event = R"({"specversion":"1.0","source":"/s","type":"t","data":{},"id":")";
  const HttpAnswer answer = Exchange(
      HttpText("POST", "/v1/events",
               {{"Authorization", "Bearer " + Token(ROLE_PUBLISHER)},
                {"Content-Type", "application/cloudevents-batch+json"}},
               "[" + event + R"(1"},{"id":"no"},)" + event + R"(bad"},)" + event + R"(4"}])"));
  EXPECT_EQ(answer.status, 200);
  const Json results = Json::parse(answer.body);
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0], Json::parse(R"({"index": 0, "id": "1", "status": 202,
                                        "event_id": "event-1", "location": "/events/event-1"})"));
  EXPECT_EQ(results[1]["status"], 400);
  EXPECT_EQ(results[1]["reason"], "NOT_A_CLOUD_EVENT");
  EXPECT_EQ(results[2]["id"], "bad");
  EXPECT_EQ(results[2]["reason"], "UNKNOWN_CHILD");
  EXPECT_EQ(results[2]["field"], "report.child_id");
  EXPECT_EQ(results[3]["event_id"], "event-4");
  ASSERT_EQ(taken_.size(), 2u);
}

TEST_F(GatewayTest, AnswersABadEventWithAProblemDocument) {
  StartGateway();
  const Headers good = {{"Authorization", "Bearer " + Token(ROLE_PUBLISHER)},
                        {"Content-Type", "application/cloudevents+json"}};
  const auto with = [&](const std::string& name, const std::string& value) {
    Headers headers = good;
    headers[name] = value;
    return headers;
  };
  const std::string event =
      R"({"specversion":"1.0","id":"bad","source":"/s","type":"t","data":{}})";
  const struct {
    Headers headers;
    std::string body;
    int status;
    std::string reason, field;
  } cases[] = {
      {good, event, 400, "UNKNOWN_CHILD", "report.child_id"},
      {good, "{", 400, "MALFORMED_JSON", ""},
      {good, R"({"specversion":"1.0","id":"x","type":"t"})", 400, "ATTRIBUTE_MISSING", "source"},
      {with("Content-Type", "application/json"), "{}", 400, "NOT_A_CLOUD_EVENT", "specversion"},
      {with("Content-Type", "application/cloudevents+protobuf"), "", 415, "UNSUPPORTED_MEDIA_TYPE",
       ""},
      {with("Content-Encoding", "br"), event, 415, "UNKNOWN_ENCODING", ""},
      {good,
       R"({"specversion":"1.0","id":"x","source":"/s","type":"t","datacontenttype":"text/csv","data":"x"})",
       415, "UNSUPPORTED_MEDIA_TYPE", "datacontenttype"},
      {with("Authorization", "Bearer " + Token(ROLE_ADMINISTRATOR)), event, 403, "ROLE_NOT_ALLOWED",
       ""},
      {with("Authorization", "Bearer x"), event, 401, "TOKEN_INVALID", ""},
      {good, std::string(1'000'001, ' '), 413, "BODY_TOO_LARGE", ""},
  };
  for (const auto& c : cases) {
    const HttpAnswer answer = Exchange(HttpText("POST", "/v1/events", c.headers, c.body));
    EXPECT_EQ(answer.status, c.status) << c.reason << answer.body;
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    const Json problem = Json::parse(answer.body);
    EXPECT_EQ(problem["status"], c.status);
    EXPECT_EQ(problem["reason"], c.reason);
    EXPECT_EQ(problem.value("field", ""), c.field);
  }
  const HttpAnswer none =
      Exchange(HttpText("POST", "/v1/events", {{"Content-Type", "application/json"}}, "{}"));
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.headers.count("www-authenticate"), 1u);
  EXPECT_EQ(Exchange(HttpText("GET", "/v1/events", {})).status, 405);
  EXPECT_TRUE(taken_.empty());
}

}  // namespace
}  // namespace fosterwatch::testing
