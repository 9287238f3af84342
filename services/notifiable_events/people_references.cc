#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/references/holders.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/references.h"

namespace fosterwatch::notifiable_events {
namespace {

absl::Time UntilOf(const directory::v1::Delegation& delegation) {
  return delegation.has_until_time() ? clock::FromProto(delegation.until_time())
                                     : references::Never();
}

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> PeopleReference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  const std::string& agency_id = envelope.agency_id;
  switch (fact.fact_case()) {
    case directory::v1::DirectoryFact::kDelegationRecorded: {
      const directory::v1::Delegation& delegation = fact.delegation_recorded().delegation();
      if (delegation.scope() != directory::v1::Delegation::SCOPE_SIGN_OFF) return std::nullopt;
      unit.effects.push_back(
          {"INSERT INTO reference.delegation VALUES ($1, $2, $3, $4, $5, $6)"
           " ON CONFLICT (agency_id, delegation_id) DO NOTHING",
           {agency_id, delegation.delegation_id(), delegation.from_person_id(),
            delegation.to_person_id(), clock::FromProto(delegation.from_time()),
            UntilOf(delegation)}});
      return unit;
    }
    case directory::v1::DirectoryFact::kDelegationEnded: {
      const directory::v1::Delegation& delegation = fact.delegation_ended().delegation();
      unit.effects.push_back(
          {"UPDATE reference.delegation SET until_at = least(until_at, $3)"
           " WHERE agency_id = $1 AND delegation_id = $2",
           {agency_id, delegation.delegation_id(), clock::FromProto(delegation.ended_time())}});
      return unit;
    }
    default:
      break;
  }
  std::optional<pg::Statement> row = references::HolderRow(agency_id, fact);
  if (!row) return std::nullopt;
  unit.effects.push_back(*std::move(row));
  return unit;
}

absl::StatusOr<domain::People> References::PeopleOf(const std::string& agency_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id,
                    {{"SELECT person_id, role, from_at, until_at FROM reference.holder"
                      " WHERE agency_id = $1 ORDER BY holder_id",
                      {agency_id}},
                     {"SELECT delegation_id, from_person_id, to_person_id, from_at, until_at"
                      " FROM reference.delegation WHERE agency_id = $1 ORDER BY delegation_id",
                      {agency_id}}}));
  domain::People people;
  for (int row = 0; row < rows[0].rows(); ++row) {
    people.holders.push_back({rows[0].Text(row, 0),
                              static_cast<options::v1::Role>(rows[0].Int(row, 1)),
                              rows[0].Time(row, 2), rows[0].Time(row, 3)});
  }
  for (int row = 0; row < rows[1].rows(); ++row) {
    people.delegations.push_back({rows[1].Text(row, 0), rows[1].Text(row, 1), rows[1].Text(row, 2),
                                  rows[1].Time(row, 3), rows[1].Time(row, 4)});
  }
  return people;
}

std::string PeopleSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.holder (agency_id text, holder_id text, person_id text NOT NULL,"
      " role bigint NOT NULL, from_at timestamptz NOT NULL, until_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, holder_id));",
      ledger::ViewRights("reference.holder", role),
      "CREATE TABLE reference.delegation (agency_id text, delegation_id text,"
      " from_person_id text NOT NULL, to_person_id text NOT NULL, from_at timestamptz NOT NULL,"
      " until_at timestamptz NOT NULL, PRIMARY KEY (agency_id, delegation_id));",
      ledger::ViewRights("reference.delegation", role));
}

}  // namespace fosterwatch::notifiable_events
