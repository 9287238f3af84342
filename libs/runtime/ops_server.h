// The port for those who run the process: /metrics, /livez and /readyz over HTTP, apart from what
// it serves, so that it answers whatever the process waits for and however busy it is.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

struct mg_context;

namespace fosterwatch::runtime {

class OpsServer {
 public:
  struct Page {
    int status = 200;
    std::string content_type;
    std::string body;
  };
  struct Request {
    std::string path;
    bool verbose = false;     // ?verbose
    bool wants_json = false;  // Accept: application/json
  };
  // Called on one of two threads; pages are for GET and HEAD.
  using Handler = std::function<Page(const Request&)>;

  // "127.0.0.1:7510", port 0 for any. FAILED_PRECONDITION where it is taken or no address.
  static absl::StatusOr<std::unique_ptr<OpsServer>> Listen(const std::string& address,
                                                           Handler handler);
  ~OpsServer();

  // "host:port" with the port that was bound.
  const std::string& address() const { return address_; }

 private:
  explicit OpsServer(Handler handler) : handler_(std::move(handler)) {}

  const Handler handler_;
  std::string address_;
  mg_context* server_ = nullptr;
};

}  // namespace fosterwatch::runtime
