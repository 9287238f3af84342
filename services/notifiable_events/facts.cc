#include "services/notifiable_events/facts.h"

#include "absl/strings/str_cat.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {
namespace {

// A consumer that begins at the beginning asks nobody about what is long past.
constexpr absl::Duration kLookedAgain = absl::Hours(24);

}  // namespace

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

absl::StatusOr<std::optional<ledger::Unit>> LookAgain(App& app, const bus::Record& record,
                                                      absl::Time now) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  v1::NotifiableEventFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_event_reported() || envelope.recorded < now - kLookedAgain) return std::nullopt;
  Origin origin;
  origin.agency_id = envelope.agency_id;
  origin.actor = {"service:notifiable_events", {options::v1::ROLE_SERVICE}};
  origin.trace_parent = envelope.trace_parent;
  return app.LookAgain(origin, fact.event_reported());
}

absl::StatusOr<std::optional<ledger::Unit>> AbsenceRecorded(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  const directory::v1::Absence& said =
      fact.has_absence_ended() ? fact.absence_ended().absence() : fact.absence_recorded().absence();
  if (said.role() != options::v1::ROLE_REGISTERED_MANAGER) return std::nullopt;
  Origin origin;
  origin.agency_id = envelope.agency_id;
  origin.trace_parent = envelope.trace_parent;
  if (fact.has_absence_ended()) {
    origin.actor = {said.ended_by(), {}};
    std::vector<std::string> ids = {said.absence_id()};
    ids.insert(ids.end(), said.joined_absence_ids().begin(), said.joined_absence_ids().end());
    return app.RecordManagerBack(origin, ids, clock::FromProto(said.ended_time()));
  }
  v1::ManagerAbsence absence;
  absence.set_absence_id(said.absence_id());
  absence.set_person_id(said.person_id());
  const bool joined = !said.joined_absence_ids().empty();
  const bool has_end = joined ? said.has_joined_until_time() : said.has_until_time();
  *absence.mutable_from_time() = joined ? said.joined_from_time() : said.from_time();
  if (has_end) {
    *absence.mutable_until_time() = joined ? said.joined_until_time() : said.until_time();
  }
  absence.set_emergency(said.emergency());
  if (joined && said.emergency()) *absence.mutable_emergency_time() = said.from_time();
  origin.actor = {said.recorded_by(), {}};
  ASSIGN_OR_RETURN(ledger::Unit unit, app.RecordManagerAbsence(origin, absence,
                                                               {said.joined_absence_ids().begin(),
                                                                said.joined_absence_ids().end()},
                                                               envelope.recorded));
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> ProposalAccepted(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  complaints::v1::ComplaintFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_event_proposal_accepted()) return std::nullopt;
  const complaints::v1::EventProposalAccepted& accepted = fact.event_proposal_accepted();
  // Not the manager who accepted it: nobody signs off what they reported themselves.
  Origin origin;
  origin.agency_id = envelope.agency_id;
  origin.actor = {"service:complaints", {options::v1::ROLE_SERVICE}};
  origin.source = "/fosterwatch/complaints";
  origin.trace_parent = envelope.trace_parent;
  v1::ReportEventRequest request;
  v1::EventReport* report = request.mutable_report();
  report->add_kinds(v1::EVENT_KIND_SERIOUS_COMPLAINT);
  report->set_carer_id(accepted.carer_id());
  report->set_child_id(accepted.child_id());
  *report->mutable_occurred_time() = accepted.became_aware_time();
  *report->mutable_became_aware_time() = accepted.became_aware_time();
  report->set_summary(
      absl::StrCat("A serious complaint: see complaint ", accepted.case_number(), "."));
  ASSIGN_OR_RETURN(ledger::Unit unit, app.ReportUnder(origin, request, accepted.event_id()));
  return unit;
}

}  // namespace fosterwatch::notifiable_events
