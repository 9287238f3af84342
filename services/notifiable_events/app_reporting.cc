// The use cases of reporting besides the whole report: in a hurry, completing, comparing,
// withdrawing, adding evidence.
#include <algorithm>
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/domain/evidence.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/provisional.h"
#include "services/notifiable_events/domain/report.h"
#include "services/notifiable_events/domain/similar.h"
#include "services/notifiable_events/domain/withdraw.h"

namespace fosterwatch::notifiable_events {

using v1::NotifiableEvent;
using v1::NotifiableEventFact;

References::Near App::NearTo(const v1::EventReport& report) const {
  const absl::Duration span = domain::NearSpan(domain::InForce(policies_, now_()));
  const absl::Time occurred = clock::FromProto(report.occurred_time());
  return {occurred - span, occurred + span};
}

absl::StatusOr<std::optional<ledger::Unit>> App::LookAgain(const Origin& origin,
                                                           const v1::EventReported& reported) {
  const v1::EventReport& report = reported.report();
  if (report.child_id().empty() && report.carer_id().empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto near, references_.EventsNear(origin.agency_id, report.child_id(),
                                                           report.carer_id(), NearTo(report)));
  const std::string& event_id = reported.event_id();
  std::vector<std::string> others;
  for (const domain::EarlierEvent& event :
       domain::Resembled(report, near, domain::InForce(policies_, now_()))) {
    if (event.event_id != event_id) others.push_back(event.event_id);
  }
  if (others.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto states, ledger_->LoadMany(origin.agency_id, kEventAggregate, others));
  std::vector<std::string> asked_by_them;
  for (const auto& [id, state] : states) {
    const auto& asked = static_cast<const NotifiableEvent&>(*state).possible_repeats().event_ids();
    if (std::find(asked.begin(), asked.end(), event_id) != asked.end()) asked_by_them.push_back(id);
  }
  return Change(origin, event_id, [this, near, asked_by_them](const NotifiableEvent& event) {
    return domain::SuspectRepeat(event, near, asked_by_them, policies_, now_(), ledger::NewId);
  });
}

absl::StatusOr<domain::Circumstances> App::CircumstancesOfReport(const Origin& origin,
                                                                 const v1::EventReport& report) {
  References::Near near;
  const bool compares = report.has_occurred_time() && clock::IsValid(report.occurred_time());
  if (compares) near = NearTo(report);
  return references_.CircumstancesOf(origin.agency_id, report.child_id(), report.carer_id(),
                                     compares ? &near : nullptr);
}

absl::StatusOr<domain::Circumstances> App::CircumstancesOfAddition(
    const Origin& origin, const std::string& event_id, const v1::EventReport& addition) {
  ASSIGN_OR_RETURN(const NotifiableEvent now, GetEvent(origin.agency_id, event_id));
  const v1::EventReport report = domain::EffectiveReport(now);
  const auto after = [](const std::string& is, const std::string& was) {
    return is.empty() ? was : is;
  };
  return references_.CircumstancesOf(origin.agency_id,
                                     after(addition.child_id(), report.child_id()),
                                     after(addition.carer_id(), report.carer_id()));
}

absl::StatusOr<ledger::Unit> App::ReportProvisionalEvent(
    const Origin& origin, const v1::ReportProvisionalEventRequest& request) {
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   CircumstancesOfReport(origin, domain::ReportOf(request, now_())));
  ledger::Unit unit = UnitOf(origin);
  const std::string event_id = ledger::NewId();
  unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
      kEventAggregate, event_id,
      [this, request, law, event_id, actor = origin.actor,
       circumstances = std::move(circumstances)](const NotifiableEvent& event,
                                                 int64_t) -> absl::StatusOr<domain::Facts> {
        const absl::Time now = now_();
        ASSIGN_OR_RETURN(domain::Facts facts, domain::ReportProvisionally(
                                                  event, request, event_id, actor, law, calendar_,
                                                  policies_, circumstances, now, ledger::NewId));
        ASSIGN_OR_RETURN(facts, forms_.WithForm(std::move(facts), event, now));
        return domain::Compare(
            std::move(facts), circumstances.earlier,
            {request.new_besides_event_ids().begin(), request.new_besides_event_ids().end()}, actor,
            policies_, now, ledger::NewId);
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::CompleteReport(const Origin& origin,
                                                 const v1::CompleteReportRequest& request) {
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   CircumstancesOfAddition(origin, request.event_id(), request.report()));
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  return Change(
      origin, request.event_id(),
      [this, request, law, actor = origin.actor, circumstances = std::move(circumstances)](
          const NotifiableEvent& event) -> absl::StatusOr<domain::Facts> {
        const absl::Time now = now_();
        ASSIGN_OR_RETURN(domain::Facts facts, domain::Complete(event, request, actor, law,
                                                               circumstances, now, ledger::NewId));
        return forms_.WithForm(std::move(facts), event, now);
      });
}

absl::StatusOr<ledger::Unit> App::DecideRepeat(const Origin& origin,
                                               const v1::DecideRepeatRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::DecideRepeat(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::WithdrawEvent(const Origin& origin,
                                                const v1::WithdrawEventRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::Withdraw(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::AddEvidence(const Origin& origin,
                                              const v1::AddEvidenceRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::AddEvidence(event, request, actor, now_(), ledger::NewId);
                });
}

}  // namespace fosterwatch::notifiable_events
