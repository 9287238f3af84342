// CloudEvents over HTTP.
#include <string>
#include <thread>

#include "gmock/gmock.h"

#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

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
  EXPECT_EQ(results[2]["field"], "data.child_id");
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
      {good, event, 400, "UNKNOWN_CHILD", "data.child_id"},
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
