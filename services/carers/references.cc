#include "services/carers/references.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::carers {
namespace {

using directory::v1::DirectoryFact;

// What has no end yet.
absl::Time Never() { return absl::FromUnixSeconds(253'402'300'799); }  // the year 9999

absl::Time UntilOf(const directory::v1::RoleHolder& holder) {
  return holder.has_until_time() ? clock::FromProto(holder.until_time()) : Never();
}

absl::StatusOr<std::optional<pg::Statement>> OfDirectory(const ledger::Envelope& envelope,
                                                         const std::string& value) {
  DirectoryFact fact;
  if (!fact.ParseFromString(value)) return ledger::Unreadable();
  if (fact.has_body_recorded()) {
    const directory::v1::Body& body = fact.body_recorded().body();
    return pg::Statement{
        "INSERT INTO reference.body VALUES ($1, $2, $3)"
        " ON CONFLICT (agency_id, body_id) DO UPDATE SET is_authority = excluded.is_authority",
        {envelope.agency_id, body.body_id(),
         body.kind() == directory::v1::Body::KIND_LOCAL_AUTHORITY}};
  }
  if (fact.has_holder_appointed()) {
    const directory::v1::RoleHolder& holder = fact.holder_appointed().holder();
    return pg::Statement{
        "INSERT INTO reference.holder VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (agency_id, holder_id) DO UPDATE SET person_id = excluded.person_id,"
        " from_at = excluded.from_at, until_at = excluded.until_at",
        {envelope.agency_id, holder.holder_id(), holder.person_id(),
         clock::FromProto(holder.from_time()), UntilOf(holder)}};
  }
  if (fact.has_holder_ended()) {
    const directory::v1::RoleHolder& holder = fact.holder_ended().holder();
    return pg::Statement{
        "UPDATE reference.holder SET until_at = $3 WHERE agency_id = $1 AND holder_id = $2",
        {envelope.agency_id, holder.holder_id(), UntilOf(holder)}};
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<pg::Statement>> OfPlacements(const ledger::Envelope& envelope,
                                                          const std::string& value) {
  placements::v1::PlacementsFact fact;
  if (!fact.ParseFromString(value)) return ledger::Unreadable();
  if (!fact.has_child_recorded()) return std::nullopt;
  return pg::Statement{"INSERT INTO reference.child VALUES ($1, $2) ON CONFLICT DO NOTHING",
                       {envelope.agency_id, fact.child_recorded().child().child_id()}};
}

pg::TextArray ArrayOf(const std::vector<domain::NamedId>& named, v1::UnknownReference::Kind kind) {
  pg::TextArray ids;
  for (const domain::NamedId& one : named) {
    if (one.kind == kind) ids.push_back(one.id);
  }
  return ids;
}

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ASSIGN_OR_RETURN(auto statement, record.topic == kDirectoryTopic
                                       ? OfDirectory(envelope, record.value)
                                       : OfPlacements(envelope, record.value));
  if (!statement) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(*std::move(statement));
  return unit;
}

std::string ReferenceSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.body (agency_id text, body_id text, is_authority boolean NOT NULL,"
      " PRIMARY KEY (agency_id, body_id));",
      ledger::ViewRights("reference.body", role),
      "CREATE TABLE reference.child (agency_id text, child_id text,"
      " PRIMARY KEY (agency_id, child_id));",
      ledger::ViewRights("reference.child", role),
      "CREATE TABLE reference.holder (agency_id text, holder_id text, person_id text NOT NULL,"
      " from_at timestamptz NOT NULL, until_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, holder_id));",
      ledger::ViewRights("reference.holder", role));
}

absl::StatusOr<std::shared_ptr<const domain::Directory>> DirectoryOf(ledger::Ledger& ledger,
                                                                     const std::string& agency_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(
          agency_id,
          {{"SELECT person_id, from_at, until_at FROM reference.holder WHERE agency_id = $1",
            {agency_id}},
           {"SELECT body_id, is_authority::int FROM reference.body WHERE agency_id = $1",
            {agency_id}}}));
  auto directory = std::make_shared<domain::Directory>();
  for (int row = 0; row < rows[0].rows(); ++row) {
    directory->holders.push_back(
        {rows[0].Text(row, 0), rows[0].Time(row, 1), rows[0].Time(row, 2)});
  }
  for (int row = 0; row < rows[1].rows(); ++row) {
    directory->bodies.emplace(rows[1].Text(row, 0), rows[1].Int(row, 1) != 0);
  }
  return directory;
}

absl::Status AddUnknownReferences(ledger::Ledger& ledger, const std::string& agency_id,
                                  v1::Carer& carer) {
  using Unknown = v1::UnknownReference;
  const std::vector<domain::NamedId> named = domain::NamedBy(carer);
  if (named.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{"SELECT child_id FROM reference.child WHERE agency_id = $1"
                    " AND child_id = ANY ($2)",
                    {agency_id, ArrayOf(named, Unknown::KIND_CHILD)}},
                   {"SELECT body_id FROM reference.body WHERE agency_id = $1"
                    " AND body_id = ANY ($2)",
                    {agency_id, ArrayOf(named, Unknown::KIND_BODY)}},
                   {"SELECT EXISTS (SELECT FROM reference.child WHERE agency_id = $1)::int,"
                    " EXISTS (SELECT FROM reference.body WHERE agency_id = $1)::int",
                    {agency_id}}}));
  std::set<std::pair<int, std::string>> known;
  for (int row = 0; row < rows[0].rows(); ++row) {
    known.insert({Unknown::KIND_CHILD, rows[0].Text(row, 0)});
  }
  for (int row = 0; row < rows[1].rows(); ++row) {
    known.insert({Unknown::KIND_BODY, rows[1].Text(row, 0)});
  }
  for (const domain::NamedId& one : named) {
    const bool heard = rows[2].Int(0, one.kind == Unknown::KIND_CHILD ? 0 : 1) != 0;
    if (!heard || !known.insert({one.kind, one.id}).second) continue;
    Unknown* unknown = carer.add_unknown_references();
    unknown->set_kind(one.kind);
    unknown->set_id(one.id);
    unknown->set_place(one.place);
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::carers
