#include "services/placements/intake.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

constexpr size_t kMaxBytes = 1'000'000;

// What is wrong with the data as a whole is said of the field.
absl::Status OfData(const absl::Status& read) {
  if (read.ok() || !ViolationsOf(read).empty()) return read;
  return Error(read.code(), ReasonOf(read), absl::StrCat("data: ", read.message()),
               {{"data", std::string(read.message())}});
}

absl::Status ReadData(const v1::IngestCloudEventRequest& event,
                      google::protobuf::Message& message) {
  const std::string& type = event.data_content_type();
  if (type.empty() || absl::StartsWithIgnoreCase(type, "application/json")) {
    return OfData(json::TextToMessage(event.data(), message));
  }
  if (absl::StartsWithIgnoreCase(type, "application/protobuf")) {
    return OfData(json::BytesToMessage(event.data(), message));
  }
  return InvalidField("datacontenttype", "UNSUPPORTED_DATA",
                      "is neither application/json nor application/protobuf");
}

// Reads the data into `part` of the request, or all of it, and asks for the use case.
template <typename Request>
absl::StatusOr<ledger::Unit> Ask(App& app, ledger::Unit unit,
                                 const v1::IngestCloudEventRequest& event,
                                 google::protobuf::Message* (*part)(Request&),
                                 absl::StatusOr<ledger::Unit> (App::*use_case)(ledger::Unit,
                                                                               const Request&)) {
  Request request;
  RETURN_IF_ERROR(ReadData(event, *part(request)));
  unit.request_hash = ledger::RequestHash(request);
  return (app.*use_case)(std::move(unit), request);
}

template <typename Request>
google::protobuf::Message* Whole(Request& request) {
  return &request;
}

template <typename Request>
google::protobuf::Message* ItsPlacement(Request& request) {
  return request.mutable_placement();
}

}  // namespace

absl::StatusOr<ledger::Unit> Ingest(App& app, ledger::Unit unit,
                                    const v1::IngestCloudEventRequest& event) {
  if (event.id().empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (event.source().empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (event.data().size() > kMaxBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
  ASSIGN_OR_RETURN(const std::string agency, app.references().AgencyOfSource(event.source()));
  if (agency.empty() || agency != unit.agency_id) {
    return Error(absl::StatusCode::kPermissionDenied, "SOURCE_NOT_REGISTERED",
                 "the source is not registered to this agency",
                 {{"source", "is not registered to this agency"}});
  }
  unit.request_id =
      ledger::DerivedId(absl::StrCat("cloudevent\n", event.source(), "\n", event.id()));
  unit.cause = unit.request_id;
  if (event.type() == "uk.fosterwatch.child.recorded.v1") {
    return Ask<v1::RecordChildRequest>(
        app, std::move(unit), event,
        [](v1::RecordChildRequest& request) -> google::protobuf::Message* {
          return request.mutable_child();
        },
        &App::RecordChild);
  }
  if (event.type() == "uk.fosterwatch.placement.started.v1") {
    return Ask<v1::StartPlacementRequest>(app, std::move(unit), event,
                                          &ItsPlacement<v1::StartPlacementRequest>,
                                          &App::StartPlacement);
  }
  if (event.type() == "uk.fosterwatch.placement.moved.v1") {
    return Ask<v1::MoveChildRequest>(app, std::move(unit), event, &Whole<v1::MoveChildRequest>,
                                     &App::MoveChild);
  }
  if (event.type() == "uk.fosterwatch.placement.ended.v1") {
    return Ask<v1::EndPlacementRequest>(app, std::move(unit), event,
                                        &Whole<v1::EndPlacementRequest>, &App::EndPlacement);
  }
  if (event.type() == "uk.fosterwatch.placement.recorded.v1") {
    return Ask<v1::RecordPlacementRequest>(app, std::move(unit), event,
                                           &ItsPlacement<v1::RecordPlacementRequest>,
                                           &App::RecordPlacement);
  }
  return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
}

absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record) {
  if (record.value.size() > kMaxBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
  ASSIGN_OR_RETURN(cloudevents::CloudEvent event,
                   cloudevents::FromKafka(record.headers, record.value));
  ledger::Unit unit;
  if (auto trace = event.extensions.find("traceparent"); trace != event.extensions.end()) {
    unit.trace_parent = trace->second;
  }
  v1::IngestCloudEventRequest request;
  request.set_id(std::move(event.id));
  request.set_source(std::move(event.source));
  request.set_type(std::move(event.type));
  request.set_data_content_type(std::move(event.data_content_type));
  request.set_data(std::move(event.data));
  ASSIGN_OR_RETURN(unit.agency_id, app.references().AgencyOfSource(request.source()));
  unit.actor = absl::StrCat("source:", request.source());
  ASSIGN_OR_RETURN(ledger::Unit asked, Ingest(app, std::move(unit), request));
  return asked;
}

void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit) {
  // Whose it is: of the source where that is known; else, in an installation for one agency, its.
  std::string agency;
  if (auto event = cloudevents::FromKafka(record.headers, record.value); event.ok()) {
    if (auto found = app.references().AgencyOfSource(event->source); found.ok()) agency = *found;
  }
  if (agency.empty()) {
    if (auto sole = app.references().SoleAgency(); sole.ok()) agency = *sole;
  }
  if (agency.empty()) return;
  unit.agency_id = agency;
  v1::PlacementsFact fact;
  auto& needed = *fact.mutable_attention_needed();
  needed.set_attention_id(parked.parked_id);
  needed.set_code("INTAKE_RECORD_PARKED");
  needed.set_subject_id(parked.parked_id);
  unit.changes.push_back(ledger::MakeChange<v1::PlacementsFact, v1::PlacementsFact>(
      kIntakeAggregate, parked.parked_id,
      [fact](const v1::PlacementsFact&,
             int64_t version) -> absl::StatusOr<std::vector<v1::PlacementsFact>> {
        if (version > 0) return std::vector<v1::PlacementsFact>{};
        return std::vector<v1::PlacementsFact>{fact};
      }));
}

}  // namespace fosterwatch::placements
