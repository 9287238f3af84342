#include "services/notifiable_events/facts.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {

absl::StatusOr<std::optional<ledger::Unit>> Delivered(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  notifications::v1::NotificationFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  const auto delivery = [](const auto& said) {
    domain::Delivery delivery;
    delivery.notice_ids = {said.notice_ids().begin(), said.notice_ids().end()};
    delivery.channel = said.send().channel();
    delivery.attempt_time = clock::FromProto(said.send().send_time());
    delivery.result_code = said.send().result_code();
    delivery.reference = said.send().message_id();
    delivery.returned = said.send().reason_code() == "RETURNED";
    return delivery;
  };
  Origin origin;
  origin.agency_id = envelope.agency_id;
  origin.actor = {"service:notifications", {options::v1::ROLE_SERVICE}};
  origin.trace_parent = envelope.trace_parent;
  if (fact.has_notice_sent()) {
    return app.RecordDelivery(origin, fact.notice_sent().event_id(), /*sent=*/true,
                              delivery(fact.notice_sent()));
  }
  if (fact.has_notice_send_failed()) {
    return app.RecordDelivery(origin, fact.notice_send_failed().event_id(), /*sent=*/false,
                              delivery(fact.notice_send_failed()));
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<ledger::Unit>> AbsenceRecorded(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_absence_recorded()) return std::nullopt;
  const directory::v1::Absence& said = fact.absence_recorded().absence();
  if (said.role() != options::v1::ROLE_REGISTERED_MANAGER) return std::nullopt;
  v1::ManagerAbsence absence;
  absence.set_absence_id(said.absence_id());
  absence.set_person_id(said.person_id());
  *absence.mutable_from_time() = said.from_time();
  if (said.has_until_time()) *absence.mutable_until_time() = said.until_time();
  absence.set_emergency(said.emergency());
  Origin origin;
  origin.agency_id = envelope.agency_id;
  origin.actor = {said.recorded_by(), {}};
  origin.trace_parent = envelope.trace_parent;
  ASSIGN_OR_RETURN(ledger::Unit unit, app.RecordManagerAbsence(origin, absence, envelope.recorded));
  return unit;
}

}  // namespace fosterwatch::notifiable_events
