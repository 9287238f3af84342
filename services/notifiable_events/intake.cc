#include "services/notifiable_events/intake.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/cloudevents/cloud_event.h"
#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/references.h"

namespace fosterwatch::notifiable_events {
namespace {

constexpr char kReported[] = "uk.fosterwatch.notifiable-event.reported.v1";
constexpr char kChildReturned[] = "uk.fosterwatch.notifiable-event.child-returned.v1";
constexpr char kEnquiryOutcome[] = "uk.fosterwatch.notifiable-event.enquiry-outcome.v1";

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

}  // namespace

absl::StatusOr<ledger::Unit> Ingest(App& app, Origin origin,
                                    const v1::IngestCloudEventRequest& event) {
  if (event.id().empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (event.source().empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (event.data().size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
  ASSIGN_OR_RETURN(const std::string agency, app.references().AgencyOfSource(event.source()));
  if (agency.empty() || agency != origin.agency_id) {
    return Error(absl::StatusCode::kPermissionDenied, "SOURCE_NOT_REGISTERED",
                 "the source is not registered to this agency",
                 {{"source", "is not registered to this agency"}});
  }
  origin.source = event.source();
  origin.request_id =
      ledger::DerivedId(absl::StrCat("cloudevent\n", event.source(), "\n", event.id()));
  if (event.type() == kReported) {
    v1::ReportEventRequest request;
    RETURN_IF_ERROR(ReadData(event, *request.mutable_report()));
    origin.request_hash = ledger::RequestHash(request);
    return app.ReportEvent(origin, request);
  }
  if (event.type() == kChildReturned) {
    v1::RecordChildReturnRequest request;
    RETURN_IF_ERROR(ReadData(event, request));
    origin.request_hash = ledger::RequestHash(request);
    return app.RecordChildReturn(origin, request);
  }
  if (event.type() == kEnquiryOutcome) {
    v1::RecordEnquiryOutcomeRequest request;
    RETURN_IF_ERROR(ReadData(event, request));
    origin.request_hash = ledger::RequestHash(request);
    return app.RecordEnquiryOutcome(origin, request);
  }
  return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
}

absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record) {
  if (record.value.size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
  ASSIGN_OR_RETURN(cloudevents::CloudEvent event,
                   cloudevents::FromKafka(record.headers, record.value));
  v1::IngestCloudEventRequest request;
  request.set_id(std::move(event.id));
  request.set_source(event.source);
  request.set_type(std::move(event.type));
  if (event.time) *request.mutable_time() = clock::ToProto(*event.time);
  request.set_data_content_type(std::move(event.data_content_type));
  request.set_data(std::move(event.data));
  Origin origin;
  ASSIGN_OR_RETURN(origin.agency_id, app.references().AgencyOfSource(request.source()));
  origin.actor = {absl::StrCat("source:", request.source()), {options::v1::ROLE_PUBLISHER}};
  if (auto trace = event.extensions.find("traceparent"); trace != event.extensions.end()) {
    origin.trace_parent = trace->second;
  }
  ASSIGN_OR_RETURN(ledger::Unit unit, Ingest(app, std::move(origin), request));
  return unit;
}

void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit) {
  // Whose it is: of the source where that is known; else, in an installation for one agency, its.
  std::string agency;
  if (auto event = cloudevents::FromKafka(record.headers, record.value); event.ok()) {
    if (auto found = app.references().AgencyOfSource(event->source); found.ok()) agency = *found;
  }
  if (agency.empty()) {
    if (auto sole = SoleAgency(app.ledger()); sole.ok()) agency = *sole;
  }
  if (agency.empty()) return;
  unit.agency_id = agency;
  v1::IntakeRecordParked fact;
  fact.set_parked_id(parked.parked_id);
  fact.set_topic(record.topic);
  fact.set_partition(record.partition);
  fact.set_offset(record.offset);
  fact.set_reason_code(parked.reason_code);
  fact.set_field(parked.field);
  unit.changes.push_back(ledger::MakeChange<v1::IntakeRecordParked, v1::NotifiableEventFact>(
      "intake", parked.parked_id,
      [fact](const v1::IntakeRecordParked&,
             int64_t version) -> absl::StatusOr<std::vector<v1::NotifiableEventFact>> {
        if (version > 0) return std::vector<v1::NotifiableEventFact>{};
        v1::NotifiableEventFact recorded;
        *recorded.mutable_intake_record_parked() = fact;
        return std::vector<v1::NotifiableEventFact>{recorded};
      }));
}

}  // namespace fosterwatch::notifiable_events
