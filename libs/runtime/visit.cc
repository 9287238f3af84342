#include "libs/runtime/visit.h"

#include <cstdint>
#include <iterator>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "google/rpc/error_details.pb.h"

#include "libs/status/error.h"

namespace fosterwatch::runtime {
namespace {

constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

}  // namespace

bool IsTraceParent(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() != 4 || parts[0] != "00" || parts[1].size() != 32 || parts[2].size() != 16 ||
      parts[3].size() != 2) {
    return false;
  }
  for (const absl::string_view part : parts) {
    for (const char c : part) {
      if (!absl::ascii_isdigit(c) && !(c >= 'a' && c <= 'f')) return false;
    }
  }
  return parts[1].find_first_not_of('0') != absl::string_view::npos &&
         parts[2].find_first_not_of('0') != absl::string_view::npos;
}

std::string NewTraceParent() {
  static thread_local absl::BitGen bits;
  const auto word = [] { return absl::Uniform<uint64_t>(absl::IntervalClosed, bits, 1, ~0ULL); };
  return absl::StrFormat("00-%016x%016x-%016x-01", word(), word(), word());
}

std::string TraceIdOf(const std::string& trace_parent) { return trace_parent.substr(3, 32); }

std::optional<std::string> MetadataOf(const grpc::CallbackServerContext& context,
                                      const char* name) {
  const auto [first, last] = context.client_metadata().equal_range(name);
  if (first == last || std::next(first) != last) return std::nullopt;
  return std::string(first->second.data(), first->second.size());
}

absl::Status Internal(absl::string_view reason, absl::string_view text) {
  return Error(absl::StatusCode::kInternal, reason, text);
}

absl::Status WithRetryInfo(absl::Status status) {
  if (!absl::IsResourceExhausted(status) && !absl::IsUnavailable(status)) return status;
  if (status.GetPayload(kRetryInfo)) return status;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  status.SetPayload(kRetryInfo, absl::Cord(retry.SerializeAsString()));
  return status;
}

absl::Status Exhausted() {
  return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS",
               "too many calls are waiting; try again in a moment");
}

absl::Status ShuttingDown() {
  return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is shutting down");
}

bool IsOurs(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status) ||
         (absl::IsPermissionDenied(status) && ReasonOf(status).empty());
}

absl::Status WithReason(const absl::Status& status) {
  if (!ReasonOf(status).empty()) return status;
  // What is away, and where it was looked for, is a library's own text.
  if (absl::IsUnavailable(status)) {
    return Error(status.code(), "UNAVAILABLE",
                 "the service cannot reach what it needs; try again shortly");
  }
  // So is where a disk is full.
  if (absl::IsResourceExhausted(status)) {
    return Error(status.code(), "NO_ROOM", "the service has no room for this; try again shortly");
  }
  return Error(status.code(), absl::StatusCodeToString(status.code()), status.message());
}

}  // namespace fosterwatch::runtime
