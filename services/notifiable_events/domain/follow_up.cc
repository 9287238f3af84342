#include "services/notifiable_events/domain/follow_up.h"

#include <optional>
#include <utility>

#include "libs/actions/actions.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notices.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

absl::Status Not(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

}  // namespace

absl::StatusOr<Facts> RecordEnquiryOutcome(const v1::NotifiableEvent& event,
                                           const v1::RecordEnquiryOutcomeRequest& request,
                                           const Actor& actor, const Law& law,
                                           const Circumstances& circumstances, absl::Time now,
                                           NewId new_id) {
  RETURN_IF_ERROR(CheckOpen(event));
  if (!HasKind(event, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY)) {
    return Not("NO_ENQUIRY", "the event is of no child protection enquiry");
  }
  if (event.has_enquiry_outcome()) {
    return Not("OUTCOME_RECORDED_BEFORE", "the outcome of the enquiry has been recorded before");
  }
  const v1::EventReport report = EffectiveReport(event);
  FieldCheck check;
  const auto outcome_time =
      CheckTime(check, "outcome_time", request.has_outcome_time(), request.outcome_time(), now);
  if (outcome_time && *outcome_time < clock::FromProto(report.occurred_time())) {
    check.Refuse("outcome_time", "BEFORE_OCCURRED", "is before the enquiry was begun");
  }
  const auto aware = CheckTime(check, "became_aware_time", request.has_became_aware_time(),
                               request.became_aware_time(), now);
  if (aware && outcome_time && *aware < *outcome_time) {
    check.Refuse("became_aware_time", "BEFORE_OUTCOME", "is before the outcome");
  } else if (aware && *aware < clock::FromProto(report.became_aware_time())) {
    check.Refuse("became_aware_time", "BEFORE_AWARENESS",
                 "is before the agency became aware of the enquiry");
  }
  check.Require("outcome", request.outcome(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());

  ASSIGN_OR_RETURN(auto notices,
                   NoticesFor({{v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::MOMENT_ENQUIRY_OUTCOME,
                                "enquiry_outcome.became_aware_time", *aware}},
                              event, law, circumstances, now, new_id));
  Facts facts(2);
  auto* recorded = facts[0].mutable_enquiry_outcome_recorded();
  recorded->set_event_id(event.event_id());
  auto* outcome = recorded->mutable_outcome();
  *outcome->mutable_outcome_time() = request.outcome_time();
  *outcome->mutable_became_aware_time() = request.became_aware_time();
  outcome->set_outcome(request.outcome());
  outcome->set_recorded_by(actor.id);
  *outcome->mutable_recorded_time() = clock::ToProto(now);
  auto* owed = facts[1].mutable_notices_owed();
  owed->set_event_id(event.event_id());
  owed->set_matrix_version(law.VersionOn(*aware));
  for (v1::Notice& notice : notices) *owed->add_notices() = std::move(notice);
  return facts;
}

absl::StatusOr<Facts> RecordChildReturn(const v1::NotifiableEvent& event,
                                        const v1::RecordChildReturnRequest& request,
                                        const Actor& actor, absl::Time now) {
  RETURN_IF_ERROR(CheckOpen(event));
  if (!HasKind(event, v1::EVENT_KIND_CHILD_MISSING)) {
    return Not("NO_MISSING_CHILD", "the event is of no missing child");
  }
  if (event.has_child_return()) {
    return Not("RETURNED_BEFORE", "the return of the child has been recorded before");
  }
  FieldCheck check;
  const auto returned =
      CheckTime(check, "returned_time", request.has_returned_time(), request.returned_time(), now);
  if (returned && *returned < clock::FromProto(EffectiveReport(event).occurred_time())) {
    check.Refuse("returned_time", "BEFORE_OCCURRED", "is before the child went missing");
  }
  check.AtMost("note", request.note(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());

  v1::NotifiableEventFact fact;
  fact.mutable_child_returned()->set_event_id(event.event_id());
  auto* child_return = fact.mutable_child_returned()->mutable_child_return();
  *child_return->mutable_returned_time() = request.returned_time();
  child_return->set_recorded_by(actor.id);
  *child_return->mutable_recorded_time() = clock::ToProto(now);
  child_return->set_note(request.note());
  return Facts{fact};
}

absl::StatusOr<Facts> AddAction(const v1::NotifiableEvent& event,
                                const v1::AddActionRequest& request, const People& people,
                                absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckOpen(event));
  absl::Time due = absl::InfinitePast();
  if (request.has_due_time()) {
    if (!clock::IsValid(request.due_time())) {
      return InvalidField("due_time", "INVALID_TIME", "is no moment between the years 1 and 9999");
    }
    due = clock::FromProto(request.due_time());
  }
  ASSIGN_OR_RETURN(const auto action,
                   actions::Add(new_id(), request.description(), request.owner_id(), due, now));
  if (!people.HoldsAnyRole(request.owner_id(), now)) {
    return InvalidField("owner_id", "NO_ROLE_HOLDER", "holds no role in the agency now");
  }
  v1::NotifiableEventFact fact;
  fact.mutable_action_added()->set_event_id(event.event_id());
  *fact.mutable_action_added()->mutable_action() = action;
  return Facts{fact};
}

absl::StatusOr<Facts> CloseAction(const v1::NotifiableEvent& event,
                                  const v1::CloseActionRequest& request, const Actor& actor,
                                  absl::Time now) {
  RETURN_IF_ERROR(CheckOpen(event));
  for (const auto& action : event.actions()) {
    if (action.action_id() != request.action_id()) continue;
    ASSIGN_OR_RETURN(const auto closed,
                     actions::Close(action, request.dropped(), request.evidence(), actor.id, now));
    v1::NotifiableEventFact fact;
    fact.mutable_action_closed()->set_event_id(event.event_id());
    *fact.mutable_action_closed()->mutable_action() = closed;
    return Facts{fact};
  }
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_ACTION", "the event has no such action");
}

}  // namespace fosterwatch::notifiable_events::domain
