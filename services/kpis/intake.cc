#include "services/kpis/intake.h"

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
#include "services/kpis/domain/reported.h"

namespace fosterwatch::kpis {
namespace {

constexpr size_t kMaxBytes = 100'000;

absl::Status TooLarge() {
  return InvalidField("data", "TOO_LARGE", "is larger than 100,000 bytes");
}

// What is wrong with the data as a whole is said of the field.
absl::Status OfData(const absl::Status& read) {
  if (read.ok() || !ViolationsOf(read).empty()) return read;
  return Error(read.code(), ReasonOf(read), absl::StrCat("data: ", read.message()),
               {{"data", std::string(read.message())}});
}

absl::Status ReadData(const v1::IngestCloudEventRequest& event, v1::ReportedFigure& figure) {
  const std::string& type = event.data_content_type();
  if (type.empty() || absl::StartsWithIgnoreCase(type, "application/json")) {
    return OfData(json::TextToMessage(event.data(), figure));
  }
  if (absl::StartsWithIgnoreCase(type, "application/protobuf")) {
    return OfData(json::BytesToMessage(event.data(), figure));
  }
  return InvalidField("datacontenttype", "UNSUPPORTED_DATA",
                      "is neither application/json nor application/protobuf");
}

}  // namespace

absl::StatusOr<ledger::Unit> Ingest(Imports& imports, ledger::Unit unit,
                                    const v1::IngestCloudEventRequest& event) {
  if (event.id().empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (event.source().empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (event.data().size() > kMaxBytes) return TooLarge();
  ASSIGN_OR_RETURN(const std::string agency, imports.publishers().AgencyOf(event.source()));
  if (agency.empty() || agency != unit.agency_id) {
    return Error(absl::StatusCode::kPermissionDenied, "SOURCE_NOT_REGISTERED",
                 "the source is not registered to this agency",
                 {{"source", "is not registered to this agency"}});
  }
  if (event.type() != kFigureReportedType) {
    return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
  }
  v1::ReportedFigure figure;
  RETURN_IF_ERROR(ReadData(event, figure));
  figure.set_source(event.source());
  unit.request_id =
      ledger::DerivedId(absl::StrCat("cloudevent\n", event.source(), "\n", event.id()));
  unit.request_hash = ledger::RequestHash(figure);
  unit.cause = unit.request_id;
  return imports.Report(std::move(unit), figure);
}

absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(Imports& imports,
                                                         const bus::Record& record) {
  if (record.value.size() > kMaxBytes) return TooLarge();
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
  ASSIGN_OR_RETURN(unit.agency_id, imports.publishers().AgencyOf(request.source()));
  unit.actor = absl::StrCat("source:", request.source());
  ASSIGN_OR_RETURN(ledger::Unit asked, Ingest(imports, std::move(unit), request));
  return asked;
}

void IntakeParked(Imports& imports, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit) {
  // Whose it is: of the source where that is known; else, in an installation for one agency, its.
  std::string agency;
  if (auto event = cloudevents::FromKafka(record.headers, record.value); event.ok()) {
    if (auto found = imports.publishers().AgencyOf(event->source); found.ok()) agency = *found;
  }
  if (agency.empty()) {
    if (auto sole = imports.publishers().SoleAgency(); sole.ok()) agency = *sole;
  }
  if (agency.empty()) return;
  unit.agency_id = agency;
  v1::KpiFact fact;
  auto& needed = *fact.mutable_attention_needed();
  needed.set_attention_id(parked.parked_id);
  needed.set_code("FIGURE_RECORD_PARKED");
  needed.set_subject_id(parked.parked_id);
  unit.changes.push_back(ledger::MakeChange<v1::KpiFact, v1::KpiFact>(
      kIntakeAggregate, parked.parked_id,
      [fact](const v1::KpiFact&, int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version > 0) return domain::Facts{};
        return domain::Facts{fact};
      }));
}

}  // namespace fosterwatch::kpis
