#include "libs/duty/timer.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/ledger/ledger.h"

namespace fosterwatch::duty {

void Project(const std::vector<Timer>& timers, const ledger::FactStamp& last,
             ledger::Statements& statements) {
  pg::TextArray agencies, subjects, kinds, ids;
  pg::TimeArray times;
  pg::IntArray urgencies;
  std::string stay;
  for (const Timer& timer : timers) {
    agencies.push_back(last.agency_id);
    subjects.push_back(last.aggregate_id);
    kinds.push_back(timer.kind);
    ids.push_back(timer.id);
    times.push_back(timer.due);
    urgencies.push_back(timer.urgent ? 1 : 0);
    absl::StrAppend(&stay, timer.kind, "/", timer.id, "\n");
  }
  // Of arrays alone, so that those of many subjects run as one; a subject is there once. What stays
  // is one text for each subject: as rows, each timer would be held against those of all subjects.
  // Each subject by itself: LATERAL with OFFSET 0 leaves the planner no other order, whatever it
  // believes of a young table; the rows that were found are taken away where they stand.
  statements.push_back(
      {"DELETE FROM view.timer WHERE ctid = ANY (ARRAY (SELECT gone.ctid"
       " FROM unnest($1, $2, $3) AS subject (agency, id, stay), LATERAL (SELECT timer.ctid"
       " FROM view.timer WHERE timer.agency_id = subject.agency AND timer.subject_id = subject.id"
       " AND timer.kind || '/' || timer.id <> ALL (string_to_array(subject.stay, E'\n'))"
       " OFFSET 0) AS gone))",
       {pg::TextArray{last.agency_id}, pg::TextArray{last.aggregate_id},
        pg::TextArray{std::move(stay)}}});
  if (timers.empty()) return;
  statements.push_back(
      {"INSERT INTO view.timer AS now (agency_id, subject_id, kind, id, due_at, urgent)"
       " SELECT agency_id, subject_id, kind, id, due_at, urgent <> 0"
       " FROM unnest($1, $2, $3, $4, $5, $6)"
       " AS wanted (agency_id, subject_id, kind, id, due_at, urgent)"
       " ON CONFLICT (agency_id, subject_id, kind, id)"
       " DO UPDATE SET due_at = excluded.due_at, urgent = excluded.urgent"
       " WHERE (now.due_at, now.urgent) <> (excluded.due_at, excluded.urgent)",
       {std::move(agencies), std::move(subjects), std::move(kinds), std::move(ids),
        std::move(times), std::move(urgencies)}});
}

std::string TableSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.timer (agency_id text, subject_id text, kind text, id text,"
      " due_at timestamptz NOT NULL, urgent boolean NOT NULL,"
      " PRIMARY KEY (agency_id, subject_id, kind, id));",
      ledger::ViewRights(kTable, role), IndexSql());
}

std::string IndexSql() {
  // Everything that a look reads (look_sql.h), in the order in which timers are worked off.
  return "CREATE INDEX timer_next ON view.timer (kind, urgent, due_at, id)"
         " INCLUDE (agency_id, subject_id);";
}

}  // namespace fosterwatch::duty
