#include "services/notifiable_events/app.h"

#include <utility>

#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/explain.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/notice_text.h"
#include "services/notifiable_events/domain/report.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/references.h"
#include "services/notifiable_events/views.h"

namespace fosterwatch::notifiable_events {
namespace {

using v1::NotifiableEvent;
using v1::NotifiableEventFact;

constexpr char kEvent[] = "event";

}  // namespace

App::App(ledger::Ledger* ledger, domain::Law law, clock::WorkingCalendar calendar,
         std::function<absl::Time()> now)
    : ledger_(ledger),
      references_(ledger),
      law_(std::move(law)),
      calendar_(std::move(calendar)),
      now_(std::move(now)) {}

ledger::Unit App::UnitOf(const Origin& origin) const {
  ledger::Unit unit;
  unit.agency_id = origin.agency_id;
  unit.actor = origin.actor.id;
  unit.cause = origin.request_id;
  unit.trace_parent = origin.trace_parent;
  unit.request_id = origin.request_id;
  unit.request_hash = origin.request_hash;
  return unit;
}

ledger::Unit App::Change(const Origin& origin, const std::string& event_id, Decide decide) const {
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
      kEvent, event_id,
      [decide = std::move(decide)](const NotifiableEvent& event,
                                   int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such event",
                       {{"event_id", "names no event of this agency"}});
        }
        return decide(event);
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::ReportEvent(const Origin& origin,
                                              const v1::ReportEventRequest& request) {
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   references_.CircumstancesOf(origin.agency_id, request.report().child_id(),
                                               request.report().carer_id()));
  ledger::Unit unit = UnitOf(origin);
  const std::string event_id = ledger::NewId();
  unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
      kEvent, event_id,
      [this, request, event_id, actor = origin.actor, source = origin.source,
       circumstances = std::move(circumstances)](const NotifiableEvent& event, int64_t) {
        return domain::Report(event, request, event_id, actor, source, law_, calendar_,
                              circumstances, now_(), ledger::NewId);
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::GiveNotice(const Origin& origin,
                                             const v1::GiveNoticeRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::GiveNotice(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::AcknowledgeNotice(const Origin& origin,
                                                    const v1::AcknowledgeNoticeRequest& request) {
  return Change(origin, request.event_id(), [this, request](const NotifiableEvent& event) {
    return domain::AcknowledgeNotice(event, request, now_());
  });
}

absl::StatusOr<ledger::Unit> App::SignOffEvent(const Origin& origin,
                                               const v1::SignOffEventRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::SignOff(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::RecordEnquiryOutcome(
    const Origin& origin, const v1::RecordEnquiryOutcomeRequest& request) {
  ASSIGN_OR_RETURN(const NotifiableEvent now, GetEvent(origin.agency_id, request.event_id()));
  const v1::EventReport report = domain::EffectiveReport(now);
  ASSIGN_OR_RETURN(
      domain::Circumstances circumstances,
      references_.CircumstancesOf(origin.agency_id, report.child_id(), report.carer_id()));
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor,
                 circumstances = std::move(circumstances)](const NotifiableEvent& event) {
                  return domain::RecordEnquiryOutcome(event, request, actor, law_, circumstances,
                                                      now_(), ledger::NewId);
                });
}

absl::StatusOr<ledger::Unit> App::RecordChildReturn(const Origin& origin,
                                                    const v1::RecordChildReturnRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::RecordChildReturn(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::CorrectEvent(const Origin& origin,
                                               const v1::CorrectEventRequest& request) {
  ASSIGN_OR_RETURN(const NotifiableEvent now, GetEvent(origin.agency_id, request.event_id()));
  const v1::EventReport report = domain::EffectiveReport(now);
  const auto corrected = [](const std::string& is, const std::string& was) {
    return is.empty() ? was : is;
  };
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   references_.CircumstancesOf(
                       origin.agency_id, corrected(request.report().child_id(), report.child_id()),
                       corrected(request.report().carer_id(), report.carer_id())));
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor,
                 circumstances = std::move(circumstances)](const NotifiableEvent& event) {
                  return domain::Correct(event, request, actor, law_, circumstances, now_(),
                                         ledger::NewId);
                });
}

absl::StatusOr<ledger::Unit> App::AddAction(const Origin& origin,
                                            const v1::AddActionRequest& request) {
  return Change(origin, request.event_id(), [this, request](const NotifiableEvent& event) {
    return domain::AddAction(event, request, now_(), ledger::NewId);
  });
}

absl::StatusOr<ledger::Unit> App::CloseAction(const Origin& origin,
                                              const v1::CloseActionRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::CloseAction(event, request, actor, now_());
                });
}

absl::StatusOr<ledger::Unit> App::ConcludeEvent(const Origin& origin,
                                                const v1::ConcludeEventRequest& request) {
  return Change(origin, request.event_id(),
                [this, request, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::Conclude(event, request, actor, now_());
                });
}

ledger::Unit App::RecordDelivery(const Origin& origin, const std::string& event_id, bool sent,
                                 const domain::Delivery& delivery) {
  return Change(origin, event_id,
                [sent, delivery, actor = origin.actor](const NotifiableEvent& event) {
                  return sent ? domain::RecordSent(event, delivery, actor)
                              : domain::RecordAttempt(event, delivery);
                });
}

absl::StatusOr<NotifiableEvent> App::GetEvent(const std::string& agency_id,
                                              const std::string& event_id) {
  return ledger_->LoadAs<NotifiableEvent>(agency_id, kEvent, event_id);
}

absl::StatusOr<v1::ListEventsResponse> App::ListEvents(const std::string& agency_id,
                                                       const v1::ListEventsRequest& request) {
  return notifiable_events::ListEvents(*ledger_, agency_id, request, now_());
}

absl::StatusOr<type::v1::Explanation> App::ExplainDueTime(
    const std::string& agency_id, const v1::ExplainDueTimeRequest& request) {
  ASSIGN_OR_RETURN(const NotifiableEvent event, GetEvent(agency_id, request.event_id()));
  return domain::Explain(event, request);
}

absl::StatusOr<v1::NoticeContent> App::GetNoticeContent(
    const std::string& agency_id, const v1::GetNoticeContentRequest& request) {
  ASSIGN_OR_RETURN(const NotifiableEvent event, GetEvent(agency_id, request.event_id()));
  return domain::NoticeText(event, {request.notice_ids().begin(), request.notice_ids().end()},
                            law_);
}

}  // namespace fosterwatch::notifiable_events
