#include "services/complaints/rpc.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/ledger/service.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/learning.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/serious.h"
#include "services/complaints/domain/stages.h"

namespace fosterwatch::complaints {
namespace {

using runtime::Call;
using runtime::Reply;
using v1::Complaint;

constexpr char kService[] = "fosterwatch.complaints.v1.ComplaintsService";
constexpr char kOversight[] = "fosterwatch.complaints.v1.ComplaintsOversightService";

using Roles = std::set<options::v1::Role>;

Origin OriginOf(const Call& call, const google::protobuf::Message& request) {
  const ledger::Unit unit = ledger::UnitOf(call, request);
  return {call.agency_id,
          {call.caller.person_id, {call.caller.roles.begin(), call.caller.roles.end()}},
          call.trace_parent,
          unit.request_id,
          unit.request_hash};
}

// The roles that a method lets in, but for the one that it lets in for complaints that go another
// way.
Roles OrdinaryRoles(const std::string& method) {
  const auto* service = Complaint::descriptor()->file()->pool()->FindServiceByName(kService);
  const auto& access =
      service->FindMethodByName(method)->options().GetExtension(options::v1::access);
  Roles roles;
  for (const int role : access.roles()) roles.insert(static_cast<options::v1::Role>(role));
  roles.erase(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
  return roles;
}

// Of somebody who acts on a complaint.
Origin ActingOn(const Call& call, const google::protobuf::Message& request, const Roles& ordinary) {
  Origin origin = OriginOf(call, request);
  origin.actor.only_on_other_route =
      std::none_of(origin.actor.roles.begin(), origin.actor.roles.end(),
                   [&](options::v1::Role role) { return ordinary.count(role) > 0; });
  return origin;
}

// Submits what a use case asks for, and answers with the first of what it changed when it is
// committed.
template <typename State>
void Submit(App* app, absl::StatusOr<ledger::Unit> unit, Reply<State> reply) {
  if (!unit.ok()) return reply(unit.status());
  unit->done = [reply = std::move(reply)](absl::StatusOr<ledger::Outcome> outcome) {
    if (!outcome.ok()) return reply(outcome.status());
    reply(outcome->As<State>(0));
  };
  app->ledger().Submit(*std::move(unit));
}

template <typename State = Complaint, typename Request>
void Write(runtime::Door& door, App* app, const std::string& method,
           absl::StatusOr<ledger::Unit> (App::*use_case)(const Origin&, const Request&),
           const char* service = kService) {
  door.OnAsync<Request, State>(
      service, method,
      [app, use_case](const Call& call, const Request& request, Reply<State> reply) {
        Submit<State>(app, (app->*use_case)(OriginOf(call, request), request), std::move(reply));
      });
}

// What one rule decides about one complaint.
template <typename Request>
void Change(runtime::Door& door, App* app, const std::string& method,
            absl::StatusOr<domain::Facts> (*rule)(const Complaint&, const Request&,
                                                  const domain::Actor&, const domain::Given&)) {
  door.OnAsync<Request, Complaint>(
      kService, method,
      [app, rule, ordinary = OrdinaryRoles(method)](const Call& call, const Request& request,
                                                    Reply<Complaint> reply) {
        Submit<Complaint>(app,
                          app->Change<Request>(ActingOn(call, request, ordinary), request, rule),
                          std::move(reply));
      });
}

// The same where `person_id` of the request is given a part, by `field`.
template <typename Request>
void ChangeNaming(runtime::Door& door, App* app, const std::string& method,
                  absl::StatusOr<domain::Facts> (*rule)(const Complaint&, const Request&,
                                                        const domain::Actor&, const domain::Given&),
                  const std::string& field, const std::string& (Request::*person_id)() const) {
  door.OnAsync<Request, Complaint>(
      kService, method,
      [app, rule, field, person_id, ordinary = OrdinaryRoles(method)](
          const Call& call, const Request& request, Reply<Complaint> reply) {
        Submit<Complaint>(app,
                          app->ChangeNaming<Request>(ActingOn(call, request, ordinary), request,
                                                     rule, field, (request.*person_id)()),
                          std::move(reply));
      });
}

template <typename Request, typename Response>
void Read(runtime::Door& door, App* app, const std::string& method,
          absl::StatusOr<Response> (App::*use_case)(const std::string&, const Request&),
          const char* service = kService) {
  door.On<Request, Response>(service, method,
                             [app, use_case](const Call& call, const Request& request) {
                               return (app->*use_case)(call.agency_id, request);
                             });
}

// As whoever asks may see it.
template <typename Request, typename Response>
void ReadAs(runtime::Door& door, App* app, const std::string& method,
            absl::StatusOr<Response> (App::*use_case)(const Origin&, const Request&),
            const char* service = kService) {
  door.On<Request, Response>(service, method,
                             [app, use_case](const Call& call, const Request& request) {
                               return (app->*use_case)(OriginOf(call, request), request);
                             });
}

}  // namespace

void Register(runtime::Door& door, App* app) {
  const auto* pool = Complaint::descriptor()->file()->pool();
  door.Serve(pool->FindServiceByName(kService));
  Write(door, app, "RecordComplaint", &App::RecordComplaint);
  Write(door, app, "RecordCompliment", &App::RecordCompliment);
  Change(door, app, "AcknowledgeComplaint", domain::Acknowledge);
  ChangeNaming(door, app, "AssignInvestigator", domain::AssignInvestigator, "person_id",
               &v1::AssignInvestigatorRequest::person_id);
  Change(door, app, "NameIndependent", domain::NameIndependent);
  Change(door, app, "AllowInformalPart", domain::AllowInformalPart);
  Change(door, app, "CompleteStep", domain::CompleteStep);
  Change(door, app, "AnswerStage", domain::AnswerStage);
  ChangeNaming(door, app, "ExtendStage", domain::ExtendStage, "agreed_by",
               &v1::ExtendStageRequest::agreed_by);
  Change(door, app, "PauseStage", domain::PauseStage);
  Change(door, app, "ResumeStage", domain::ResumeStage);
  Change(door, app, "StartNextStage", domain::StartNextStage);
  Change(door, app, "DecideOutOfTime", domain::DecideOutOfTime);
  Change(door, app, "AddPoint", domain::AddPoint);
  Change(door, app, "DecidePoint", domain::DecidePoint);
  Change(door, app, "RecordActionTaken", domain::RecordActionTaken);
  Change(door, app, "CloseComplaint", domain::Close);
  ChangeNaming(door, app, "WithdrawComplaint", domain::Withdraw, "giver_told_by",
               &v1::WithdrawComplaintRequest::giver_told_by);
  Change(door, app, "ReopenComplaint", domain::Reopen);
  Change(door, app, "ReclassifyComplaint", domain::Reclassify);
  Change(door, app, "JudgeSeriousness", domain::JudgeSeriousness);
  door.OnAsync<v1::AcceptEventProposalRequest, Complaint>(
      kService, "AcceptEventProposal",
      [app, ordinary = OrdinaryRoles("AcceptEventProposal")](
          const Call& call, const v1::AcceptEventProposalRequest& request, Reply<Complaint> reply) {
        Submit<Complaint>(app, app->AcceptEventProposal(ActingOn(call, request, ordinary), request),
                          std::move(reply));
      });
  Change(door, app, "DeclineEventProposal", domain::DeclineEventProposal);
  Change(door, app, "DiscloseHarm", domain::DiscloseHarm);
  Change(door, app, "RecordLearning", domain::RecordLearning);
  ChangeNaming(door, app, "AddLearningAction", domain::AddLearningAction, "owner_id",
               &v1::AddLearningActionRequest::owner_id);
  Change(door, app, "CloseLearningAction", domain::CloseLearningAction);
  Change(door, app, "CloseLearningReview", domain::CloseLearningReview);
  ReadAs(door, app, "GetComplaint", &App::GetComplaint);
  ReadAs(door, app, "ListComplaints", &App::ListComplaints);
  ReadAs(door, app, "ExplainDueTime", &App::ExplainDueTime);
  Read(door, app, "ListProcedures", &App::ListProcedures);

  door.Serve(pool->FindServiceByName(kOversight));
  Write<v1::Sighting>(door, app, "MatchSighting", &App::MatchSighting, kOversight);
  Write<v1::Sighting>(door, app, "TakeBackMatch", &App::TakeBackMatch, kOversight);
  Write<v1::Sighting>(door, app, "ExplainSighting", &App::ExplainSighting, kOversight);
  ReadAs(door, app, "ListSightings", &App::ListSightings, kOversight);
  Read(door, app, "ListThemes", &App::ListThemes, kOversight);
  Read(door, app, "GetStatement", &App::GetStatement, kOversight);
}

}  // namespace fosterwatch::complaints
