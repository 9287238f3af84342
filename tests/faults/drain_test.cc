// Two replicas of the whole suite, restarted in turn under load: a client that tries once more at
// the other one never fails, and each replica ends by itself. reliability.md G7.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/testing/await.h"
#include "tests/component/http_client.h"
#include "tests/faults/scale.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HttpAnswer;
using ::fosterwatch::testing::HttpConnection;
using ::fosterwatch::testing::HttpText;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::Process;

struct Replica {
  uint16_t http_port = 0;
  std::map<std::string, std::string> settings;
  std::unique_ptr<Process> process;

  void Start(const std::string& log) {
    process = std::make_unique<Process>(*Process::Start(
        {{absl::StrCat(std::getenv("FOSTERWATCH_BIN_DIR"), "/fosterwatch"), "serve"},
         settings,
         {},
         log}));
  }
};

// Asks one replica and, where that fails, once more the other one.
class Client {
 public:
  // One that keeps its connection, as browsers and proxies do, leaves it when it is told to or when
  // it breaks; else it asks the replicas in turn.
  Client(std::vector<uint16_t> ports, std::string request, bool keeps)
      : ports_(std::move(ports)), request_(std::move(request)), keeps_(keeps) {}

  // Counts in one of these.
  void Call(std::atomic<int>& at_once, std::atomic<int>& again, std::atomic<int>& failed) {
    if (connection_ == nullptr) at_ = 1 - at_;
    if (Ask() == 200) {
      ++at_once;
      return;
    }
    connection_.reset();
    at_ = 1 - at_;
    ++(Ask() == 200 ? again : failed);
  }

  // The status of the answer; 0 where none came.
  int Ask() {
    try {
      if (connection_ == nullptr) connection_ = std::make_unique<HttpConnection>(ports_[at_]);
      connection_->Send(request_);
      const HttpAnswer answer = connection_->Read();
      if (!keeps_ || answer.headers.count("connection") != 0) connection_.reset();
      return answer.status;
    } catch (const std::exception&) {
      connection_.reset();
      return 0;
    }
  }

 private:
  const std::vector<uint16_t> ports_;
  const std::string request_;
  const bool keeps_;
  std::unique_ptr<HttpConnection> connection_;
  size_t at_ = 0;
};

TEST(DrainTest, RollingRestartsUnderLoadFailNoCallThatIsTriedOnceMore) {
  Installation installation({});
  std::vector<Replica> replicas(2);
  for (size_t i = 0; i < replicas.size(); ++i) {
    replicas[i].settings = installation.Settings();
    replicas[i].http_port = fosterwatch::testing::FreePort();
    replicas[i].settings["FOSTERWATCH_HTTP_LISTEN"] =
        absl::StrCat("127.0.0.1:", replicas[i].http_port);
    replicas[i].settings["FOSTERWATCH_GRPC_LISTEN"] =
        absl::StrCat("127.0.0.1:", fosterwatch::testing::FreePort());
    replicas[i].settings["FOSTERWATCH_INSTANCE"] = absl::StrCat("replica-", i);
    replicas[i].Start(absl::StrCat(installation.folder(), "/replica-", i, ".log"));
  }
  const auto ready = [&](const Replica& replica) {
    return Client({replica.http_port}, HttpText("GET", "/readyz", {}), false).Ask() == 200;
  };
  for (const Replica& replica : replicas) {
    ASSERT_TRUE(AwaitTrue([&] { return ready(replica); }, absl::Seconds(120)))
        << replica.process->Output();
  }

  const std::string request =
      HttpText("POST", "/fosterwatch.directory.v1.DirectoryService/ListBodies",
               {{"Content-Type", "application/json"},
                {"Authorization", absl::StrCat("Bearer ", installation.TokenOf({"agency-a"}))}},
               "{}");
  std::atomic<bool> done = false;
  std::atomic<int> at_once = 0, again = 0, failed = 0;
  std::vector<std::thread> threads;
  for (int c = 0; c < 4; ++c) {
    threads.emplace_back([&, c] {
      Client client({replicas[0].http_port, replicas[1].http_port}, request, c % 2 == 0);
      while (!done) client.Call(at_once, again, failed);
    });
  }
  const int restarts = Scaled(5, 50);
  absl::Duration longest;
  for (int i = 0; i < restarts; ++i) {
    Replica& replica = replicas[i % 2];
    const absl::Time begun = absl::Now();
    replica.process->Kill(SIGTERM);
    const auto code = replica.process->Wait(absl::Seconds(60));
    // Not by the process's own hard end.
    EXPECT_TRUE(code.ok() && *code == 0) << replica.process->Output();
    longest = std::max(longest, absl::Now() - begun);
    replica.Start(absl::StrCat(installation.folder(), "/replica-", i % 2, ".log"));
    const int before = at_once + again;
    EXPECT_TRUE(AwaitTrue([&] { return ready(replica) && at_once + again > before + 20; },
                          absl::Seconds(120)))
        << replica.process->Output();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  std::printf(
      "%d restarts: %d calls answered at once, %d at the second try, %d failed;"
      " the longest drain took %.1f s\n",
      restarts, at_once.load(), again.load(), failed.load(), absl::ToDoubleSeconds(longest));
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace fosterwatch::faults
