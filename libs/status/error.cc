#include "libs/status/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace fosterwatch {
namespace {

constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   std::vector<Violation> violations) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("fosterwatch");
  status.SetPayload(kErrorInfo, absl::Cord(info.SerializeAsString()));
  if (!violations.empty()) {
    google::rpc::BadRequest bad;
    for (Violation& violation : violations) {
      auto* added = bad.add_field_violations();
      added->set_field(std::move(violation.field));
      added->set_description(std::move(violation.description));
    }
    status.SetPayload(kBadRequest, absl::Cord(bad.SerializeAsString()));
  }
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(field, ": ", description),
               {{std::string(field), std::string(description)}});
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload(kErrorInfo);
  if (!payload || !info.ParseFromString(std::string(*payload))) return "";
  return info.reason();
}

std::vector<Violation> ViolationsOf(const absl::Status& status) {
  google::rpc::BadRequest bad;
  const auto payload = status.GetPayload(kBadRequest);
  if (!payload || !bad.ParseFromString(std::string(*payload))) return {};
  std::vector<Violation> violations;
  for (const auto& violation : bad.field_violations()) {
    violations.push_back({violation.field(), violation.description()});
  }
  return violations;
}

bool IsRetryable(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsUnavailable(status);
}

}  // namespace fosterwatch
