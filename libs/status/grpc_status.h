// absl::Status <-> grpc::Status, details included. The codes are the same numbers.
#pragma once

#include "absl/status/status.h"
#include <grpcpp/support/status.h>

namespace fosterwatch {

// Payloads travel as google.rpc.Status in the trailer grpc-status-details-bin.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace fosterwatch
