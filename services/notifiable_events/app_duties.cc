// What follows a report until the event can be concluded.
#include <utility>

#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/confirmation.h"
#include "services/notifiable_events/domain/discussion.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/outcome.h"
#include "services/notifiable_events/domain/overdue.h"
#include "services/notifiable_events/domain/sign_off.h"

namespace fosterwatch::notifiable_events {

using v1::NotifiableEvent;

absl::StatusOr<ledger::Unit> App::SignOffEvent(const Origin& origin,
                                               const v1::SignOffEventRequest& request) {
  ASSIGN_OR_RETURN(domain::People people, references_.PeopleOf(origin.agency_id));
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor,
                 people = std::move(people)](const NotifiableEvent& event) {
                  return domain::SignOff(event, request, actor, people, now_());
                });
}

absl::StatusOr<ledger::Unit> App::AddAction(const Origin& origin,
                                            const v1::AddActionRequest& request) {
  ASSIGN_OR_RETURN(domain::People people, references_.PeopleOf(origin.agency_id));
  return Change(origin, request.event_id(),
                [this, request, people = std::move(people)](const NotifiableEvent& event) {
                  return domain::AddAction(event, request, people, now_(), ledger::NewId);
                });
}

absl::StatusOr<ledger::Unit> App::CloseAction(const Origin& origin,
                                              const v1::CloseActionRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::CloseAction(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::ConfirmNoticeInWriting(
    const Origin& origin, const v1::ConfirmNoticeInWritingRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::ConfirmInWriting(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::RecordDiscussion(const Origin& origin,
                                                   const v1::RecordDiscussionRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::RecordDiscussion(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::RecordOutcome(const Origin& origin,
                                                const v1::RecordOutcomeRequest& request) {
  ASSIGN_OR_RETURN(const NotifiableEvent now, GetEvent(origin.agency_id, request.event_id()));
  const v1::EventReport report = domain::EffectiveReport(now);
  ASSIGN_OR_RETURN(
      domain::Circumstances circumstances,
      references_.CircumstancesOf(origin.agency_id, report.child_id(), report.carer_id()));
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  return Change(origin, request.event_id(),
                [this, request, law, actor = origin.actor,
                 circumstances = std::move(circumstances)](const NotifiableEvent& event) {
                  return domain::RecordOutcome(event, request, actor, law, circumstances, now_(),
                                               ledger::NewId);
                });
}

absl::StatusOr<ledger::Unit> App::ConcludeEvent(const Origin& origin,
                                                const v1::ConcludeEventRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::Conclude(event, request, actor, now_());
                });
}

ledger::Unit App::RecordOverdue(const std::string& agency_id, const std::string& event_id) {
  Origin origin;
  origin.agency_id = agency_id;
  origin.actor = {"service:notifiable-events", {options::v1::ROLE_SERVICE}};
  return Change(origin, event_id, [this](const NotifiableEvent& event) {
    return domain::RecordOverdue(event, now_());
  });
}

}  // namespace fosterwatch::notifiable_events
