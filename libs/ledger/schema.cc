#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/ledger/ledger.h"

namespace fosterwatch::ledger {
namespace {

// tx is the transaction that wrote the row: the relay reads below the oldest transaction that is
// still open, so a row that commits late is never passed over.
constexpr char kTables[] = R"sql(
CREATE SCHEMA ledger;
CREATE SCHEMA view;
GRANT USAGE ON SCHEMA ledger, view TO {role}, {role}_relay;

CREATE TABLE ledger.fact (
  position bigint GENERATED ALWAYS AS IDENTITY,
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  fact_id text PRIMARY KEY,
  agency_id text NOT NULL,
  aggregate_type text NOT NULL,
  aggregate_id text NOT NULL,
  version bigint NOT NULL,
  name text NOT NULL,
  payload bytea NOT NULL,
  subject_id text NOT NULL,
  sealed bytea,
  recorded_at timestamptz NOT NULL,
  actor text NOT NULL,
  cause text NOT NULL,
  trace_parent text NOT NULL,
  CONSTRAINT fact_version UNIQUE (agency_id, aggregate_id, aggregate_type, version)
);
CREATE INDEX fact_order ON ledger.fact (tx, position);
-- Aggregates in the order of their beginning, for a rebuild.
CREATE INDEX fact_first ON ledger.fact (position) WHERE version = 1;

CREATE TABLE ledger.request (
  agency_id text NOT NULL,
  request_id text NOT NULL,
  request_hash text NOT NULL,
  aggregate_type text NOT NULL,
  aggregate_id text NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT request_once PRIMARY KEY (agency_id, request_id)
);

CREATE TABLE ledger.inbox (
  agency_id text NOT NULL,
  consumer text NOT NULL,
  inbox_id text NOT NULL,
  CONSTRAINT inbox_once PRIMARY KEY (consumer, inbox_id)
);

CREATE TABLE ledger.parked (
  parked_id text PRIMARY KEY,
  agency_id text NOT NULL,
  consumer text NOT NULL,
  topic text NOT NULL,
  partition bigint NOT NULL,
  "offset" bigint NOT NULL,
  record_key bytea NOT NULL,
  headers bytea NOT NULL,
  sealed_value bytea NOT NULL,
  reason_code text NOT NULL,
  field text NOT NULL,
  parked_at timestamptz NOT NULL
);

CREATE TABLE ledger.relay (
  name text PRIMARY KEY,
  tx text NOT NULL,
  position bigint NOT NULL
);
INSERT INTO ledger.relay VALUES ('bus', '0', 0);

GRANT SELECT, INSERT ON ledger.fact, ledger.request, ledger.inbox, ledger.parked TO {role};
GRANT SELECT ON ledger.fact, ledger.relay TO {role}_relay;
GRANT UPDATE ON ledger.relay TO {role}_relay;
GRANT SELECT, DELETE ON ledger.inbox TO {role}_relay;
)sql";

constexpr char kWall[] = R"sql(
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON {table} TO {role}
  USING (agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies', true), ',')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies', true), ',')));
CREATE POLICY relay ON {table} TO {role}_relay USING (true) WITH CHECK (true);
)sql";

std::string Wall(const std::string& table, const std::string& role) {
  return absl::StrReplaceAll(kWall, {{"{table}", table}, {"{role}", role}});
}

}  // namespace

std::vector<pg::Migration> Migrations(const std::string& role) {
  std::string sql = absl::StrReplaceAll(kTables, {{"{role}", role}});
  for (const char* table : {"ledger.fact", "ledger.request", "ledger.inbox", "ledger.parked"}) {
    absl::StrAppend(&sql, Wall(table, role));
  }
  return {privacy::SealerMigration(role), {"ledger_0001", std::move(sql)}};
}

std::string ViewRights(const std::string& table, const std::string& role) {
  return absl::StrCat(
      Wall(table, role),
      absl::StrReplaceAll("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}, "
                          "{role}_relay;\n",
                          {{"{table}", table}, {"{role}", role}}));
}

}  // namespace fosterwatch::ledger
