#include "services/notifiable_events/app.h"

#include <utility>

#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/explain.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/notice_text.h"
#include "services/notifiable_events/domain/overdue.h"
#include "services/notifiable_events/domain/report.h"
#include "services/notifiable_events/domain/similar.h"
#include "services/notifiable_events/references.h"
#include "services/notifiable_events/views.h"

namespace fosterwatch::notifiable_events {

using v1::NotifiableEvent;
using v1::NotifiableEventFact;

App::App(ledger::Ledger* ledger, domain::Law law, domain::FormBook forms,
         clock::WorkingCalendar calendar, v1::ReportingPolicies policies,
         v1::NoticeWords notice_words, std::function<absl::Time()> now)
    : ledger_(ledger),
      references_(ledger),
      laws_(ledger, std::move(law)),
      forms_(std::move(forms)),
      calendar_(std::move(calendar)),
      policies_(std::move(policies)),
      notice_words_(std::move(notice_words)),
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
      kEventAggregate, event_id,
      [decide = std::move(decide)](const NotifiableEvent& event,
                                   int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such event",
                       {{"event_id", "names no event of this agency"}});
        }
        ASSIGN_OR_RETURN(domain::Facts facts, decide(event));
        domain::Facts settled = domain::RecordSettled(event, facts);
        facts.insert(facts.end(), settled.begin(), settled.end());
        return facts;
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::ReportEvent(const Origin& origin,
                                              const v1::ReportEventRequest& request) {
  return ReportUnder(origin, request, ledger::NewId());
}

absl::StatusOr<ledger::Unit> App::ReportUnder(const Origin& origin,
                                              const v1::ReportEventRequest& request,
                                              const std::string& event_id) {
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   CircumstancesOfReport(origin, request.report()));
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
      kEventAggregate, event_id,
      [this, request, law, event_id, actor = origin.actor, source = origin.source,
       circumstances = std::move(circumstances)](const NotifiableEvent& event,
                                                 int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version > 0) return domain::Facts{};  // it was reported under this id before
        const absl::Time now = now_();
        ASSIGN_OR_RETURN(domain::Facts facts,
                         domain::Report(event, request, event_id, actor, source, law, calendar_,
                                        circumstances, now, ledger::NewId));
        ASSIGN_OR_RETURN(facts, forms_.WithForm(std::move(facts), event, now));
        return domain::Compare(
            std::move(facts), circumstances.earlier,
            {request.new_besides_event_ids().begin(), request.new_besides_event_ids().end()}, actor,
            policies_, now, ledger::NewId);
      }));
  if (!request.from_decision_id().empty()) {
    unit.changes.push_back(Reversal(origin, request, event_id));
  }
  return unit;
}

absl::StatusOr<ledger::Unit> App::GiveNotice(const Origin& origin,
                                             const v1::GiveNoticeRequest& request) {
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  return Change(origin, request.event_id(),
                [this, request, law, actor = origin.actor](const NotifiableEvent& event) {
                  return domain::GiveNotice(event, request, actor, law, now_(), ledger::NewId);
                });
}

absl::StatusOr<ledger::Unit> App::AcknowledgeNotice(const Origin& origin,
                                                    const v1::AcknowledgeNoticeRequest& request) {
  return Change(origin, request.event_id(), [this, request](const NotifiableEvent& event) {
    return domain::AcknowledgeNotice(event, request, now_());
  });
}

absl::StatusOr<ledger::Unit> App::RecordEnquiryOutcome(
    const Origin& origin, const v1::RecordEnquiryOutcomeRequest& request) {
  ASSIGN_OR_RETURN(const NotifiableEvent now, GetEvent(origin.agency_id, request.event_id()));
  const v1::EventReport report = domain::EffectiveReport(now);
  ASSIGN_OR_RETURN(
      domain::Circumstances circumstances,
      references_.CircumstancesOf(origin.agency_id, report.child_id(), report.carer_id()));
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  return Change(origin, request.event_id(),
                [this, request, law, actor = origin.actor,
                 circumstances = std::move(circumstances)](const NotifiableEvent& event) {
                  return domain::RecordEnquiryOutcome(event, request, actor, law, circumstances,
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
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   CircumstancesOfAddition(origin, request.event_id(), request.report()));
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  return Change(
      origin, request.event_id(),
      [this, request, law, actor = origin.actor, circumstances = std::move(circumstances)](
          const NotifiableEvent& event) -> absl::StatusOr<domain::Facts> {
        const absl::Time now = now_();
        ASSIGN_OR_RETURN(domain::Facts facts, domain::Correct(event, request, actor, law,
                                                              circumstances, now, ledger::NewId));
        return forms_.WithForm(std::move(facts), event, now);
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
  return ledger_->LoadAs<NotifiableEvent>(agency_id, kEventAggregate, event_id);
}

absl::StatusOr<v1::ListEventsResponse> App::ListEvents(const runtime::Call& call,
                                                       const v1::ListEventsRequest& request) {
  return notifiable_events::ListEvents(*ledger_, caseload::AskerOf(call, now_()), request);
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
                            laws_.shipped(), domain::InForce(notice_words_, now_()));
}

}  // namespace fosterwatch::notifiable_events
