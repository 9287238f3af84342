#include "services/directory/domain/policy.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::directory::domain {
namespace {

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the policy of the directory ", what));
}

absl::Status CheckNumber(absl::string_view name, int number, int least, int most) {
  if (number >= least && number <= most) return absl::OkStatus();
  return Invalid(absl::StrCat("needs ", least, " to ", most, " for ", name));
}

template <typename Roles>
absl::Status CheckRoles(absl::string_view name, const Roles& roles) {
  if (roles.empty()) return Invalid(absl::StrCat("names no role for ", name));
  for (const int role : roles) {
    if (role == options::v1::ROLE_UNSPECIFIED || role == options::v1::ROLE_PUBLISHER ||
        role == options::v1::ROLE_SERVICE) {
      return Invalid(absl::StrCat("names a role that no person holds for ", name));
    }
  }
  return absl::OkStatus();
}

template <typename Part>
absl::Status CheckSource(absl::string_view name, const Part& part) {
  if (part.source().empty()) return Invalid(absl::StrCat("names no source for ", name));
  if (part.grade() != "H" && part.grade() != "M" && part.grade() != "L") {
    return Invalid(absl::StrCat("has no grade H, M or L for ", name));
  }
  return absl::OkStatus();
}

absl::Status Check(const v1::DirectoryPolicy& policy) {
  if (policy.version().empty()) return Invalid("has no version");
  const auto& delegations = policy.delegations();
  RETURN_IF_ERROR(CheckNumber("delegations.most_days", delegations.most_days(), 1, 366));
  RETURN_IF_ERROR(CheckNumber("delegations.most_backdated_minutes",
                              delegations.most_backdated_minutes(), 0, 1440));
  RETURN_IF_ERROR(CheckRoles("delegations", delegations.delegate_roles()));
  RETURN_IF_ERROR(CheckSource("delegations", delegations));
  if (policy.covers().covers().empty()) return Invalid("does not say who may cover for whom");
  for (const auto& cover : policy.covers().covers()) {
    RETURN_IF_ERROR(CheckRoles("covers", std::vector<int>{cover.role()}));
    RETURN_IF_ERROR(CheckRoles("covers", cover.cover_roles()));
  }
  RETURN_IF_ERROR(CheckSource("covers", policy.covers()));
  const auto& check = policy.check();
  RETURN_IF_ERROR(CheckRoles("check", check.roles()));
  if (check.body_kinds().empty()) return Invalid("names no body for check");
  for (const int kind : check.body_kinds()) {
    if (kind == v1::Body::KIND_UNSPECIFIED) return Invalid("names a kind of body that is none");
  }
  RETURN_IF_ERROR(CheckNumber("check.days_ahead", check.days_ahead(), 0, 366));
  RETURN_IF_ERROR(CheckNumber("check.hour", check.hour(), 0, 23));
  RETURN_IF_ERROR(CheckSource("check", check));
  const auto& long_absence = policy.long_absence();
  RETURN_IF_ERROR(CheckNumber("long_absence.days", long_absence.days(), 1, 366));
  RETURN_IF_ERROR(CheckNumber("long_absence.back_from_hour", long_absence.back_from_hour(), 0, 23));
  RETURN_IF_ERROR(CheckNumber("long_absence.back_until_hour", long_absence.back_until_hour(),
                              long_absence.back_from_hour() + 1, 24));
  return CheckSource("long_absence", long_absence);
}

// The first moment of its first day; nothing where that is no day.
absl::StatusOr<absl::Time> Beginning(const v1::DirectoryPolicy& policy) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(policy.effective_from(), &day)) {
    return Invalid("has an edition that does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

}  // namespace

absl::StatusOr<v1::DirectoryPolicies> ParseDirectoryPolicies(absl::string_view json) {
  v1::DirectoryPolicies policies;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policies);
  if (!parsed.ok()) {
    return Invalid(absl::StrCat("cannot be read: ", std::string(parsed.message())));
  }
  if (policies.editions().empty()) return Invalid("has no edition");
  absl::Time before = absl::InfinitePast();
  for (const v1::DirectoryPolicy& edition : policies.editions()) {
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) return Invalid("has editions that are not in the order of their days");
    before = beginning;
    RETURN_IF_ERROR(Check(edition));
  }
  return policies;
}

const v1::DirectoryPolicy& InForce(const v1::DirectoryPolicies& policies, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < policies.editions_size(); ++i) {
    const auto beginning = Beginning(policies.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return policies.editions(last);
}

absl::Time NextDaysHour(absl::Time moment, int hour) {
  const absl::CivilDay day = clock::LondonDay(moment) + 1;
  return absl::FromCivil(absl::CivilHour(day) + hour, clock::London());
}

}  // namespace fosterwatch::directory::domain
