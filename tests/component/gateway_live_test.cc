// The live stream to open screens.
#include <string>
#include <thread>

#include "gmock/gmock.h"

#include "libs/testing/await.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

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

}  // namespace
}  // namespace fosterwatch::testing
