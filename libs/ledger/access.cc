#include "libs/ledger/access.h"

#include <utility>

#include "libs/ledger/id.h"

namespace fosterwatch::ledger {

void AddAccess(const runtime::AccessNote& note, const std::set<std::string>& records, absl::Time at,
               Statements& statements) {
  const std::string id = NewId();
  const absl::Time stored = absl::FromUnixMicros(absl::ToUnixMicros(at));
  statements.push_back(
      {"INSERT INTO ledger.access SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
       {pg::TextArray{id}, pg::TextArray{note.agency_id}, pg::TimeArray{stored},
        pg::TextArray{note.person_id}, pg::TextArray{note.roles}, pg::TextArray{note.method},
        pg::TextArray{note.outcome}, pg::TextArray{note.reason}, pg::TextArray{note.purpose},
        pg::TextArray{note.trace_id}}});
  if (records.empty()) return;
  statements.push_back(
      {"INSERT INTO ledger.access_record SELECT * FROM unnest($1, $2, $3, $4)",
       {pg::TextArray(records.size(), note.agency_id),
        pg::TextArray(records.begin(), records.end()), pg::TimeArray(records.size(), stored),
        pg::TextArray(records.size(), id)}});
}

void LedgerAccessLog::Keep(std::shared_ptr<runtime::AccessNote> note,
                           std::function<void(absl::Status)> done) {
  Unit unit;
  unit.agency_id = note->agency_id;
  unit.actor = note->person_id;
  // Whoever goes away, or waits for a moment only, has asked all the same.
  unit.outlives_its_call = true;
  unit.access = std::move(note);
  unit.done = [done = std::move(done)](const absl::StatusOr<Outcome>& outcome) {
    done(outcome.status());
  };
  ledger_->Submit(std::move(unit));
}

}  // namespace fosterwatch::ledger
