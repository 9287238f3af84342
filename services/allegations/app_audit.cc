// The use cases of audits.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "libs/clock/deadline.h"
#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/allegations/app.h"
#include "services/allegations/domain/audit.h"
#include "services/allegations/references.h"
#include "services/allegations/views.h"
#include "services/allegations/withheld.h"

namespace fosterwatch::allegations {

using runtime::Call;
using v1::AllegationFact;
using v1::Audit;

absl::StatusOr<Audit> App::ChangeAudit(
    const Call& call, const google::protobuf::Message& request, const std::string& audit_id,
    std::function<absl::StatusOr<domain::Facts>(const Audit&, const std::set<std::string>&)>
        decide) {
  ASSIGN_OR_RETURN(const std::set<std::string> withheld,
                   AuditedAbout(*ledger_, call.agency_id, call.caller.person_id));
  absl::StatusOr<Audit> changed = ledger::Write<Audit, AllegationFact>(
      *ledger_, call, request, kAuditAggregate, audit_id,
      [decide = std::move(decide), &withheld](const Audit& audit,
                                              int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such audit",
                       {{"audit_id", "names no audit of this agency"}});
        }
        return decide(audit, withheld);
      });
  if (!changed.ok()) return Shown(changed.status(), withheld);
  return Shown(*std::move(changed), withheld);
}

absl::StatusOr<Audit> App::StartAudit(const Call& call, const v1::StartAuditRequest& request) {
  const absl::Time now = now_();
  ASSIGN_OR_RETURN(const auto year, clock::AddCalendarMonths(now, -12));
  ASSIGN_OR_RETURN(
      std::vector<v1::AuditedRecord> records,
      RecordsIn(*ledger_, call.agency_id, request, year.due(), domain::kMostAudited + 1));
  ASSIGN_OR_RETURN(const std::set<std::string> withheld,
                   AuditedAbout(*ledger_, call.agency_id, call.caller.person_id));
  const std::string audit_id = ledger::NewId();
  absl::StatusOr<Audit> started = ledger::Write<Audit, AllegationFact>(
      *ledger_, call, request, kAuditAggregate, audit_id, [&](const Audit&, int64_t) {
        return domain::StartAudit(request, audit_id, records, year.due(), call.caller.person_id,
                                  forms_, now);
      });
  if (!started.ok()) return started.status();
  return Shown(*std::move(started), withheld);
}

absl::StatusOr<Audit> App::GradeRecord(const Call& call, const v1::GradeRecordRequest& request) {
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  return ChangeAudit(call, request, request.audit_id(),
                     [&](const Audit& audit, const std::set<std::string>& withheld) {
                       return domain::GradeRecord(Shown(audit, withheld), request,
                                                  call.caller.person_id, people, forms_, calendar_,
                                                  now_(), ledger::NewId);
                     });
}

absl::StatusOr<Audit> App::CloseFinding(const Call& call, const v1::CloseFindingRequest& request) {
  return ChangeAudit(call, request, request.audit_id(),
                     [&](const Audit& audit, const std::set<std::string>& withheld) {
                       return domain::CloseFinding(Shown(audit, withheld), request,
                                                   call.caller.person_id, now_());
                     });
}

absl::StatusOr<Audit> App::CompleteAudit(const Call& call,
                                         const v1::CompleteAuditRequest& request) {
  return ChangeAudit(call, request, request.audit_id(),
                     [&](const Audit& audit, const std::set<std::string>&) {
                       return domain::CompleteAudit(audit, request, call.caller.person_id, now_());
                     });
}

absl::StatusOr<Audit> App::GetAudit(const Call& call, const v1::GetAuditRequest& request) {
  ASSIGN_OR_RETURN(const std::set<std::string> withheld,
                   AuditedAbout(*ledger_, call.agency_id, call.caller.person_id));
  ASSIGN_OR_RETURN(Audit audit,
                   ledger_->LoadAs<Audit>(call.agency_id, kAuditAggregate, request.audit_id()));
  return Shown(std::move(audit), withheld);
}

absl::StatusOr<v1::ListAuditsResponse> App::ListAudits(const Call& call,
                                                       const v1::ListAuditsRequest& request) {
  return allegations::ListAudits(*ledger_, call.agency_id, request);
}

absl::StatusOr<v1::AuditForm> App::GetAuditForm(const Call&,
                                                const v1::GetAuditFormRequest& request) {
  if (request.version().empty()) return domain::FormInUse(forms_, now_());
  const v1::AuditForm* form = domain::FindForm(forms_, request.version());
  if (form != nullptr) return *form;
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no form of that version");
}

ledger::Unit App::MoveFindings(const std::string& agency_id, const std::string& audit_id) {
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = "service:allegations";
  unit.changes.push_back(ledger::MakeChange<Audit, AllegationFact>(
      kAuditAggregate, audit_id,
      [this](const Audit& audit, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::MoveFindings(audit, calendar_);
      }));
  return unit;
}

duty::ReworkOptions App::RecountingFindings(const std::string& relay_conninfo) {
  return {"audits", relay_conninfo,
          "SELECT agency_id, audit_id FROM view.audit WHERE open_action_count > 0",
          [this] { return calendar_.version(); },
          [this](const std::string& agency_id, const std::string& audit_id) {
            return MoveFindings(agency_id, audit_id);
          }};
}

ledger::Unit App::RaiseAudit(const std::string& agency_id, const std::string& audit_id) {
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = "service:allegations";
  unit.changes.push_back(ledger::MakeChange<Audit, AllegationFact>(
      kAuditAggregate, audit_id,
      [this](const Audit& audit, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::RaiseAttention(audit, now_());
      }));
  return unit;
}

}  // namespace fosterwatch::allegations
