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
#include "libs/testing/sanitizer.h"
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
  if (!kSanitized) {
    EXPECT_LT(ResidentBytes() - warm, 8 << 20);
  }
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

// reliability.md G2: three services behind each other, the last of which does not answer.
class DeadlineTest : public GatewayOverloadTest {
 protected:
  // What each of them would wait of its own accord.
  static constexpr absl::Duration kOwnTimeout = absl::Hours(1);

  DeadlineTest() {
    get_body_ = [this](const Call& call, const directory_v1::GetBodyRequest& request,
                       runtime::Reply<directory_v1::Body> reply) {
      {
        absl::MutexLock lock(&mutex_);
        calls_.push_back(call);
        if (request.body_id() == "3") return held_.push_back(std::move(reply));
      }
      directory_v1::GetBodyRequest next;
      next.set_body_id(request.body_id() == "1" ? "2" : "3");
      runtime::Client::Options options;
      options.token = Token();
      options.timeout = kOwnTimeout;
      reply(client_->Call<directory_v1::Body>(
          "directory", "fosterwatch.directory.v1.DirectoryService", "GetBody", next, options));
    };
  }
  std::vector<Call> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  std::string ChainText(absl::Duration timeout) const {
    return HttpText("POST", kGetBody,
                    {{"Content-Type", "application/json"},
                     {"Authorization", "Bearer " + Token()},
                     {"Connect-Timeout-Ms", absl::StrCat(absl::ToInt64Milliseconds(timeout))}},
                    R"({"bodyId": "1"})");
  }
};

TEST_F(DeadlineTest, PassesThroughEveryHopAndAClientThatHangsUpEndsTheWorkAtEach) {
  StartGateway();
  const absl::Time begun = absl::Now();
  auto client = std::make_unique<HttpConnection>(port());
  client->Send(ChainText(absl::Seconds(30)));  // as long as the gateway lets it be
  ASSERT_TRUE(AwaitTrue([&] { return calls().size() == 3; }, absl::Seconds(60)));
  for (const Call& call : calls()) {
    EXPECT_FALSE(call.cancellation->requested());
    // What is left is told in rounded figures, and each hop counts it from when it hears of it: the
    // latest is the client's, and far from what the services would wait themselves.
    EXPECT_GT(call.deadline, begun + absl::Seconds(20));
    EXPECT_LT(call.deadline, begun + kOwnTimeout / 2);
  }
  client.reset();
  for (const Call& call : calls()) {
    EXPECT_TRUE(AwaitTrue([&] { return call.cancellation->requested(); }, absl::Seconds(60)));
  }
}

TEST_F(DeadlineTest, EndsTheWorkAtEveryHopWhenItPasses) {
  StartGateway();
  // A machine that stands still may let it pass on the way: then another, with more time.
  for (absl::Duration timeout = absl::Milliseconds(200); calls().size() < 3; timeout *= 2) {
    ASSERT_LT(timeout, absl::Minutes(1)) << "the last hop was never reached";
    LetGo();
    {
      absl::MutexLock lock(&mutex_);
      calls_.clear();
    }
    const absl::Time begun = absl::Now();
    EXPECT_EQ(Exchange(ChainText(timeout)).status, 504);
    EXPECT_GE(absl::Now() - begun, timeout - absl::Milliseconds(10));
    // Nobody works for it any more.
    for (const Call& call : calls()) {
      EXPECT_TRUE(AwaitTrue([&] { return call.cancellation->requested(); }, absl::Seconds(60)));
    }
    EXPECT_TRUE(AwaitTrue([&] { return gateway_->in_flight().inside() == 0; }, absl::Seconds(60)));
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

class StoppingTest : public GatewayOverloadTest {
 protected:
  ~StoppingTest() override {
    if (stopping_.joinable()) stopping_.join();
  }
  // Returns when nobody new comes in.
  void BeginToStop() {
    stopping_ = std::thread([this] { gateway_->Stop(absl::Seconds(60)); });
    ASSERT_TRUE(AwaitTrue(
        [&] {
          try {
            HttpConnection late(port());
            return false;
          } catch (const std::exception&) {
            return true;
          }
        },
        absl::Seconds(60)));
  }
  // More than sockets hold, so that its answer stays under way until it is read.
  std::unique_ptr<HttpConnection> AskForMuch() {
    WriteFile(web() + "/assets/much-Ab12.js", std::string(32 << 20, ' '));
    StartGateway();
    auto client = std::make_unique<HttpConnection>(port());
    client->Send(HttpText("GET", "/assets/much-Ab12.js", {}));
    return client;
  }

  std::thread stopping_;
};

TEST_F(StoppingTest, AnswersWhatIsUnderWayAndWhatStillComes) {
  options_.idle_notice = absl::Seconds(30);
  HoldCalls();
  StartGateway();
  HttpConnection busy(port()), idle(port());
  busy.Send(CallText());
  idle.Send(HttpText("GET", "/livez", {}));
  ASSERT_EQ(idle.Read().status, 200);
  ASSERT_TRUE(AwaitTrue([&] { return held() == 1; }));
  BeginToStop();
  idle.Send(HttpText("GET", "/readyz", {}));
  const HttpAnswer last = idle.Read();
  EXPECT_EQ(last.status, 503);
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_THAT(last.body, HasSubstr("it is stopping"));
  LetGo();
  const HttpAnswer answer = busy.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
}

// The answer said that the connection stays, so the client may have sent more already.
TEST_F(StoppingTest, AnswersWhatComesAfterAnAnswerThatDidNotSayItWouldClose) {
  options_.idle_notice = absl::Seconds(30);
  const auto client = AskForMuch();
  const HttpAnswer head = client->ReadHead();
  ASSERT_EQ(head.headers.count("connection"), 0);
  BeginToStop();
  client->Send(HttpText("GET", "/livez", {}));
  client->ReadBytes(std::stoul(head.headers.at("content-length")));
  const HttpAnswer next = client->Read();
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(next.headers.at("connection"), "close");
  EXPECT_TRUE(client->IsClosed());
}

TEST_F(StoppingTest, ClosesWhatIsIdleAfterAnAnswerThatDidNotSayItWouldClose) {
  options_.idle_notice = absl::Milliseconds(1);
  const auto client = AskForMuch();
  const HttpAnswer head = client->ReadHead();
  BeginToStop();
  client->ReadBytes(std::stoul(head.headers.at("content-length")));
  EXPECT_TRUE(client->IsClosed());
}

}  // namespace
}  // namespace fosterwatch::testing
