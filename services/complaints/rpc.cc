#include "services/complaints/rpc.h"

#include <string>
#include <utility>

#include "libs/ledger/service.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/learning.h"
#include "services/complaints/domain/serious.h"
#include "services/complaints/domain/stages.h"

namespace fosterwatch::complaints {
namespace {

using runtime::Call;
using runtime::Reply;
using v1::Complaint;

constexpr char kService[] = "fosterwatch.complaints.v1.ComplaintsService";
constexpr char kOversight[] = "fosterwatch.complaints.v1.ComplaintsOversightService";

Origin OriginOf(const Call& call, const google::protobuf::Message& request) {
  const ledger::Unit unit = ledger::UnitOf(call, request);
  return {call.agency_id,
          {call.caller.person_id, {call.caller.roles.begin(), call.caller.roles.end()}},
          call.trace_parent,
          unit.request_id,
          unit.request_hash};
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
      [app, rule](const Call& call, const Request& request, Reply<Complaint> reply) {
        Submit<Complaint>(app, app->Change<Request>(OriginOf(call, request), request, rule),
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

}  // namespace

void Register(runtime::Door& door, App* app) {
  const auto* pool = Complaint::descriptor()->file()->pool();
  door.Serve(pool->FindServiceByName(kService));
  Write(door, app, "RecordComplaint", &App::RecordComplaint);
  Write(door, app, "RecordCompliment", &App::RecordCompliment);
  Change(door, app, "AcknowledgeComplaint", domain::Acknowledge);
  Change(door, app, "AssignInvestigator", domain::AssignInvestigator);
  Change(door, app, "AllowInformalPart", domain::AllowInformalPart);
  Change(door, app, "CompleteStep", domain::CompleteStep);
  Change(door, app, "AnswerStage", domain::AnswerStage);
  Change(door, app, "ExtendStage", domain::ExtendStage);
  Change(door, app, "PauseStage", domain::PauseStage);
  Change(door, app, "ResumeStage", domain::ResumeStage);
  Change(door, app, "StartNextStage", domain::StartNextStage);
  Change(door, app, "AddPoint", domain::AddPoint);
  Change(door, app, "DecidePoint", domain::DecidePoint);
  Change(door, app, "RecordActionTaken", domain::RecordActionTaken);
  Change(door, app, "CloseComplaint", domain::Close);
  Change(door, app, "WithdrawComplaint", domain::Withdraw);
  Change(door, app, "ReopenComplaint", domain::Reopen);
  Change(door, app, "ReclassifyComplaint", domain::Reclassify);
  Change(door, app, "JudgeSeriousness", domain::JudgeSeriousness);
  Change(door, app, "AcceptEventProposal", domain::AcceptEventProposal);
  Change(door, app, "DeclineEventProposal", domain::DeclineEventProposal);
  Change(door, app, "DiscloseHarm", domain::DiscloseHarm);
  Change(door, app, "RecordLearning", domain::RecordLearning);
  Change(door, app, "AddLearningAction", domain::AddLearningAction);
  Change(door, app, "CloseLearningAction", domain::CloseLearningAction);
  Change(door, app, "CloseLearningReview", domain::CloseLearningReview);
  Read(door, app, "GetComplaint", &App::GetComplaint);
  Read(door, app, "ListComplaints", &App::ListComplaints);
  Read(door, app, "ExplainDueTime", &App::ExplainDueTime);
  Read(door, app, "ListProcedures", &App::ListProcedures);

  door.Serve(pool->FindServiceByName(kOversight));
  Write<v1::Sighting>(door, app, "MatchSighting", &App::MatchSighting, kOversight);
  Write<v1::Sighting>(door, app, "ExplainSighting", &App::ExplainSighting, kOversight);
  Read(door, app, "ListSightings", &App::ListSightings, kOversight);
  Read(door, app, "ListThemes", &App::ListThemes, kOversight);
  Read(door, app, "GetStatement", &App::GetStatement, kOversight);
}

}  // namespace fosterwatch::complaints
