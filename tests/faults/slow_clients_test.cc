// Clients that are slow on purpose take nothing from others: those that send their headers byte by
// byte, their bodies, or read no answers. reliability.md G5.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/testing/await.h"
#include "tests/component/http_client.h"
#include "tests/faults/scale.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HttpConnection;
using ::fosterwatch::testing::HttpText;
using ::fosterwatch::testing::Installation;

constexpr char kMethod[] = "/fosterwatch.directory.v1.DirectoryService/ListBodies";

// Many connections that never come to an end, by one thread; one that the gateway closes is opened
// again.
class SlowClients {
 public:
  SlowClients(uint16_t port, int count, std::string token) : port_(port), token_(std::move(token)) {
    sockets_.resize(count, -1);
    thread_ = std::thread([this] {
      while (!done_) {
        for (size_t i = 0; i < sockets_.size() && !done_; ++i) Drip(i);
        absl::SleepFor(absl::Milliseconds(100));
      }
    });
  }
  ~SlowClients() {
    done_ = true;
    thread_.join();
    for (const int socket : sockets_) {
      if (socket >= 0) ::close(socket);
    }
  }

  int open() const { return open_; }
  // By the gateway.
  int closed() const { return closed_; }

 private:
  void Drip(size_t i) {
    if (sockets_[i] < 0) {
      Open(i);
    } else if (i % 3 != 2 && ::send(sockets_[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
               errno != EAGAIN) {
      Close(i);
    } else if (i % 3 == 2) {
      // Its answers wait; only whether they were cut off is asked.
      char byte;
      const ssize_t n = ::recv(sockets_[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (n == 0 || (n < 0 && errno != EAGAIN)) Close(i);
    }
  }

  void Close(size_t i) {
    ::close(sockets_[i]);
    sockets_[i] = -1;
    --open_;
    ++closed_;
  }

  void Open(size_t i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int small = 2048;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(socket);
      return;
    }
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
    const std::string head = absl::StrCat("POST ", kMethod,
                                          " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
                                          "\r\nAuthorization: Bearer ",
                                          token_, "\r\n");
    std::string begin;
    if (i % 3 == 0) {
      begin = absl::StrCat(head, "X-Slow: ");
    } else if (i % 3 == 1) {
      begin = absl::StrCat(head, "Content-Length: 100000\r\n\r\n{");
    } else {
      // Far more answers than the buffers of both sides hold.
      for (int k = 0; k < 100; ++k) absl::StrAppend(&begin, HttpText("GET", "/readyz?verbose", {}));
    }
    ::send(socket, begin.data(), begin.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    sockets_[i] = socket;
    ++open_;
  }

  const uint16_t port_;
  const std::string token_;
  std::vector<int> sockets_;
  std::atomic<bool> done_ = false;
  std::atomic<int> open_ = 0;
  std::atomic<int> closed_ = 0;
  std::thread thread_;
};

struct Times {
  absl::Duration p99;
  int failed = 0;
};

Times AskFor(const Installation& installation, const std::string& token, absl::Duration time) {
  HttpConnection connection(installation.http_port());
  const std::string request = HttpText(
      "POST", kMethod,
      {{"Content-Type", "application/json"}, {"Authorization", absl::StrCat("Bearer ", token)}},
      "{}");
  Times times;
  std::vector<absl::Duration> all;
  for (const absl::Time until = absl::Now() + time; absl::Now() < until;) {
    const absl::Time begin = absl::Now();
    connection.Send(request);
    times.failed += connection.Read().status != 200;
    all.push_back(absl::Now() - begin);
    absl::SleepFor(absl::Milliseconds(2));
  }
  std::sort(all.begin(), all.end());
  times.p99 = all[all.size() * 99 / 100];
  return times;
}

int FilesOf(pid_t pid) {
  const std::filesystem::directory_iterator files(absl::StrCat("/proc/", pid, "/fd"));
  return static_cast<int>(std::distance(begin(files), end(files)));
}

TEST(SlowClientsTest, TakeNothingFromOthersAndNoMoreThanTheirConnections) {
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Installation installation({});
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  const std::string token = installation.TokenOf({"agency-a"});
  AskFor(installation, token, absl::Seconds(1));
  const Times before = AskFor(installation, token, absl::Seconds(2));
  const int files_before = FilesOf(installation.process().pid());

  const int count = Scaled(300, 1'000);
  Times during;
  int files_during = 0, closed = 0;
  {
    const SlowClients slow(installation.http_port(), count,
                           installation.TokenOf({"agency-b", "slow"}));
    ASSERT_TRUE(AwaitTrue([&] { return slow.open() > count * 9 / 10; }));
    AskFor(installation, token, absl::Seconds(1));
    during = AskFor(installation, token, Scaled(absl::Seconds(4), absl::Seconds(60)));
    files_during = FilesOf(installation.process().pid());
    closed = slow.closed();
    EXPECT_GT(slow.open(), count / 2) << "they are there";
  }
  std::printf(
      "%d slow clients: p99 of another %.1f ms, %.1f ms before; %d files, %d before;"
      " %d connections closed on them\n",
      count, absl::ToDoubleMilliseconds(during.p99), absl::ToDoubleMilliseconds(before.p99),
      files_during, files_before, closed);
  EXPECT_EQ(during.failed, 0);
  // Twice, and what a machine that is busy with other tests adds.
  EXPECT_LT(during.p99, 2 * before.p99 + absl::Milliseconds(100));
  EXPECT_LT(files_during, files_before + count + 32);
  EXPECT_TRUE(AwaitTrue([&] { return FilesOf(installation.process().pid()) < files_before + 32; },
                        absl::Seconds(60)))
      << FilesOf(installation.process().pid());
  EXPECT_GT(closed, Scaled(-1, count / 2)) << "nobody keeps a place for a minute";
}

}  // namespace
}  // namespace fosterwatch::faults
