// What the register does: each use case is one method that asks the domain and records the facts.
// The RPCs, the intake topic and the notifications' facts all come through here.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/ledger.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/references.h"

namespace fosterwatch::notifiable_events {

// Who asks, for which agency, under which request id.
struct Origin {
  std::string agency_id;
  domain::Actor actor;
  std::string trace_parent;
  std::string request_id;
  std::string request_hash;
  // The CloudEvents source; empty for a person.
  std::string source;
};

class App {
 public:
  App(ledger::Ledger* ledger, domain::Law law, clock::WorkingCalendar calendar,
      std::function<absl::Time()> now);

  // Each returns the unit of work that the command asks for, to be submitted; its first change is
  // the event. They read reference tables, so not from the ledger's own thread.
  absl::StatusOr<ledger::Unit> ReportEvent(const Origin& origin,
                                           const v1::ReportEventRequest& request);
  absl::StatusOr<ledger::Unit> GiveNotice(const Origin& origin,
                                          const v1::GiveNoticeRequest& request);
  absl::StatusOr<ledger::Unit> AcknowledgeNotice(const Origin& origin,
                                                 const v1::AcknowledgeNoticeRequest& request);
  absl::StatusOr<ledger::Unit> SignOffEvent(const Origin& origin,
                                            const v1::SignOffEventRequest& request);
  absl::StatusOr<ledger::Unit> RecordEnquiryOutcome(const Origin& origin,
                                                    const v1::RecordEnquiryOutcomeRequest& request);
  absl::StatusOr<ledger::Unit> RecordChildReturn(const Origin& origin,
                                                 const v1::RecordChildReturnRequest& request);
  absl::StatusOr<ledger::Unit> CorrectEvent(const Origin& origin,
                                            const v1::CorrectEventRequest& request);
  absl::StatusOr<ledger::Unit> AddAction(const Origin& origin, const v1::AddActionRequest& request);
  absl::StatusOr<ledger::Unit> CloseAction(const Origin& origin,
                                           const v1::CloseActionRequest& request);
  absl::StatusOr<ledger::Unit> ConcludeEvent(const Origin& origin,
                                             const v1::ConcludeEventRequest& request);

  // What the notifications service says of an attempt; `sent` where the message left.
  ledger::Unit RecordDelivery(const Origin& origin, const std::string& event_id, bool sent,
                              const domain::Delivery& delivery);

  absl::StatusOr<v1::NotifiableEvent> GetEvent(const std::string& agency_id,
                                               const std::string& event_id);
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const std::string& agency_id,
                                                    const v1::ListEventsRequest& request);
  absl::StatusOr<type::v1::Explanation> ExplainDueTime(const std::string& agency_id,
                                                       const v1::ExplainDueTimeRequest& request);
  absl::StatusOr<v1::NoticeContent> GetNoticeContent(const std::string& agency_id,
                                                     const v1::GetNoticeContentRequest& request);

  ledger::Ledger& ledger() { return *ledger_; }
  References& references() { return references_; }

 private:
  using Decide = std::function<absl::StatusOr<domain::Facts>(const v1::NotifiableEvent&)>;

  ledger::Unit UnitOf(const Origin& origin) const;
  // A unit that changes an event that must be there.
  ledger::Unit Change(const Origin& origin, const std::string& event_id, Decide decide) const;

  ledger::Ledger* const ledger_;
  References references_;
  const domain::Law law_;
  const clock::WorkingCalendar calendar_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::notifiable_events
