#include "services/notifiable_events/domain/conclude.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

std::string NotGiven(const v1::Notice& notice) {
  return absl::StrCat(Name(notice.recipient()), " (",
                      notice.body_id().empty() ? "no body could be worked out" : notice.body_id(),
                      ") has not been told of ", Name(notice.kind()),
                      notice.moment() == v1::MOMENT_ENQUIRY_OUTCOME ? ", outcome" : "");
}

}  // namespace

std::vector<Violation> MissingForConclusion(const v1::NotifiableEvent& event,
                                            absl::string_view outcome,
                                            absl::string_view regulator_reference) {
  std::vector<Violation> missing;
  for (const auto& notice : event.notices()) {
    if (notice.state() == v1::Notice::STATE_OWED) {
      missing.push_back({absl::StrCat("notices[", notice.notice_id(), "]"), NotGiven(notice)});
    }
  }
  for (const auto& sign_off : event.sign_offs()) {
    if (sign_off.signed_by().empty()) {
      missing.push_back(
          {absl::StrCat("sign_offs[", Name(sign_off.stage()), "]"), "has not been signed off"});
    }
  }
  if (HasKind(event, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY) && !event.has_enquiry_outcome()) {
    missing.push_back({"enquiry_outcome", "has not been recorded"});
  }
  // A missing child who has died does not return.
  if (HasKind(event, v1::EVENT_KIND_CHILD_MISSING) && !event.has_child_return() &&
      !HasKind(event, v1::EVENT_KIND_CHILD_DEATH)) {
    missing.push_back({"child_return", "the child is still missing"});
  }
  for (const auto& action : event.actions()) {
    if (action.state() == type::v1::Action::STATE_OPEN) {
      missing.push_back({absl::StrCat("actions[", action.action_id(), "]"), "is still open"});
    }
  }
  if (IsBlank(outcome)) missing.push_back({"outcome", "is required"});
  const bool regulator_told = std::any_of(
      event.notices().begin(), event.notices().end(),
      [](const v1::Notice& notice) { return notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR; });
  if (regulator_told && IsBlank(regulator_reference)) {
    missing.push_back(
        {"regulator_reference", "is required, because the Chief Inspector was a recipient"});
  }
  return missing;
}

absl::StatusOr<Facts> Conclude(const v1::NotifiableEvent& event,
                               const v1::ConcludeEventRequest& request, const Actor& actor,
                               absl::Time now) {
  if (!actor.Is(options::v1::ROLE_REGISTERED_MANAGER)) {
    return Error(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
                 "an event is concluded by the registered manager");
  }
  RETURN_IF_ERROR(CheckOpen(event));
  FieldCheck check;
  check.AtMost("outcome", request.outcome(), kMaxNarrative);
  check.AtMost("regulator_reference", request.regulator_reference(), kMaxReference);
  RETURN_IF_ERROR(check.ToStatus());
  auto missing = MissingForConclusion(event, request.outcome(), request.regulator_reference());
  if (!missing.empty()) {
    const std::string message =
        absl::StrCat("the event cannot be concluded yet: ", missing.size(),
                     missing.size() == 1 ? " thing is missing" : " things are missing");
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY_TO_CONCLUDE", message,
                 std::move(missing));
  }
  v1::NotifiableEventFact fact;
  fact.mutable_event_concluded()->set_event_id(event.event_id());
  auto* conclusion = fact.mutable_event_concluded()->mutable_conclusion();
  conclusion->set_concluded_by(actor.id);
  *conclusion->mutable_concluded_time() = clock::ToProto(now);
  conclusion->set_outcome(request.outcome());
  conclusion->set_regulator_reference(request.regulator_reference());
  return Facts{fact};
}

}  // namespace fosterwatch::notifiable_events::domain
