#include "services/complaints/facts.h"

#include <algorithm>

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints {
namespace {

Origin OriginOf(const ledger::Envelope& envelope) {
  Origin origin = OwnOrigin(envelope.agency_id);
  origin.trace_parent = envelope.trace_parent;
  return origin;
}

bool IsComplaint(const notifiable_events::v1::EventReport& report) {
  return std::find(report.kinds().begin(), report.kinds().end(),
                   notifiable_events::v1::EVENT_KIND_SERIOUS_COMPLAINT) != report.kinds().end();
}

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> EventSeen(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  notifiable_events::v1::NotifiableEventFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  v1::Sighting seen;
  const notifiable_events::v1::EventReport* report = nullptr;
  if (fact.has_event_reported()) {
    report = &fact.event_reported().report();
    seen.set_source_id(fact.event_reported().event_id());
  } else if (fact.has_event_corrected()) {
    report = &fact.event_corrected().correction().report();
    seen.set_source_id(fact.event_corrected().event_id());
  }
  if (report == nullptr || !IsComplaint(*report)) return std::nullopt;
  seen.set_source(v1::SIGHTING_SOURCE_EVENT);
  seen.set_sighting_id(SightingIdOf(envelope.agency_id, seen.source(), seen.source_id()));
  seen.set_child_id(report->child_id());
  seen.set_carer_id(report->carer_id());
  *seen.mutable_seen_time() =
      report->has_occurred_time() ? report->occurred_time() : clock::ToProto(envelope.recorded);
  ASSIGN_OR_RETURN(ledger::Unit unit, app.See(OriginOf(envelope), seen));
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> AllegationSeen(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  allegations::v1::AllegationFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_allegation_received()) return std::nullopt;
  const auto& received = fact.allegation_received();
  if (!received.complaint_id().empty()) {
    return app.LinkAllegation(OriginOf(envelope), received.complaint_id(),
                              received.allegation_id());
  }
  v1::Sighting seen;
  seen.set_source(v1::SIGHTING_SOURCE_ALLEGATION);
  seen.set_source_id(received.allegation_id());
  seen.set_sighting_id(SightingIdOf(envelope.agency_id, seen.source(), seen.source_id()));
  seen.set_child_id(received.report().child_id());
  seen.set_carer_id(received.report().carer_id());
  *seen.mutable_seen_time() = received.report().became_aware_time();
  ASSIGN_OR_RETURN(ledger::Unit unit, app.See(OriginOf(envelope), seen));
  return unit;
}

}  // namespace fosterwatch::complaints
