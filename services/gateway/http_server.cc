#include "services/gateway/http_server.h"

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr size_t kWritesAtOnce = 64;
// What is read and dropped after a refusal, so that the client gets to see it before the socket
// closes; a reset would take it away.
constexpr size_t kMostLingerBytes = 8 * 1024 * 1024;

std::chrono::nanoseconds Nanos(absl::Duration duration) {
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

class Session;

// What the sessions share. Used on the io thread, counters apart.
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
  std::promise<void> drained;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions;

  void Remove(Session* session) {
    sessions.erase(session);
    connections = sessions.size();
    if (draining && sessions.empty()) drained.set_value();
  }
};

struct StreamState {
  std::atomic<bool> open{true};
  std::atomic<size_t> waiting{0};
};

// One connection. Lives in Core::sessions until it is closed; everything on the io thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Core* core, tcp::socket socket) : core_(core), stream_(std::move(socket)) {}

  void Start() { ReadHeaders(core_->options.header_patience); }

  // The answer of the handler, or of nobody.
  void Answer(HttpResponse response) {
    if (state_ != State::kHandling) return;
    Write(std::move(response));
  }

  void Begin(HttpResponse head, std::shared_ptr<StreamState> stream) {
    if (state_ != State::kHandling) {
      stream->open = false;
      return;
    }
    state_ = State::kStreaming;
    stream_state_ = std::move(stream);
    keep_alive_ = false;
    chunked_ = version_ >= 11;
    if (chunked_) head.headers.emplace_back("Transfer-Encoding", "chunked");
    out_ = HeadOf(head, absl::nullopt);
    // A real read: waiting for readability alone wakes up for nothing now and then.
    stream_.expires_never();
    stream_.async_read_some(asio::buffer(scratch_),
                            [self = shared_from_this()](ErrorCode, size_t) { self->Close(); });
    Flush();
  }

  void Push(std::shared_ptr<const std::string> bytes) {
    if (state_ != State::kStreaming || ending_) return;
    queue_.push_back(std::move(bytes));
    Pump();
  }

  void End(std::shared_ptr<const std::string> bytes) {
    if (state_ != State::kStreaming || ending_) return;
    if (bytes != nullptr) queue_.push_back(std::move(bytes));
    ending_ = true;
    Pump();
  }

  void CutOff() {
    if (state_ == State::kClosed) return;
    ++core_->cut_off;
    Close();
  }

  void Drain() {
    if (state_ == State::kReading) return Close();
    if (state_ == State::kStreaming) return End(nullptr);
    keep_alive_ = false;
  }

 private:
  enum class State { kReading, kHandling, kWriting, kStreaming, kLingering, kClosed };

  void ReadHeaders(absl::Duration patience) {
    state_ = State::kReading;
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(core_->options.most_header_bytes));
    parser_->body_limit(core_->options.most_body_bytes);
    stream_.expires_after(Nanos(patience));
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](ErrorCode error, size_t) { self->OnHeaders(error); });
  }

  void OnHeaders(ErrorCode error) {
    if (error) return OnReadError(error);
    stream_.expires_after(Nanos(core_->options.body_patience));
    if (!absl::EqualsIgnoreCase(std::string(parser_->get()[http::field::expect]), "100-continue")) {
      return ReadBody();
    }
    static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue, sizeof(kContinue) - 1),
                      [self = shared_from_this()](ErrorCode write_error, size_t) {
                        if (write_error) return self->Close();
                        self->ReadBody();
                      });
  }

  void ReadBody() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](ErrorCode error, size_t) {
                       if (error) return self->OnReadError(error);
                       self->Handle();
                     });
  }

  void OnReadError(ErrorCode error) {
    if (state_ == State::kClosed) return;
    const bool http_error = error.category() == make_error_code(http::error::bad_method).category();
    if (!http_error || error == http::error::end_of_stream ||
        error == http::error::partial_message) {
      return Close();
    }
    keep_alive_ = false;
    version_ = 11;
    const HttpRequest request = Convert(parser_->get());
    Write(core_->refusal(request, error == http::error::body_limit     ? 413
                                  : error == http::error::header_limit ? 431
                                                                       : 400));
  }

  static HttpRequest Convert(const http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = std::string(message.method_string());
    const std::string target(message.target());
    const size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) request.query = target.substr(mark + 1);
    for (const auto& field : message) {
      request.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())),
                                   std::string(field.value()));
    }
    return request;
  }

  void Handle();

  void Write(HttpResponse response) {
    state_ = State::kWriting;
    body_ = std::move(response.body);
    const size_t size = body_ == nullptr ? 0 : body_->size();
    out_ = HeadOf(response, size);
    if (head_only_) body_ = nullptr;
    const std::array<asio::const_buffer, 2> buffers = {
        asio::buffer(out_), body_ == nullptr ? asio::const_buffer() : asio::buffer(*body_)};
    stream_.expires_after(Nanos(core_->options.write_patience));
    asio::async_write(stream_, buffers, [self = shared_from_this()](ErrorCode error, size_t) {
      self->OnWritten(error);
    });
  }

  void OnWritten(ErrorCode error) {
    body_ = nullptr;
    if (error == beast::error::timeout) return CutOff();
    if (error) return Close();
    if (!keep_alive_ || core_->draining) return Linger();
    ReadHeaders(core_->options.idle_patience);
  }

  // `size` is absent where the answer goes on.
  std::string HeadOf(const HttpResponse& response, absl::optional<size_t> size) const {
    std::string head =
        absl::StrCat("HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status), "\r\n");
    const auto add = [&](absl::string_view name, absl::string_view value) {
      absl::StrAppend(&head, name, ": ");
      for (const char c : value) {
        if (c != '\r' && c != '\n') head += c;
      }
      head += "\r\n";
    };
    for (const auto& [name, value] : response.headers) add(name, value);
    for (const auto& [name, value] : core_->options.headers) {
      bool given = false;
      for (const auto& [other, unused] : response.headers) {
        given = given || absl::EqualsIgnoreCase(name, other);
      }
      if (!given) add(name, value);
    }
    add("Date", absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
    if (size && response.status != 204 && response.status != 304) {
      add("Content-Length", absl::StrCat(*size));
    }
    if (!keep_alive_) add("Connection", "close");
    if (keep_alive_ && version_ < 11) add("Connection", "keep-alive");
    head += "\r\n";
    return head;
  }

  // Sends what waits, as chunks, unless a write is under way.
  void Pump() {
    if (writing_ || state_ != State::kStreaming) return;
    for (size_t i = 0; i < kWritesAtOnce && !queue_.empty(); ++i) {
      const std::string& bytes = *queue_.front();
      if (chunked_ && !bytes.empty()) {
        absl::StrAppend(&out_, absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
      } else {
        out_ += bytes;
      }
      queue_.pop_front();
      --stream_state_->waiting;
    }
    if (queue_.empty() && ending_ && !ended_) {
      ended_ = true;
      if (chunked_) out_ += "0\r\n\r\n";
      if (out_.empty()) return Linger();
    }
    if (!out_.empty()) Flush();
  }

  void Flush() {
    writing_ = true;
    stream_.expires_after(Nanos(core_->options.write_patience));
    asio::async_write(stream_, asio::buffer(out_),
                      [self = shared_from_this()](ErrorCode error, size_t) {
                        self->writing_ = false;
                        self->out_.clear();
                        if (error == beast::error::timeout) return self->CutOff();
                        if (error) return self->Close();
                        if (self->ended_) return self->Linger();
                        self->Pump();
                      });
  }

  // Says that no more comes, and waits a little for the client to have read it.
  void Linger() {
    if (state_ == State::kClosed) return;
    const bool reading = state_ == State::kStreaming;
    CloseStream();
    state_ = State::kLingering;
    ErrorCode ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    // A stream's own read ends when the client hangs up; the timer ends it otherwise.
    if (reading) {
      linger_ = std::make_unique<asio::steady_timer>(core_->io, std::chrono::seconds(2));
      linger_->async_wait([self = shared_from_this()](ErrorCode) { self->Close(); });
      return;
    }
    stream_.expires_after(std::chrono::seconds(2));
    Discard();
  }

  void Discard() {
    stream_.async_read_some(asio::buffer(scratch_),
                            [self = shared_from_this()](ErrorCode error, size_t read) {
                              self->discarded_ += read;
                              if (error || self->discarded_ > kMostLingerBytes) {
                                return self->Close();
                              }
                              self->Discard();
                            });
  }

  void CloseStream() {
    if (stream_state_ != nullptr) stream_state_->open = false;
    queue_.clear();
  }

  void Close() {
    if (state_ == State::kClosed) return;
    CloseStream();
    state_ = State::kClosed;
    if (linger_ != nullptr) linger_->cancel();
    ErrorCode ignored;
    stream_.socket().close(ignored);
    stream_.cancel();
    core_->Remove(this);
  }

  Core* const core_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  absl::optional<http::request_parser<http::string_body>> parser_;
  State state_ = State::kReading;
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_only_ = false;
  std::string out_;
  std::shared_ptr<const std::string> body_;

  std::shared_ptr<StreamState> stream_state_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  bool chunked_ = false;
  bool writing_ = false;
  bool ending_ = false;
  bool ended_ = false;

  std::array<char, 4096> scratch_;
  size_t discarded_ = 0;
  std::unique_ptr<asio::steady_timer> linger_;
};

class StreamToSession : public Stream {
 public:
  StreamToSession(std::shared_ptr<Gate> gate, std::weak_ptr<Session> session,
                  std::shared_ptr<StreamState> state, size_t most)
      : gate_(std::move(gate)),
        session_(std::move(session)),
        state_(std::move(state)),
        most_(most) {}
  ~StreamToSession() override { End(nullptr); }

  bool Write(std::shared_ptr<const std::string> bytes) override {
    if (!state_->open) return false;
    if (state_->waiting.fetch_add(1) >= most_) {
      state_->open = false;
      gate_->Post([session = session_] {
        if (const auto held = session.lock()) held->CutOff();
      });
      return false;
    }
    gate_->Post([session = session_, bytes = std::move(bytes)]() mutable {
      if (const auto held = session.lock()) held->Push(std::move(bytes));
    });
    return true;
  }

  void End(std::shared_ptr<const std::string> bytes) override {
    if (!state_->open.exchange(false)) return;
    ++state_->waiting;
    gate_->Post([session = session_, bytes = std::move(bytes)]() mutable {
      if (const auto held = session.lock()) held->End(std::move(bytes));
    });
  }

  bool open() const override { return state_->open; }

 private:
  const std::shared_ptr<Gate> gate_;
  const std::weak_ptr<Session> session_;
  const std::shared_ptr<StreamState> state_;
  const size_t most_;
};

class ReplyToSession : public Reply {
 public:
  ReplyToSession(std::shared_ptr<Gate> gate, std::weak_ptr<Session> session, size_t most)
      : gate_(std::move(gate)), session_(std::move(session)), most_(most) {}
  ~ReplyToSession() override {
    if (!answered_) Send(Problem(absl::InternalError("the request was not answered")));
  }

  void Send(HttpResponse response) override {
    if (answered_.exchange(true)) return;
    gate_->Post([session = session_, response = std::move(response)]() mutable {
      if (const auto held = session.lock()) held->Answer(std::move(response));
    });
  }

  std::shared_ptr<Stream> Begin(HttpResponse head) override {
    auto state = std::make_shared<StreamState>();
    auto stream = std::make_shared<StreamToSession>(gate_, session_, state, most_);
    if (answered_.exchange(true)) {
      state->open = false;
      return stream;
    }
    gate_->Post([session = session_, head = std::move(head), state]() mutable {
      const auto held = session.lock();
      if (held == nullptr) {
        state->open = false;
        return;
      }
      held->Begin(std::move(head), std::move(state));
    });
    return stream;
  }

 private:
  const std::shared_ptr<Gate> gate_;
  const std::weak_ptr<Session> session_;
  const size_t most_;
  std::atomic<bool> answered_{false};
};

void Session::Handle() {
  http::request<http::string_body> message = parser_->release();
  version_ = message.version();
  keep_alive_ = message.keep_alive() && !core_->draining;
  head_only_ = message.method() == http::verb::head;
  auto request = std::make_shared<HttpRequest>(Convert(message));
  request->body = std::move(message.body());
  if (!absl::StartsWith(request->path, "/") ||
      (version_ >= 11 && request->Header("host").empty())) {
    keep_alive_ = false;
    return Write(core_->refusal(*request, 400));
  }
  state_ = State::kHandling;
  auto reply = std::make_shared<ReplyToSession>(core_->gate, weak_from_this(),
                                                core_->options.most_stream_writes);
  try {
    core_->handler(std::move(request), std::move(reply));
  } catch (const std::exception&) {
    // A library's exception costs this request; its reply, dropped, answers 500.
    runtime::LogError("a handler of the gateway threw an exception");
  }
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
        if (core_.sessions.empty()) return core_.drained.set_value();
        const auto sessions = core_.sessions;
        for (const auto& [key, session] : sessions) session->Drain();
      });
      drained.wait_for(Nanos(patience));
    }
    aside_.stop();
    aside_.join();
    core_.gate->Close();
    core_.io.stop();
    if (thread_.joinable()) thread_.join();
    core_.sessions.clear();
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
    if (core_.sessions.size() >= core_.options.most_connections) {
      static constexpr char kFull[] =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n";
      socket.non_blocking(true, ignored);
      socket.send(asio::buffer(kFull, sizeof(kFull) - 1), 0, ignored);
      socket.close(ignored);
      return;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    auto session = std::make_shared<Session>(&core_, std::move(socket));
    core_.sessions.emplace(session.get(), session);
    core_.connections = core_.sessions.size();
    session->Start();
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
