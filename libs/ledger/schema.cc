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

// What became of parked records, and which keys wait. ledger.parked stays append-only.
constexpr char kParked[] = R"sql(
ALTER TABLE ledger.parked
  -- The key whose records wait for each other, as text; empty where the record stands alone.
  ADD COLUMN sequence_key text NOT NULL DEFAULT '',
  -- In which order they wait; then by offset.
  ADD COLUMN sequence bigint NOT NULL DEFAULT 0,
  -- How the sealed headers are written: 1 "name: value" lines, 2 netstrings.
  ADD COLUMN layout bigint NOT NULL DEFAULT 1;
CREATE INDEX parked_newest ON ledger.parked (agency_id, parked_at DESC, parked_id DESC);
CREATE INDEX parked_in_order ON ledger.parked
  (consumer, topic, sequence_key, sequence, "offset") WHERE sequence_key <> '';

-- One row for each time somebody did something about a record. TAKEN and DISCARDED close it.
CREATE TABLE ledger.parked_outcome (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parked_id text NOT NULL,
  agency_id text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('FAILED', 'TAKEN', 'DISCARDED')),
  person_id text NOT NULL,
  reason_code text NOT NULL,
  sealed_reason bytea,
  at timestamptz NOT NULL
);
CREATE INDEX parked_outcome_of ON ledger.parked_outcome (parked_id, position);
CREATE UNIQUE INDEX parked_closed_once ON ledger.parked_outcome (parked_id)
  WHERE outcome <> 'FAILED';

-- Keys ("agency/aggregate", as on the topic) whose records wait behind a parked one. A row is also
-- the lock under which records are parked behind others and under which a key is let go on. Asked
-- before any agency is known, so the wall of agencies does not stand here.
CREATE TABLE ledger.blocked_key (
  consumer text NOT NULL,
  topic text NOT NULL,
  sequence_key text NOT NULL,
  -- The version that has to come first; null where a person has to do something.
  missing_version bigint,
  blocked_at timestamptz NOT NULL,
  PRIMARY KEY (consumer, topic, sequence_key)
);

GRANT SELECT, INSERT ON ledger.parked_outcome TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.blocked_key TO {role};
GRANT SELECT ON ledger.parked, ledger.parked_outcome, ledger.blocked_key TO {role}_relay;
)sql";

// Who looked at what; see access.h. Only ever added to.
constexpr char kAccess[] = R"sql(
CREATE TABLE ledger.access (
  access_id text PRIMARY KEY,
  agency_id text NOT NULL,
  at timestamptz NOT NULL,
  person_id text NOT NULL,
  roles text NOT NULL,
  method text NOT NULL,
  outcome text NOT NULL,
  reason text NOT NULL,
  purpose text NOT NULL,
  trace_id text NOT NULL
);
CREATE INDEX access_newest ON ledger.access (agency_id, at, access_id);
CREATE INDEX access_of_person ON ledger.access (agency_id, person_id, at, access_id);
CREATE INDEX access_refused ON ledger.access (agency_id, at, access_id) WHERE outcome <> 'OK';

-- The records that one row of ledger.access is about, as "kind:id".
CREATE TABLE ledger.access_record (
  agency_id text NOT NULL,
  record text NOT NULL,
  at timestamptz NOT NULL,
  access_id text NOT NULL,
  PRIMARY KEY (agency_id, record, at, access_id)
);
CREATE INDEX access_record_of ON ledger.access_record (agency_id, access_id);

GRANT SELECT, INSERT ON ledger.access, ledger.access_record TO {role};
)sql";

// Of people alone, who are few among the programs that read all day.
constexpr char kAccessOfPeople[] =
    "CREATE INDEX access_of_people ON ledger.access (agency_id, at, access_id)"
    " WHERE roles NOT IN ('service', 'publisher');\n";

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
  return {privacy::SealerMigration(role),
          {"ledger_0001", std::move(sql)},
          {"ledger_0002", absl::StrCat(absl::StrReplaceAll(kParked, {{"{role}", role}}),
                                       Wall("ledger.parked_outcome", role))},
          // What was taken is never forgotten: not by age, and not by hand.
          {"ledger_0003", absl::StrReplaceAll("REVOKE DELETE ON ledger.inbox FROM {role}_relay;\n",
                                              {{"{role}", role}})},
          {"access_0001",
           absl::StrCat(absl::StrReplaceAll(kAccess, {{"{role}", role}}),
                        Wall("ledger.access", role), Wall("ledger.access_record", role))},
          {"access_0002", kAccessOfPeople},
          // Whose transaction ids the relay's mark and the facts speak of: see AdoptLedger.
          {"ledger_0004",
           "ALTER TABLE ledger.relay ADD COLUMN cluster text NOT NULL DEFAULT '';\n"
           "UPDATE ledger.relay SET cluster ="
           " (SELECT system_identifier::text FROM pg_control_system());\n"}};
}

std::string ViewRights(const std::string& table, const std::string& role) {
  return absl::StrCat(
      Wall(table, role),
      absl::StrReplaceAll("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}, "
                          "{role}_relay;\n",
                          {{"{table}", table}, {"{role}", role}}));
}

}  // namespace fosterwatch::ledger
