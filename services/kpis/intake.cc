#include "services/kpis/intake.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/reported.h"

namespace fosterwatch::kpis {

absl::StatusOr<ledger::Unit> Ingest(const Intake& intake, ledger::Unit unit,
                                    const std::string& program,
                                    const v1::IngestCloudEventRequest& event) {
  ASSIGN_OR_RETURN(const IntakeData data, ReadIntake(event));
  RETURN_IF_ERROR(
      intake.imports->publishers().CheckSpeaks(unit.agency_id, program, event.source()));
  unit.request_id =
      ledger::DerivedId(absl::StrCat("cloudevent\n", event.source(), "\n", event.id()));
  unit.request_hash = ledger::RequestHash(MessageOf(data));
  unit.cause = unit.request_id;
  if (const auto* plan = std::get_if<v1::ReportedSaferCaringPlan>(&data)) {
    return intake.safer_caring->Report(std::move(unit), *plan, event.source());
  }
  return intake.imports->Report(std::move(unit), std::get<v1::ReportedFigure>(data));
}

absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(const Intake& intake,
                                                         const bus::Record& record) {
  if (record.value.size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 100,000 bytes");
  }
  ASSIGN_OR_RETURN(cloudevents::CloudEvent event,
                   cloudevents::FromKafka(record.headers, record.value));
  ledger::Unit unit;
  if (auto trace = event.extensions.find("traceparent"); trace != event.extensions.end()) {
    unit.trace_parent = trace->second;
  }
  const v1::IngestCloudEventRequest request = IngestRequestOf(std::move(event));
  ASSIGN_OR_RETURN(unit.agency_id, intake.imports->publishers().AgencyOf(request.source()));
  unit.actor = absl::StrCat("source:", request.source());
  ASSIGN_OR_RETURN(ledger::Unit asked,
                   Ingest(intake, std::move(unit), references::kIntakeTopics, request));
  return asked;
}

void IntakeParked(Imports& imports, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit) {
  const std::string agency = imports.publishers().OwnerOf(record);
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
