// Two replicas of the whole suite, restarted in turn under load: a client that tries once more at
// the other one never fails, and each restart drains in time. reliability.md G7.
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

int StatusOf(uint16_t port, const std::string& request) {
  try {
    HttpConnection connection(port);
    connection.Send(request);
    return connection.Read().status;
  } catch (const std::exception&) {
    return 0;
  }
}

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
    return StatusOf(replica.http_port, HttpText("GET", "/readyz", {})) == 200;
  };
  for (const Replica& replica : replicas) {
    ASSERT_TRUE(AwaitTrue([&] { return ready(replica); }, absl::Seconds(60)))
        << replica.process->Output();
  }

  const std::string request =
      HttpText("POST", "/fosterwatch.directory.v1.DirectoryService/ListBodies",
               {{"Content-Type", "application/json"},
                {"Authorization", absl::StrCat("Bearer ", installation.TokenOf({"agency-a"}))}},
               "{}");
  std::atomic<bool> done = false;
  std::atomic<int> answered = 0, again = 0, failed = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      // Half of them keep their connection, as browsers and proxies do.
      std::unique_ptr<HttpConnection> kept;
      for (int turn = c; !done; ++turn) {
        const uint16_t first = replicas[turn % 2].http_port;
        const uint16_t second = replicas[(turn + 1) % 2].http_port;
        int status = 0;
        if (c % 2 == 0) {
          try {
            if (kept == nullptr) kept = std::make_unique<HttpConnection>(first);
            kept->Send(request);
            const HttpAnswer answer = kept->Read();
            status = answer.status;
            if (answer.headers.count("connection") != 0) kept.reset();
          } catch (const std::exception&) {
            kept.reset();
          }
        } else {
          status = StatusOf(first, request);
        }
        if (status != 200) {
          ++again;
          status = StatusOf(second, request);
          if (status != 200) status = StatusOf(first, request) == 200 ? -1 : -2;
        }
        ++(status == 200 ? answered : failed);
      }
    });
  }
  const int restarts = Scaled(5, 50);
  absl::Duration longest;
  for (int i = 0; i < restarts; ++i) {
    Replica& replica = replicas[i % 2];
    const absl::Time begun = absl::Now();
    replica.process->Kill(SIGTERM);
    const auto code = replica.process->Wait(absl::Seconds(20));
    EXPECT_TRUE(code.ok() && *code == 0) << replica.process->Output();
    longest = std::max(longest, absl::Now() - begun);
    replica.Start(absl::StrCat(installation.folder(), "/replica-", i % 2, ".log"));
    const int before = answered;
    EXPECT_TRUE(AwaitTrue([&] { return ready(replica) && answered > before; }, absl::Seconds(60)))
        << replica.process->Output();
  }
  done = true;
  for (std::thread& client : clients) client.join();
  std::printf(
      "%d restarts: %d calls answered, %d of them at the second try, %d failed;"
      " the longest drain took %.1f s\n",
      restarts, answered.load(), again.load(), failed.load(), absl::ToDoubleSeconds(longest));
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 100);
  EXPECT_LE(longest, absl::Seconds(10));
}

}  // namespace
}  // namespace fosterwatch::faults
