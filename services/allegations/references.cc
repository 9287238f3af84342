#include "services/allegations/references.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/references/holders.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::allegations {
namespace {

using directory::v1::DirectoryFact;
using notifiable_events::v1::NotifiableEventFact;

absl::StatusOr<std::optional<pg::Statement>> OfDirectory(const ledger::Envelope& envelope,
                                                         const std::string& value) {
  DirectoryFact fact;
  if (!fact.ParseFromString(value)) return ledger::Unreadable();
  if (fact.has_body_recorded()) {
    const directory::v1::Body& body = fact.body_recorded().body();
    return pg::Statement{
        "INSERT INTO reference.body VALUES ($1, $2, $3)"
        " ON CONFLICT (agency_id, body_id) DO UPDATE SET kind = excluded.kind",
        {envelope.agency_id, body.body_id(), int64_t{body.kind()}}};
  }
  return references::HolderRow(envelope.agency_id, fact);
}

// Events, for audits: whether there is one, and whether it is still open.
absl::StatusOr<std::optional<pg::Statement>> OfEvents(const ledger::Envelope& envelope,
                                                      const std::string& value) {
  NotifiableEventFact fact;
  if (!fact.ParseFromString(value)) return ledger::Unreadable();
  const auto ended = [&](const std::string& event_id) {
    return pg::Statement{
        "UPDATE reference.event SET active = false WHERE agency_id = $1 AND event_id = $2",
        {envelope.agency_id, event_id}};
  };
  switch (fact.fact_case()) {
    case NotifiableEventFact::kEventReported:
      return pg::Statement{
          "INSERT INTO reference.event VALUES ($1, $2, $3, true) ON CONFLICT DO NOTHING",
          {envelope.agency_id, fact.event_reported().event_id(), envelope.recorded}};
    case NotifiableEventFact::kEventConcluded:
      return ended(fact.event_concluded().event_id());
    case NotifiableEventFact::kEventWithdrawn:
      return ended(fact.event_withdrawn().event_id());
    default:
      return std::nullopt;
  }
}

absl::StatusOr<std::optional<pg::Statement>> StatementOf(const bus::Record& record,
                                                         const ledger::Envelope& envelope) {
  if (record.topic == kDirectoryTopic) return OfDirectory(envelope, record.value);
  if (record.topic == kEventsTopic) return OfEvents(envelope, record.value);
  if (record.topic == kPlacementsTopic) {
    placements::v1::PlacementsFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_child_recorded()) return std::nullopt;
    const placements::v1::Child& child = fact.child_recorded().child();
    return pg::Statement{
        "INSERT INTO reference.child VALUES ($1, $2, $3) ON CONFLICT (agency_id, child_id)"
        " DO UPDATE SET carer_id = excluded.carer_id",
        {envelope.agency_id, child.child_id(), child.carer_id()}};
  }
  carers::v1::CarersFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_carer_recorded()) return std::nullopt;
  return pg::Statement{"INSERT INTO reference.carer VALUES ($1, $2) ON CONFLICT DO NOTHING",
                       {envelope.agency_id, fact.carer_recorded().carer().carer_id()}};
}

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ASSIGN_OR_RETURN(auto statement, StatementOf(record, envelope));
  if (!statement) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(*std::move(statement));
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> Disclosed(App& app, const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  complaints::v1::ComplaintFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (fact.has_event_proposal_accepted()) {
    const complaints::v1::EventProposalAccepted& accepted = fact.event_proposal_accepted();
    ledger::Unit unit;
    unit.agency_id = envelope.agency_id;
    unit.effects.push_back(
        {"INSERT INTO reference.event_of_complaint VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
         {envelope.agency_id, accepted.complaint_id(), accepted.event_id()}});
    return unit;
  }
  if (!fact.has_harm_disclosed()) return std::nullopt;
  const complaints::v1::HarmDisclosed& said = fact.harm_disclosed();
  domain::Disclosure disclosure;
  disclosure.complaint_id = said.complaint_id();
  disclosure.carer_id = said.carer_id();
  disclosure.person_id = said.staff_id();
  disclosure.child_id = said.child_id();
  disclosure.became_aware = said.has_became_aware_time() && clock::IsValid(said.became_aware_time())
                                ? clock::FromProto(said.became_aware_time())
                                : envelope.recorded;
  disclosure.recorded_by = said.recorded_by().empty() ? envelope.actor : said.recorded_by();
  ASSIGN_OR_RETURN(
      ledger::Unit unit,
      app.OpenFromComplaint(envelope.agency_id,
                            said.disclosure_id().empty() ? envelope.fact_id : said.disclosure_id(),
                            disclosure));
  unit.trace_parent = envelope.trace_parent;
  unit.cause = envelope.fact_id;
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> Complained(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  complaints::v1::ComplaintFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  const auto active = [&](const std::string& complaint_id, bool is) {
    return pg::Statement{
        "UPDATE reference.complaint SET active = $3 WHERE agency_id = $1 AND complaint_id = $2",
        {envelope.agency_id, complaint_id, is}};
  };
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  switch (fact.fact_case()) {
    case complaints::v1::ComplaintFact::kComplaintRecorded: {
      const complaints::v1::ComplaintRecorded& said = fact.complaint_recorded();
      if (said.report().kind() == complaints::v1::COMPLAINT_KIND_COMPLIMENT) return std::nullopt;
      unit.effects.push_back(
          {"INSERT INTO reference.complaint VALUES ($1, $2, $3, true, $4) ON CONFLICT DO NOTHING",
           {envelope.agency_id, said.complaint_id(), envelope.recorded,
            said.report().subject().staff_id()}});
      return unit;
    }
    case complaints::v1::ComplaintFact::kComplaintClosed:
      unit.effects.push_back(active(fact.complaint_closed().complaint_id(), false));
      return unit;
    case complaints::v1::ComplaintFact::kComplaintWithdrawn:
      unit.effects.push_back(active(fact.complaint_withdrawn().complaint_id(), false));
      return unit;
    case complaints::v1::ComplaintFact::kComplaintReopened:
      unit.effects.push_back(active(fact.complaint_reopened().complaint_id(), true));
      return unit;
    case complaints::v1::ComplaintFact::kComplaintReclassified:
      if (!fact.complaint_reclassified().reclassification().to_allegation()) return std::nullopt;
      unit.effects.push_back(active(fact.complaint_reclassified().complaint_id(), false));
      return unit;
    default:
      return std::nullopt;
  }
}

absl::StatusOr<domain::People> PeopleOf(ledger::Ledger& ledger, const std::string& agency_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id, {{"SELECT person_id, role, from_at, until_at FROM reference.holder"
                               " WHERE agency_id = $1 ORDER BY holder_id",
                               {agency_id}}}));
  domain::People people;
  for (int row = 0; row < rows[0].rows(); ++row) {
    people.holders.push_back({rows[0].Text(row, 0),
                              static_cast<options::v1::Role>(rows[0].Int(row, 1)),
                              rows[0].Time(row, 2), rows[0].Time(row, 3)});
  }
  return people;
}

absl::StatusOr<domain::Named> NamedBy(ledger::Ledger& ledger, const std::string& agency_id,
                                      const std::string& carer_id, const std::string& child_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{"SELECT 1 FROM reference.carer WHERE agency_id = $1 AND carer_id = $2",
                    {agency_id, carer_id}},
                   {"SELECT carer_id FROM reference.child WHERE agency_id = $1 AND child_id = $2",
                    {agency_id, child_id}},
                   {"SELECT 1 FROM reference.carer WHERE agency_id = $1 LIMIT 1", {agency_id}}}));
  domain::Named named;
  named.carer_known = rows[0].rows() > 0;
  named.child_known = rows[1].rows() > 0;
  named.carers_known = rows[2].rows() > 0;
  if (named.child_known) named.placed_with_carer_id = rows[1].Text(0, 0);
  return named;
}

absl::StatusOr<bool> IsAuthority(ledger::Ledger& ledger, const std::string& agency_id,
                                 const std::string& body_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{"SELECT 1 FROM reference.body WHERE agency_id = $1 AND body_id = $2"
                    " AND kind = $3",
                    {agency_id, body_id, int64_t{directory::v1::Body::KIND_LOCAL_AUTHORITY}}}}));
  return rows[0].rows() > 0;
}

absl::StatusOr<std::vector<std::string>> OpenEventsOf(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const v1::Allegation& allegation) {
  pg::TextArray events, complaints = {allegation.complaint_id()};
  for (const v1::Link& link : allegation.links()) {
    if (link.kind() == v1::Link::KIND_EVENT) events.push_back(link.id());
    if (link.kind() == v1::Link::KIND_COMPLAINT) complaints.push_back(link.id());
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{"SELECT event_id FROM reference.event WHERE agency_id = $1 AND active"
                    " AND (event_id = ANY ($2) OR event_id IN (SELECT event_id"
                    " FROM reference.event_of_complaint WHERE agency_id = $1"
                    " AND complaint_id = ANY ($3))) ORDER BY event_id",
                    {agency_id, std::move(events), std::move(complaints)}}}));
  std::vector<std::string> open;
  for (int row = 0; row < rows[0].rows(); ++row) open.push_back(rows[0].Text(row, 0));
  return open;
}

std::string EventsOfComplaintsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.event_of_complaint (agency_id text, complaint_id text, event_id text,"
      " PRIMARY KEY (agency_id, complaint_id, event_id));",
      ledger::ViewRights("reference.event_of_complaint", role));
}

std::string ComplaintsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.complaint (agency_id text, complaint_id text,"
      " recorded_at timestamptz NOT NULL, active boolean NOT NULL, staff_id text NOT NULL,"
      " PRIMARY KEY (agency_id, complaint_id));"
      "CREATE INDEX complaint_recorded ON reference.complaint (agency_id, recorded_at);"
      "CREATE INDEX complaint_staff ON reference.complaint (agency_id, staff_id)"
      " WHERE staff_id <> '';",
      ledger::ViewRights("reference.complaint", role));
}

std::string ReferenceSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.body (agency_id text, body_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, body_id));",
      ledger::ViewRights("reference.body", role),
      "CREATE TABLE reference.carer (agency_id text, carer_id text,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("reference.carer", role),
      "CREATE TABLE reference.child (agency_id text, child_id text, carer_id text NOT NULL,"
      " PRIMARY KEY (agency_id, child_id));",
      ledger::ViewRights("reference.child", role),
      "CREATE TABLE reference.holder (agency_id text, holder_id text, person_id text NOT NULL,"
      " role bigint NOT NULL, from_at timestamptz NOT NULL, until_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, holder_id));",
      ledger::ViewRights("reference.holder", role),
      "CREATE TABLE reference.event (agency_id text, event_id text, recorded_at timestamptz NOT"
      " NULL, active boolean NOT NULL, PRIMARY KEY (agency_id, event_id));"
      "CREATE INDEX event_recorded ON reference.event (agency_id, recorded_at);",
      ledger::ViewRights("reference.event", role));
}

}  // namespace fosterwatch::allegations
