#include "services/notifiable_events/intake.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/references.h"

namespace fosterwatch::notifiable_events {

namespace {

// What its rules refuse is said in the sender's words.
absl::StatusOr<ledger::Unit> Said(absl::StatusOr<ledger::Unit> unit) {
  if (!unit.ok()) return InTheirWords(unit.status());
  unit->request_id_field = "id";
  for (ledger::Change& change : unit->changes) {
    change.decide = [decide = std::move(change.decide)](
                        const google::protobuf::Message& state,
                        int64_t version) -> absl::StatusOr<ledger::Facts> {
      auto facts = decide(state, version);
      if (!facts.ok()) return InTheirWords(facts.status());
      return facts;
    };
  }
  return unit;
}

}  // namespace

absl::StatusOr<ledger::Unit> Ingest(App& app, Origin origin, const std::string& program,
                                    const v1::IngestCloudEventRequest& event) {
  ASSIGN_OR_RETURN(const IntakeRequest asked, ReadIntake(event));
  RETURN_IF_ERROR(
      app.references().publishers().CheckSpeaks(origin.agency_id, program, event.source()));
  origin.source = event.source();
  origin.request_id =
      ledger::DerivedId(absl::StrCat("cloudevent\n", event.source(), "\n", event.id()));
  origin.request_hash = ledger::RequestHash(MessageOf(asked));
  if (const auto* report = std::get_if<v1::ReportEventRequest>(&asked)) {
    return Said(app.ReportEvent(origin, *report));
  }
  if (const auto* returned = std::get_if<v1::RecordChildReturnRequest>(&asked)) {
    return Said(app.RecordChildReturn(origin, *returned));
  }
  return Said(app.RecordEnquiryOutcome(origin, std::get<v1::RecordEnquiryOutcomeRequest>(asked)));
}

absl::StatusOr<std::optional<ledger::Unit>> IntakeRecord(App& app, const bus::Record& record) {
  if (record.value.size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
  ASSIGN_OR_RETURN(cloudevents::CloudEvent event,
                   cloudevents::FromKafka(record.headers, record.value));
  std::string trace_parent;
  if (auto trace = event.extensions.find("traceparent"); trace != event.extensions.end()) {
    trace_parent = trace->second;
  }
  const v1::IngestCloudEventRequest request = IngestRequestOf(std::move(event));
  Origin origin;
  ASSIGN_OR_RETURN(origin.agency_id, app.references().publishers().AgencyOf(request.source()));
  origin.actor = {absl::StrCat("source:", request.source()), {options::v1::ROLE_PUBLISHER}};
  origin.trace_parent = trace_parent;
  ASSIGN_OR_RETURN(ledger::Unit unit,
                   Ingest(app, std::move(origin), references::kIntakeTopics, request));
  return unit;
}

void IntakeParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                  ledger::Unit& unit) {
  const std::string agency = app.references().publishers().OwnerOf(record);
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
