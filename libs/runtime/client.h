// Calls to other services by the descriptor of their methods: no stubs are generated.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/runtime/cancellation.h"

namespace fosterwatch::runtime {

class Tls;

// One per process. Any thread. Channels are made at first use and kept; a service that is away is
// UNAVAILABLE, and found again by itself.
class Client {
 public:
  // `endpoint_of("directory")` is an address. With `tls` it shows its certificate and wants one of
  // that name, else UNAVAILABLE (TLS_FAILED where it can be told).
  explicit Client(std::function<std::string(const std::string& service)> endpoint_of,
                  std::shared_ptr<const Tls> tls = nullptr);
  // Cancels what is under way and waits for it.
  ~Client();

  // May come from outside: a token or agency that is not printable ASCII is UNAUTHENTICATED without
  // a call; a trace that is not is left out.
  //
  // Made while this thread works for a call (CallScope), it takes over that call's deadline where
  // it is the earlier one, its trace where none is named, and ends with it.
  struct Options {
    std::string token;      // a bearer token
    std::string agency_id;  // for a service's own token
    std::string purpose;    // why, as a word; see door.h
    std::string trace_parent;
    absl::Duration timeout = absl::Seconds(5);
    // Ends the call as CANCELLED once it is requested.
    std::shared_ptr<Cancellation> cancellation;
  };

  // "directory", "fosterwatch.directory.v1.DirectoryService", "GetBody". Blocks.
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& service, const std::string& full_service,
                                const std::string& method, const google::protobuf::Message& request,
                                const Options& options) {
    absl::StatusOr<std::string> bytes =
        CallBytes(service, "/" + full_service + "/" + method, request.SerializeAsString(), options);
    if (!bytes.ok()) return bytes.status();
    Response response;
    if (!response.ParseFromString(*bytes)) {
      return absl::InternalError("the answer of " + full_service + " cannot be read");
    }
    return response;
  }

  absl::StatusOr<std::string> CallBytes(const std::string& service, const std::string& path,
                                        const std::string& request, const Options& options);

  // Calls back once: from a gRPC thread, or from this one where no call can be made.
  void CallAsync(const std::string& service, const std::string& path, std::string request,
                 const Options& options, std::function<void(absl::StatusOr<std::string>)> done);

  // Asks the service's gRPC health: OK, or UNAVAILABLE.
  absl::Status CheckHealth(const std::string& service, absl::Duration timeout);

 private:
  struct Channels;
  const std::shared_ptr<Channels> channels_;
};

}  // namespace fosterwatch::runtime
