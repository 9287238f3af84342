#include "services/gateway/http_connection.h"

#include <cerrno>
#include <exception>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <sys/socket.h>

#include "libs/runtime/log.h"

namespace fosterwatch::gateway {

namespace http = boost::beast::http;

namespace {

constexpr size_t kWritesAtOnce = 64;
// What is read and dropped after a refusal, so that the client gets to see it before the socket
// closes; a reset would take it away.
constexpr size_t kMostLingerBytes = 8 * 1024 * 1024;

// What another reader of the same bytes, such as a proxy before us, may take for something else:
// then one's body is the other's next request (RFC 9112, 3.2, 6.1 and 11.2), or one's caller
// another than the other's. Lengths that contradict each other are no request for Beast already.
bool IsAmbiguous(const http::request<http::string_body>& message) {
  for (const http::field once :
       {http::field::host, http::field::transfer_encoding, http::field::content_type,
        http::field::content_encoding, http::field::authorization, http::field::origin}) {
    if (message.count(once) > 1) return true;
  }
  if (message.count("Sec-Fetch-Site") > 1) return true;
  const auto coding = message.find(http::field::transfer_encoding);
  return coding != message.end() &&
         (message.version() < 11 ||
          !absl::EqualsIgnoreCase(std::string(coding->value()), "chunked"));
}

class StreamToConnection : public Stream {
 public:
  StreamToConnection(std::shared_ptr<Gate> gate, std::weak_ptr<Connection> connection,
                     std::shared_ptr<StreamState> state, size_t most)
      : gate_(std::move(gate)),
        connection_(std::move(connection)),
        state_(std::move(state)),
        most_(most) {}
  ~StreamToConnection() override { End(nullptr); }

  bool Write(std::shared_ptr<const std::string> bytes) override {
    if (!state_->open) return false;
    if (state_->waiting.fetch_add(1) >= most_) {
      state_->open = false;
      gate_->Post([connection = connection_] {
        if (const auto held = connection.lock()) held->CutOff();
      });
      return false;
    }
    gate_->Post([connection = connection_, bytes = std::move(bytes)]() mutable {
      if (const auto held = connection.lock()) held->Push(std::move(bytes));
    });
    return true;
  }

  void End(std::shared_ptr<const std::string> bytes) override {
    if (!state_->open.exchange(false)) return;
    ++state_->waiting;
    gate_->Post([connection = connection_, bytes = std::move(bytes)]() mutable {
      if (const auto held = connection.lock()) held->End(std::move(bytes));
    });
  }

  bool open() const override { return state_->open; }

 private:
  const std::shared_ptr<Gate> gate_;
  const std::weak_ptr<Connection> connection_;
  const std::shared_ptr<StreamState> state_;
  const size_t most_;
};

class ReplyToConnection : public Reply {
 public:
  ReplyToConnection(std::shared_ptr<Gate> gate, std::weak_ptr<Connection> connection,
                    std::shared_ptr<runtime::Cancellation> gone, size_t most)
      : gate_(std::move(gate)),
        connection_(std::move(connection)),
        gone_(std::move(gone)),
        most_(most) {}
  ~ReplyToConnection() override {
    if (!answered_) Send(Problem(absl::InternalError("the request was not answered")));
  }

  void Send(HttpResponse response) override {
    if (answered_.exchange(true)) return;
    gate_->Post([connection = connection_, response = std::move(response)]() mutable {
      if (const auto held = connection.lock()) held->Answer(std::move(response));
    });
  }

  std::shared_ptr<Stream> Begin(HttpResponse head) override {
    auto state = std::make_shared<StreamState>();
    auto stream = std::make_shared<StreamToConnection>(gate_, connection_, state, most_);
    if (answered_.exchange(true)) {
      state->open = false;
      return stream;
    }
    gate_->Post([connection = connection_, head = std::move(head), state]() mutable {
      const auto held = connection.lock();
      if (held == nullptr) {
        state->open = false;
        return;
      }
      held->Begin(std::move(head), std::move(state));
    });
    return stream;
  }

  const std::shared_ptr<runtime::Cancellation>& gone() const override { return gone_; }

 private:
  const std::shared_ptr<Gate> gate_;
  const std::weak_ptr<Connection> connection_;
  const std::shared_ptr<runtime::Cancellation> gone_;
  const size_t most_;
  std::atomic<bool> answered_{false};
};

}  // namespace

void Connection::Answer(HttpResponse response) {
  if (state_ != State::kHandling) return;
  Write(std::move(response));
}

void Connection::Begin(HttpResponse head, std::shared_ptr<StreamState> stream) {
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

void Connection::Push(std::shared_ptr<const std::string> bytes) {
  if (state_ != State::kStreaming || ending_) return;
  queue_.push_back(std::move(bytes));
  Pump();
}

void Connection::End(std::shared_ptr<const std::string> bytes) {
  if (state_ != State::kStreaming || ending_) return;
  if (bytes != nullptr) queue_.push_back(std::move(bytes));
  ending_ = true;
  Pump();
}

void Connection::CutOff() {
  if (state_ == State::kClosed) return;
  ++core_->cut_off;
  Close();
}

void Connection::Drain() {
  if (state_ == State::kStreaming) return End(nullptr);
  // An answer on its way has promised what it says: the next request may be under way already.
  if (state_ != State::kWriting) keep_alive_ = false;
}

void Connection::CloseIfIdle() {
  if (state_ == State::kReading && buffer_.size() == 0 && !parser_->got_some()) Close();
}

bool Connection::Claim(size_t bytes) {
  if (core_->large_bytes + bytes > core_->options.most_large_bytes) return false;
  claimed_ = bytes;
  core_->large_bytes += bytes;
  return true;
}

void Connection::Unclaim() {
  core_->large_bytes -= claimed_;
  claimed_ = 0;
}

void Connection::ReadHeaders(absl::Duration patience) {
  state_ = State::kReading;
  Unclaim();
  gone_ = nullptr;
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_->options.most_header_bytes));
  parser_->body_limit(core_->options.most_body_bytes);
  stream_.expires_after(Nanos(patience));
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, size_t) { self->OnHeaders(error); });
}

void Connection::OnHeaders(ErrorCode error) {
  if (error) return OnReadError(error);
  if (IsAmbiguous(parser_->get())) return Refuse(400);
  stream_.expires_after(Nanos(core_->options.body_patience));
  // A body without a length may be as long as any.
  const auto length = parser_->content_length();
  const size_t bytes = length               ? static_cast<size_t>(*length)
                       : parser_->chunked() ? core_->options.most_body_bytes
                                            : 0;
  if (bytes > core_->options.small_body_bytes && bytes <= core_->options.most_body_bytes &&
      !Claim(bytes)) {
    return Refuse(429);
  }
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

void Connection::ReadBody() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](ErrorCode error, size_t) {
                     if (error) return self->OnReadError(error);
                     self->Handle();
                   });
}

void Connection::OnReadError(ErrorCode error) {
  if (state_ == State::kClosed) return;
  const bool http_error = error.category() == make_error_code(http::error::bad_method).category();
  if (!http_error || error == http::error::end_of_stream || error == http::error::partial_message) {
    return Close();
  }
  Refuse(error == http::error::body_limit ? 413 : error == http::error::header_limit ? 431 : 400);
}

void Connection::Refuse(int status) {
  keep_alive_ = false;
  version_ = 11;
  Write(core_->refusal(Convert(parser_->get()), status));
}

HttpRequest Connection::Convert(const http::request<http::string_body>& message) {
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

void Connection::Write(HttpResponse response) {
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

void Connection::OnWritten(ErrorCode error) {
  body_ = nullptr;
  if (error == beast::error::timeout) return CutOff();
  if (error) return Close();
  if (!keep_alive_) return Linger();
  ReadHeaders(core_->options.idle_patience);
  if (!core_->draining) return;
  notice_ = std::make_unique<asio::steady_timer>(core_->io, Nanos(core_->options.idle_notice));
  notice_->async_wait([self = shared_from_this()](ErrorCode stopped) {
    if (!stopped) self->CloseIfIdle();
  });
}

std::string Connection::HeadOf(const HttpResponse& response, absl::optional<size_t> size) const {
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

void Connection::Pump() {
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

void Connection::Flush() {
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

void Connection::Linger() {
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

void Connection::Discard() {
  stream_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](ErrorCode error, size_t read) {
                            self->discarded_ += read;
                            if (error || self->discarded_ > kMostLingerBytes) {
                              return self->Close();
                            }
                            self->Discard();
                          });
}

void Connection::CloseStream() {
  if (stream_state_ != nullptr) stream_state_->open = false;
  queue_.clear();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  CloseStream();
  state_ = State::kClosed;
  Unclaim();
  if (gone_ != nullptr) gone_->Request();
  if (linger_ != nullptr) linger_->cancel();
  if (notice_ != nullptr) notice_->cancel();
  ErrorCode ignored;
  stream_.socket().close(ignored);
  stream_.cancel();
  core_->Remove(this);
}

void Connection::WatchForHangUp() {
  // One of an earlier request may still wait: it ends with the next bytes, whosever they are.
  if (watching_) return;
  watching_ = true;
  stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
    self->watching_ = false;
    if (error || self->state_ != State::kHandling) return;
    char byte;
    const ssize_t read =
        ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (read > 0) return;  // a further request, behind which nothing can be seen
    if (read < 0 && (errno == EAGAIN || errno == EINTR)) return self->WatchForHangUp();
    self->Close();
  });
}

void Connection::Handle() {
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
  gone_ = std::make_shared<runtime::Cancellation>();
  auto reply = std::make_shared<ReplyToConnection>(core_->gate, weak_from_this(), gone_,
                                                   core_->options.most_stream_writes);
  WatchForHangUp();
  try {
    core_->handler(std::move(request), std::move(reply));
  } catch (const std::exception&) {
    // A library's exception costs this request; its reply, dropped, answers 500.
    runtime::LogError("a handler of the gateway threw an exception");
  }
}

}  // namespace fosterwatch::gateway
