// Who stands in: delegations and absences.
#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/directory/app.h"
#include "services/directory/app_load.h"
#include "services/directory/domain/absence.h"
#include "services/directory/domain/delegation.h"
#include "services/directory/domain/fields.h"
#include "services/directory/domain/policy.h"
#include "services/directory/views.h"

namespace fosterwatch::directory {
namespace {

using v1::DirectoryFact;

absl::Status CheckAtTime(bool given, const google::protobuf::Timestamp& at_time) {
  return given ? domain::CheckMoment("at_time", at_time) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::RoleHolder>> App::AllHolders(const std::string& agency_id) {
  return LoadAll<v1::RoleHolder>(
      agency_id, "holder",
      {"SELECT holder_id FROM view.holder WHERE agency_id = $1 ORDER BY holder_id", {agency_id}});
}

// What was called off before it began never was, here and for delegations.
absl::StatusOr<std::vector<v1::Absence>> App::Absences(const std::string& agency_id,
                                                       absl::Time after) {
  return LoadAll<v1::Absence>(agency_id, "absence",
                              {"SELECT absence_id FROM view.absence WHERE agency_id = $1"
                               " AND ends_at > $2 AND ends_at > begins_at"
                               " ORDER BY begins_at, absence_id",
                               {agency_id, after}});
}

absl::StatusOr<std::vector<v1::Delegation>> App::Delegations(const std::string& agency_id,
                                                             absl::Time after) {
  return LoadAll<v1::Delegation>(agency_id, "delegation",
                                 {"SELECT delegation_id FROM view.delegation WHERE agency_id = $1"
                                  " AND ends_at > $2 AND ends_at > begins_at"
                                  " ORDER BY begins_at, delegation_id",
                                  {agency_id, after}});
}

absl::StatusOr<v1::Delegation> App::RecordDelegation(const runtime::Call& call,
                                                     const v1::RecordDelegationRequest& request) {
  const domain::Recording recording{ledger::NewId(), call.caller.person_id, options_.now()};
  const bool for_others = call.caller.Has(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL) ||
                          call.caller.Has(options::v1::ROLE_ADMINISTRATOR);
  ASSIGN_OR_RETURN(const auto holders, AllHolders(call.agency_id));
  return Enter<v1::Delegation>(
      call, request, "delegation", recording.id,
      [&](const v1::Delegation&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        DirectoryFact fact;
        ASSIGN_OR_RETURN(*fact.mutable_delegation_recorded()->mutable_delegation(),
                         domain::Record(request.delegation(), for_others, recording, holders,
                                        domain::InForce(options_.policies, recording.now)));
        return std::vector<DirectoryFact>{fact};
      });
}

absl::StatusOr<v1::Delegation> App::EndDelegation(const runtime::Call& call,
                                                  const v1::EndDelegationRequest& request) {
  const domain::Recording recording{request.delegation_id(), call.caller.person_id, options_.now()};
  return Enter<v1::Delegation>(
      call, request, "delegation", request.delegation_id(),
      [&](const v1::Delegation& before,
          int64_t version) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such delegation");
        }
        DirectoryFact fact;
        ASSIGN_OR_RETURN(*fact.mutable_delegation_ended()->mutable_delegation(),
                         domain::TakeBack(before, recording));
        return std::vector<DirectoryFact>{fact};
      });
}

absl::StatusOr<v1::ListDelegationsResponse> App::ListDelegations(
    const runtime::Call& call, const v1::ListDelegationsRequest& request) {
  RETURN_IF_ERROR(CheckAtTime(request.has_at_time(), request.at_time()));
  const absl::Time at =
      request.has_at_time() ? clock::FromProto(request.at_time()) : options_.now();
  ASSIGN_OR_RETURN(const auto delegations, Delegations(call.agency_id, at));
  v1::ListDelegationsResponse response;
  if (delegations.empty()) return response;
  ASSIGN_OR_RETURN(const auto holders, AllHolders(call.agency_id));
  for (const v1::Delegation& delegation : delegations) {
    if (!request.to_person_id().empty() && delegation.to_person_id() != request.to_person_id()) {
      continue;
    }
    if (request.also_planned() ||
        domain::UsableAt(delegation, holders, domain::InForce(options_.policies, at), at)) {
      *response.add_delegations() = delegation;
    }
  }
  return response;
}

// Of two absences of one person that come at the same moment, one is decided after the other, and
// knows it: both change the person's list, and the other is not in what was read before.
absl::StatusOr<v1::Absence> App::RecordAbsence(const runtime::Call& call,
                                               const v1::RecordAbsenceRequest& request) {
  const domain::Recording recording{ledger::NewId(), call.caller.person_id, options_.now()};
  const v1::DirectoryPolicy& policy = domain::InForce(options_.policies, recording.now);
  ASSIGN_OR_RETURN(const auto holders, AllHolders(call.agency_id));
  // Also those that are over: this one may begin in the past.
  ASSIGN_OR_RETURN(const auto absences, Absences(call.agency_id, absl::UnixEpoch()));
  const auto record = [&](const v1::PersonAbsences& list) {
    return domain::Record(request.absence(), recording, holders, domain::With(absences, list),
                          options_.calendar, policy);
  };
  // The name of the list that is changed as well.
  const std::string& person_id = request.absence().person_id();
  RETURN_IF_ERROR(domain::CheckText("absence.person_id", person_id, 100));

  ledger::Unit unit = ledger::UnitOf(call, request);
  DirectoryFact recorded;
  const auto record_it = [&recorded](const v1::Absence&,
                                     int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
    if (!recorded.has_absence_recorded()) return std::vector<DirectoryFact>{};
    return std::vector<DirectoryFact>{recorded};
  };
  const auto note_it = [&](const v1::PersonAbsences& list,
                           int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
    ASSIGN_OR_RETURN(*recorded.mutable_absence_recorded()->mutable_absence(), record(list));
    DirectoryFact noted;
    *noted.mutable_absence_noted()->mutable_absence() =
        domain::Noted(recorded.absence_recorded().absence());
    return std::vector<DirectoryFact>{noted};
  };
  // The first change is the one whose result a repeated request gets; nothing happens in it yet.
  unit.changes.push_back(ledger::MakeChange<v1::Absence, DirectoryFact>(
      "absence", recording.id,
      [](const v1::Absence&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        return std::vector<DirectoryFact>{};
      }));
  unit.changes.push_back(
      ledger::MakeChange<v1::PersonAbsences, DirectoryFact>(kPersonAbsences, person_id, note_it));
  unit.changes.push_back(
      ledger::MakeChange<v1::Absence, DirectoryFact>("absence", recording.id, record_it));
  unit.changes.push_back(PlanCheck());
  ASSIGN_OR_RETURN(const ledger::Outcome outcome, ledger_->SubmitAndWait(std::move(unit)));
  return outcome.As<v1::Absence>(0);
}

absl::StatusOr<v1::Absence> App::EndAbsence(const runtime::Call& call,
                                            const v1::EndAbsenceRequest& request) {
  if (request.has_back_time()) {
    RETURN_IF_ERROR(domain::CheckMoment("back_time", request.back_time()));
  }
  const domain::Recording recording{request.absence_id(), call.caller.person_id, options_.now()};
  const absl::Time back =
      request.has_back_time() ? clock::FromProto(request.back_time()) : recording.now;
  const auto known = ledger_->LoadAs<v1::Absence>(call.agency_id, "absence", request.absence_id());
  if (absl::IsNotFound(known.status())) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such absence");
  }
  RETURN_IF_ERROR(known.status());

  ledger::Unit unit = ledger::UnitOf(call, request);
  v1::Absence noted;
  unit.changes.push_back(ledger::MakeChange<v1::Absence, DirectoryFact>(
      "absence", request.absence_id(),
      [&](const v1::Absence& before, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        DirectoryFact fact;
        v1::Absence* ended = fact.mutable_absence_ended()->mutable_absence();
        ASSIGN_OR_RETURN(*ended, domain::Back(before, back, recording));
        noted = domain::Noted(before);
        *noted.mutable_ended_time() = ended->ended_time();
        noted.set_ended_by(ended->ended_by());
        return std::vector<DirectoryFact>{fact};
      }));
  unit.changes.push_back(ledger::MakeChange<v1::PersonAbsences, DirectoryFact>(
      kPersonAbsences, known->person_id(),
      [&](const v1::PersonAbsences&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        DirectoryFact fact;
        *fact.mutable_absence_noted()->mutable_absence() = noted;
        return std::vector<DirectoryFact>{fact};
      }));
  ASSIGN_OR_RETURN(const ledger::Outcome outcome, ledger_->SubmitAndWait(std::move(unit)));
  return outcome.As<v1::Absence>(0);
}

absl::StatusOr<v1::ListAbsencesResponse> App::ListAbsences(const runtime::Call& call,
                                                           const v1::ListAbsencesRequest& request) {
  RETURN_IF_ERROR(CheckAtTime(request.has_at_time(), request.at_time()));
  const absl::Time at =
      request.has_at_time() ? clock::FromProto(request.at_time()) : options_.now();
  ASSIGN_OR_RETURN(const auto absences, Absences(call.agency_id, at));
  v1::ListAbsencesResponse response;
  for (const v1::Absence& absence : absences) {
    if (!request.person_id().empty() && absence.person_id() != request.person_id()) continue;
    *response.add_absences() = absence;
  }
  return response;
}

}  // namespace fosterwatch::directory
