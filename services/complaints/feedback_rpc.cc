// gRPC in, of what publishers send: as the intake topic takes it.
#include <utility>

#include "fosterwatch/complaints/v1/feedback_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/runtime/door.h"
#include "services/complaints/intake.h"

namespace fosterwatch::complaints {
namespace {

constexpr char kFeedback[] = "fosterwatch.complaints.v1.FeedbackService";

cloudevents::CloudEvent EventOf(const v1::IngestCloudEventRequest& request) {
  cloudevents::CloudEvent event;
  event.id = request.id();
  event.source = request.source();
  event.type = request.type();
  if (request.has_time()) event.time = clock::FromProto(request.time());
  event.data_content_type = request.data_content_type();
  event.data = request.data();
  return event;
}

}  // namespace

void RegisterFeedback(runtime::Door& door, App* app) {
  door.Serve(
      v1::IngestCloudEventRequest::descriptor()->file()->FindServiceByName("FeedbackService"));
  door.OnAsync<v1::IngestCloudEventRequest, v1::Sighting>(
      kFeedback, "IngestCloudEvent",
      [app](const runtime::Call& call, const v1::IngestCloudEventRequest& request,
            runtime::Reply<v1::Sighting> reply) {
        absl::StatusOr<ledger::Unit> unit =
            Ingest(*app, EventOf(request), call.agency_id, call.caller.person_id);
        if (!unit.ok()) return reply(unit.status());
        unit->trace_parent = call.trace_parent;
        unit->done = [reply = std::move(reply)](absl::StatusOr<ledger::Outcome> outcome) {
          if (!outcome.ok()) return reply(outcome.status());
          reply(outcome->As<v1::Sighting>(0));
        };
        app->ledger().Submit(*std::move(unit));
      });
}

}  // namespace fosterwatch::complaints
