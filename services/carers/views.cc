#include "services/carers/views.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/consequences.h"
#include "services/carers/domain/evolve.h"

namespace fosterwatch::carers {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using v1::Carer;
using v1::CarersFact;

// Of the few of whom there is any to say.
void ProjectCaseload(const Carer& carer, const FactStamp& last, Statements& statements) {
  if (carer.caseload().empty()) return;
  statements.push_back(caseload::Grants(CaseloadTables().grants, last.agency_id, carer.carer_id(),
                                        carer.caseload()));
  pg::TextArray ids, persons;
  pg::TimeArray opened;
  pg::IntArray reviewed;
  for (const v1::EmergencyAccess& emergency : carer.emergencies()) {
    ids.push_back(emergency.emergency_id());
    persons.push_back(emergency.person_id());
    opened.push_back(clock::FromProto(emergency.from_time()));
    reviewed.push_back(emergency.reviewed_by().empty() ? 0 : 1);
  }
  if (ids.empty()) return;
  statements.push_back(
      {"INSERT INTO view.emergency SELECT $1, $2, emergency_id, person_id, opened_at,"
       " reviewed <> 0 FROM unnest($3, $4, $5, $6) AS rows (emergency_id, person_id, opened_at,"
       " reviewed) ON CONFLICT (agency_id, carer_id, emergency_id) DO UPDATE SET"
       " reviewed = excluded.reviewed",
       {last.agency_id, carer.carer_id(), std::move(ids), std::move(persons), std::move(opened),
        std::move(reviewed)}});
}

// Of arrays alone, so that those of many carers run as one.
void Project(const Carer& carer, const FactStamp& last, Statements& statements) {
  std::optional<absl::Time> next_due;
  pg::TextArray duty_ids;
  pg::IntArray kinds;
  pg::TimeArray due;
  std::string stay;
  for (const v1::CarerDuty& duty : carer.duties()) {
    const absl::Time at = clock::FromProto(duty.due_time());
    if (!next_due || at < *next_due) next_due = at;
    duty_ids.push_back(duty.duty_id());
    kinds.push_back(duty.kind());
    due.push_back(at);
    absl::StrAppend(&stay, duty.duty_id(), "\n");
  }
  const bool approved = !carer.approved_date().empty() || carer.has_temporary_approval();
  statements.push_back(
      {"INSERT INTO view.carer (agency_id, carer_id, kind, status, next_due_at, ended_date,"
       " application_ended_date, on_hold, in_register)"
       " SELECT agency_id, carer_id, kind, status, CASE WHEN has_due <> 0 THEN next_due_at END,"
       " ended_date, application_ended_date, on_hold <> 0, in_register <> 0"
       " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS rows (agency_id, carer_id, kind,"
       " status, has_due, next_due_at, ended_date, application_ended_date, on_hold, in_register)"
       " ON CONFLICT (agency_id, carer_id) DO UPDATE SET kind = excluded.kind,"
       " status = excluded.status, next_due_at = excluded.next_due_at,"
       " ended_date = excluded.ended_date,"
       " application_ended_date = excluded.application_ended_date, on_hold = excluded.on_hold,"
       " in_register = excluded.in_register",
       {pg::TextArray{last.agency_id}, pg::TextArray{carer.carer_id()}, pg::IntArray{carer.kind()},
        pg::IntArray{carer.status()}, pg::IntArray{next_due ? 1 : 0},
        pg::TimeArray{next_due.value_or(absl::UnixEpoch())}, pg::TextArray{carer.ended_date()},
        pg::TextArray{carer.application().ended_date()},
        pg::IntArray{domain::IsOnHold(carer) ? 1 : 0}, pg::IntArray{approved ? 1 : 0}}});
  // Each carer by itself: LATERAL with OFFSET 0 leaves the planner no other order, whatever it
  // believes of a young table; the rows that were found are taken away where they stand.
  statements.push_back(
      {"DELETE FROM view.carer_duty WHERE ctid = ANY (ARRAY (SELECT gone.ctid"
       " FROM unnest($1, $2, $3) AS carer (agency, id, stay), LATERAL (SELECT ctid"
       " FROM view.carer_duty WHERE agency_id = carer.agency AND carer_id = carer.id"
       " AND duty_id <> ALL (string_to_array(carer.stay, E'\n')) OFFSET 0) AS gone))",
       {pg::TextArray{last.agency_id}, pg::TextArray{carer.carer_id()},
        pg::TextArray{std::move(stay)}}});
  if (!duty_ids.empty()) {
    statements.push_back(
        {"INSERT INTO view.carer_duty SELECT agency_id, carer_id, duty_id, kind, due_at"
         " FROM unnest($1, $2, $3, $4, $5) AS rows (agency_id, carer_id, duty_id, kind, due_at)"
         " ON CONFLICT (agency_id, carer_id, duty_id) DO UPDATE SET due_at = excluded.due_at"
         " WHERE carer_duty.due_at <> excluded.due_at",
         {pg::TextArray(duty_ids.size(), last.agency_id),
          pg::TextArray(duty_ids.size(), carer.carer_id()), duty_ids, kinds, due}});
  }
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextMoment(carer)) timers.push_back({kTimer, "next", *next});
  duty::Project(timers, last, statements);
  ProjectCaseload(carer, last, statements);
}

void ProjectVisit(const CarersFact& fact, const FactStamp& stamp, Statements& statements) {
  if (!fact.has_visit_recorded()) return;
  const v1::Visit& visit = fact.visit_recorded().visit();
  std::vector<std::string> children;
  for (const auto& seen : visit.seen()) {
    const std::string& child = seen.child_id();
    if (!child.empty() && std::find(children.begin(), children.end(), child) == children.end()) {
      children.push_back(child);
    }
  }
  statements.push_back(
      {"INSERT INTO view.visit"
       " SELECT agency_id, visit_id, carer_id, visited_at, unannounced <> 0,"
       " string_to_array(child_ids, E'\n') FROM unnest($1, $2, $3, $4, $5, $6)"
       " AS rows (agency_id, visit_id, carer_id, visited_at, unannounced, child_ids)",
       {pg::TextArray{stamp.agency_id}, pg::TextArray{visit.visit_id()},
        pg::TextArray{stamp.aggregate_id}, pg::TimeArray{clock::FromProto(visit.visited_time())},
        pg::IntArray{visit.unannounced() ? 1 : 0}, pg::TextArray{absl::StrJoin(children, "\n")}}});
  if (children.empty()) return;
  statements.push_back({"INSERT INTO view.visit_child SELECT * FROM unnest($1, $2, $3)",
                        {pg::TextArray(children.size(), stamp.agency_id),
                         pg::TextArray(children.begin(), children.end()),
                         pg::TextArray(children.size(), visit.visit_id())}});
}

}  // namespace

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<Carer, CarersFact>(
      kCarerAggregate,
      [](Carer& carer, const CarersFact& fact, const FactStamp& stamp) {
        domain::Evolve(carer, fact, {stamp.fact_id, stamp.recorded, stamp.actor});
      },
      Project,
      {"view.carer", "view.carer_duty", "view.visit", "view.visit_child", "view.caseload",
       "view.emergency", duty::kTable}));
  aggregates.back().project_fact = ledger::ProjectFact<CarersFact>(ProjectVisit);
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.carer (agency_id text, carer_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("view.carer", role));
}

std::string DutiesSql(const std::string& role) {
  return absl::StrCat(
      "ALTER TABLE view.carer ADD COLUMN status bigint NOT NULL DEFAULT ",
      static_cast<int>(Carer::STATUS_APPROVED),
      ", ADD COLUMN next_due_at timestamptz, ADD COLUMN ended_date text NOT NULL DEFAULT '',"
      " ADD COLUMN application_ended_date text NOT NULL DEFAULT '',"
      " ADD COLUMN on_hold boolean NOT NULL DEFAULT false,"
      " ADD COLUMN in_register boolean NOT NULL DEFAULT true;"
      "CREATE TABLE view.carer_duty (agency_id text, carer_id text, duty_id text,"
      " kind bigint NOT NULL, due_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id, duty_id));"
      "CREATE INDEX carer_duty_due ON view.carer_duty (agency_id, due_at, carer_id, duty_id);"
      "CREATE INDEX carer_duty_kind ON view.carer_duty"
      " (agency_id, kind, due_at, carer_id, duty_id);",
      ledger::ViewRights("view.carer_duty", role),
      "CREATE TABLE view.visit (agency_id text, visit_id text, carer_id text NOT NULL,"
      " visited_at timestamptz NOT NULL, unannounced boolean NOT NULL, child_ids text[] NOT NULL,"
      " PRIMARY KEY (agency_id, visit_id));"
      "CREATE INDEX visit_newest ON view.visit"
      " (agency_id, visited_at DESC, carer_id DESC, visit_id DESC);"
      "CREATE INDEX visit_of_carer ON view.visit"
      " (agency_id, carer_id, visited_at DESC, visit_id DESC);"
      "CREATE INDEX visit_of_child ON view.visit USING gin (child_ids);",
      ledger::ViewRights("view.visit", role), duty::TableSql(role),
      "INSERT INTO view.timer (agency_id, subject_id, kind, id, due_at, urgent)"
      " SELECT carer.agency_id, carer.carer_id, '",
      kTimer,
      "', 'next', fact.recorded_at, false FROM view.carer JOIN ledger.fact"
      " ON fact.agency_id = carer.agency_id AND fact.aggregate_id = carer.carer_id"
      " AND fact.aggregate_type = 'carer' AND fact.version = 1;");
}

const caseload::Tables& CaseloadTables() {
  static const auto* const tables = new caseload::Tables{"view.caseload", "reference.residence"};
  return *tables;
}

std::string CaseloadSql(const std::string& role) {
  return absl::StrCat(
      caseload::GrantsSql(CaseloadTables().grants, role),
      caseload::ResidenceSql(CaseloadTables().residence, role),
      "CREATE TABLE view.emergency (agency_id text, carer_id text, emergency_id text,"
      " person_id text NOT NULL, opened_at timestamptz NOT NULL, reviewed boolean NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id, emergency_id));"
      "CREATE INDEX emergency_newest ON view.emergency"
      " (agency_id, opened_at DESC, carer_id DESC, emergency_id DESC);",
      ledger::ViewRights("view.emergency", role));
}

std::string VisitedChildrenSql(const std::string& role) {
  return absl::StrCat(
      // Behind a row-level policy no index on an array serves: whether it holds something is not
      // leakproof.
      "DROP INDEX view.visit_of_child;"
      "CREATE TABLE view.visit_child (agency_id text, child_id text, visit_id text,"
      " PRIMARY KEY (agency_id, child_id, visit_id));",
      ledger::ViewRights("view.visit_child", role),
      "INSERT INTO view.visit_child SELECT DISTINCT agency_id, child_id, visit_id"
      " FROM view.visit, unnest(child_ids) AS child_id;");
}

}  // namespace fosterwatch::carers
