#include "libs/testing/tcp_gate.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fosterwatch::testing {
namespace {

constexpr int kGlance = 20;  // milliseconds between looks at what a test has set

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void SendAtOnce(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

// A socket to the server, or -1.
int Reach(const std::string& server) {
  if (absl::StartsWith(server, "/")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, server.c_str(), sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return socket;
    }
    close(socket);
    return -1;
  }
  const std::vector<std::string> parts = absl::StrSplit(server, ':');
  uint32_t port = 0;
  sockaddr_in address = Loopback(0);
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &port) ||
      inet_pton(AF_INET, parts[0].c_str(), &address.sin_addr) != 1) {
    return -1;
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    SendAtOnce(socket);
    return socket;
  }
  close(socket);
  return -1;
}

bool SendAll(int socket, const std::string& bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

// The two sockets of one connection; two threads carry its bytes and end before it does.
struct TcpGate::Link {
  int client = -1;
  int server = -1;
  std::thread threads[2];
  std::atomic<bool> closed = false;
  std::atomic<int> ended = 0;  // of the two threads

  void Close() {
    closed = true;
    shutdown(client, SHUT_RDWR);
    shutdown(server, SHUT_RDWR);
  }
  ~Link() {
    Close();
    for (std::thread& thread : threads) {
      if (thread.joinable()) thread.join();
    }
    close(client);
    close(server);
  }
};

TcpGate::TcpGate(std::string server) : server_(std::move(server)) {
  {
    absl::MutexLock lock(&mutex_);
    OpenListener();
  }
  thread_ = std::thread([this] { Listen(); });
}

TcpGate::~TcpGate() {
  StopAccepting();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  std::vector<std::shared_ptr<Link>> links;
  {
    absl::MutexLock lock(&mutex_);
    links.swap(links_);
  }
  for (const auto& link : links) link->Close();
}

std::string TcpGate::address() const { return absl::StrCat("127.0.0.1:", port_); }

void TcpGate::OpenListener() {
  if (listener_ >= 0) return;
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = Loopback(port_);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error(absl::StrCat("the gate has no port: ", std::strerror(errno)));
  }
  port_ = ntohs(address.sin_port);
}

void TcpGate::StopAccepting() {
  absl::MutexLock lock(&mutex_);
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
}

void TcpGate::StartAccepting() {
  absl::MutexLock lock(&mutex_);
  OpenListener();
}

void TcpGate::CloseSockets() {
  absl::MutexLock lock(&mutex_);
  for (const auto& link : links_) link->Close();
}

void TcpGate::Set(Way way, Fault fault) {
  absl::MutexLock lock(&mutex_);
  Setting& setting = settings_[static_cast<int>(way)];
  setting.fault = std::move(fault);
  ++setting.version;
}

void TcpGate::SetBoth(const Fault& fault) {
  Set(Way::kToServer, fault);
  Set(Way::kToClient, fault);
}

TcpGate::Setting TcpGate::Current(Way way) const {
  absl::MutexLock lock(&mutex_);
  return settings_[static_cast<int>(way)];
}

int TcpGate::open_connections() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(std::count_if(links_.begin(), links_.end(),
                                        [](const auto& link) { return link->ended < 2; }));
}

int64_t TcpGate::accepted() const {
  absl::MutexLock lock(&mutex_);
  return accepted_;
}

int64_t TcpGate::closed_by_fault() const {
  absl::MutexLock lock(&mutex_);
  return closed_by_fault_;
}

void TcpGate::Listen() {
  while (true) {
    std::vector<std::shared_ptr<Link>> gone;  // ends outside of the lock
    int client = -1;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      for (const auto& link : links_) {
        if (link->ended == 2) gone.push_back(link);
      }
      std::erase_if(links_, [](const auto& link) { return link->ended == 2; });
      // Under the lock, so that after StopAccepting nobody is let in.
      pollfd waiting{listener_, POLLIN, 0};
      if (listener_ >= 0 && poll(&waiting, 1, 0) == 1) {
        client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) ++accepted_;
      }
    }
    if (client < 0) {
      absl::SleepFor(absl::Milliseconds(1));
      continue;
    }
    SendAtOnce(client);
    const int server = Reach(server_);
    if (server < 0) {
      close(client);
      continue;
    }
    auto link = std::make_shared<Link>();
    link->client = client;
    link->server = server;
    // By a plain pointer: the link joins its threads, so it may not end on one of them.
    for (const Way way : {Way::kToServer, Way::kToClient}) {
      link->threads[static_cast<int>(way)] =
          std::thread([this, raw = link.get(), way] { Carry(*raw, way); });
    }
    absl::MutexLock lock(&mutex_);
    links_.push_back(std::move(link));
  }
}

void TcpGate::Sleep(Link& link, Way way, int64_t version, absl::Time until) {
  while (!link.closed && absl::Now() < until && Current(way).version == version) {
    absl::SleepFor(std::min(until - absl::Now(), absl::Milliseconds(5)));
  }
}

void TcpGate::Carry(Link& link, Way way) {
  const int from = way == Way::kToServer ? link.client : link.server;
  const int to = way == Way::kToServer ? link.server : link.client;
  std::string tail;  // the end of what came before, where a word may begin
  while (!link.closed) {
    pollfd waiting{from, POLLIN, 0};
    const bool noop = Current(way).fault.kind == Fault::Kind::kNoop;
    if (noop) {
      absl::SleepFor(absl::Milliseconds(1));
      continue;
    }
    if (poll(&waiting, 1, kGlance) == 0) continue;
    char bytes[16 << 10];
    const ssize_t count = recv(from, bytes, sizeof bytes, 0);
    if (count <= 0) break;
    if (!Handle(link, way, std::string(bytes, static_cast<size_t>(count)), tail)) {
      link.Close();
      break;
    }
  }
  shutdown(to, SHUT_WR);  // the other way may still have something to say
  ++link.ended;
}

bool TcpGate::Handle(Link& link, Way way, std::string piece, std::string& tail) {
  const int to = way == Way::kToServer ? link.server : link.client;
  Setting setting = Current(way);
  // Set while this piece was on its way.
  while (setting.fault.kind == Fault::Kind::kNoop && !link.closed) {
    Sleep(link, way, setting.version, absl::InfiniteFuture());
    setting = Current(way);
  }
  const Fault& fault = setting.fault;
  switch (fault.kind) {
    case Fault::Kind::kPass:
    case Fault::Kind::kNoop:
      return SendAll(to, piece);
    case Fault::Kind::kDrop:
      return true;
    case Fault::Kind::kDelay: {
      thread_local std::mt19937 random(std::random_device{}());
      const double part = std::uniform_real_distribution<double>(0, 1)(random);
      Sleep(link, way, setting.version, absl::Now() + fault.delay + part * fault.jitter);
      return SendAll(to, piece);
    }
    case Fault::Kind::kCorrupt:
      piece[piece.size() / 2] = static_cast<char>(piece[piece.size() / 2] ^ 0x10);
      return SendAll(to, piece);
    case Fault::Kind::kRate:
      Sleep(link, way, setting.version,
            absl::Now() + absl::Seconds(static_cast<double>(piece.size()) / fault.bytes));
      return SendAll(to, piece);
    case Fault::Kind::kParts:
      for (size_t at = 0; at < piece.size(); at += fault.bytes) {
        if (!SendAll(to, piece.substr(at, fault.bytes))) return false;
      }
      return true;
    case Fault::Kind::kClose:
      break;
  }
  const std::string seen = tail + piece;
  tail = seen.substr(seen.size() - std::min(seen.size(), fault.word.size()));
  if (!fault.word.empty() && !absl::StrContains(seen, fault.word)) return SendAll(to, piece);
  {
    // Two connections may say the word at once, and only so many are to be closed.
    absl::MutexLock lock(&mutex_);
    Setting& now = settings_[static_cast<int>(way)];
    if (now.version == setting.version && now.fault.kind == Fault::Kind::kClose) {
      if (now.fault.times > 0 && --now.fault.times == 0) now.fault = {};
      ++closed_by_fault_;
    } else {
      return SendAll(to, piece);
    }
  }
  if (fault.pass_first) SendAll(to, piece);
  return false;
}

}  // namespace fosterwatch::testing
