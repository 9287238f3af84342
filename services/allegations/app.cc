#include "services/allegations/app.h"

#include <utility>
#include <vector>

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "libs/clock/deadline.h"
#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/allegations/domain/attention.h"
#include "services/allegations/domain/correct.h"
#include "services/allegations/domain/follow_up.h"
#include "services/allegations/domain/steps.h"
#include "services/allegations/references.h"
#include "services/allegations/views.h"

namespace fosterwatch::allegations {

using runtime::Call;
using v1::Allegation;
using v1::AllegationFact;

namespace {

constexpr char kSelf[] = "service:allegations";

absl::Status NoAllegation() {
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such allegation",
               {{"allegation_id", "names no allegation of this agency"}});
}

// Nobody handles or reads what is said about them.
bool IsAbout(const Allegation& allegation, const std::string& person_id) {
  return !allegation.person_id().empty() && allegation.person_id() == person_id;
}

}  // namespace

App::App(ledger::Ledger* ledger, v1::PathwayPolicies policies, v1::AuditForms forms,
         clock::WorkingCalendar calendar, std::function<absl::Time()> now)
    : ledger_(ledger),
      policies_(std::move(policies)),
      forms_(std::move(forms)),
      calendar_(std::move(calendar)),
      now_(std::move(now)) {}

absl::StatusOr<Allegation> App::Change(const Call& call, const google::protobuf::Message& request,
                                       const std::string& allegation_id, Decide decide) {
  return ledger::Write<Allegation, AllegationFact>(
      *ledger_, call, request, kAllegationAggregate, allegation_id,
      [decide = std::move(decide), actor = call.caller.person_id](
          const Allegation& allegation, int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0 || IsAbout(allegation, actor)) return NoAllegation();
        ASSIGN_OR_RETURN(domain::Facts facts, decide(allegation));
        for (AllegationFact& settled : domain::SettleAttention(allegation, facts)) {
          facts.push_back(std::move(settled));
        }
        return facts;
      });
}

absl::StatusOr<Allegation> App::ReceiveAllegation(const Call& call,
                                                  const v1::ReceiveAllegationRequest& request) {
  ASSIGN_OR_RETURN(
      const domain::Named named,
      NamedBy(*ledger_, call.agency_id, request.report().carer_id(), request.report().child_id()));
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  const std::string allegation_id = ledger::NewId();
  return ledger::Write<Allegation, AllegationFact>(
      *ledger_, call, request, kAllegationAggregate, allegation_id,
      [&](const Allegation&, int64_t) {
        return domain::Receive(request, allegation_id, call.caller.person_id, named, people,
                               rules(), now_(), ledger::NewId);
      });
}

absl::StatusOr<Allegation> App::AmendAllegation(const Call& call,
                                                const v1::AmendAllegationRequest& request) {
  ASSIGN_OR_RETURN(const domain::Named named,
                   NamedBy(*ledger_, call.agency_id, request.carer_id(), request.child_id()));
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  return Change(call, request, request.allegation_id(),
                [&](const Allegation& allegation) -> absl::StatusOr<domain::Facts> {
                  if (request.corrects_subject()) {
                    return domain::CorrectSubject(allegation, request, call.caller.person_id,
                                                  call.caller.roles, named, people, rules(), now_(),
                                                  ledger::NewId);
                  }
                  return domain::Amend(allegation, request, call.caller.person_id, named, people,
                                       now_(), ledger::NewId);
                });
}

absl::StatusOr<Allegation> App::LinkAllegation(const Call& call,
                                               const v1::LinkAllegationRequest& request) {
  return Change(call, request, request.allegation_id(),
                [&](const Allegation& allegation) { return domain::LinkTo(allegation, request); });
}

absl::StatusOr<Allegation> App::ReferAllegation(const Call& call,
                                                const v1::ReferAllegationRequest& request) {
  ASSIGN_OR_RETURN(const bool known, IsAuthority(*ledger_, call.agency_id, request.body_id()));
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::Refer(allegation, request, call.caller.person_id, known, rules(), now_(),
                         ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::RecordStrategyMeeting(
    const Call& call, const v1::RecordStrategyMeetingRequest& request) {
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::RecordStrategyMeeting(allegation, request, call.caller.person_id, rules(),
                                         now_(), ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::StartInvestigation(const Call& call,
                                                   const v1::StartInvestigationRequest& request) {
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::StartInvestigation(allegation, request, call.caller.person_id, rules(), now_(),
                                      ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::RecordOfficerConclusion(
    const Call& call, const v1::RecordOfficerConclusionRequest& request) {
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::RecordOfficerConclusion(allegation, request, call.caller.person_id, people,
                                           rules(), now_(), ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::StartAgencyReview(const Call& call,
                                                  const v1::StartAgencyReviewRequest& request) {
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::StartAgencyReview(allegation, call.caller.person_id, rules(), now_(),
                                     ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::CloseChecklistItem(const Call& call,
                                                   const v1::CloseChecklistItemRequest& request) {
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::CloseItem(allegation, request, call.caller.person_id, call.caller.roles,
                             policies_, now_());
  });
}

absl::StatusOr<Allegation> App::AssignChecklistItem(const Call& call,
                                                    const v1::AssignChecklistItemRequest& request) {
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::AssignItem(allegation, request, people, now_());
  });
}

absl::StatusOr<Allegation> App::AddChecklistItem(const Call& call,
                                                 const v1::AddChecklistItemRequest& request) {
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::AddItem(allegation, request, people, rules(), now_(), ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::RecordOutcomeTold(const Call& call,
                                                  const v1::RecordOutcomeToldRequest& request) {
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::RecordTold(allegation, request, call.caller.person_id, now_());
  });
}

absl::StatusOr<Allegation> App::RecordLearning(const Call& call,
                                               const v1::RecordLearningRequest& request) {
  ASSIGN_OR_RETURN(const domain::People people, PeopleOf(*ledger_, call.agency_id));
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::RecordLearning(allegation, request, call.caller.person_id, people, rules(),
                                  now_(), ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::CloseAllegation(const Call& call,
                                                const v1::CloseAllegationRequest& request) {
  v1::GetAllegationRequest get;
  get.set_allegation_id(request.allegation_id());
  ASSIGN_OR_RETURN(const Allegation known, GetAllegation(call, get));
  ASSIGN_OR_RETURN(const std::vector<std::string> open_events,
                   OpenEventsOf(*ledger_, call.agency_id, known));
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::Close(allegation, request, call.caller.person_id, open_events, policies_,
                         now_());
  });
}

absl::StatusOr<Allegation> App::ReopenAllegation(const Call& call,
                                                 const v1::ReopenAllegationRequest& request) {
  return Change(call, request, request.allegation_id(), [&](const Allegation& allegation) {
    return domain::Reopen(allegation, request, call.caller.person_id, rules(), now_(),
                          ledger::NewId);
  });
}

absl::StatusOr<Allegation> App::GetAllegation(const Call& call,
                                              const v1::GetAllegationRequest& request) {
  ASSIGN_OR_RETURN(
      Allegation allegation,
      ledger_->LoadAs<Allegation>(call.agency_id, kAllegationAggregate, request.allegation_id()));
  if (IsAbout(allegation, call.caller.person_id)) return NoAllegation();
  return allegation;
}

absl::StatusOr<v1::ListAllegationsResponse> App::ListAllegations(
    const Call& call, const v1::ListAllegationsRequest& request) {
  return allegations::ListAllegations(*ledger_, call.agency_id, call.caller.person_id, request,
                                      now_());
}

absl::StatusOr<type::v1::Explanation> App::ExplainDueTime(
    const Call& call, const v1::ExplainDueTimeRequest& request) {
  v1::GetAllegationRequest get;
  get.set_allegation_id(request.allegation_id());
  ASSIGN_OR_RETURN(const Allegation allegation, GetAllegation(call, get));
  for (const v1::Duty& duty : allegation.duties()) {
    if (duty.duty_id() == request.duty_id()) return duty.explanation();
  }
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    if (item.action().action_id() == request.duty_id()) return item.explanation();
  }
  for (const v1::Telling& telling : allegation.tellings()) {
    if (telling.party() == request.duty_id()) return telling.explanation();
  }
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_DUTY", "the allegation has no such duty");
}

absl::StatusOr<ledger::Unit> App::OpenFromComplaint(const std::string& agency_id,
                                                    const std::string& disclosure_id,
                                                    const domain::Disclosure& disclosure) {
  ASSIGN_OR_RETURN(const domain::Named named,
                   NamedBy(*ledger_, agency_id, disclosure.carer_id, disclosure.child_id));
  const std::string allegation_id = ledger::DerivedId(
      "allegation/" + agency_id + "/" + disclosure.complaint_id + "/" + disclosure_id);
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = kSelf;
  unit.changes.push_back(ledger::MakeChange<Allegation, AllegationFact>(
      kAllegationAggregate, allegation_id,
      [this, disclosure, named, allegation_id](const Allegation&,
                                               int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version > 0) return domain::Facts{};
        return domain::OpenFromComplaint(disclosure, allegation_id, named, rules(), now_(),
                                         ledger::NewId);
      }));
  return unit;
}

ledger::Unit App::MoveDueTimes(const std::string& agency_id, const std::string& allegation_id) {
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = kSelf;
  unit.changes.push_back(ledger::MakeChange<Allegation, AllegationFact>(
      kAllegationAggregate, allegation_id,
      [this](const Allegation& allegation, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::MoveDueTimes(allegation, calendar_);
      }));
  return unit;
}

duty::ReworkOptions App::Recounting(const std::string& relay_conninfo) {
  return {"allegations", relay_conninfo,
          "SELECT agency_id, allegation_id FROM view.allegation WHERE state <> " +
              std::to_string(static_cast<int>(Allegation::STATE_CLOSED)),
          [this] { return calendar_.version(); },
          [this](const std::string& agency_id, const std::string& allegation_id) {
            return MoveDueTimes(agency_id, allegation_id);
          }};
}

ledger::Unit App::RaiseAllegation(const std::string& agency_id, const std::string& allegation_id) {
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = kSelf;
  unit.changes.push_back(ledger::MakeChange<Allegation, AllegationFact>(
      kAllegationAggregate, allegation_id,
      [this](const Allegation& allegation, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::RaiseAttention(allegation, policies_, now_());
      }));
  return unit;
}

}  // namespace fosterwatch::allegations
