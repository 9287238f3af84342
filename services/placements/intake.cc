#include "services/placements/intake.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/intake_data.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

// The use case of each type.
struct UseCase {
  absl::StatusOr<ledger::Unit> operator()(const v1::RecordChildRequest& request) {
    return app.RecordChild(std::move(unit), request);
  }
  absl::StatusOr<ledger::Unit> operator()(const v1::StartPlacementRequest& request) {
    return app.StartPlacement(std::move(unit), request);
  }
  absl::StatusOr<ledger::Unit> operator()(const v1::MoveChildRequest& request) {
    return app.MoveChild(std::move(unit), request);
  }
  absl::StatusOr<ledger::Unit> operator()(const v1::EndPlacementRequest& request) {
    return app.EndPlacement(std::move(unit), request);
  }
  absl::StatusOr<ledger::Unit> operator()(const v1::RecordPlacementRequest& request) {
    return app.RecordPlacement(std::move(unit), request);
  }

  App& app;
  ledger::Unit unit;
};

}  // namespace

absl::StatusOr<ledger::Unit> Ingest(App& app, ledger::Unit unit, const std::string& program,
                                    const v1::IngestCloudEventRequest& event) {
  ASSIGN_OR_RETURN(const IntakeRequest asked, ReadIntake(event));
  RETURN_IF_ERROR(app.publishers().CheckSpeaks(unit.agency_id, program, event.source()));
  unit.request_id =
      ledger::DerivedId(absl::StrCat("cloudevent\n", event.source(), "\n", event.id()));
  unit.request_id_field = "id";
  unit.cause = unit.request_id;
  unit.request_hash = ledger::RequestHash(MessageOf(asked));
  return std::visit(UseCase{app, std::move(unit)}, asked);
}

absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record) {
  if (record.value.size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
  ASSIGN_OR_RETURN(cloudevents::CloudEvent event,
                   cloudevents::FromKafka(record.headers, record.value));
  ledger::Unit unit;
  if (auto trace = event.extensions.find("traceparent"); trace != event.extensions.end()) {
    unit.trace_parent = trace->second;
  }
  const v1::IngestCloudEventRequest request = IngestRequestOf(std::move(event));
  ASSIGN_OR_RETURN(unit.agency_id, app.publishers().AgencyOf(request.source()));
  unit.actor = absl::StrCat("source:", request.source());
  ASSIGN_OR_RETURN(ledger::Unit asked,
                   Ingest(app, std::move(unit), references::kIntakeTopics, request));
  return asked;
}

void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit) {
  const std::string agency = app.publishers().OwnerOf(record);
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
