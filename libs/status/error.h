// Errors that are answers. A canonical code says what the caller may do; a REASON in upper case
// says which error it is; violations name the fields at fault, never their values. They travel as
// google.rpc.ErrorInfo and google.rpc.BadRequest, through absl::Status payloads and gRPC trailers.
//
// Which code: INVALID_ARGUMENT the request can never be right; FAILED_PRECONDITION not in this
// state; NOT_FOUND also for what belongs to another agency; ALREADY_EXISTS; ABORTED lost a race,
// run the transaction again; UNAVAILABLE try again later; RESOURCE_EXHAUSTED full; INTERNAL ours.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace fosterwatch {

struct Violation {
  std::string field;        // "report.child_id"
  std::string description;  // "is not known to this agency"
};

// `reason` is UPPER_SNAKE, at most 63 characters. `message` is lower case, says what is wrong with
// what, and holds no value that a caller sent.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   std::vector<Violation> violations = {});

// INVALID_ARGUMENT about one field: "report.child_id: is not known to this agency".
absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description);

// The reason, or "" where the status carries none.
std::string ReasonOf(const absl::Status& status);

// The violations, in order; empty where there are none.
std::vector<Violation> ViolationsOf(const absl::Status& status);

// Whether the same call may succeed if it is simply made again: aborted and unavailable only.
bool IsRetryable(const absl::Status& status);

}  // namespace fosterwatch
