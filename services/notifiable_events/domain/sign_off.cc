#include "services/notifiable_events/domain/sign_off.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

absl::Status Denied(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kPermissionDenied, reason, message);
}

bool MaySign(v1::SignOff::Stage stage, const Actor& actor) {
  if (actor.Is(options::v1::ROLE_REGISTERED_MANAGER)) return true;
  return stage == v1::SignOff::STAGE_MANAGER && actor.Is(options::v1::ROLE_TEAM_MANAGER);
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
                              absl::Time now) {
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
  if (!MaySign(request.stage(), actor)) {
    return Denied("ROLE_REQUIRED", "this stage is signed off by somebody of another role");
  }
  if (actor.id == event.reporter_id()) {
    return Denied("OWN_REPORT", "nobody signs off their own report");
  }
  if (!asked->signed_by().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "SIGNED_BEFORE",
                 "this stage has been signed off before");
  }
  if (request.stage() == v1::SignOff::STAGE_REGISTERED_MANAGER && !manager_signed) {
    return Error(absl::StatusCode::kFailedPrecondition, "MANAGER_FIRST",
                 "a manager has to sign off first");
  }
  if (other_signed_by_actor) {
    return Denied("SAME_PERSON", "both stages are not signed off by one person");
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
  return Facts{fact};
}

}  // namespace fosterwatch::notifiable_events::domain
