#include "services/complaints/intake.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/clock/check_time.h"
#include "libs/cloudevents/cloud_event.h"
#include "libs/cloudevents/data.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints {
namespace {

constexpr size_t kMaxBytes = 100'000;

}  // namespace

absl::StatusOr<v1::FeedbackRecord> ReadFeedback(const cloudevents::CloudEvent& event,
                                                absl::Time now) {
  RETURN_IF_ERROR(cloudevents::CheckEnvelope(event.id, event.source, event.data, kMaxBytes));
  if (event.type != kFeedbackType) {
    return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
  }
  v1::FeedbackRecord feedback;
  RETURN_IF_ERROR(cloudevents::ReadData(event.data_content_type, event.data, feedback));
  FieldCheck check;
  clock::CheckTime(check, "received_time", feedback.has_received_time(), feedback.received_time(),
                   now);
  check.AtMost("complaint_id", feedback.complaint_id(), domain::kMaxName);
  check.AtMost("child_id", feedback.child_id(), domain::kMaxName);
  check.AtMost("carer_id", feedback.carer_id(), domain::kMaxName);
  check.AtMost("text", feedback.text(), domain::kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  return feedback;
}

absl::StatusOr<std::optional<ledger::Unit>> FeedbackReceived(App& app, const bus::Record& record) {
  if (record.value.size() > kMaxBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 100,000 bytes");
  }
  ASSIGN_OR_RETURN(const cloudevents::CloudEvent event,
                   cloudevents::FromKafka(record.headers, record.value));
  ASSIGN_OR_RETURN(const std::string agency, app.references().publishers().AgencyOf(event.source));
  ASSIGN_OR_RETURN(ledger::Unit unit, Ingest(app, event, agency, references::kIntakeTopics));
  return unit;
}

absl::StatusOr<ledger::Unit> Ingest(App& app, const cloudevents::CloudEvent& event,
                                    const std::string& agency_id, const std::string& program) {
  ASSIGN_OR_RETURN(const v1::FeedbackRecord feedback,
                   ReadFeedback(event, app.ledger().options().now()));
  RETURN_IF_ERROR(app.references().publishers().CheckSpeaks(agency_id, program, event.source));
  Origin origin;
  origin.agency_id = agency_id;
  origin.actor = {absl::StrCat("source:", event.source), {options::v1::ROLE_PUBLISHER}};
  if (auto trace = event.extensions.find("traceparent"); trace != event.extensions.end()) {
    origin.trace_parent = trace->second;
  }
  origin.request_id = ledger::DerivedId(absl::StrCat("feedback\n", event.source, "\n", event.id));
  origin.request_hash = ledger::RequestHash(feedback);
  v1::Sighting seen;
  seen.set_sighting_id(ledger::DerivedId(
      absl::StrCat("complaint seen\n", agency_id, "\nfeedback\n", event.source, "\n", event.id)));
  seen.set_source(v1::SIGHTING_SOURCE_FEEDBACK);
  seen.set_source_id(event.id);
  seen.set_complaint_id(feedback.complaint_id());
  seen.set_child_id(feedback.child_id());
  seen.set_carer_id(feedback.carer_id());
  *seen.mutable_seen_time() = feedback.received_time();
  seen.set_text(feedback.text());
  ASSIGN_OR_RETURN(ledger::Unit unit, app.See(origin, seen));
  unit.request_id_field = "id";
  return unit;
}

void FeedbackParked(App& app, const bus::Record& record, const ledger::Parked& parked,
                    ledger::Unit& unit) {
  const std::string agency = app.references().publishers().OwnerOf(record);
  if (agency.empty()) return;
  unit.agency_id = agency;
  v1::ComplaintFact fact;
  v1::IntakeRecordParked* said = fact.mutable_intake_record_parked();
  said->set_parked_id(parked.parked_id);
  said->set_topic(record.topic);
  said->set_partition(record.partition);
  said->set_offset(record.offset);
  said->set_reason_code(parked.reason_code);
  said->set_field(parked.field);
  // A person is to look: notifications alerts of attention as of any other.
  v1::ComplaintFact attention;
  auto* needed = attention.mutable_attention_needed();
  needed->set_attention_id(parked.parked_id);
  needed->set_code("FEEDBACK_RECORD_PARKED");
  needed->set_subject_id(parked.parked_id);
  unit.changes.push_back(ledger::MakeChange<v1::IntakeRecordParked, v1::ComplaintFact>(
      "intake", parked.parked_id,
      [fact, attention](const v1::IntakeRecordParked&,
                        int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version > 0) return domain::Facts{};
        return domain::Facts{fact, attention};
      }));
}

}  // namespace fosterwatch::complaints
