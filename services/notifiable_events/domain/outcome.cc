#include "services/notifiable_events/domain/outcome.h"

#include <algorithm>
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// The first notice by which the Chief Inspector had to be told of the event; null where there is
// none.
const v1::Notice* ToRegulator(const v1::NotifiableEvent& event) {
  for (const v1::Notice& notice : event.notices()) {
    if (notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR &&
        notice.moment() == v1::MOMENT_EVENT && notice.basis() != v1::BASIS_POLICY) {
      return &notice;
    }
  }
  return nullptr;
}

absl::StatusOr<v1::Notice> UpdateFor(const v1::Notice& told, const Law& law,
                                     const Circumstances& circumstances, absl::Time now,
                                     NewId new_id) {
  ASSIGN_OR_RETURN(const DutyTime due,
                   law.DutyDue(v1::TimeRule::NAME_UPDATE_DUE, "outcome.recorded_time", now));
  const Way way = WayTo(told.body_id(), circumstances);
  v1::Notice notice;
  notice.set_notice_id(new_id());
  notice.set_kind(told.kind());
  notice.set_recipient(told.recipient());
  notice.set_body_id(told.body_id());
  notice.set_moment(v1::MOMENT_CONCLUSION);
  notice.set_basis(v1::BASIS_POLICY);
  *notice.mutable_due_time() = clock::ToProto(due.due);
  *notice.mutable_in_time_until() = clock::ToProto(due.due);
  *notice.mutable_explanation() = due.explanation;
  notice.set_channel(way.channel);
  notice.set_released_by_person(way.released_by_person);
  notice.set_state(v1::Notice::STATE_OWED);
  *notice.mutable_owed_time() = clock::ToProto(now);
  return notice;
}

}  // namespace

bool RegulatorWasTold(const v1::NotifiableEvent& event) { return ToRegulator(event) != nullptr; }

bool RegulatorUpdateIsChosen(const v1::NotifiableEvent& event) {
  return RegulatorWasTold(event) && !HasKind(event, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY);
}

absl::StatusOr<Facts> RecordOutcome(const v1::NotifiableEvent& event,
                                    const v1::RecordOutcomeRequest& request, const Actor& actor,
                                    const Law& law, const Circumstances& circumstances,
                                    absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckOpen(event));
  if (event.has_outcome()) {
    return Error(absl::StatusCode::kFailedPrecondition, "OUTCOME_RECORDED_BEFORE",
                 "the outcome has been recorded before");
  }
  FieldCheck check;
  check.Require("outcome", request.outcome(), kMaxNarrative);
  const auto time =
      CheckTime(check, "outcome_time", request.has_outcome_time(), request.outcome_time(), now);
  if (time && *time < clock::FromProto(EffectiveReport(event).occurred_time())) {
    check.Refuse("outcome_time", "BEFORE_OCCURRED", "is before it happened");
  }
  const bool chosen = request.regulator_update() == v1::REGULATOR_UPDATE_GIVE ||
                      request.regulator_update() == v1::REGULATOR_UPDATE_NOT_NEEDED;
  if (RegulatorUpdateIsChosen(event)) {
    if (!chosen) {
      check.Refuse("regulator_update", "REQUIRED",
                   "is required, because the Chief Inspector was told of the event");
    }
    check.Require("reason", request.reason(), kMaxNarrative);
  } else {
    if (request.regulator_update() != v1::REGULATOR_UPDATE_UNSPECIFIED) {
      check.Refuse("regulator_update", "NOT_APPLICABLE",
                   RegulatorWasTold(event)
                       ? "is not for choice: the outcome of an enquiry is always told"
                       : "does not apply: the Chief Inspector was not told of the event");
    }
    check.AtMost("reason", request.reason(), kMaxNarrative);
  }
  RETURN_IF_ERROR(check.ToStatus());

  ASSIGN_OR_RETURN(const DutyTime due,
                   law.DutyDue(v1::TimeRule::NAME_CONCLUSION_DUE, "outcome.recorded_time", now));
  Facts facts(1);
  auto* recorded = facts[0].mutable_outcome_recorded();
  recorded->set_event_id(event.event_id());
  auto* outcome = recorded->mutable_outcome();
  outcome->set_outcome_id(new_id());
  outcome->set_outcome(request.outcome());
  *outcome->mutable_outcome_time() = request.outcome_time();
  outcome->set_recorded_by(actor.id);
  *outcome->mutable_recorded_time() = clock::ToProto(now);
  outcome->set_regulator_update(request.regulator_update());
  outcome->set_reason(request.reason());
  *outcome->mutable_due_time() = clock::ToProto(due.due);
  *outcome->mutable_explanation() = due.explanation;
  if (request.regulator_update() == v1::REGULATOR_UPDATE_GIVE) {
    ASSIGN_OR_RETURN(*facts.emplace_back().mutable_notices_owed()->add_notices(),
                     UpdateFor(*ToRegulator(event), law, circumstances, now, new_id));
    facts[1].mutable_notices_owed()->set_event_id(event.event_id());
    facts[1].mutable_notices_owed()->set_matrix_version(event.matrix_version());
  }
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
