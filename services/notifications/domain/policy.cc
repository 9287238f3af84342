#include "services/notifications/domain/policy.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifications::domain {
namespace {

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID", message);
}

absl::Status Check(absl::string_view name, const v1::AlertPolicy::Climb& climb) {
  if (climb.every_minutes() < 1 || climb.every_minutes() > 24 * 60) {
    return Invalid(absl::StrCat("the policy of alerts needs 1 to 1440 minutes for ", name));
  }
  if (climb.source().empty()) {
    return Invalid(absl::StrCat("the policy of alerts names no source for ", name));
  }
  if (climb.grade() != "H" && climb.grade() != "M" && climb.grade() != "L") {
    return Invalid(absl::StrCat("the policy of alerts has no grade H, M or L for ", name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::AlertPolicy> ParseAlertPolicy(absl::string_view json) {
  v1::AlertPolicy policy;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policy);
  if (!parsed.ok()) {
    return Invalid(absl::StrCat("the policy of alerts is not an AlertPolicy: ",
                                std::string(parsed.message())));
  }
  if (policy.version().empty()) return Invalid("the policy of alerts has no version");
  RETURN_IF_ERROR(Check("urgent", policy.urgent()));
  RETURN_IF_ERROR(Check("ordinary", policy.ordinary()));
  return policy;
}

absl::Duration ClimbsEvery(const v1::AlertPolicy& policy, bool urgent) {
  return absl::Minutes((urgent ? policy.urgent() : policy.ordinary()).every_minutes());
}

}  // namespace fosterwatch::notifications::domain
