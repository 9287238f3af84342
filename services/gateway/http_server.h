// HTTP/1.1 on Boost.Beast with one io thread for all sockets. The thread only reads, writes and
// calls handlers, which must not block on it: what blocks goes by RunAside or an asynchronous
// client. This is the only file that knows Beast.
//
// Limits, so that no client costs others: 2,000 connections; headers of 16 KB (431); bodies of
// 1,000,000 bytes (413), those over 64 KB no more than 64 MB together (429); 15 s for a request's
// headers, 60 s idle between requests, 30 s for a body, 20 s for a client to take what was written;
// 256 waiting writes of a stream.
//
// A client that hangs up while its request is handled is told to the handler (Reply::gone); one
// that closes its sending half counts as gone too, as with most servers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "services/gateway/http.h"

namespace fosterwatch::gateway {

class HttpServer {
 public:
  struct Options {
    std::string listen;  // "127.0.0.1:8410"; port 0 for any
    size_t most_connections = 2000;
    size_t most_header_bytes = 16 * 1024;
    size_t most_body_bytes = 1'000'000;
    // Of bodies larger than `small_body_bytes`, all together.
    size_t most_large_bytes = 64'000'000;
    size_t small_body_bytes = 64 * 1024;
    absl::Duration header_patience = absl::Seconds(15);
    absl::Duration idle_patience = absl::Seconds(60);
    absl::Duration body_patience = absl::Seconds(30);
    absl::Duration write_patience = absl::Seconds(20);
    size_t most_stream_writes = 256;
    // While it stops: how long a connection without a request under way is left open.
    absl::Duration idle_notice = absl::Milliseconds(200);
    int aside_threads = 2;
    // Put on every answer that does not have them.
    HttpHeaders headers;
  };
  // Called on the io thread.
  using Handler = std::function<void(RequestPtr, ReplyPtr)>;
  // The answer to a request that is refused before its handler sees it: 400, 413, 429 or 431, with
  // what is known of the request. Called on the io thread.
  using Refusal = std::function<HttpResponse(const HttpRequest&, int status)>;

  // Listens, so that a port that is taken is an error here: UNAVAILABLE. Serves after Run.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(Options options, Handler handler,
                                                            Refusal refusal);
  virtual ~HttpServer() = default;

  virtual void Run() = 0;
  // No new connection; ends streams well. Answers what is under way and what still comes on open
  // connections, each of which it closes after an answer that says so; one that is idle it closes a
  // moment later. Waits for them, at most `patience`. After it nothing is called any more.
  virtual void Stop(absl::Duration patience) = 0;

  virtual uint16_t port() const = 0;
  virtual size_t connections() const = 0;
  // Clients cut off because they did not take what was written.
  virtual uint64_t cut_off() const = 0;

  // Calls on one of a few other threads, for what takes a while. Any thread.
  virtual void RunAside(std::function<void()> task) = 0;
  // Calls on the io thread now and again until stopped. Before Run.
  virtual void Every(absl::Duration period, std::function<void()> task) = 0;
};

}  // namespace fosterwatch::gateway
