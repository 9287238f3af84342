#include "services/complaints/references.h"

#include "absl/strings/str_cat.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints {
namespace {

// Which agency a source belongs to is asked before any agency is known; no agency's data is read.
constexpr char kNoAgency[] = "-";

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  if (record.topic == kDirectoryTopic) {
    directory::v1::DirectoryFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_publisher_registered()) return std::nullopt;
    const directory::v1::Publisher& publisher = fact.publisher_registered().publisher();
    unit.effects.push_back(
        {"INSERT INTO reference.publisher VALUES ($1, $2, $3)"
         " ON CONFLICT (agency_id, publisher_id) DO UPDATE SET source = excluded.source",
         {envelope.agency_id, publisher.publisher_id(), publisher.source()}});
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

absl::StatusOr<domain::Circumstances> References::CircumstancesOf(const std::string& agency_id,
                                                                  const std::string& carer_id,
                                                                  const std::string& child_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id,
                    {{"SELECT kind FROM reference.carer WHERE agency_id = $1 AND carer_id = $2",
                      {agency_id, carer_id}},
                     {"SELECT 1 FROM reference.child WHERE agency_id = $1 AND child_id = $2",
                      {agency_id, child_id}}}));
  domain::Circumstances circumstances;
  circumstances.carer_known = rows[0].rows() > 0;
  circumstances.child_known = rows[1].rows() > 0;
  if (circumstances.carer_known) {
    const int64_t kind = rows[0].Int(0, 0);
    circumstances.placement_type = kind == carers::v1::Carer::KIND_MAINSTREAM  ? "MAINSTREAM"
                                   : kind == carers::v1::Carer::KIND_CONNECTED ? "CONNECTED"
                                                                               : "";
  }
  return circumstances;
}

absl::StatusOr<std::string> References::AgencyOfSource(const std::string& source) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(kNoAgency,
                    {{"SELECT agency_id FROM reference.publisher WHERE source = $1", {source}}}));
  return rows[0].rows() == 1 ? rows[0].Text(0, 0) : "";
}

absl::StatusOr<std::string> References::SoleAgency() {
  ASSIGN_OR_RETURN(const auto rows,
                   ledger_->Read(kNoAgency, {{"SELECT DISTINCT agency_id FROM reference.publisher"
                                              " LIMIT 2",
                                              {}}}));
  return rows[0].rows() == 1 ? rows[0].Text(0, 0) : "";
}

std::string ReferenceSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.child (agency_id text, child_id text,"
      " PRIMARY KEY (agency_id, child_id));",
      ledger::ViewRights("reference.child", role),
      "CREATE TABLE reference.carer (agency_id text, carer_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("reference.carer", role),
      "CREATE TABLE reference.publisher (agency_id text, publisher_id text,"
      " source text NOT NULL UNIQUE, PRIMARY KEY (agency_id, publisher_id));",
      ledger::ViewRights("reference.publisher", role),
      // A record on the intake topic names its source before anybody knows its agency.
      "CREATE POLICY sources_are_seen ON reference.publisher FOR SELECT TO ", role,
      " USING (true);");
}

}  // namespace fosterwatch::complaints
