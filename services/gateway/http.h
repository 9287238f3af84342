// Requests and answers as the gateway's handlers see them; the sockets are http_server.h's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

#include "libs/runtime/cancellation.h"

namespace fosterwatch::gateway {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string path;     // before the question mark, not decoded
  std::string query;    // after it
  HttpHeaders headers;  // names in lower case, in the order they came
  std::string body;
  absl::Time received = absl::Now();

  // The first header of that name (lower case), or "".
  absl::string_view Header(absl::string_view name) const;
  // A decoded parameter of the query, or "".
  std::string Query(absl::string_view name) const;
  // Whether the query has that parameter, be it empty.
  bool HasQuery(absl::string_view name) const;
  // The value of a cookie, or "".
  absl::string_view Cookie(absl::string_view name) const;
  // Whether the client takes the answer compressed.
  bool AcceptsGzip() const;
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  // Shared, so that a file in memory is never copied. Null: no body.
  std::shared_ptr<const std::string> body;

  static HttpResponse Of(int status, std::string content_type, std::string body);
};

// An answer that goes on. Any thread.
class Stream {
 public:
  virtual ~Stream() = default;
  // False once the client is gone or fell behind: after 256 waiting writes it is cut off.
  virtual bool Write(std::shared_ptr<const std::string> bytes) = 0;
  // Sends these last bytes and ends the answer well.
  virtual void End(std::shared_ptr<const std::string> bytes) = 0;
  virtual bool open() const = 0;
};

// The answer to one request: Send or Begin, once, from any thread. Dropped without an answer, it
// answers 500.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void Send(HttpResponse response) = 0;
  virtual std::shared_ptr<Stream> Begin(HttpResponse head) = 0;
  // Requested once the client has hung up: nobody waits for the answer.
  virtual const std::shared_ptr<runtime::Cancellation>& gone() const = 0;
  // Whose call it is; false where that agency has enough under way (in_flight.h).
  virtual bool ChargeTo(const std::string& agency_id) {
    (void)agency_id;
    return true;
  }
};

using RequestPtr = std::shared_ptr<const HttpRequest>;
using ReplyPtr = std::shared_ptr<Reply>;

// "Not Found"
std::string ReasonPhrase(int status);
// The status that a canonical code has over HTTP, the same for Connect and for problem+json.
int HttpStatusOf(absl::StatusCode code);
// RFC 9457: application/problem+json with `code`, `reason`, `field` and `errors`. `status` 0 takes
// that of the code.
HttpResponse Problem(const absl::Status& error, int status = 0);
// Adds Retry-After where trying again may help, WWW-Authenticate where a token is missing.
void AddRetryAndChallenge(const absl::Status& error, HttpResponse& response);

// nullopt where a percent sign is not complete.
absl::optional<std::string> PercentDecode(absl::string_view text);

}  // namespace fosterwatch::gateway
