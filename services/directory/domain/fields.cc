#include "services/directory/domain/fields.h"

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::directory::domain {

absl::Status CheckText(absl::string_view field, absl::string_view text, size_t most) {
  if (text.empty()) return InvalidField(field, "MISSING_FIELD", "is missing");
  if (text.size() > most) {
    return InvalidField(field, "TOO_LONG", absl::StrCat("is longer than ", most, " characters"));
  }
  return absl::OkStatus();
}

absl::Status CheckRoleOfPeople(absl::string_view field, options::v1::Role role) {
  switch (role) {
    case options::v1::ROLE_CASEWORKER:
    case options::v1::ROLE_TEAM_MANAGER:
    case options::v1::ROLE_DEPUTY_MANAGER:
    case options::v1::ROLE_REGISTERED_MANAGER:
    case options::v1::ROLE_RESPONSIBLE_INDIVIDUAL:
    case options::v1::ROLE_SUPERVISING_SOCIAL_WORKER:
    case options::v1::ROLE_ADMINISTRATOR:
      return absl::OkStatus();
    default:
      return InvalidField(field, "INVALID_ROLE", "is not a role that a person holds");
  }
}

absl::Status CheckMoment(absl::string_view field, const google::protobuf::Timestamp& moment) {
  if (clock::IsValid(moment)) return absl::OkStatus();
  return InvalidField(field, "INVALID_TIME", "is not a moment between the years 1 and 9999");
}

absl::Status MadeHere(absl::string_view field) {
  return InvalidField(field, "MADE_HERE", "is set by the directory");
}

}  // namespace fosterwatch::directory::domain
