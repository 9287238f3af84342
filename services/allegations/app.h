// What the register of allegations does: each use case is one method that asks the domain and
// records the facts.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "fosterwatch/allegations/v1/pathway_policy.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/duty/rework.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/pathway.h"
#include "services/allegations/domain/receive.h"

namespace fosterwatch::allegations {

// The types of the aggregates in the ledger.
inline constexpr char kAllegationAggregate[] = "allegation";
inline constexpr char kAuditAggregate[] = "audit";

class App {
 public:
  App(ledger::Ledger* ledger, v1::PathwayPolicies policies, v1::AuditForms forms,
      clock::WorkingCalendar calendar, std::function<absl::Time()> now);

  ledger::Ledger& ledger() { return *ledger_; }

  // Each writes, and blocks until it is committed.
  absl::StatusOr<v1::Allegation> ReceiveAllegation(const runtime::Call& call,
                                                   const v1::ReceiveAllegationRequest& request);
  absl::StatusOr<v1::Allegation> AmendAllegation(const runtime::Call& call,
                                                 const v1::AmendAllegationRequest& request);
  absl::StatusOr<v1::Allegation> LinkAllegation(const runtime::Call& call,
                                                const v1::LinkAllegationRequest& request);
  absl::StatusOr<v1::Allegation> ReferAllegation(const runtime::Call& call,
                                                 const v1::ReferAllegationRequest& request);
  absl::StatusOr<v1::Allegation> RecordStrategyMeeting(
      const runtime::Call& call, const v1::RecordStrategyMeetingRequest& request);
  absl::StatusOr<v1::Allegation> StartInvestigation(const runtime::Call& call,
                                                    const v1::StartInvestigationRequest& request);
  absl::StatusOr<v1::Allegation> RecordOfficerConclusion(
      const runtime::Call& call, const v1::RecordOfficerConclusionRequest& request);
  absl::StatusOr<v1::Allegation> StartAgencyReview(const runtime::Call& call,
                                                   const v1::StartAgencyReviewRequest& request);
  absl::StatusOr<v1::Allegation> CloseChecklistItem(const runtime::Call& call,
                                                    const v1::CloseChecklistItemRequest& request);
  absl::StatusOr<v1::Allegation> AssignChecklistItem(const runtime::Call& call,
                                                     const v1::AssignChecklistItemRequest& request);
  absl::StatusOr<v1::Allegation> AddChecklistItem(const runtime::Call& call,
                                                  const v1::AddChecklistItemRequest& request);
  absl::StatusOr<v1::Allegation> RecordOutcomeTold(const runtime::Call& call,
                                                   const v1::RecordOutcomeToldRequest& request);
  absl::StatusOr<v1::Allegation> RecordLearning(const runtime::Call& call,
                                                const v1::RecordLearningRequest& request);
  absl::StatusOr<v1::Allegation> CloseAllegation(const runtime::Call& call,
                                                 const v1::CloseAllegationRequest& request);
  absl::StatusOr<v1::Allegation> ReopenAllegation(const runtime::Call& call,
                                                  const v1::ReopenAllegationRequest& request);

  // NOT_FOUND also for whom it is about.
  absl::StatusOr<v1::Allegation> GetAllegation(const runtime::Call& call,
                                               const v1::GetAllegationRequest& request);
  absl::StatusOr<v1::ListAllegationsResponse> ListAllegations(
      const runtime::Call& call, const v1::ListAllegationsRequest& request);
  absl::StatusOr<type::v1::Explanation> ExplainDueTime(const runtime::Call& call,
                                                       const v1::ExplainDueTimeRequest& request);

  absl::StatusOr<v1::Audit> StartAudit(const runtime::Call& call,
                                       const v1::StartAuditRequest& request);
  absl::StatusOr<v1::Audit> GradeRecord(const runtime::Call& call,
                                        const v1::GradeRecordRequest& request);
  absl::StatusOr<v1::Audit> CloseFinding(const runtime::Call& call,
                                         const v1::CloseFindingRequest& request);
  absl::StatusOr<v1::Audit> CompleteAudit(const runtime::Call& call,
                                          const v1::CompleteAuditRequest& request);
  absl::StatusOr<v1::Audit> GetAudit(const runtime::Call& call, const v1::GetAuditRequest& request);
  absl::StatusOr<v1::ListAuditsResponse> ListAudits(const runtime::Call& call,
                                                    const v1::ListAuditsRequest& request);
  absl::StatusOr<v1::AuditForm> GetAuditForm(const runtime::Call& call,
                                             const v1::GetAuditFormRequest& request);

  // The unit that opens an allegation for a disclosure in a complaint, once for each disclosure_id.
  // Reads, so not from the ledger's own thread.
  absl::StatusOr<ledger::Unit> OpenFromComplaint(const std::string& agency_id,
                                                 const std::string& disclosure_id,
                                                 const domain::Disclosure& disclosure);

  // Counts what is open again where it was counted by other bank holidays.
  ledger::Unit MoveDueTimes(const std::string& agency_id, const std::string& allegation_id);
  // The same of the open actions of an audit.
  ledger::Unit MoveFindings(const std::string& agency_id, const std::string& audit_id);
  // Each does so for all that are open, after a start with other bank holidays.
  duty::ReworkOptions Recounting(const std::string& relay_conninfo);
  duty::ReworkOptions RecountingFindings(const std::string& relay_conninfo);

  // What of it is late by now; once for each thing, however often it is asked.
  ledger::Unit RaiseAllegation(const std::string& agency_id, const std::string& allegation_id);
  ledger::Unit RaiseAudit(const std::string& agency_id, const std::string& audit_id);

 private:
  using Decide = std::function<absl::StatusOr<domain::Facts>(const v1::Allegation&)>;

  // One change of an allegation that must be there and not be about the caller; the alerts that it
  // makes needless are settled in the same transaction.
  absl::StatusOr<v1::Allegation> Change(const runtime::Call& call,
                                        const google::protobuf::Message& request,
                                        const std::string& allegation_id, Decide decide);
  // `decide` gets the audit whole, and what of it is withheld from the caller.
  absl::StatusOr<v1::Audit> ChangeAudit(
      const runtime::Call& call, const google::protobuf::Message& request,
      const std::string& audit_id,
      std::function<absl::StatusOr<domain::Facts>(const v1::Audit&, const std::set<std::string>&)>
          decide);
  domain::Rules rules() const { return {policies_, calendar_}; }

  ledger::Ledger* const ledger_;
  const v1::PathwayPolicies policies_;
  const v1::AuditForms forms_;
  const clock::WorkingCalendar calendar_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::allegations
