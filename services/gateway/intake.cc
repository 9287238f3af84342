#include "services/gateway/intake.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "fosterwatch/complaints/v1/sighting.pb.h"
#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/cloudevents/text.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/gateway/connect_protocol.h"
#include "services/gateway/gzip.h"
#include "services/gateway/in_flight.h"

namespace fosterwatch::gateway {
namespace {

using cloudevents::CloudEvent;
using Json = nlohmann::json;
using notifiable_events::v1::IngestCloudEventRequest;

// What a sender is told of a record that was taken.
struct Taken {
  std::string id;
  std::string location;
};

// A service that takes CloudEvents, by a method IngestCloudEvent with the fields of that name's
// request in notifiable_events.
struct Owner {
  const char* service;
  const char* method;
  // What the id is called in the answer.
  const char* id_name;
  // Reads the service's answer; false where it cannot be read.
  bool (*read)(const std::string& answer, Taken& taken);
};

constexpr Owner kEvents = {
    "notifiable_events",
    "/fosterwatch.notifiable_events.v1.NotifiableEventService/IngestCloudEvent", "event_id",
    [](const std::string& answer, Taken& taken) {
      notifiable_events::v1::NotifiableEvent event;
      const bool read = event.ParseFromString(answer);
      taken = {event.event_id(), absl::StrCat("/events/", event.event_id())};
      return read;
    }};
constexpr Owner kPlacements = {
    "placements", "/fosterwatch.placements.v1.PlacementsService/IngestCloudEvent", "placement_id",
    [](const std::string& answer, Taken& taken) {
      placements::v1::Placement placement;
      const bool read = placement.ParseFromString(answer);
      taken = {placement.placement_id(), absl::StrCat("/children/", placement.child_id())};
      return read;
    }};

constexpr Owner kFigures = {"kpis", "/fosterwatch.kpis.v1.FiguresService/IngestCloudEvent",
                            "period", [](const std::string& answer, Taken& taken) {
                              kpis::v1::ImportedFigure figure;
                              const bool read = figure.ParseFromString(answer);
                              taken = {figure.period(), absl::StrCat("/figures/", figure.code())};
                              return read;
                            }};

constexpr Owner kSaferCaring = {
    "kpis", "/fosterwatch.kpis.v1.SaferCaringService/IngestCloudEvent", "carer_id",
    [](const std::string& answer, Taken& taken) {
      kpis::v1::SaferCaringPlan plan;
      const bool read = plan.ParseFromString(answer);
      taken = {plan.carer_id(), absl::StrCat("/carers/", plan.carer_id())};
      return read;
    }};

constexpr Owner kFeedback = {"complaints",
                             "/fosterwatch.complaints.v1.FeedbackService/IngestCloudEvent",
                             "sighting_id", [](const std::string& answer, Taken& taken) {
                               complaints::v1::Sighting sighting;
                               const bool read = sighting.ParseFromString(answer);
                               taken = {sighting.sighting_id(), "/complaints/seen-elsewhere"};
                               return read;
                             }};

// Whose an event is, by its type; what nobody knows is for the first to refuse.
const Owner& OwnerOf(const CloudEvent& event) {
  if (absl::StartsWith(event.type, "uk.fosterwatch.figure.")) return kFigures;
  if (absl::StartsWith(event.type, "uk.fosterwatch.safer-caring-plan.")) return kSaferCaring;
  if (absl::StartsWith(event.type, "uk.fosterwatch.feedback.")) return kFeedback;
  const bool placed = absl::StartsWith(event.type, "uk.fosterwatch.placement.") ||
                      absl::StartsWith(event.type, "uk.fosterwatch.child.");
  return placed ? kPlacements : kEvents;
}

constexpr size_t kInlineBytes = 16 * 1024;
constexpr absl::Duration kOneEvent = absl::Seconds(10);
constexpr absl::Duration kWholeBatch = absl::Seconds(25);

// The HTTP status of an error; a reason is more exact than its code.
int StatusOf(const absl::Status& error) {
  const std::string reason = ReasonOf(error);
  if (reason == "UNSUPPORTED_MEDIA_TYPE" || reason == "UNKNOWN_ENCODING") return 415;
  if (reason == "BODY_TOO_LARGE" || reason == "BATCH_TOO_LARGE") return 413;
  return HttpStatusOf(error.code());
}

absl::StatusOr<std::string> RequestOf(const CloudEvent& event) {
  const std::string type = cloudevents::MediaTypeOf(event.data_content_type);
  const bool json = type.empty() || cloudevents::IsJsonMediaType(type);
  if (!json && type != "application/protobuf") {
    return InvalidField("datacontenttype", "UNSUPPORTED_MEDIA_TYPE",
                        "is neither application/json nor application/protobuf");
  }
  IngestCloudEventRequest request;
  request.set_id(event.id);
  request.set_source(event.source);
  request.set_type(event.type);
  if (event.time) {
    const int64_t seconds = absl::ToUnixSeconds(*event.time);
    request.mutable_time()->set_seconds(seconds);
    request.mutable_time()->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(*event.time - absl::FromUnixSeconds(seconds))));
  }
  request.set_data_content_type(json ? "application/json" : "application/protobuf");
  request.set_data(event.data);
  return request.SerializeAsString();
}

absl::StatusOr<Taken> TakenOf(const Owner& owner, const absl::StatusOr<std::string>& answer) {
  if (!answer.ok()) return ForCaller(answer.status());
  Taken taken;
  if (!owner.read(*answer, taken)) {
    return Error(absl::StatusCode::kInternal, "INTERNAL", "the service's answer cannot be read");
  }
  return taken;
}

HttpResponse AnswerOf(const Owner& owner, const std::string& id,
                      const absl::StatusOr<std::string>& answer) {
  const absl::StatusOr<Taken> taken = TakenOf(owner, answer);
  if (!taken.ok()) return Problem(taken.status(), StatusOf(taken.status()));
  const Json body = {{"id", id}, {owner.id_name, taken->id}, {"location", taken->location}};
  HttpResponse response = HttpResponse::Of(202, "application/json", body.dump());
  response.headers.emplace_back("Location", taken->location);
  return response;
}

// The events of a batch, sent one after the other: they may be about the same child, and then
// their order counts.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  Batch(runtime::Client* client, runtime::Client::Options call,
        std::vector<absl::StatusOr<CloudEvent>> events, ReplyPtr reply)
      : client_(client),
        call_(std::move(call)),
        events_(std::move(events)),
        reply_(std::move(reply)),
        end_(absl::Now() + kWholeBatch) {}

  void Next() {
    while (results_.size() < events_.size()) {
      const absl::StatusOr<CloudEvent>& event = events_[results_.size()];
      if (!event.ok()) {
        Refuse(event.status());
        continue;
      }
      absl::StatusOr<std::string> request = RequestOf(*event);
      if (!request.ok()) {
        Refuse(request.status());
        continue;
      }
      call_.timeout = std::min(kOneEvent, end_ - absl::Now());
      if (call_.timeout <= absl::ZeroDuration()) {
        Refuse(Error(absl::StatusCode::kUnavailable, "BATCH_OUT_OF_TIME",
                     "the batch took too long before it came to this event"));
        continue;
      }
      const Owner& owner = OwnerOf(*event);
      return client_->CallAsync(owner.service, owner.method, *std::move(request), call_,
                                [self = shared_from_this()](absl::StatusOr<std::string> answer) {
                                  self->Record(answer);
                                  self->Next();
                                });
    }
    reply_->Send(HttpResponse::Of(200, "application/json", results_.dump()));
  }

 private:
  void Record(const absl::StatusOr<std::string>& answer) {
    const CloudEvent& event = *events_[results_.size()];
    const Owner& owner = OwnerOf(event);
    const absl::StatusOr<Taken> taken = TakenOf(owner, answer);
    if (!taken.ok()) return Refuse(taken.status());
    results_.push_back({{"index", results_.size()},
                        {"id", event.id},
                        {"status", 202},
                        {owner.id_name, taken->id},
                        {"location", taken->location}});
  }

  void Refuse(const absl::Status& status) {
    const absl::StatusOr<CloudEvent>& event = events_[results_.size()];
    const HttpResponse problem = Problem(status, StatusOf(status));
    Json result = Json::parse(*problem.body);
    result["index"] = results_.size();
    if (event.ok()) result["id"] = event->id;
    results_.push_back(std::move(result));
  }

  runtime::Client* const client_;
  runtime::Client::Options call_;
  const std::vector<absl::StatusOr<CloudEvent>> events_;
  const ReplyPtr reply_;
  const absl::Time end_;
  Json results_ = Json::array();
};

}  // namespace

void Intake::Handle(RequestPtr request, ReplyPtr reply) const {
  if (request->method != "POST") {
    HttpResponse refusal = Problem(
        Error(absl::StatusCode::kUnimplemented, "POST_ONLY", "events are sent by POST"), 405);
    refusal.headers.emplace_back("Allow", "POST");
    return reply->Send(std::move(refusal));
  }
  absl::StatusOr<Identity> identity = options_.sessions->IdentifyBearer(*request, options_.now());
  if (!identity.ok()) return reply->Send(Problem(identity.status()));
  if (request->body.size() <= kInlineBytes) return Take(*request, *identity, std::move(reply));
  options_.run_aside([this, request = std::move(request), identity = *std::move(identity),
                      reply = std::move(reply)] { Take(*request, identity, reply); });
}

void Intake::Take(const HttpRequest& request, const Identity& identity, ReplyPtr reply) const {
  const auto refuse = [&](const absl::Status& status) {
    reply->Send(Problem(status, StatusOf(status)));
  };
  std::string body = request.body;
  const absl::string_view encoding = request.Header("content-encoding");
  if (encoding == "gzip") {
    absl::StatusOr<std::string> plain = Decompress(body, options_.most_body_bytes);
    if (!plain.ok()) return refuse(plain.status());
    body = *std::move(plain);
  } else if (!encoding.empty() && encoding != "identity") {
    return refuse(Error(absl::StatusCode::kInvalidArgument, "UNKNOWN_ENCODING",
                        "of the encodings only gzip and identity are known"));
  }
  if (!reply->ChargeTo(identity.caller.agency_id)) return refuse(InFlight::Full());
  const auto mode = cloudevents::ModeOf(request.Header("content-type"));
  if (!mode.ok()) return refuse(mode.status());

  runtime::Client::Options call;
  call.token = identity.token;
  call.trace_parent = std::string(request.Header("traceparent"));
  call.timeout = kOneEvent;
  call.cancellation = reply->gone();
  if (*mode == cloudevents::Mode::kBatch) return TakeBatch(body, std::move(call), std::move(reply));

  const absl::StatusOr<CloudEvent> event = *mode == cloudevents::Mode::kBinary
                                               ? cloudevents::FromHttp(request.headers, body)
                                               : cloudevents::FromJson(body);
  if (!event.ok()) return refuse(event.status());
  absl::StatusOr<std::string> bytes = RequestOf(*event);
  if (!bytes.ok()) return refuse(bytes.status());
  const Owner& owner = OwnerOf(*event);
  options_.client->CallAsync(owner.service, owner.method, *std::move(bytes), call,
                             [&owner, id = event->id, reply](absl::StatusOr<std::string> answer) {
                               reply->Send(AnswerOf(owner, id, answer));
                             });
}

void Intake::TakeBatch(absl::string_view body, runtime::Client::Options call,
                       ReplyPtr reply) const {
  auto events = cloudevents::FromJsonBatch(body);
  if (events.ok() && events->size() > options_.most_batch) {
    events = Error(absl::StatusCode::kInvalidArgument, "BATCH_TOO_LARGE",
                   absl::StrCat("a batch holds at most ", options_.most_batch, " events"));
  }
  if (!events.ok()) {
    return reply->Send(Problem(events.status(), StatusOf(events.status())));
  }
  std::make_shared<Batch>(options_.client, std::move(call), *std::move(events), std::move(reply))
      ->Next();
}

}  // namespace fosterwatch::gateway
