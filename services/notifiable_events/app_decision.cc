// The use cases of decisions not to notify.
#include <utility>

#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/decisions.h"
#include "services/notifiable_events/domain/decision.h"

namespace fosterwatch::notifiable_events {

using v1::Decision;
using v1::NotifiableEventFact;

absl::StatusOr<ledger::Unit> App::RecordDecision(const Origin& origin,
                                                 const v1::RecordDecisionRequest& request) {
  ASSIGN_OR_RETURN(
      domain::Circumstances circumstances,
      references_.CircumstancesOf(origin.agency_id, request.child_id(), request.carer_id()));
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  ledger::Unit unit = UnitOf(origin);
  const std::string decision_id = ledger::NewId();
  unit.changes.push_back(ledger::MakeChange<Decision, NotifiableEventFact>(
      kDecisionAggregate, decision_id,
      [this, request, law, decision_id, actor = origin.actor,
       circumstances = std::move(circumstances)](const Decision&, int64_t) {
        return domain::RecordDecision(request, decision_id, actor, law, calendar_, policies_,
                                      circumstances, now_());
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::AgreeDecision(const Origin& origin,
                                                const v1::AgreeDecisionRequest& request) {
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<Decision, NotifiableEventFact>(
      kDecisionAggregate, request.decision_id(),
      [this, request, actor = origin.actor](const Decision& decision,
                                            int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such decision",
                       {{"decision_id", "names no decision of this agency"}});
        }
        return domain::AgreeDecision(decision, request, actor, now_());
      }));
  return unit;
}

ledger::Change App::Reversal(const Origin& origin, const v1::ReportEventRequest& request,
                             const std::string& event_id) const {
  return ledger::MakeChange<Decision, NotifiableEventFact>(
      kDecisionAggregate, request.from_decision_id(),
      [this, request, event_id, actor = origin.actor](
          const Decision& decision, int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) {
          return InvalidField("from_decision_id", "UNKNOWN_DECISION",
                              "names no decision of this agency");
        }
        return domain::ReverseDecision(decision, request.report(), event_id, actor, now_());
      });
}

ledger::Unit App::RecordAgreementOverdue(const std::string& agency_id,
                                         const std::string& decision_id) {
  Origin origin;
  origin.agency_id = agency_id;
  origin.actor = {"service:notifiable-events", {options::v1::ROLE_SERVICE}};
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<Decision, NotifiableEventFact>(
      kDecisionAggregate, decision_id,
      [this](const Decision& decision, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::RecordAgreementOverdue(decision, now_());
      }));
  return unit;
}

absl::StatusOr<Decision> App::GetDecision(const std::string& agency_id,
                                          const v1::GetDecisionRequest& request) {
  return ledger_->LoadAs<Decision>(agency_id, kDecisionAggregate, request.decision_id());
}

absl::StatusOr<v1::ListDecisionsResponse> App::ListDecisions(
    const std::string& agency_id, const v1::ListDecisionsRequest& request) {
  return notifiable_events::ListDecisions(*ledger_, agency_id, request, now_());
}

}  // namespace fosterwatch::notifiable_events
