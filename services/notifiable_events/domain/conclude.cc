#include "services/notifiable_events/domain/conclude.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/outcome.h"
#include "services/notifiable_events/domain/provisional.h"
#include "services/notifiable_events/domain/similar.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

std::string NotGiven(const v1::Notice& notice) {
  return absl::StrCat(Name(notice.recipient()), " (",
                      notice.body_id().empty() ? "no body could be worked out" : notice.body_id(),
                      ") has not been told of ", Name(notice.kind()),
                      notice.moment() == v1::MOMENT_ENQUIRY_OUTCOME ? ", outcome"
                      : notice.moment() == v1::MOMENT_CONCLUSION    ? ", how it ended"
                                                                    : "");
}

}  // namespace

std::vector<Violation> MissingForConclusion(const v1::NotifiableEvent& event,
                                            const v1::ConcludeEventRequest& request) {
  std::vector<Violation> missing;
  if (IsProvisional(event)) missing.push_back({"report", "is provisional; complete it first"});
  if (IsUndecidedRepeat(event)) {
    missing.push_back(
        {"possible_repeats", "nobody has decided whether it repeats an event reported before"});
  }
  for (const auto& notice : event.notices()) {
    if (notice.state() == v1::Notice::STATE_OWED &&
        (BasisOf(notice) != v1::BASIS_POLICY || notice.moment() == v1::MOMENT_CONCLUSION)) {
      missing.push_back({absl::StrCat("notices[", notice.notice_id(), "]"), NotGiven(notice)});
    }
    if (notice.has_written_confirmation() && !notice.written_confirmation().has_confirmed_time()) {
      missing.push_back({absl::StrCat("notices[", notice.notice_id(), "].written_confirmation"),
                         absl::StrCat("what ", Name(notice.recipient()),
                                      " was told by telephone has not been confirmed in writing")});
    }
  }
  for (const auto& sign_off : event.sign_offs()) {
    if (sign_off.signed_by().empty()) {
      missing.push_back(
          {absl::StrCat("sign_offs[", Name(sign_off.stage()), "]"), "has not been signed off"});
    }
  }
  if (event.has_discussion() && !event.discussion().has_discussed_time()) {
    missing.push_back(
        {"discussion", "with the child's social worker, what more is to be done: not recorded"});
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
  if (!event.has_outcome()) {
    if (IsBlank(request.outcome())) missing.push_back({"outcome", "is required"});
    if (RegulatorUpdateIsChosen(event)) {
      if (request.regulator_update() == v1::REGULATOR_UPDATE_GIVE) {
        missing.push_back({"regulator_update",
                           "is given before the event is concluded: record the outcome first"});
      } else if (request.regulator_update() != v1::REGULATOR_UPDATE_NOT_NEEDED) {
        missing.push_back(
            {"regulator_update", "is to be chosen, because the Chief Inspector was a recipient"});
      } else if (IsBlank(request.reason())) {
        missing.push_back({"reason", "is required where the Chief Inspector is given no update"});
      }
    }
  }
  if (RegulatorWasTold(event) && IsBlank(request.regulator_reference())) {
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
  check.AtMost("reason", request.reason(), kMaxNarrative);
  if (request.regulator_update() != v1::REGULATOR_UPDATE_UNSPECIFIED &&
      (event.has_outcome() || !RegulatorUpdateIsChosen(event))) {
    check.Refuse("regulator_update", "NOT_APPLICABLE",
                 event.has_outcome() ? "was settled with the outcome" : "is not for choice");
  }
  RETURN_IF_ERROR(check.ToStatus());
  auto missing = MissingForConclusion(event, request);
  if (!missing.empty()) {
    const std::string message =
        absl::StrCat("the event cannot be concluded yet: ", missing.size(),
                     missing.size() == 1 ? " thing is missing" : " things are missing");
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY_TO_CONCLUDE", message,
                 std::move(missing));
  }
  if (event.has_outcome() && !IsBlank(request.outcome()) &&
      request.outcome() != event.outcome().outcome()) {
    return Error(absl::StatusCode::kFailedPrecondition, "OUTCOME_RECORDED_BEFORE",
                 "another outcome has been recorded before");
  }
  Facts facts;
  if (!event.has_outcome()) {
    auto* recorded = facts.emplace_back().mutable_outcome_recorded();
    recorded->set_event_id(event.event_id());
    auto* outcome = recorded->mutable_outcome();
    outcome->set_outcome(request.outcome());
    *outcome->mutable_outcome_time() = clock::ToProto(now);
    outcome->set_recorded_by(actor.id);
    *outcome->mutable_recorded_time() = clock::ToProto(now);
    outcome->set_regulator_update(request.regulator_update());
    outcome->set_reason(request.reason());
  }
  auto* concluded = facts.emplace_back().mutable_event_concluded();
  concluded->set_event_id(event.event_id());
  auto* conclusion = concluded->mutable_conclusion();
  conclusion->set_concluded_by(actor.id);
  *conclusion->mutable_concluded_time() = clock::ToProto(now);
  conclusion->set_outcome(event.has_outcome() ? event.outcome().outcome() : request.outcome());
  conclusion->set_regulator_reference(request.regulator_reference());
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
