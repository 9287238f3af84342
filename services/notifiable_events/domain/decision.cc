#include "services/notifiable_events/domain/decision.h"

#include <utility>

#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/report.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

absl::Status Not(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  return Error(code, reason, message);
}

absl::Status CheckNotReversed(const v1::Decision& decision) {
  if (decision.state() != v1::Decision::STATE_REVERSED) return absl::OkStatus();
  return Not(absl::StatusCode::kFailedPrecondition, "DECISION_REVERSED",
             "the decision has been reversed: the event was reported");
}

// What ends the duty to agree, with the end of its being overdue.
Facts Ending(const v1::Decision& decision, v1::NotifiableEventFact fact) {
  Facts facts = {std::move(fact)};
  if (decision.overdue() && decision.state() == v1::Decision::STATE_TO_AGREE) {
    auto* settled = facts.emplace_back().mutable_duty_settled();
    settled->set_event_id(decision.decision_id());
    settled->set_duty_id(decision.decision_id());
  }
  return facts;
}

}  // namespace

void EvolveDecision(v1::Decision& decision, const v1::NotifiableEventFact& fact) {
  switch (fact.fact_case()) {
    case v1::NotifiableEventFact::kDecisionRecorded:
      decision = fact.decision_recorded().decision();
      decision.set_version(1);
      return;
    case v1::NotifiableEventFact::kDecisionAgreed: {
      const auto& agreed = fact.decision_agreed();
      decision.set_state(v1::Decision::STATE_AGREED);
      decision.set_agreed_by(agreed.agreed_by());
      *decision.mutable_agreed_time() = agreed.agreed_time();
      decision.set_comment(agreed.comment());
      break;
    }
    case v1::NotifiableEventFact::kDecisionReversed: {
      const auto& reversed = fact.decision_reversed();
      decision.set_state(v1::Decision::STATE_REVERSED);
      decision.set_reversed_by(reversed.reversed_by());
      *decision.mutable_reversed_time() = reversed.reversed_time();
      decision.set_event_id(reversed.event_id());
      break;
    }
    case v1::NotifiableEventFact::kDutyOverdue:
      decision.set_overdue(true);
      break;
    case v1::NotifiableEventFact::kDutySettled:
      break;
    default:
      return;
  }
  decision.set_version(decision.version() + 1);
}

absl::StatusOr<Facts> RecordDecision(const v1::RecordDecisionRequest& request,
                                     absl::string_view decision_id, const Actor& actor,
                                     const Law& law, const clock::WorkingCalendar& calendar,
                                     const v1::ReportingPolicies& policies,
                                     const Circumstances& circumstances, absl::Time now) {
  v1::EventReport report;
  *report.mutable_kinds() = request.kinds();
  report.set_child_id(request.child_id());
  report.set_carer_id(request.carer_id());
  if (request.has_occurred_time()) *report.mutable_occurred_time() = request.occurred_time();
  if (request.has_became_aware_time()) {
    *report.mutable_became_aware_time() = request.became_aware_time();
  }
  report.set_summary(request.summary());
  FieldCheck check;
  CheckReport(check, report, law, circumstances, now);
  check.Require("reason", request.reason(), kMaxNarrative);
  if (const absl::Status refused = check.ToStatus(); !refused.ok()) {
    return OfOwnFields(refused);
  }
  ASSIGN_OR_RETURN(const PolicyTime time, AgreementDue(InForce(policies, now), now, calendar));
  v1::NotifiableEventFact fact;
  v1::Decision* decision = fact.mutable_decision_recorded()->mutable_decision();
  decision->set_decision_id(std::string(decision_id));
  decision->set_state(v1::Decision::STATE_TO_AGREE);
  *decision->mutable_kinds() = request.kinds();
  decision->set_child_id(request.child_id());
  decision->set_carer_id(request.carer_id());
  *decision->mutable_occurred_time() = request.occurred_time();
  *decision->mutable_became_aware_time() = request.became_aware_time();
  decision->set_summary(request.summary());
  decision->set_reason(request.reason());
  decision->set_decided_by(actor.id);
  *decision->mutable_decided_time() = clock::ToProto(now);
  *decision->mutable_agreement_due_time() = clock::ToProto(time.due);
  *decision->mutable_explanation() = time.explanation;
  return Facts{fact};
}

absl::StatusOr<Facts> AgreeDecision(const v1::Decision& decision,
                                    const v1::AgreeDecisionRequest& request, const Actor& actor,
                                    absl::Time now) {
  if (!actor.Is(options::v1::ROLE_REGISTERED_MANAGER) &&
      !actor.Is(options::v1::ROLE_DEPUTY_MANAGER)) {
    return Not(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
               "the registered manager or the deputy agrees to a decision not to notify");
  }
  FieldCheck check;
  check.AtMost("comment", request.comment(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  if (actor.id == decision.decided_by()) {
    return Not(absl::StatusCode::kPermissionDenied, "OWN_DECISION",
               "nobody agrees to their own decision");
  }
  RETURN_IF_ERROR(CheckNotReversed(decision));
  if (decision.state() == v1::Decision::STATE_AGREED) {
    return Not(absl::StatusCode::kFailedPrecondition, "AGREED_BEFORE",
               "the decision has been agreed to before");
  }
  v1::NotifiableEventFact fact;
  auto* agreed = fact.mutable_decision_agreed();
  agreed->set_decision_id(decision.decision_id());
  agreed->set_agreed_by(actor.id);
  *agreed->mutable_agreed_time() = clock::ToProto(now);
  agreed->set_comment(request.comment());
  return Ending(decision, std::move(fact));
}

absl::StatusOr<Facts> ReverseDecision(const v1::Decision& decision, const v1::EventReport& report,
                                      absl::string_view event_id, const Actor& actor,
                                      absl::Time now) {
  RETURN_IF_ERROR(CheckNotReversed(decision));
  const bool same = decision.child_id().empty() ? report.carer_id() == decision.carer_id()
                                                : report.child_id() == decision.child_id();
  if (!same) {
    return InvalidField("from_decision_id", "OTHER_SUBJECT", "is about another child or carer");
  }
  v1::NotifiableEventFact fact;
  auto* reversed = fact.mutable_decision_reversed();
  reversed->set_decision_id(decision.decision_id());
  reversed->set_reversed_by(actor.id);
  *reversed->mutable_reversed_time() = clock::ToProto(now);
  reversed->set_event_id(std::string(event_id));
  return Ending(decision, std::move(fact));
}

std::optional<absl::Time> NextOverdue(const v1::Decision& decision) {
  if (decision.state() != v1::Decision::STATE_TO_AGREE || decision.overdue()) return std::nullopt;
  // The database keeps microseconds.
  return clock::FromProto(decision.agreement_due_time()) + absl::Microseconds(1);
}

Facts RecordAgreementOverdue(const v1::Decision& decision, absl::Time now) {
  const auto next = NextOverdue(decision);
  if (!next || now < *next) return {};
  Facts facts(1);
  auto* overdue = facts[0].mutable_duty_overdue();
  overdue->set_event_id(decision.decision_id());
  overdue->set_duty_id(decision.decision_id());
  overdue->set_kind(v1::OVERDUE_DUTY_AGREEMENT);
  *overdue->mutable_due_time() = decision.agreement_due_time();
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
