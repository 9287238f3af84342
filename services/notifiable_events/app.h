// What the register does: each use case is one method that asks the domain and records the facts.
// The RPCs, the intake topic and the notifications' facts all come through here.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notice_words.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "fosterwatch/notifiable_events/v1/reporting_policy.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "services/notifiable_events/agency_laws.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/forms.h"
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

// The type of an event's aggregate in the ledger.
inline constexpr char kEventAggregate[] = "event";

class App {
 public:
  App(ledger::Ledger* ledger, domain::Law law, domain::FormBook forms,
      clock::WorkingCalendar calendar, v1::ReportingPolicies policies, v1::NoticeWords notice_words,
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
  absl::StatusOr<ledger::Unit> ConfirmNoticeInWriting(
      const Origin& origin, const v1::ConfirmNoticeInWritingRequest& request);
  absl::StatusOr<ledger::Unit> RecordDiscussion(const Origin& origin,
                                                const v1::RecordDiscussionRequest& request);
  absl::StatusOr<ledger::Unit> RecordOutcome(const Origin& origin,
                                             const v1::RecordOutcomeRequest& request);
  absl::StatusOr<ledger::Unit> ConcludeEvent(const Origin& origin,
                                             const v1::ConcludeEventRequest& request);

  absl::StatusOr<ledger::Unit> ReportProvisionalEvent(
      const Origin& origin, const v1::ReportProvisionalEventRequest& request);
  absl::StatusOr<ledger::Unit> CompleteReport(const Origin& origin,
                                              const v1::CompleteReportRequest& request);
  absl::StatusOr<ledger::Unit> DecideRepeat(const Origin& origin,
                                            const v1::DecideRepeatRequest& request);
  absl::StatusOr<ledger::Unit> WithdrawEvent(const Origin& origin,
                                             const v1::WithdrawEventRequest& request);
  absl::StatusOr<ledger::Unit> AddEvidence(const Origin& origin,
                                           const v1::AddEvidenceRequest& request);

  absl::StatusOr<ledger::Unit> RecordDecision(const Origin& origin,
                                              const v1::RecordDecisionRequest& request);
  absl::StatusOr<ledger::Unit> AgreeDecision(const Origin& origin,
                                             const v1::AgreeDecisionRequest& request);
  // The same for the agreement to a decision, as RecordOverdue.
  ledger::Unit RecordAgreementOverdue(const std::string& agency_id, const std::string& decision_id);
  absl::StatusOr<v1::Decision> GetDecision(const std::string& agency_id,
                                           const v1::GetDecisionRequest& request);
  absl::StatusOr<v1::ListDecisionsResponse> ListDecisions(const std::string& agency_id,
                                                          const v1::ListDecisionsRequest& request);

  // What the notifications service says of an attempt; `sent` where the message left.
  ledger::Unit RecordDelivery(const Origin& origin, const std::string& event_id, bool sent,
                              const domain::Delivery& delivery);

  // What of the event has passed its due time by now. Once for each duty, however often it is
  // asked.
  ledger::Unit RecordOverdue(const std::string& agency_id, const std::string& event_id);

  // The event that an accepted proposal of another register asks for, under the id that the
  // proposal gives it. Once, however often it is asked.
  absl::StatusOr<ledger::Unit> ReportUnder(const Origin& origin,
                                           const v1::ReportEventRequest& request,
                                           const std::string& event_id);

  // The event that an absence of the registered manager opens, where it is one to be told of. Once
  // for each absence, however often it is asked. Where one of the absences that are `joined` to it
  // has its event already, that says from then on how long the whole is, and no other is opened.
  absl::StatusOr<ledger::Unit> RecordManagerAbsence(const Origin& origin,
                                                    const v1::ManagerAbsence& absence,
                                                    const std::vector<std::string>& joined,
                                                    absl::Time recorded);

  // What became of absences, said on the event of each that has one.
  ledger::Unit RecordManagerBack(const Origin& origin, const std::vector<std::string>& absence_ids,
                                 absl::Time ended) const;

  // Looks once more, now that it is recorded, whether the event resembles one that was reported at
  // the same moment; nullopt where it does not, or where everybody concerned was asked.
  absl::StatusOr<std::optional<ledger::Unit>> LookAgain(const Origin& origin,
                                                        const v1::EventReported& reported);

  // Their first change is the agency's law; see ForgetLaw.
  absl::StatusOr<ledger::Unit> SwitchPolicyRecipient(
      const Origin& origin, const v1::SwitchPolicyRecipientRequest& request);
  absl::StatusOr<ledger::Unit> AdoptLaw(const Origin& origin, const v1::AdoptLawRequest& request);
  // Once such a unit is committed.
  void ForgetLaw(const std::string& agency_id) { laws_.Forget(agency_id); }

  absl::StatusOr<v1::LawInForce> GetLaw(const std::string& agency_id,
                                        const v1::GetLawRequest& request);
  absl::StatusOr<v1::ListFormsResponse> ListForms(const std::string& agency_id,
                                                  const v1::ListFormsRequest& request);
  absl::StatusOr<v1::TryLawResponse> TryLaw(const std::string& agency_id,
                                            const v1::TryLawRequest& request);

  absl::StatusOr<v1::NotifiableEvent> GetEvent(const std::string& agency_id,
                                               const std::string& event_id);
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const runtime::Call& call,
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
  // A unit that changes an event that must be there, and says of an overdue duty that it is settled
  // where the change settles it.
  ledger::Unit Change(const Origin& origin, const std::string& event_id, Decide decide) const;

  // The decision that a report reverses, changed in the report's unit.
  ledger::Change Reversal(const Origin& origin, const v1::ReportEventRequest& request,
                          const std::string& event_id) const;
  // A unit that changes the agency's law, also for the first time.
  ledger::Unit ChangeLaw(
      const Origin& origin,
      std::function<absl::StatusOr<domain::Facts>(const v1::AgencyLaw&)> decide) const;

  // When what is near a report in time has happened, by the policy of today.
  References::Near NearTo(const v1::EventReport& report) const;
  // What a report is judged by: the circumstances, and the events that it might repeat.
  absl::StatusOr<domain::Circumstances> CircumstancesOfReport(const Origin& origin,
                                                              const v1::EventReport& report);
  // Those of a report as an addition leaves it, which may name a child or carer.
  absl::StatusOr<domain::Circumstances> CircumstancesOfAddition(const Origin& origin,
                                                                const std::string& event_id,
                                                                const v1::EventReport& addition);

  ledger::Ledger* const ledger_;
  References references_;
  AgencyLaws laws_;
  const domain::FormBook forms_;
  const clock::WorkingCalendar calendar_;
  const v1::ReportingPolicies policies_;
  const v1::NoticeWords notice_words_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::notifiable_events
