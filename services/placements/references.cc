#include "services/placements/references.h"

#include "absl/strings/str_cat.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::placements {
namespace {

pg::TextArray Array(const std::set<std::string>& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  if (record.topic == kDirectoryTopic) {
    directory::v1::DirectoryFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_body_recorded()) return std::nullopt;
    const directory::v1::Body& body = fact.body_recorded().body();
    unit.effects.push_back(
        {"INSERT INTO reference.body VALUES ($1, $2, $3) ON CONFLICT (agency_id, body_id)"
         " DO UPDATE SET kind = excluded.kind",
         {envelope.agency_id, body.body_id(), int64_t{body.kind()}}});
  } else {
    carers::v1::CarersFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    if (!fact.has_carer_recorded()) return std::nullopt;
    unit.effects.push_back({"INSERT INTO reference.carer VALUES ($1, $2) ON CONFLICT DO NOTHING",
                            {envelope.agency_id, fact.carer_recorded().carer().carer_id()}});
  }
  return unit;
}

absl::StatusOr<References::Known> References::KnownOf(const std::string& agency_id,
                                                      const std::set<std::string>& authorities,
                                                      const std::set<std::string>& carers) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id, {{"SELECT body_id FROM reference.body WHERE agency_id = $1"
                                 " AND kind = $2 AND body_id = ANY ($3)",
                                 {agency_id, int64_t{directory::v1::Body::KIND_LOCAL_AUTHORITY},
                                  Array(authorities)}},
                                {"SELECT carer_id FROM reference.carer WHERE agency_id = $1"
                                 " AND carer_id = ANY ($2)",
                                 {agency_id, Array(carers)}}}));
  Known known;
  for (int row = 0; row < rows[0].rows(); ++row) known.authorities.insert(rows[0].Text(row, 0));
  for (int row = 0; row < rows[1].rows(); ++row) known.carers.insert(rows[1].Text(row, 0));
  return known;
}

std::string ReferenceSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.body (agency_id text, body_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, body_id));",
      ledger::ViewRights("reference.body", role),
      "CREATE TABLE reference.carer (agency_id text, carer_id text,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("reference.carer", role));
}

}  // namespace fosterwatch::placements
