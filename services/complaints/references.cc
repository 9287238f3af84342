#include "services/complaints/references.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/references/holders.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints {
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  if (record.topic == kDirectoryTopic) {
    directory::v1::DirectoryFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    std::optional<pg::Statement> row = references::PublisherRow(envelope.agency_id, fact);
    if (!row) return std::nullopt;
    unit.effects.push_back(*std::move(row));
  } else if (record.topic == kPlacementsTopic) {
    placements::v1::PlacementsFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_child_recorded()) return std::nullopt;
    unit.effects.push_back({"INSERT INTO reference.child VALUES ($1, $2) ON CONFLICT DO NOTHING",
                            {envelope.agency_id, fact.child_recorded().child().child_id()}});
  } else {
    carers::v1::CarersFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_carer_recorded()) return std::nullopt;
    const carers::v1::Carer& carer = fact.carer_recorded().carer();
    unit.effects.push_back(
        {"INSERT INTO reference.carer VALUES ($1, $2, $3)"
         " ON CONFLICT (agency_id, carer_id) DO UPDATE SET kind = excluded.kind",
         {envelope.agency_id, carer.carer_id(), int64_t{carer.kind()}}});
  }
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> Holder(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  std::optional<pg::Statement> row = references::HolderRow(envelope.agency_id, fact);
  if (!row) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(*std::move(row));
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> AllegationSubject(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  allegations::v1::AllegationFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  std::string allegation_id, person_id;
  if (fact.has_allegation_received()) {
    allegation_id = fact.allegation_received().allegation_id();
    person_id = fact.allegation_received().report().person_id();
  } else if (fact.has_allegation_amended()) {
    const auto& amendment = fact.allegation_amended().amendment();
    if (amendment.person_id().empty() && amendment.carer_id().empty()) return std::nullopt;
    allegation_id = fact.allegation_amended().allegation_id();
    person_id = amendment.person_id();
  } else {
    return std::nullopt;
  }
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(
      {"INSERT INTO reference.allegation_about VALUES ($1, $2, $3)"
       " ON CONFLICT (agency_id, allegation_id) DO UPDATE SET person_id = excluded.person_id",
       {envelope.agency_id, allegation_id, person_id}});
  return unit;
}

absl::StatusOr<domain::Circumstances> References::CircumstancesOf(const std::string& agency_id,
                                                                  const v1::Subject& subject,
                                                                  absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id,
                    {{"SELECT kind FROM reference.carer WHERE agency_id = $1 AND carer_id = $2",
                      {agency_id, subject.carer_id()}},
                     {"SELECT 1 FROM reference.child WHERE agency_id = $1 AND child_id = $2",
                      {agency_id, subject.child_id()}},
                     {"SELECT DISTINCT role FROM reference.holder WHERE agency_id = $1"
                      " AND person_id = $2 AND from_at <= $3 AND $3 < until_at ORDER BY role",
                      {agency_id, subject.staff_id(), now}},
                     {"SELECT 1 FROM reference.carer WHERE agency_id = $1 LIMIT 1", {agency_id}}}));
  domain::Circumstances circumstances;
  circumstances.carer_known = rows[0].rows() > 0;
  circumstances.child_known = rows[1].rows() > 0;
  circumstances.carers_known = rows[3].rows() > 0;
  for (int row = 0; row < rows[2].rows(); ++row) {
    circumstances.subject_roles.push_back(static_cast<options::v1::Role>(rows[2].Int(row, 0)));
  }
  if (circumstances.carer_known) {
    const int64_t kind = rows[0].Int(0, 0);
    circumstances.placement_type = kind == carers::v1::Carer::KIND_MAINSTREAM  ? "MAINSTREAM"
                                   : kind == carers::v1::Carer::KIND_CONNECTED ? "CONNECTED"
                                                                               : "";
  }
  return circumstances;
}

absl::StatusOr<bool> References::HoldsRole(const std::string& agency_id,
                                           const std::string& person_id, absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id, {{"SELECT NOT EXISTS (SELECT 1 FROM reference.holder"
                                 " WHERE agency_id = $1) OR EXISTS (SELECT 1 FROM reference.holder"
                                 " WHERE agency_id = $1 AND person_id = $2 AND from_at <= $3"
                                 " AND $3 < until_at)",
                                 {agency_id, person_id, now}}}));
  return rows[0].Bool(0, 0);
}

std::string ReferenceSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.child (agency_id text, child_id text,"
      " PRIMARY KEY (agency_id, child_id));",
      ledger::ViewRights("reference.child", role),
      "CREATE TABLE reference.carer (agency_id text, carer_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("reference.carer", role), references::PublishersSql(role));
}

std::string AllegationSubjectsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.allegation_subject (agency_id text, allegation_id text,"
      " person_id text NOT NULL, PRIMARY KEY (agency_id, allegation_id));"
      "CREATE INDEX allegation_subject_person ON reference.allegation_subject"
      " (agency_id, person_id);",
      ledger::ViewRights("reference.allegation_subject", role));
}

std::string AllegationsAboutSql(const std::string& role) {
  return absl::StrCat(
      "DROP TABLE reference.allegation_subject;"
      "CREATE TABLE reference.allegation_about (agency_id text, allegation_id text,"
      " person_id text NOT NULL, PRIMARY KEY (agency_id, allegation_id));",
      ledger::ViewRights("reference.allegation_about", role));
}

std::string HoldersSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.holder (agency_id text, holder_id text, person_id text NOT NULL,"
      " role bigint NOT NULL, from_at timestamptz NOT NULL, until_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, holder_id));"
      "CREATE INDEX holder_person ON reference.holder (agency_id, person_id);",
      ledger::ViewRights("reference.holder", role));
}

}  // namespace fosterwatch::complaints
