#include "services/notifiable_events/domain/sign_off.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/provisional.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

absl::Status Denied(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kPermissionDenied, reason, message);
}

using options::v1::Role;

// In whose role somebody signs, and under which delegation.
struct Right {
  Role role;
  std::string delegation_id;
};

std::optional<Right> OwnRight(v1::SignOff::Stage stage, const Actor& actor) {
  if (stage == v1::SignOff::STAGE_MANAGER && actor.Is(options::v1::ROLE_TEAM_MANAGER)) {
    return Right{options::v1::ROLE_TEAM_MANAGER, ""};
  }
  if (actor.Is(options::v1::ROLE_REGISTERED_MANAGER)) {
    return Right{options::v1::ROLE_REGISTERED_MANAGER, ""};
  }
  return std::nullopt;
}

std::string InLondon(absl::Time time) {
  return absl::FormatTime("%-d %B %Y, %H:%M", time, clock::London());
}

// Why nothing lets the actor sign.
absl::Status NoRight(const Actor& actor, const People& people, absl::Time now) {
  const Delegation* nearest = nullptr;
  for (const Delegation& delegation : people.delegations) {
    if (delegation.to_person_id != actor.id) continue;
    if (nearest == nullptr || nearest->until < delegation.until) nearest = &delegation;
  }
  if (nearest == nullptr) {
    if (!actor.Is(options::v1::ROLE_DEPUTY_MANAGER)) {
      return Denied("ROLE_REQUIRED", "this stage is signed off by somebody of another role");
    }
    return Denied("NO_DELEGATION",
                  "a deputy signs off only under a delegation by the registered manager, and none "
                  "is recorded");
  }
  if (nearest->HoldsAt(now)) {
    return Denied("NO_DELEGATION",
                  absl::StrCat("delegation ", nearest->delegation_id,
                               " was given by somebody who is not the registered manager now"));
  }
  return Denied(
      "NO_DELEGATION",
      absl::StrCat("delegation ", nearest->delegation_id, " is in force from ",
                   InLondon(nearest->from), " until ", InLondon(nearest->until), ", and not now"));
}

// Whether somebody other than the reporter and `first` may sign the registered manager's stage.
bool AnotherMaySignSecond(const v1::NotifiableEvent& event, const std::string& first,
                          const People& people, absl::Time now) {
  const auto may = [&](const std::string& person_id) {
    return person_id != first && person_id != event.reporter_id();
  };
  for (const Holder& holder : people.holders) {
    if (may(holder.person_id) &&
        people.Holds(holder.person_id, options::v1::ROLE_REGISTERED_MANAGER, now)) {
      return true;
    }
  }
  for (const Delegation& delegation : people.delegations) {
    if (may(delegation.to_person_id) &&
        people.DelegationTo(delegation.to_person_id, now) != nullptr) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<v1::SignOff>> SignOffsFor(const Law& law,
                                                     const clock::WorkingCalendar& calendar,
                                                     absl::Time recorded, NewId new_id) {
  std::vector<v1::SignOff> sign_offs;
  for (const auto stage : {v1::SignOff::STAGE_MANAGER, v1::SignOff::STAGE_REGISTERED_MANAGER}) {
    ASSIGN_OR_RETURN(const SignOffTime time, law.SignOffDue(stage, recorded, calendar));
    v1::SignOff& sign_off = sign_offs.emplace_back();
    sign_off.set_stage(stage);
    sign_off.set_sign_off_id(new_id());
    *sign_off.mutable_due_time() = clock::ToProto(time.due);
    *sign_off.mutable_explanation() = time.explanation;
  }
  return sign_offs;
}

absl::StatusOr<Facts> SignOff(const v1::NotifiableEvent& event,
                              const v1::SignOffEventRequest& request, const Actor& actor,
                              const People& people, absl::Time now) {
  if (event.state() == v1::NotifiableEvent::STATE_WITHDRAWN) return CheckOpen(event);
  const v1::SignOff* asked = nullptr;
  bool other_signed_by_actor = false;
  bool manager_signed = false;
  for (const auto& sign_off : event.sign_offs()) {
    if (sign_off.stage() == request.stage()) asked = &sign_off;
    if (sign_off.stage() != request.stage() && sign_off.signed_by() == actor.id) {
      other_signed_by_actor = true;
    }
    if (sign_off.stage() == v1::SignOff::STAGE_MANAGER) {
      manager_signed = !sign_off.signed_by().empty();
    }
  }
  FieldCheck check;
  if (asked == nullptr) check.Refuse("stage", "REQUIRED", "is required");
  check.AtMost("comment", request.comment(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  std::optional<Right> right = OwnRight(request.stage(), actor);
  const Delegation* delegation = people.DelegationTo(actor.id, now);
  if (!right && delegation != nullptr) {
    right = Right{actor.Is(options::v1::ROLE_TEAM_MANAGER) ? options::v1::ROLE_TEAM_MANAGER
                                                           : options::v1::ROLE_DEPUTY_MANAGER,
                  delegation->delegation_id};
  }
  if (!right) return NoRight(actor, people, now);
  if (actor.id == event.reporter_id()) {
    return Denied("OWN_REPORT", "nobody signs off their own report");
  }
  if (!asked->signed_by().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "SIGNED_BEFORE",
                 "this stage has been signed off before");
  }
  RETURN_IF_ERROR(CheckOpen(event));
  RETURN_IF_ERROR(CheckCompleted(event));
  if (request.stage() == v1::SignOff::STAGE_REGISTERED_MANAGER && !manager_signed) {
    return Error(absl::StatusCode::kFailedPrecondition, "MANAGER_FIRST",
                 "a manager has to sign off first");
  }
  if (other_signed_by_actor) {
    return Denied("SAME_PERSON", "both stages are not signed off by one person");
  }
  const bool may_sign_second =
      OwnRight(v1::SignOff::STAGE_REGISTERED_MANAGER, actor) || delegation != nullptr;
  if (request.stage() == v1::SignOff::STAGE_MANAGER && may_sign_second &&
      !AnotherMaySignSecond(event, actor.id, people, now)) {
    return Error(absl::StatusCode::kFailedPrecondition, "ONLY_SECOND_SIGNER",
                 "nobody else could then sign the registered manager's stage: let a team manager "
                 "sign this one, or have the registered manager's sign-off delegated to another "
                 "person first");
  }
  v1::NotifiableEventFact fact;
  fact.mutable_signed_off()->set_event_id(event.event_id());
  auto* sign_off = fact.mutable_signed_off()->mutable_sign_off();
  sign_off->set_stage(asked->stage());
  sign_off->set_sign_off_id(asked->sign_off_id());
  *sign_off->mutable_due_time() = asked->due_time();
  sign_off->set_signed_by(actor.id);
  *sign_off->mutable_signed_time() = clock::ToProto(now);
  sign_off->set_comment(request.comment());
  sign_off->set_delegation_id(right->delegation_id);
  sign_off->set_signed_role(right->role);
  return Facts{fact};
}

}  // namespace fosterwatch::notifiable_events::domain
