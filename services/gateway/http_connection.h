// One connection of the server, and what connections share. Inside of http_server: only these files
// know Beast. Everything on the io thread, but for the gate and the counters.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "services/gateway/http.h"
#include "services/gateway/http_server.h"

namespace fosterwatch::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

inline std::chrono::nanoseconds Nanos(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

// Lets other threads reach the io thread for as long as there is one.
class Gate {
 public:
  explicit Gate(asio::io_context* io) : io_(io) {}
  template <typename Task>
  void Post(Task task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(task));
  }
  void Close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* io_;
};

class Connection;

// What the connections share. Used on the io thread, counters apart.
struct Core {
  explicit Core(HttpServer::Options o) : options(std::move(o)) {}
  HttpServer::Options options;
  HttpServer::Handler handler;
  HttpServer::Refusal refusal;
  asio::io_context io{1};
  std::shared_ptr<Gate> gate = std::make_shared<Gate>(&io);
  std::atomic<size_t> connections{0};
  std::atomic<uint64_t> cut_off{0};
  bool draining = false;
  size_t large_bytes = 0;  // claimed by large bodies
  std::promise<void> drained;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> open;

  void Remove(Connection* connection) {
    open.erase(connection);
    connections = open.size();
    if (draining && open.empty()) drained.set_value();
  }
};

// Of a stream, shared with whoever writes to it.
struct StreamState {
  std::atomic<bool> open{true};
  std::atomic<size_t> waiting{0};
};

// One connection. Lives in Core::open until it is closed; everything on the io thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Core* core, tcp::socket socket) : core_(core), stream_(std::move(socket)) {}

  void Start() { ReadHeaders(core_->options.header_patience); }

  // The answer of the handler, or of nobody.
  void Answer(HttpResponse response);

  void Begin(HttpResponse head, std::shared_ptr<StreamState> stream);
  void Push(std::shared_ptr<const std::string> bytes);
  void End(std::shared_ptr<const std::string> bytes);
  // Closes a client that is too slow.
  void CutOff();
  // Ends a stream; what is under way comes to its end.
  void Drain();
  // Closes it where no request has begun.
  void CloseIfIdle();

 private:
  enum class State { kReading, kHandling, kWriting, kStreaming, kLingering, kClosed };

  static HttpRequest Convert(const beast::http::request<beast::http::string_body>& message);

  void ReadHeaders(absl::Duration patience);
  void OnHeaders(ErrorCode error);
  void ReadBody();
  void OnReadError(ErrorCode error);
  void Refuse(int status);
  void Handle();
  // While the handler works: whether the client is still there.
  void WatchForHangUp();
  // Of the bytes that all large bodies may take together.
  bool Claim(size_t bytes);
  void Unclaim();

  // `size` is absent where the answer goes on.
  std::string HeadOf(const HttpResponse& response, absl::optional<size_t> size) const;
  void Write(HttpResponse response);
  void OnWritten(ErrorCode error);

  // Sends what waits, as chunks, unless a write is under way.
  void Pump();
  void Flush();
  void CloseStream();

  // Says that no more comes, and waits a little for the client to have read it.
  void Linger();
  void Discard();
  void Close();

  Core* const core_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  absl::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  State state_ = State::kReading;
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_only_ = false;
  std::string out_;
  std::shared_ptr<const std::string> body_;

  bool watching_ = false;
  std::shared_ptr<runtime::Cancellation> gone_;  // of the request that is handled
  size_t claimed_ = 0;

  std::shared_ptr<StreamState> stream_state_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  bool chunked_ = false;
  bool writing_ = false;
  bool ending_ = false;
  bool ended_ = false;

  std::array<char, 4096> scratch_;
  size_t discarded_ = 0;
  std::unique_ptr<asio::steady_timer> linger_;
  std::unique_ptr<asio::steady_timer> notice_;
};

}  // namespace fosterwatch::gateway
