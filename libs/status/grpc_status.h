// absl::Status <-> grpc::Status, details included. The codes are the same numbers.
#pragma once

#include "absl/status/status.h"
#include <grpcpp/support/status.h>

namespace fosterwatch {

// Payloads of google.rpc types travel as google.rpc.Status in the trailer
// grpc-status-details-bin; others stay on our side.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace fosterwatch
