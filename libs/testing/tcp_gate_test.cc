#include "libs/testing/tcp_gate.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libs/testing/await.h"

namespace fosterwatch::testing {
namespace {

using Way = TcpGate::Way;

// Says back what it hears, and remembers it.
class EchoServer {
 public:
  // On a unix socket of that path, or on a port.
  explicit EchoServer(const std::string& path = "") {
    listener_ = socket(path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    sockaddr_in net{};
    net.sin_family = AF_INET;
    net.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    path.copy(local.sun_path, sizeof local.sun_path - 1);
    const auto* address =
        path.empty() ? reinterpret_cast<sockaddr*>(&net) : reinterpret_cast<sockaddr*>(&local);
    EXPECT_EQ(bind(listener_, address, path.empty() ? sizeof net : sizeof local), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    socklen_t size = sizeof net;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&net), &size);
    address_ = path.empty() ? absl::StrCat("127.0.0.1:", ntohs(net.sin_port)) : path;
    thread_ = std::thread([this] { Serve(); });
  }
  ~EchoServer() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }
  const std::string& address() const { return address_; }
  std::string heard() const {
    absl::MutexLock lock(&mutex_);
    return heard_;
  }

 private:
  void Serve() {
    std::vector<pollfd> sockets = {{listener_, POLLIN, 0}};
    while (!stopping_) {
      if (poll(sockets.data(), sockets.size(), 10) <= 0) continue;
      if (sockets[0].revents != 0) sockets.push_back({accept(listener_, nullptr, nullptr), POLLIN});
      for (size_t i = 1; i < sockets.size(); ++i) {
        if (sockets[i].revents == 0) continue;
        char bytes[4096];
        const ssize_t count = recv(sockets[i].fd, bytes, sizeof bytes, 0);
        if (count <= 0) {
          close(sockets[i].fd);
          sockets[i].fd = -1;
          continue;
        }
        {
          absl::MutexLock lock(&mutex_);
          heard_.append(bytes, static_cast<size_t>(count));
        }
        send(sockets[i].fd, bytes, static_cast<size_t>(count), MSG_NOSIGNAL);
      }
    }
    for (size_t i = 1; i < sockets.size(); ++i) close(sockets[i].fd);
  }

  int listener_ = -1;
  std::string address_;
  mutable absl::Mutex mutex_;
  std::string heard_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

class Caller {
 public:
  explicit Caller(const TcpGate& gate) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(gate.port());
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Caller() { close(socket_); }
  bool connected() const { return connected_; }
  void Say(const std::string& bytes) { send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // What comes until there are that many bytes, nothing more comes in time, or the end ("<end>").
  std::string Hear(size_t most, absl::Duration patience = absl::Seconds(60)) {
    std::string heard;
    const absl::Time until = absl::Now() + patience;
    while (heard.size() < most && absl::Now() < until) {
      pollfd waiting{socket_, POLLIN, 0};
      if (poll(&waiting, 1, 5) <= 0) continue;
      char bytes[4096];
      const ssize_t count = recv(socket_, bytes, std::min(sizeof bytes, most - heard.size()), 0);
      if (count <= 0) return heard + "<end>";
      heard.append(bytes, static_cast<size_t>(count));
    }
    return heard;
  }

 private:
  const int socket_;
  bool connected_ = false;
};

constexpr absl::Duration kShort = absl::Milliseconds(60);

TEST(TcpGate, PassesAllBothWays) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller one(gate), two(gate);
  one.Say("hello");
  two.Say("there");
  EXPECT_EQ(one.Hear(5), "hello");
  EXPECT_EQ(two.Hear(5), "there");
  EXPECT_EQ(gate.accepted(), 2);
  EXPECT_EQ(gate.open_connections(), 2);
}

TEST(TcpGate, ReachesAUnixSocket) {
  char folder[] = "/tmp/fosterwatch-gate-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = absl::StrCat(folder, "/socket");
  {
    EchoServer server(path);
    TcpGate gate(path);
    Caller caller(gate);
    caller.Say("hello");
    EXPECT_EQ(caller.Hear(5), "hello");
  }
  unlink(path.c_str());
  rmdir(folder);
}

TEST(TcpGate, HoldsBytesBackUntilTheyMayPass) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.Set(Way::kToClient, TcpGate::Noop());
  caller.Say("hello");
  EXPECT_TRUE(AwaitTrue([&] { return server.heard() == "hello"; }));
  EXPECT_EQ(caller.Hear(5, kShort), "");
  gate.Pass();
  EXPECT_EQ(caller.Hear(5), "hello");
}

TEST(TcpGate, LosesBytes) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.Set(Way::kToServer, TcpGate::Drop());
  caller.Say("lost");
  EXPECT_EQ(caller.Hear(4, kShort), "");
  gate.Pass();
  caller.Say("hello");
  EXPECT_EQ(caller.Hear(5), "hello");
  EXPECT_EQ(server.heard(), "hello");
}

TEST(TcpGate, IsLate) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.Set(Way::kToServer, TcpGate::Delay(absl::Milliseconds(100), absl::Milliseconds(20)));
  const absl::Time begin = absl::Now();
  caller.Say("hello");
  EXPECT_EQ(caller.Hear(5), "hello");
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(100));
}

TEST(TcpGate, IsSlow) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.Set(Way::kToClient, TcpGate::LimitRate(10'000));
  const absl::Time begin = absl::Now();
  caller.Say(std::string(2000, 'x'));
  EXPECT_EQ(caller.Hear(2000), std::string(2000, 'x'));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(190));
}

TEST(TcpGate, SpoilsOneBitOfAPiece) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.Set(Way::kToClient, TcpGate::Corrupt());
  caller.Say("hello");
  const std::string heard = caller.Hear(5);
  ASSERT_EQ(heard.size(), 5);
  int bits = 0;
  for (size_t i = 0; i < 5; ++i) bits += __builtin_popcount((heard[i] ^ "hello"[i]) & 0xff);
  EXPECT_EQ(bits, 1);
}

TEST(TcpGate, CutsIntoParts) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.SetBoth(TcpGate::SmallerParts(3));
  caller.Say("hello there");
  EXPECT_EQ(caller.Hear(11), "hello there");
}

TEST(TcpGate, ClosesOnTheFirstBytes) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller caller(gate);
  gate.Set(Way::kToServer, TcpGate::CloseOnData());
  caller.Say("hello");
  EXPECT_EQ(caller.Hear(5), "<end>");
  EXPECT_EQ(server.heard(), "");
  EXPECT_EQ(gate.closed_by_fault(), 1);
}

TEST(TcpGate, ClosesBeforeAWordAndAfterAWord) {
  EchoServer server;
  TcpGate gate(server.address());
  gate.Set(Way::kToServer, TcpGate::CloseBefore("COMMIT", 1));
  {
    Caller caller(gate);
    caller.Say("BEGIN;");
    EXPECT_EQ(caller.Hear(6), "BEGIN;");
    caller.Say("COMMIT;");
    EXPECT_EQ(caller.Hear(7), "<end>");
    EXPECT_EQ(server.heard(), "BEGIN;");
  }
  Caller again(gate);  // once was said
  again.Say("COMMIT;");
  EXPECT_EQ(again.Hear(7), "COMMIT;");

  gate.Set(Way::kToServer, TcpGate::CloseAfter("last", 1));
  again.Say("last");
  EXPECT_TRUE(AwaitTrue([&] { return server.heard() == "BEGIN;COMMIT;last"; }));
  EXPECT_EQ(gate.closed_by_fault(), 2);
}

TEST(TcpGate, FindsAWordThatComesInTwoPieces) {
  EchoServer server;
  TcpGate gate(server.address());
  gate.Set(Way::kToServer, TcpGate::CloseBefore("COMMIT"));
  Caller caller(gate);
  caller.Say("..COM");
  EXPECT_EQ(caller.Hear(5), "..COM");
  caller.Say("MIT..");
  EXPECT_EQ(caller.Hear(5), "<end>");
}

TEST(TcpGate, StopsAcceptingAndAcceptsAgainOnTheSamePort) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller there(gate);
  there.Say("a");
  EXPECT_EQ(there.Hear(1), "a");
  const uint16_t port = gate.port();
  gate.StopAccepting();
  EXPECT_FALSE(Caller(gate).connected());
  there.Say("b");
  EXPECT_EQ(there.Hear(1), "b");
  gate.StartAccepting();
  EXPECT_EQ(gate.port(), port);
  Caller late(gate);
  late.Say("c");
  EXPECT_EQ(late.Hear(1), "c");
}

TEST(TcpGate, ClosesAllSocketsAndTakesNewOnes) {
  EchoServer server;
  TcpGate gate(server.address());
  Caller one(gate);
  one.Say("a");
  EXPECT_EQ(one.Hear(1), "a");
  gate.CloseSockets();
  EXPECT_EQ(one.Hear(1), "<end>");
  EXPECT_TRUE(AwaitTrue([&] { return gate.open_connections() == 0; }));
  Caller two(gate);
  two.Say("b");
  EXPECT_EQ(two.Hear(1), "b");
}

TEST(TcpGate, ClosesAConnectionThatCannotReachTheServer) {
  std::string address;
  {
    EchoServer gone;
    address = gone.address();
  }
  TcpGate gate(address);
  Caller caller(gate);
  EXPECT_EQ(caller.Hear(1), "<end>");
}

}  // namespace
}  // namespace fosterwatch::testing
