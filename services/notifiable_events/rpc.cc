#include "services/notifiable_events/rpc.h"

#include <string>
#include <utility>

#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "services/notifiable_events/intake.h"

namespace fosterwatch::notifiable_events {
namespace {

using runtime::Call;
using runtime::Reply;
using v1::NotifiableEvent;

constexpr char kService[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";
constexpr char kDecisionService[] = "fosterwatch.notifiable_events.v1.DecisionService";

Origin OriginOf(const Call& call, const google::protobuf::Message& request) {
  const ledger::Unit unit = ledger::UnitOf(call, request);
  return {call.agency_id,
          {call.caller.person_id, {call.caller.roles.begin(), call.caller.roles.end()}},
          call.trace_parent,
          unit.request_id,
          unit.request_hash,
          /*source=*/""};
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

template <typename State = NotifiableEvent, typename Request>
void Write(runtime::Door& door, App* app, const std::string& method,
           absl::StatusOr<ledger::Unit> (App::*use_case)(const Origin&, const Request&),
           const char* service = kService) {
  door.OnAsync<Request, State>(
      service, method,
      [app, use_case](const Call& call, const Request& request, Reply<State> reply) {
        Submit<State>(app, (app->*use_case)(OriginOf(call, request), request), std::move(reply));
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

void RegisterLaw(runtime::Door& door, App* app) {
  constexpr char kLawService[] = "fosterwatch.notifiable_events.v1.LawService";
  door.Serve(v1::LawInForce::descriptor()->file()->FindServiceByName("LawService"));
  // Whoever changes the law finds it changed with the next call.
  const auto answer = [app](absl::StatusOr<ledger::Unit> unit, Reply<v1::AgencyLaw> reply) {
    if (!unit.ok()) return reply(unit.status());
    unit->done = [app, agency_id = unit->agency_id,
                  reply = std::move(reply)](absl::StatusOr<ledger::Outcome> outcome) {
      if (!outcome.ok()) return reply(outcome.status());
      app->ForgetLaw(agency_id);
      v1::AgencyLaw agency = outcome->As<v1::AgencyLaw>(0);
      for (auto& adoption : *agency.mutable_adoptions()) adoption.clear_law_json();
      reply(std::move(agency));
    };
    app->ledger().Submit(*std::move(unit));
  };
  door.OnAsync<v1::SwitchPolicyRecipientRequest, v1::AgencyLaw>(
      kLawService, "SwitchPolicyRecipient",
      [app, answer](const Call& call, const v1::SwitchPolicyRecipientRequest& request,
                    Reply<v1::AgencyLaw> reply) {
        answer(app->SwitchPolicyRecipient(OriginOf(call, request), request), std::move(reply));
      });
  door.OnAsync<v1::AdoptLawRequest, v1::AgencyLaw>(
      kLawService, "AdoptLaw",
      [app, answer](const Call& call, const v1::AdoptLawRequest& request,
                    Reply<v1::AgencyLaw> reply) {
        answer(app->AdoptLaw(OriginOf(call, request), request), std::move(reply));
      });
  door.On<v1::GetLawRequest, v1::LawInForce>(
      kLawService, "GetLaw", [app](const Call& call, const v1::GetLawRequest& request) {
        return app->GetLaw(call.agency_id, request);
      });
  door.On<v1::ListFormsRequest, v1::ListFormsResponse>(
      kLawService, "ListForms", [app](const Call& call, const v1::ListFormsRequest& request) {
        return app->ListForms(call.agency_id, request);
      });
  door.On<v1::TryLawRequest, v1::TryLawResponse>(
      kLawService, "TryLaw", [app](const Call& call, const v1::TryLawRequest& request) {
        return app->TryLaw(call.agency_id, request);
      });
}

}  // namespace

void Register(runtime::Door& door, App* app) {
  RegisterLaw(door, app);
  door.Serve(NotifiableEvent::descriptor()->file()->pool()->FindServiceByName(kService));
  Write(door, app, "ReportEvent", &App::ReportEvent);
  Write(door, app, "GiveNotice", &App::GiveNotice);
  Write(door, app, "AcknowledgeNotice", &App::AcknowledgeNotice);
  Write(door, app, "SignOffEvent", &App::SignOffEvent);
  Write(door, app, "RecordEnquiryOutcome", &App::RecordEnquiryOutcome);
  Write(door, app, "RecordChildReturn", &App::RecordChildReturn);
  Write(door, app, "CorrectEvent", &App::CorrectEvent);
  Write(door, app, "AddAction", &App::AddAction);
  Write(door, app, "CloseAction", &App::CloseAction);
  Write(door, app, "ConfirmNoticeInWriting", &App::ConfirmNoticeInWriting);
  Write(door, app, "RecordDiscussion", &App::RecordDiscussion);
  Write(door, app, "RecordOutcome", &App::RecordOutcome);
  Write(door, app, "ConcludeEvent", &App::ConcludeEvent);
  Write(door, app, "ReportProvisionalEvent", &App::ReportProvisionalEvent);
  Write(door, app, "CompleteReport", &App::CompleteReport);
  Write(door, app, "DecideRepeat", &App::DecideRepeat);
  Write(door, app, "WithdrawEvent", &App::WithdrawEvent);
  Write(door, app, "AddEvidence", &App::AddEvidence);
  door.On(kService, "ListEvents", app, &App::ListEvents);
  Read(door, app, "ExplainDueTime", &App::ExplainDueTime);
  Read(door, app, "GetNoticeContent", &App::GetNoticeContent);
  door.On<v1::GetEventRequest, NotifiableEvent>(
      kService, "GetEvent", [app](const Call& call, const v1::GetEventRequest& request) {
        return app->GetEvent(call.agency_id, request.event_id());
      });
  door.OnAsync<v1::IngestCloudEventRequest, NotifiableEvent>(
      kService, "IngestCloudEvent",
      [app](const Call& call, const v1::IngestCloudEventRequest& request,
            Reply<NotifiableEvent> reply) {
        Submit<NotifiableEvent>(
            app, Ingest(*app, OriginOf(call, request), call.caller.person_id, request),
            std::move(reply));
      });
  door.Serve(v1::Decision::descriptor()->file()->pool()->FindServiceByName(kDecisionService));
  Write<v1::Decision>(door, app, "RecordDecision", &App::RecordDecision, kDecisionService);
  Write<v1::Decision>(door, app, "AgreeDecision", &App::AgreeDecision, kDecisionService);
  Read(door, app, "GetDecision", &App::GetDecision, kDecisionService);
  Read(door, app, "ListDecisions", &App::ListDecisions, kDecisionService);
}

}  // namespace fosterwatch::notifiable_events
