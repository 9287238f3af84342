// Past its capacity, and with nobody left to wait: the gateway refuses honestly, gives up what
// nobody waits for, and stops without losing a call.
#include <atomic>
#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include <unistd.h>

#include "libs/testing/await.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0;
  file >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

class GatewayOverloadTest : public GatewayTest {
 protected:
  // Calls wait in the owner until they are let go.
  void HoldCalls() {
    get_body_ = [this](const Call& call, const directory_v1::GetBodyRequest&,
                       runtime::Reply<directory_v1::Body> reply) {
      absl::MutexLock lock(&mutex_);
      held_.push_back(std::move(reply));
      calls_.push_back(call);
    };
  }
  int held() {
    absl::MutexLock lock(&mutex_);
    return static_cast<int>(held_.size());
  }
  void LetGo() {
    std::vector<runtime::Reply<directory_v1::Body>> held;
    {
      absl::MutexLock lock(&mutex_);
      held.swap(held_);
    }
    for (const auto& reply : held) reply(directory_v1::Body());
  }
  std::string CallText(const std::string& agency = "oakley", const Headers& more = {}) const {
    Headers headers = more;
    headers["Content-Type"] = "application/json";
    headers["Authorization"] = "Bearer " + Token(ROLE_CASEWORKER, agency);
    return HttpText("POST", kGetBody, headers, "{}");
  }
  ~GatewayOverloadTest() override { LetGo(); }

  absl::Mutex mutex_;
  std::vector<runtime::Reply<directory_v1::Body>> held_ ABSL_GUARDED_BY(mutex_);
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
};

// Five times as many clients as there are places, each asking again and again.
TEST_F(GatewayOverloadTest, RefusesPastItsCapacityAnswersWhatItTookAndStaysFlat) {
  constexpr int kPlaces = 16;
  constexpr int kClients = 5 * kPlaces;
  constexpr int kRounds = 60;
  most_calls_ = kPlaces + kPlaces / 3;  // of which one agency may have kPlaces
  HoldCalls();
  StartGateway();
  std::vector<std::unique_ptr<HttpConnection>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(std::make_unique<HttpConnection>(port()));
  const std::string call = CallText();
  int taken = 0, refused = 0;
  int64_t warm = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& client : clients) client->Send(call);
    // Those inside wait; all others have their answer while they do, and health is live.
    ASSERT_TRUE(AwaitTrue([&] { return held() == kPlaces; }));
    ASSERT_TRUE(AwaitTrue([&] {
      return gateway_->in_flight().refused() == (round + 1) * (kClients - kPlaces);
    })) << gateway_->in_flight().refused();
    ASSERT_EQ(Exchange(HttpText("GET", "/livez", {})).status, 200);
    LetGo();
    for (const auto& client : clients) {
      const HttpAnswer answer = client->Read();
      if (answer.status == 200) {
        ++taken;
        continue;
      }
      ++refused;
      ASSERT_EQ(answer.status, 429);
      ASSERT_EQ(answer.headers.at("retry-after"), "1");
      ASSERT_EQ(Json::parse(answer.body)["code"], "resource_exhausted");
      ASSERT_EQ(ReasonIn(answer), "TOO_MANY_CALLS");
    }
    if (round == kRounds / 3) warm = ResidentBytes();
  }
  EXPECT_EQ(taken, kRounds * kPlaces);
  EXPECT_EQ(refused, kRounds * (kClients - kPlaces));
  std::printf("%d taken, %d refused, %+lld KB\n", taken, refused,
              static_cast<long long>((ResidentBytes() - warm) / 1024));
  EXPECT_LT(ResidentBytes() - warm, 8 << 20);
  // Afterwards all is as before.
  EXPECT_EQ(gateway_->in_flight().inside(), 0);
  clients[0]->Send(call);
  ASSERT_TRUE(AwaitTrue([&] { return held() == 1; }));
  LetGo();
  EXPECT_EQ(clients[0]->Read().status, 200);
}

TEST_F(GatewayOverloadTest, LeavesRoomForAnotherAgency) {
  most_calls_ = 8;
  HoldCalls();
  StartGateway();
  std::vector<std::unique_ptr<HttpConnection>> flood;
  for (int i = 0; i < 6; ++i) {
    flood.push_back(std::make_unique<HttpConnection>(port()));
    flood.back()->Send(CallText("flooding"));
  }
  ASSERT_TRUE(AwaitTrue([&] { return held() == 6; }));
  EXPECT_EQ(Exchange(CallText("flooding")).status, 429);
  HttpConnection other(port());
  other.Send(CallText("other"));
  ASSERT_TRUE(AwaitTrue([&] { return held() == 7; }));
  LetGo();
  EXPECT_EQ(other.Read().status, 200);
}

TEST_F(GatewayOverloadTest, TakesLargeBodiesOnlyAsFarAsItsMemoryGoes) {
  options_.most_large_bytes = 1'500'000;
  StartGateway();
  const auto head = [&](int bytes) {
    return absl::StrCat("POST ", kGetBody, " HTTP/1.1\r\nHost: x\r\nContent-Length: ", bytes,
                        "\r\nContent-Type: application/json\r\nAuthorization: Bearer ", Token(),
                        "\r\n\r\n");
  };
  auto first = std::make_unique<HttpConnection>(port());
  first->Send(head(1'000'000) + "{");
  HttpConnection second(port());
  // Refused before it is sent.
  ASSERT_TRUE(AwaitTrue([&] {
    HttpConnection large(port());
    large.Send(head(1'000'000));
    const HttpAnswer answer = large.Read();
    return answer.status == 429 && answer.headers.at("retry-after") == "1" &&
           ReasonIn(answer) == "TOO_MANY_CALLS";
  }));
  EXPECT_EQ(Rpc(kGetBody, "{}").status, 200);
  first.reset();
  ASSERT_TRUE(
      AwaitTrue([&] { return Rpc(kGetBody, "{}" + std::string(999'998, ' ')).status == 200; }));
}

// reliability.md G2: a client that waits 200 ms, three services behind each other.
TEST_F(GatewayOverloadTest, ADeadlinePassesThroughEveryHopAndEndsTheWorkAtEach) {
  std::vector<absl::Duration> left;
  get_body_ = [&](const Call& call, const directory_v1::GetBodyRequest& request,
                  runtime::Reply<directory_v1::Body> reply) {
    {
      absl::MutexLock lock(&mutex_);
      calls_.push_back(call);
      left.push_back(call.deadline - absl::Now());
    }
    if (request.body_id() == "3") {
      absl::MutexLock lock(&mutex_);
      held_.push_back(std::move(reply));
      return;
    }
    directory_v1::GetBodyRequest next;
    next.set_body_id(request.body_id() == "1" ? "2" : "3");
    runtime::Client::Options options;
    options.token = Token();
    options.timeout = absl::Seconds(30);
    reply(client_->Call<directory_v1::Body>(
        "directory", "fosterwatch.directory.v1.DirectoryService", "GetBody", next, options));
  };
  StartGateway();
  const absl::Time begun = absl::Now();
  const HttpAnswer answer = Rpc(kGetBody, R"({"bodyId": "1"})", {{"Connect-Timeout-Ms", "200"}});
  EXPECT_EQ(answer.status, 504);
  EXPECT_GE(absl::Now() - begun, absl::Milliseconds(190));
  ASSERT_TRUE(AwaitTrue([&] {
    absl::MutexLock lock(&mutex_);
    return calls_.size() == 3;
  }));
  absl::MutexLock lock(&mutex_);
  for (size_t hop = 0; hop < 3; ++hop) {
    // gRPC rounds what is left up to a millisecond.
    const absl::Duration before = hop == 0 ? absl::Milliseconds(200) : left[hop - 1];
    EXPECT_LE(left[hop], before + absl::Milliseconds(1)) << hop;
    // Nobody works for it any more.
    EXPECT_TRUE(AwaitTrue([&] { return calls_[hop].cancellation->requested(); })) << hop;
  }
}

TEST_F(GatewayOverloadTest, AClientThatHangsUpCancelsItsCall) {
  HoldCalls();
  StartGateway();
  auto client = std::make_unique<HttpConnection>(port());
  client->Send(CallText());
  ASSERT_TRUE(AwaitTrue([&] { return held() == 1; }));
  std::shared_ptr<runtime::Cancellation> cancellation;
  {
    absl::MutexLock lock(&mutex_);
    cancellation = calls_[0].cancellation;
  }
  EXPECT_FALSE(cancellation->requested());
  client.reset();
  EXPECT_TRUE(AwaitTrue([&] { return cancellation->requested(); }));
  EXPECT_TRUE(AwaitTrue([&] { return gateway_->in_flight().inside() == 0; }));
}

TEST_F(GatewayOverloadTest, WhenItStopsItAnswersWhatIsUnderWayAndWhatStillComes) {
  options_.idle_notice = absl::Seconds(30);
  HoldCalls();
  StartGateway();
  const uint16_t was = port();
  HttpConnection busy(was), idle(was);
  busy.Send(CallText());
  idle.Send(HttpText("GET", "/livez", {}));
  ASSERT_EQ(idle.Read().status, 200);
  ASSERT_TRUE(AwaitTrue([&] { return held() == 1; }));
  std::thread stopping([&] { gateway_->Stop(absl::Seconds(20)); });
  // Nobody new comes in.
  ASSERT_TRUE(AwaitTrue([&] {
    try {
      HttpConnection late(was);
      return false;
    } catch (const std::exception&) {
      return true;
    }
  }));
  idle.Send(HttpText("GET", "/readyz", {}));
  const HttpAnswer last = idle.Read();
  EXPECT_EQ(last.status, 503);
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_THAT(last.body, HasSubstr("it is stopping"));
  LetGo();
  const HttpAnswer answer = busy.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  stopping.join();
}

}  // namespace
}  // namespace fosterwatch::testing
