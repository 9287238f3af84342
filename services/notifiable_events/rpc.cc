#include "services/notifiable_events/rpc.h"

#include <string>
#include <utility>

#include "libs/ledger/service.h"
#include "services/notifiable_events/intake.h"

namespace fosterwatch::notifiable_events {
namespace {

using runtime::Call;
using runtime::Reply;
using v1::NotifiableEvent;

constexpr char kService[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";

Origin OriginOf(const Call& call, const google::protobuf::Message& request) {
  const ledger::Unit unit = ledger::UnitOf(call, request);
  return {call.agency_id,
          {call.caller.person_id, {call.caller.roles.begin(), call.caller.roles.end()}},
          call.trace_parent,
          unit.request_id,
          unit.request_hash,
          /*source=*/""};
}

// Submits what a use case asks for, and answers with the event when it is committed.
void Submit(App* app, absl::StatusOr<ledger::Unit> unit, Reply<NotifiableEvent> reply) {
  if (!unit.ok()) return reply(unit.status());
  unit->done = [reply = std::move(reply)](absl::StatusOr<ledger::Outcome> outcome) {
    if (!outcome.ok()) return reply(outcome.status());
    reply(outcome->As<NotifiableEvent>(0));
  };
  app->ledger().Submit(*std::move(unit));
}

template <typename Request>
void Write(runtime::Door& door, App* app, const std::string& method,
           absl::StatusOr<ledger::Unit> (App::*use_case)(const Origin&, const Request&)) {
  door.OnAsync<Request, NotifiableEvent>(
      kService, method,
      [app, use_case](const Call& call, const Request& request, Reply<NotifiableEvent> reply) {
        Submit(app, (app->*use_case)(OriginOf(call, request), request), std::move(reply));
      });
}

template <typename Request, typename Response>
void Read(runtime::Door& door, App* app, const std::string& method,
          absl::StatusOr<Response> (App::*use_case)(const std::string&, const Request&)) {
  door.On<Request, Response>(kService, method,
                             [app, use_case](const Call& call, const Request& request) {
                               return (app->*use_case)(call.agency_id, request);
                             });
}

}  // namespace

void Register(runtime::Door& door, App* app) {
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
  Write(door, app, "ConcludeEvent", &App::ConcludeEvent);
  Read(door, app, "ListEvents", &App::ListEvents);
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
        Submit(app, Ingest(*app, OriginOf(call, request), request), std::move(reply));
      });
}

}  // namespace fosterwatch::notifiable_events
