#include "libs/caseload/caseload.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::caseload {
namespace {

// What has no end yet.
absl::Time Never() { return absl::FromUnixSeconds(253'402'300'799); }  // the year 9999

// What a person may see at a moment, by the numbers of their values; the agency is $1.
std::string Held(absl::string_view grants, int person, int now) {
  return absl::StrCat(" FROM ", grants, " AS held WHERE held.agency_id = $1 AND held.person_id = $",
                      person, " AND held.from_at <= $", now, " AND held.until_at > $", now);
}

}  // namespace

std::string GrantsSql(const std::string& table, const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE ", table,
      " (agency_id text, carer_id text, grant_id text, person_id text NOT NULL,"
      " kind bigint NOT NULL, from_at timestamptz NOT NULL, until_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id, grant_id));"
      "CREATE INDEX ON ",
      table, " (agency_id, person_id, until_at);", ledger::ViewRights(table, role));
}

std::string ResidenceSql(const std::string& table, const std::string& role) {
  return absl::StrCat("CREATE TABLE ", table,
                      " (agency_id text, child_id text, carer_id text NOT NULL,"
                      " PRIMARY KEY (agency_id, child_id));"
                      "CREATE INDEX ON ",
                      table, " (agency_id, carer_id);", ledger::ViewRights(table, role));
}

pg::Statement Grants(const std::string& table, const std::string& agency_id,
                     const std::string& carer_id,
                     const google::protobuf::RepeatedPtrField<type::v1::CaseloadGrant>& grants) {
  pg::TextArray ids, persons;
  pg::IntArray kinds;
  pg::TimeArray from, until;
  for (const type::v1::CaseloadGrant& grant : grants) {
    ids.push_back(grant.grant_id());
    persons.push_back(grant.person_id());
    kinds.push_back(grant.kind());
    from.push_back(clock::FromProto(grant.from_time()));
    until.push_back(grant.has_until_time() ? clock::FromProto(grant.until_time()) : Never());
  }
  return {absl::StrCat("INSERT INTO ", table,
                       " SELECT $1, $2, * FROM unnest($3, $4, $5, $6, $7)"
                       " ON CONFLICT (agency_id, carer_id, grant_id) DO UPDATE SET"
                       " person_id = excluded.person_id, kind = excluded.kind,"
                       " from_at = excluded.from_at, until_at = excluded.until_at"),
          {agency_id, carer_id, std::move(ids), std::move(persons), std::move(kinds),
           std::move(from), std::move(until)}};
}

pg::Statement Residence(const std::string& table, const std::string& agency_id,
                        const std::string& child_id, const std::string& carer_id) {
  return {absl::StrCat("INSERT INTO ", table,
                       " VALUES ($1, $2, $3) ON CONFLICT (agency_id, child_id)"
                       " DO UPDATE SET carer_id = excluded.carer_id"),
          {agency_id, child_id, carer_id}};
}

Asker AskerOf(const runtime::Call& call, absl::Time now) {
  return {call.agency_id, now, call.own_caseload ? call.caller.person_id : ""};
}

std::string OwnCarer(const Tables& tables, absl::string_view column, int person, int now) {
  return absl::StrCat(column, " IN (SELECT held.carer_id", Held(tables.grants, person, now), ")");
}

std::string OwnChild(const Tables& tables, absl::string_view column, int person, int now) {
  return absl::StrCat(column, " IN (SELECT home.child_id FROM ", tables.residence,
                      " AS home WHERE home.agency_id = $1 AND home.carer_id IN"
                      " (SELECT held.carer_id",
                      Held(tables.grants, person, now), "))");
}

Reader::Reader(ledger::Ledger* ledger, Options options)
    : ledger_(ledger), options_([](Options all) {
        all.kinds["carer"] = absl::StrCat("SELECT held.carer_id", Held(all.tables.grants, 3, 4),
                                          " AND held.carer_id = ANY ($2)");
        all.kinds["child"] =
            absl::StrCat("SELECT home.child_id FROM ", all.tables.residence,
                         " AS home WHERE home.agency_id = $1 AND home.child_id = ANY ($2) AND ",
                         OwnCarer(all.tables, "home.carer_id", 3, 4));
        return all;
      }(std::move(options))) {}

absl::StatusOr<std::set<std::string>> Reader::Foreign(const std::string& agency_id,
                                                      const std::string& person_id,
                                                      const std::set<std::string>& records) {
  std::set<std::string> foreign;
  std::map<std::string, pg::TextArray> asked;
  for (const std::string& record : records) {
    const size_t colon = record.find(':');
    const std::string kind = record.substr(0, colon);
    if (options_.parts.contains(kind)) continue;
    foreign.insert(record);
    if (options_.kinds.contains(kind)) asked[kind].push_back(record.substr(colon + 1));
  }
  if (asked.empty()) return foreign;
  const absl::Time now = options_.now();
  std::vector<std::string> kinds;
  ledger::Statements statements;
  for (auto& [kind, ids] : asked) {
    kinds.push_back(kind);
    statements.push_back({options_.kinds.at(kind), {agency_id, std::move(ids), person_id, now}});
  }
  ASSIGN_OR_RETURN(const std::vector<pg::Result> answers,
                   ledger_->Read(agency_id, std::move(statements)));
  for (size_t i = 0; i < answers.size(); ++i) {
    for (int row = 0; row < answers[i].rows(); ++row) {
      foreign.erase(absl::StrCat(kinds[i], ":", answers[i].Text(row, 0)));
    }
  }
  return foreign;
}

}  // namespace fosterwatch::caseload
