// Unary calls through the gateway: what is carried, what is refused and how.
#include <string>
#include <thread>

#include "gmock/gmock.h"

#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "services/gateway/gzip.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

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

TEST_F(GatewayTest, CarriesACallThatNamesItsServiceThereAndNowhereElse) {
  services_.push_back(operations::v1::ListParkedRequest::descriptor()->file()->service(0));
  StartGateway();
  const std::string list = "/fosterwatch.operations.v1.ParkedService/ListParked";
  const auto manager = Headers{{"Authorization", "Bearer " + Token(ROLE_REGISTERED_MANAGER)}};
  // Nobody listens there; where the directory is, somebody does who does not know the method.
  EXPECT_EQ(Rpc(list, R"({"service": "kpis"})", manager).status, 503);
  EXPECT_EQ(Json::parse(Rpc(list, R"({"service": "directory"})", manager).body)["code"],
            "unimplemented");
  for (const char* unknown : {"", "operations", "nonsense", "127.0.0.1"}) {
    const HttpAnswer answer =
        Rpc(list, absl::StrCat(R"({"service": ")", unknown, R"("})"), manager);
    EXPECT_EQ(answer.status, 404) << unknown;
    EXPECT_EQ(ReasonIn(answer), "UNKNOWN_SERVICE") << unknown;
  }
}

TEST_F(GatewayTest, SaysThatAnOwnerIsAwayWithoutSayingWhere) {
  StartGateway();
  const HttpAnswer answer = Rpc("/fosterwatch.kpis.v1.KpisService/ListKpis", "{}");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(Json::parse(answer.body)["code"], "unavailable");
  EXPECT_THAT(answer.body, Not(HasSubstr("127.0.0.1")));
}

}  // namespace
}  // namespace fosterwatch::testing
