#include "services/notifiable_events/references.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {
namespace {

using ledger::Statements;

domain::PlacedChild ChildAt(const pg::Result& rows, int row) {
  return {rows.Text(row, 0), rows.Text(row, 1), rows.Text(row, 2), rows.Text(row, 3)};
}

// $1 the agency, $2 the child, $3 the carer, $4 and $5 from and until when.
std::string ComparedSql(int most) {
  return absl::StrCat(
      "SELECT event_id, kinds, occurred_at FROM view.event WHERE agency_id = $1"
      " AND child_id = $2 AND ($2 <> '' OR ($3 <> '' AND carer_id = $3))"
      " AND occurred_at BETWEEN $4 AND $5 AND state <> ",
      static_cast<int>(v1::NotifiableEvent::STATE_WITHDRAWN),
      " ORDER BY occurred_at DESC, event_id LIMIT ", most);
}

std::vector<domain::EarlierEvent> EarlierIn(const pg::Result& rows) {
  std::vector<domain::EarlierEvent> earlier;
  for (int row = 0; row < rows.rows(); ++row) {
    domain::EarlierEvent& event = earlier.emplace_back();
    event.event_id = rows.Text(row, 0);
    for (const std::string& kind : rows.Array(row, 1)) {
      int number = 0;
      if (absl::SimpleAtoi(kind, &number)) event.kinds.push_back(number);
    }
    event.occurred = rows.Time(row, 2);
  }
  return earlier;
}

// The bodies of an agency, by id and by what they are.
void TakeBodies(const pg::Result& rows, domain::Circumstances& circumstances) {
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string body_id = rows.Text(row, 0);
    circumstances.bodies[body_id] = {static_cast<type::v1::Channel>(rows.Int(row, 2)),
                                     rows.Bool(row, 3), rows.Text(row, 4), rows.Text(row, 5),
                                     rows.Text(row, 6)};
    const int64_t kind = rows.Int(row, 1);
    if (kind == directory::v1::Body::KIND_CHIEF_INSPECTOR) {
      circumstances.chief_inspector_body_id = body_id;
    } else if (kind == directory::v1::Body::KIND_SECRETARY_OF_STATE) {
      circumstances.secretary_of_state_body_id = body_id;
    }
  }
}

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  if (record.topic == kDirectoryTopic) {
    directory::v1::DirectoryFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (fact.has_body_recorded()) {
      const directory::v1::Body& body = fact.body_recorded().body();
      if (body.contacts().empty()) return ledger::Unreadable();
      const auto& contact = body.contacts(0);
      unit.effects.push_back(
          {"INSERT INTO reference.body (agency_id, body_id, kind, channel, released_by_person,"
           " police_body_id, health_body_id, designated_officer_body_id)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
           " ON CONFLICT (agency_id, body_id) DO UPDATE SET kind = excluded.kind,"
           " channel = excluded.channel, released_by_person = excluded.released_by_person,"
           " police_body_id = excluded.police_body_id, health_body_id = excluded.health_body_id,"
           " designated_officer_body_id = excluded.designated_officer_body_id",
           {envelope.agency_id, body.body_id(), int64_t{body.kind()}, int64_t{contact.channel()},
            contact.released_by_person(), body.police_body_id(), body.health_body_id(),
            body.designated_officer_body_id()}});
    } else if (auto publisher = references::PublisherRow(envelope.agency_id, fact)) {
      unit.effects.push_back(*std::move(publisher));
    } else {
      return std::nullopt;
    }
  } else if (record.topic == kPlacementsTopic) {
    placements::v1::PlacementsFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_child_recorded()) return std::nullopt;
    const placements::v1::Child& child = fact.child_recorded().child();
    unit.effects.push_back(
        {"INSERT INTO reference.child VALUES ($1, $2, $3, $4, $5)"
         " ON CONFLICT (agency_id, child_id) DO UPDATE SET"
         " responsible_authority_id = excluded.responsible_authority_id,"
         " area_authority_id = excluded.area_authority_id, carer_id = excluded.carer_id",
         {envelope.agency_id, child.child_id(), child.responsible_authority_id(),
          child.area_authority_id(), child.carer_id()}});
  } else {
    carers::v1::CarersFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_carer_recorded()) return std::nullopt;
    unit.effects.push_back({"INSERT INTO reference.carer VALUES ($1, $2) ON CONFLICT DO NOTHING",
                            {envelope.agency_id, fact.carer_recorded().carer().carer_id()}});
  }
  return unit;
}

absl::StatusOr<std::vector<domain::EarlierEvent>> References::EventsNear(
    const std::string& agency_id, const std::string& child_id, const std::string& carer_id,
    const Near& near) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id, {{ComparedSql(kCompared),
                                 {agency_id, child_id, carer_id, near.from, near.until}}}));
  return EarlierIn(rows[0]);
}

absl::StatusOr<domain::Circumstances> References::CircumstancesOf(const std::string& agency_id,
                                                                  const std::string& child_id,
                                                                  const std::string& carer_id,
                                                                  const Near* near) {
  std::shared_ptr<const Bodies> bodies;
  {
    absl::MutexLock lock(&mutex_);
    const auto known = bodies_.find(agency_id);
    if (known != bodies_.end() && absl::Now() - known->second->read < kRemembered) {
      bodies = known->second;
    }
  }
  constexpr char kChild[] =
      "SELECT child_id, responsible_authority_id, area_authority_id, carer_id"
      " FROM reference.child WHERE agency_id = $1 AND ";
  ledger::Statements reads;
  const auto read = [&reads](std::string sql, pg::Values values) {
    reads.push_back({std::move(sql), std::move(values)});
    return reads.size() - 1;
  };
  const absl::Time now = absl::Now();
  const size_t child = read(absl::StrCat(kChild, "child_id = $2"), {agency_id, child_id});
  size_t placed = 0, carer = 0, all_bodies = 0;
  if (!carer_id.empty()) {
    placed = read(absl::StrCat(kChild, "carer_id = $2 ORDER BY child_id"), {agency_id, carer_id});
    carer = read("SELECT 1 FROM reference.carer WHERE agency_id = $1 AND carer_id = $2",
                 {agency_id, carer_id});
  }
  size_t compared = 0;
  if (near != nullptr) {
    compared =
        read(ComparedSql(kCompared), {agency_id, child_id, carer_id, near->from, near->until});
  }
  if (bodies == nullptr) {
    all_bodies = read(
        "SELECT body_id, kind, channel, released_by_person, police_body_id, health_body_id,"
        " designated_officer_body_id"
        " FROM reference.body WHERE agency_id = $1 ORDER BY body_id",
        {agency_id});
  }
  ASSIGN_OR_RETURN(const auto rows, ledger_->Read(agency_id, std::move(reads)));

  if (bodies == nullptr) {
    auto fresh = std::make_shared<Bodies>();
    fresh->read = now;
    TakeBodies(rows[all_bodies], fresh->circumstances);
    absl::MutexLock lock(&mutex_);
    bodies = bodies_[agency_id] = std::move(fresh);
  }
  domain::Circumstances circumstances = bodies->circumstances;
  if (near != nullptr) circumstances.earlier = EarlierIn(rows[compared]);
  if (rows[child].rows() > 0) circumstances.child = ChildAt(rows[child], 0);
  if (!carer_id.empty()) {
    for (int row = 0; row < rows[placed].rows(); ++row) {
      circumstances.placed_with_carer.push_back(ChildAt(rows[placed], row));
    }
    circumstances.carer_known = rows[carer].rows() > 0;
  }
  return circumstances;
}

std::string DesignatedOfficerSql() {
  return "ALTER TABLE reference.body ADD COLUMN designated_officer_body_id text NOT NULL"
         " DEFAULT '';";
}

std::string ReferenceSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.body (agency_id text, body_id text, kind bigint NOT NULL,"
      " channel bigint NOT NULL, released_by_person boolean NOT NULL,"
      " police_body_id text NOT NULL, health_body_id text NOT NULL,"
      " PRIMARY KEY (agency_id, body_id));",
      ledger::ViewRights("reference.body", role),
      "CREATE TABLE reference.child (agency_id text, child_id text,"
      " responsible_authority_id text NOT NULL, area_authority_id text NOT NULL,"
      " carer_id text NOT NULL, PRIMARY KEY (agency_id, child_id));"
      "CREATE INDEX child_of_carer ON reference.child (agency_id, carer_id);",
      ledger::ViewRights("reference.child", role),
      "CREATE TABLE reference.carer (agency_id text, carer_id text,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("reference.carer", role), references::PublishersSql(role));
}

}  // namespace fosterwatch::notifiable_events
