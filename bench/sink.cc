// A mail server for the load: takes every mail at once, keeps none, and counts. One thread.
#include <csignal>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <boost/asio.hpp>

#include "bench/commands.h"

namespace fosterwatch::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class Visitor : public std::enable_shared_from_this<Visitor> {
 public:
  Visitor(tcp::socket socket, int64_t* mails) : socket_(std::move(socket)), mails_(mails) {}

  void Begin() { Answer("220 bench"); }

 private:
  void Answer(const std::string& text) {
    out_ = text + "\r\n";
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this()](boost::system::error_code error, size_t) {
                        if (!error && !self->left_) self->Read();
                      });
  }

  void Read() {
    const std::string end = in_data_ ? "\r\n.\r\n" : "\r\n";
    asio::async_read_until(
        socket_, asio::dynamic_buffer(in_), end,
        [self = shared_from_this()](boost::system::error_code error, size_t size) {
          if (error) return;
          const std::string taken = self->in_.substr(0, size);
          self->in_.erase(0, size);
          self->Take(taken);
        });
  }

  void Take(const std::string& text) {
    if (std::exchange(in_data_, false)) {
      ++*mails_;
      return Answer("250 taken");
    }
    if (absl::StartsWithIgnoreCase(text, "EHLO")) return Answer("250-bench\r\n250 SIZE 1000000");
    if (absl::StartsWithIgnoreCase(text, "DATA")) {
      in_data_ = true;
      return Answer("354 go on");
    }
    if (absl::StartsWithIgnoreCase(text, "QUIT")) {
      left_ = true;
      return Answer("221 bye");
    }
    Answer("250 fine");
  }

  tcp::socket socket_;
  int64_t* const mails_;
  std::string in_, out_;
  bool in_data_ = false, left_ = false;
};

class Sink {
 public:
  explicit Sink(uint16_t port)
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), port)) {}

  void Run() {
    Accept();
    signals_.async_wait([this](boost::system::error_code, int) { io_.stop(); });
    io_.run();
    std::printf("%lld mails\n", static_cast<long long>(mails_));
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::make_shared<Visitor>(std::move(socket), &mails_)->Begin();
      }
      Accept();
    });
  }

  asio::io_context io_{1};
  asio::signal_set signals_{io_, SIGTERM, SIGINT};
  tcp::acceptor acceptor_;
  int64_t mails_ = 0;
};

}  // namespace

void AddSink(CLI::App& app, app::Context* context) {
  CLI::App* sink = app.add_subcommand("sink", "Take mails until stopped, and say how many");
  auto port = std::make_shared<uint16_t>(0);
  sink->add_option("--port", *port, "port on the loopback")->required();
  sink->callback([context, port] {
    context->run = [port] {
      Sink(*port).Run();
      return absl::OkStatus();
    };
  });
}

}  // namespace fosterwatch::bench
