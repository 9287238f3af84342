#include "services/directory/domain/delegation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/directory/domain/fields.h"

namespace fosterwatch::directory::domain {
namespace {

absl::Status CheckAsked(const v1::Delegation& asked) {
  if (!asked.delegation_id().empty()) return MadeHere("delegation.delegation_id");
  if (!asked.recorded_by().empty()) return MadeHere("delegation.recorded_by");
  if (asked.has_recorded_time()) return MadeHere("delegation.recorded_time");
  if (asked.has_ended_time()) return MadeHere("delegation.ended_time");
  if (!asked.ended_by().empty()) return MadeHere("delegation.ended_by");
  if (!asked.policy_version().empty()) return MadeHere("delegation.policy_version");
  RETURN_IF_ERROR(CheckText("delegation.from_person_id", asked.from_person_id(), 100));
  RETURN_IF_ERROR(CheckText("delegation.to_person_id", asked.to_person_id(), 100));
  if (asked.from_person_id() == asked.to_person_id()) {
    return InvalidField("delegation.to_person_id", "TO_ONESELF", "is who gives it");
  }
  if (asked.scope() != v1::Delegation::SCOPE_SIGN_OFF) {
    return InvalidField("delegation.scope", "MISSING_FIELD", "is missing or unknown");
  }
  RETURN_IF_ERROR(CheckText("delegation.reason", asked.reason(), 1000));
  if (asked.has_from_time()) {
    RETURN_IF_ERROR(CheckMoment("delegation.from_time", asked.from_time()));
  }
  if (!asked.has_until_time()) {
    return InvalidField("delegation.until_time", "MISSING_FIELD",
                        "is missing: a delegation has an end");
  }
  return CheckMoment("delegation.until_time", asked.until_time());
}

absl::Status CheckDates(absl::Time from, absl::Time until, absl::Time now,
                        const v1::DirectoryPolicy::Delegations& policy) {
  if (until <= from || until <= now) {
    return InvalidField("delegation.until_time", "ENDS_BEFORE_IT_BEGINS",
                        "is not after from_time and now");
  }
  if (from < now - absl::Minutes(policy.most_backdated_minutes())) {
    return InvalidField("delegation.from_time", "BACKDATED",
                        absl::StrCat("is more than ", policy.most_backdated_minutes(),
                                     " minutes before the delegation is recorded"));
  }
  if (until > from + absl::Hours(24 * policy.most_days())) {
    return InvalidField("delegation.until_time", "TOO_LONG",
                        absl::StrCat("is more than ", policy.most_days(), " days after from_time"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Time EndOf(const v1::Delegation& delegation) {
  const absl::Time until = clock::FromProto(delegation.until_time());
  if (!delegation.has_ended_time()) return until;
  return std::min(until, clock::FromProto(delegation.ended_time()));
}

bool GivenAt(const v1::Delegation& delegation, absl::Time moment) {
  return clock::FromProto(delegation.from_time()) <= moment && moment < EndOf(delegation);
}

bool DelegatorHolds(const v1::Delegation& delegation, const std::vector<v1::RoleHolder>& holders,
                    absl::Time moment) {
  google::protobuf::RepeatedField<int> manager;
  manager.Add(options::v1::ROLE_REGISTERED_MANAGER);
  return HoldsOneOf(holders, delegation.from_person_id(), manager, moment);
}

bool DelegateHolds(const v1::Delegation& delegation, const std::vector<v1::RoleHolder>& holders,
                   const v1::DirectoryPolicy& policy, absl::Time moment) {
  return HoldsOneOf(holders, delegation.to_person_id(), policy.delegations().delegate_roles(),
                    moment);
}

bool UsableAt(const v1::Delegation& delegation, const std::vector<v1::RoleHolder>& holders,
              const v1::DirectoryPolicy& policy, absl::Time moment) {
  return GivenAt(delegation, moment) && DelegatorHolds(delegation, holders, moment) &&
         DelegateHolds(delegation, holders, policy, moment);
}

absl::StatusOr<v1::Delegation> Record(const v1::Delegation& asked, bool for_others,
                                      const Recording& recording,
                                      const std::vector<v1::RoleHolder>& holders,
                                      const v1::DirectoryPolicy& policy) {
  RETURN_IF_ERROR(CheckAsked(asked));
  v1::Delegation delegation = asked;
  delegation.set_delegation_id(recording.id);
  delegation.set_recorded_by(recording.person_id);
  *delegation.mutable_recorded_time() = clock::ToProto(recording.now);
  delegation.set_policy_version(policy.version());
  if (!delegation.has_from_time()) *delegation.mutable_from_time() = delegation.recorded_time();
  const absl::Time from = clock::FromProto(delegation.from_time());
  RETURN_IF_ERROR(CheckDates(from, clock::FromProto(delegation.until_time()), recording.now,
                             policy.delegations()));
  if (recording.person_id == delegation.to_person_id() ||
      (!for_others && recording.person_id != delegation.from_person_id())) {
    return Error(absl::StatusCode::kPermissionDenied, "NOT_YOURS",
                 "nobody gives a delegation to themselves, and a manager gives only their own");
  }
  if (!DelegatorHolds(delegation, holders, recording.now)) {
    return Error(absl::StatusCode::kFailedPrecondition, "DELEGATOR_WITHOUT_ROLE",
                 "whoever gives it is no registered manager now",
                 {{"delegation.from_person_id", "is no registered manager now"}});
  }
  if (!DelegateHolds(delegation, holders, policy, std::max(from, recording.now))) {
    return Error(absl::StatusCode::kFailedPrecondition, "DELEGATE_WITHOUT_ROLE",
                 "whoever gets it is no deputy or team manager when it begins",
                 {{"delegation.to_person_id", "is no deputy or team manager when it begins"}});
  }
  return delegation;
}

absl::StatusOr<v1::Delegation> TakeBack(const v1::Delegation& delegation,
                                        const Recording& recording) {
  // One that was called off before it began ends in the future, and is over all the same.
  if (delegation.has_ended_time() || EndOf(delegation) <= recording.now) {
    return Error(absl::StatusCode::kFailedPrecondition, "DELEGATION_OVER",
                 "the delegation is over");
  }
  v1::Delegation ended;
  ended.set_delegation_id(delegation.delegation_id());
  ended.set_from_person_id(delegation.from_person_id());
  ended.set_to_person_id(delegation.to_person_id());
  ended.set_scope(delegation.scope());
  *ended.mutable_ended_time() =
      clock::ToProto(std::max(recording.now, clock::FromProto(delegation.from_time())));
  ended.set_ended_by(recording.person_id);
  return ended;
}

}  // namespace fosterwatch::directory::domain
