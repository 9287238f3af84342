#include "services/gateway/http_server.h"

#include <algorithm>
#include <exception>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <boost/asio/thread_pool.hpp>
#include <sys/resource.h>

#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"
#include "services/gateway/http_connection.h"

namespace fosterwatch::gateway {
namespace {

// Room for the connections, and as much again for the rest of the process: a shell's usual limit is
// 1,024 descriptors.
void RaiseDescriptorLimit(size_t connections) {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(2 * connections, limit.rlim_max);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class BeastServer : public HttpServer {
 public:
  BeastServer(Options options, Handler handler, Refusal refusal)
      : core_(std::move(options)),
        acceptor_(core_.io),
        retry_(core_.io),
        aside_(core_.options.aside_threads) {
    core_.handler = std::move(handler);
    core_.refusal = std::move(refusal);
  }

  ~BeastServer() override { Stop(absl::ZeroDuration()); }

  absl::Status Open() {
    RaiseDescriptorLimit(core_.options.most_connections);
    const std::string& listen = core_.options.listen;
    const size_t colon = listen.rfind(':');
    uint32_t port = 0;
    if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) ||
        port > 65535) {
      return absl::InvalidArgumentError("http_listen is not an address and a port");
    }
    std::string host = listen.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
      host = host.substr(1, host.size() - 2);
    }
    ErrorCode error;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error) return absl::InvalidArgumentError("http_listen does not begin with an IP address");
    const tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(4096, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", listen, ": ", error.message(),
                                                 "; choose another --http-listen"));
    }
    return absl::OkStatus();
  }

  void Run() override {
    Accept();
    thread_ = std::thread([this] { core_.io.run(); });
  }

  void Stop(absl::Duration patience) override {
    if (stopped_) return;
    stopped_ = true;
    if (thread_.joinable()) {
      std::future<void> drained = core_.drained.get_future();
      core_.gate->Post([this] {
        ErrorCode ignored;
        acceptor_.close(ignored);
        core_.draining = true;
        timers_.clear();
        if (core_.open.empty()) return core_.drained.set_value();
        const auto open = core_.open;
        for (const auto& [key, connection] : open) connection->Drain();
        // A request may be on its way on a connection that looks idle.
        retry_.expires_after(Nanos(core_.options.idle_notice));
        retry_.async_wait([this](ErrorCode stopped) {
          if (stopped) return;
          const auto left = core_.open;
          for (const auto& [key, connection] : left) connection->CloseIfIdle();
        });
      });
      drained.wait_for(Nanos(patience));
    }
    aside_.stop();
    aside_.join();
    core_.gate->Close();
    core_.io.stop();
    if (thread_.joinable()) thread_.join();
    core_.open.clear();
  }

  uint16_t port() const override { return port_; }
  size_t connections() const override { return core_.connections; }
  uint64_t cut_off() const override { return core_.cut_off; }

  void RunAside(std::function<void()> task) override {
    asio::post(aside_, [task = std::move(task)] {
      try {
        task();
      } catch (const std::exception&) {
        runtime::LogError("a handler of the gateway threw an exception");
      }
    });
  }

  void Every(absl::Duration period, std::function<void()> task) override {
    timers_.push_back(std::make_unique<asio::steady_timer>(core_.io));
    Tick(timers_.back().get(), period, std::move(task));
  }

 private:
  void Tick(asio::steady_timer* timer, absl::Duration period, std::function<void()> task) {
    timer->expires_after(Nanos(period));
    timer->async_wait([this, timer, period, task = std::move(task)](ErrorCode error) mutable {
      if (error || core_.draining) return;
      task();
      Tick(timer, period, std::move(task));
    });
  }

  void Accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) {
        // Out of file descriptors: connections that end will free some.
        retry_.expires_after(std::chrono::milliseconds(100));
        retry_.async_wait([this](ErrorCode) {
          if (acceptor_.is_open()) Accept();
        });
        return;
      }
      Admit(std::move(socket));
      Accept();
    });
  }

  void Admit(tcp::socket socket) {
    ErrorCode ignored;
    if (core_.open.size() >= core_.options.most_connections) {
      static constexpr char kFull[] =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n";
      socket.non_blocking(true, ignored);
      socket.send(asio::buffer(kFull, sizeof(kFull) - 1), 0, ignored);
      socket.close(ignored);
      return;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(&core_, std::move(socket));
    core_.open.emplace(connection.get(), connection);
    core_.connections = core_.open.size();
    connection->Start();
  }

  Core core_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  std::vector<std::unique_ptr<asio::steady_timer>> timers_;
  asio::thread_pool aside_;
  std::thread thread_;
  uint16_t port_ = 0;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(Options options, Handler handler,
                                                               Refusal refusal) {
  auto server =
      std::make_unique<BeastServer>(std::move(options), std::move(handler), std::move(refusal));
  RETURN_IF_ERROR(server->Open());
  return server;
}

}  // namespace fosterwatch::gateway
