#include "services/notifications/domain/policy.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifications::domain {
namespace {

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID", message);
}

absl::Status CheckMinutes(absl::string_view where, int minutes) {
  if (minutes >= 1 && minutes <= 24 * 60) return absl::OkStatus();
  return Invalid(absl::StrCat("the policy of alerts needs 1 to 1440 minutes for ", where));
}

template <typename Roles>
absl::Status CheckRoles(absl::string_view where, const Roles& roles) {
  if (roles.empty()) {
    return Invalid(absl::StrCat("the policy of alerts names nobody for ", where));
  }
  for (const int role : roles) {
    if (role == options::v1::ROLE_UNSPECIFIED || role == options::v1::ROLE_PUBLISHER ||
        role == options::v1::ROLE_SERVICE) {
      return Invalid(
          absl::StrCat("the policy of alerts names a role that no person holds for ", where));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSource(absl::string_view where, absl::string_view source,
                         absl::string_view grade) {
  if (source.empty()) {
    return Invalid(absl::StrCat("the policy of alerts names no source for ", where));
  }
  if (grade != "H" && grade != "M" && grade != "L") {
    return Invalid(absl::StrCat("the policy of alerts has no grade H, M or L for ", where));
  }
  return absl::OkStatus();
}

absl::Status Check(absl::string_view name, const v1::AlertPolicy::Climb& climb) {
  if (climb.rungs().empty()) {
    return Invalid(absl::StrCat("the policy of alerts has no rung for ", name));
  }
  for (int i = 0; i < climb.rungs_size(); ++i) {
    const std::string where = absl::StrCat("rung ", i + 1, " of ", name);
    RETURN_IF_ERROR(CheckRoles(where, climb.rungs(i).roles()));
    RETURN_IF_ERROR(CheckMinutes(where, climb.rungs(i).minutes()));
  }
  RETURN_IF_ERROR(CheckRoles(absl::StrCat("the end of ", name), climb.then_roles()));
  RETURN_IF_ERROR(CheckMinutes(absl::StrCat("the end of ", name), climb.every_minutes()));
  return CheckSource(name, climb.source(), climb.grade());
}

absl::Status Check(const v1::AlertPolicy::NextChannel& next) {
  RETURN_IF_ERROR(CheckMinutes("the next channel", next.minutes()));
  return CheckSource("the next channel", next.source(), next.grade());
}

// Minutes after midnight; nothing for what is no "09:00".
std::optional<int> TimeOfDay(absl::string_view text) {
  int hour = 0, minute = 0;
  if (text.size() != 5 || text[2] != ':' || !absl::SimpleAtoi(text.substr(0, 2), &hour) ||
      !absl::SimpleAtoi(text.substr(3), &minute) || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59) {
    return std::nullopt;
  }
  return hour * 60 + minute;
}

absl::Status Check(const v1::AlertPolicy::Digest& digest) {
  RETURN_IF_ERROR(CheckRoles("the digest", digest.roles()));
  if (!TimeOfDay(digest.at())) {
    return Invalid("the policy of alerts needs a time of day such as 09:00 for the digest");
  }
  return CheckSource("the digest", digest.source(), digest.grade());
}

// The first moment of its first day; nothing where that is no day.
absl::StatusOr<absl::Time> Beginning(const v1::AlertPolicy& policy) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(policy.effective_from(), &day)) {
    return Invalid("an edition of the policy of alerts does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

}  // namespace

absl::StatusOr<v1::AlertPolicies> ParseAlertPolicies(absl::string_view json) {
  v1::AlertPolicies policies;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policies);
  if (!parsed.ok()) {
    return Invalid(
        absl::StrCat("the policy of alerts cannot be read: ", std::string(parsed.message())));
  }
  if (policies.editions().empty()) return Invalid("the policy of alerts has no edition");
  absl::Time before = absl::InfinitePast();
  for (const v1::AlertPolicy& edition : policies.editions()) {
    if (edition.version().empty()) return Invalid("the policy of alerts has no version");
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) {
      return Invalid("the editions of the policy of alerts are not in the order of their days");
    }
    before = beginning;
    RETURN_IF_ERROR(Check("urgent", edition.urgent()));
    RETURN_IF_ERROR(Check("ordinary", edition.ordinary()));
    RETURN_IF_ERROR(Check(edition.next_channel()));
    RETURN_IF_ERROR(Check(edition.digest()));
  }
  return policies;
}

const v1::AlertPolicy& InForce(const v1::AlertPolicies& policies, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < policies.editions_size(); ++i) {
    const auto beginning = Beginning(policies.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return policies.editions(last);
}

absl::Time NextDigest(const v1::AlertPolicy& policy, const clock::WorkingCalendar& calendar,
                      absl::Time moment) {
  const int minutes = TimeOfDay(policy.digest().at()).value_or(0);
  for (absl::CivilDay day = clock::LondonDay(moment);; ++day) {
    if (!calendar.IsWorkingDay(day)) continue;
    const absl::Time at = absl::FromCivil(
        absl::CivilMinute(day.year(), day.month(), day.day(), minutes / 60, minutes % 60),
        clock::London());
    if (at > moment) return at;
  }
}

Rung RungAt(const v1::AlertPolicy& policy, bool urgent, int climbed) {
  const v1::AlertPolicy::Climb& climb = urgent ? policy.urgent() : policy.ordinary();
  Rung rung;
  rung.round = climbed >= climb.rungs_size();
  const auto& roles = rung.round ? climb.then_roles() : climb.rungs(climbed).roles();
  for (const int role : roles) rung.roles.push_back(static_cast<options::v1::Role>(role));
  rung.until_next =
      absl::Minutes(rung.round ? climb.every_minutes() : climb.rungs(climbed).minutes());
  return rung;
}

}  // namespace fosterwatch::notifications::domain
