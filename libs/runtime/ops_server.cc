#include "libs/runtime/ops_server.h"

#include <array>
#include <exception>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <civetweb.h>

namespace fosterwatch::runtime {
namespace {

void Send(mg_connection* connection, const OpsServer::Page& page, bool with_body) {
  const std::string head = absl::StrCat(
      "HTTP/1.1 ", page.status, " ", mg_get_response_code_text(connection, page.status),
      "\r\nContent-Type: ", page.content_type, "\r\nContent-Length: ", page.body.size(),
      "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
  mg_write(connection, head.data(), head.size());
  if (with_body) mg_write(connection, page.body.data(), page.body.size());
}

// civetweb is C: no exception may pass it.
int Answer(mg_connection* connection, void* data) {
  const mg_request_info* info = mg_get_request_info(connection);
  const absl::string_view method = info->request_method;
  if (method != "GET" && method != "HEAD") {
    Send(connection, {405, "text/plain; charset=utf-8", "only GET and HEAD\n"}, true);
    return 405;
  }
  OpsServer::Request request;
  request.path = info->local_uri;
  for (const absl::string_view word :
       absl::StrSplit(info->query_string == nullptr ? "" : info->query_string, '&')) {
    if (word.substr(0, word.find('=')) == "verbose") request.verbose = true;
  }
  if (const char* accept = mg_get_header(connection, "Accept")) {
    request.wants_json = absl::StrContains(accept, "application/json");
  }
  OpsServer::Page page;
  try {
    page = (*static_cast<const OpsServer::Handler*>(data))(request);
  } catch (const std::exception&) {
    page = {500, "text/plain; charset=utf-8", "it cannot be said\n"};
  }
  Send(connection, page, method == "GET");
  return page.status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OpsServer>> OpsServer::Listen(const std::string& address,
                                                             Handler handler) {
  std::unique_ptr<OpsServer> server(new OpsServer(std::move(handler)));
  static const bool initialised = mg_init_library(0) == 0;
  (void)initialised;
  const char* options[] = {"listening_ports",
                           address.c_str(),
                           "num_threads",
                           "2",
                           "request_timeout_ms",
                           "5000",
                           "enable_keep_alive",
                           "no",
                           nullptr};
  const mg_callbacks callbacks = {};
  server->server_ = mg_start(&callbacks, nullptr, options);
  if (server->server_ == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on the metrics address ", address,
                     ": is it taken? name another with --metrics-listen"));
  }
  mg_set_request_handler(server->server_, "/", Answer,
                         const_cast<Handler*>(&server->handler_));  // read only; C has no const
  std::array<mg_server_port, 4> ports = {};
  const int count = mg_get_server_ports(server->server_, ports.size(), ports.data());
  server->address_ =
      absl::StrCat(address.substr(0, address.rfind(':') + 1), count > 0 ? ports[0].port : 0);
  return server;
}

OpsServer::~OpsServer() {
  if (server_ != nullptr) mg_stop(server_);
}

}  // namespace fosterwatch::runtime
