// Connections, and requests as such: their limits, and what is no request.
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

}  // namespace
}  // namespace fosterwatch::testing
