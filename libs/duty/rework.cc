#include "libs/duty/rework.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/pg/connection.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::duty {
namespace {

constexpr int kPage = 100;
constexpr absl::Duration kAgainAfter = absl::Seconds(5);
constexpr absl::Duration kBetweenLooks = absl::Minutes(1);

absl::StatusOr<bool> IsDone(pg::Connection& connection, const std::string& name,
                            const std::string& rules) {
  ASSIGN_OR_RETURN(
      const pg::Result found,
      connection.Query("SELECT rules = $2 FROM ledger.rework WHERE name = $1", {name, rules}));
  return found.rows() == 1 && found.Bool(0, 0);
}

// How many it changed; -1 where it was stopped.
absl::StatusOr<int> WorkThrough(ledger::Ledger& ledger, const ReworkOptions& options,
                                pg::Connection& connection, const runtime::Stop& stop) {
  int changed = 0;
  std::string agency_id, id;
  while (!stop.WaitFor(absl::ZeroDuration())) {
    ASSIGN_OR_RETURN(
        const pg::Result page,
        connection.Query(absl::StrCat("SELECT agency_id, id FROM (", options.records,
                                      ") AS record (agency_id, id) WHERE (agency_id, id) > ($1, $2)"
                                      " ORDER BY agency_id, id LIMIT ",
                                      kPage),
                         {agency_id, id}));
    if (page.rows() == 0) return changed;
    std::vector<ledger::Unit> units;
    for (int row = 0; row < page.rows(); ++row) {
      agency_id = page.Text(row, 0);
      id = page.Text(row, 1);
      units.push_back(options.unit(agency_id, id));
    }
    for (const auto& outcome : ledger.SubmitAllAndWait(std::move(units))) {
      if (outcome.ok()) {
        changed += outcome->changed ? 1 : 0;
      } else if (!ledger::IsAnswer(outcome.status())) {
        return outcome.status();
      } else {
        runtime::LogStatus("a record cannot be worked out by the new rules", outcome.status());
      }
    }
  }
  return -1;
}

absl::Status Look(ledger::Ledger& ledger, const ReworkOptions& options, const runtime::Stop& stop) {
  const std::string rules = options.rules();
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(options.conninfo));
  ASSIGN_OR_RETURN(const bool done, IsDone(*connection, options.name, rules));
  if (done) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int changed, WorkThrough(ledger, options, *connection, stop));
  if (changed < 0) return absl::OkStatus();
  RETURN_IF_ERROR(connection
                      ->Query("INSERT INTO ledger.rework (name, rules) VALUES ($1, $2)"
                              " ON CONFLICT (name) DO UPDATE SET rules = excluded.rules",
                              {options.name, rules})
                      .status());
  if (changed > 0) {
    runtime::LogInfo(
        "records were worked out again by new rules",
        {{"records", options.name}, {"changed", absl::StrCat(changed)}, {"rules", rules}});
  }
  return absl::OkStatus();
}

}  // namespace

void Rework(ledger::Ledger& ledger, const ReworkOptions& options, const runtime::Stop& stop) {
  bool was_ok = true;
  do {
    const absl::Status looked = Look(ledger, options, stop);
    if (!looked.ok() && was_ok) {
      runtime::LogStatus("records cannot be worked out by the new rules yet", looked);
    }
    was_ok = looked.ok();
  } while (!stop.WaitFor(was_ok ? kBetweenLooks : kAgainAfter));
}

std::string ReworkSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE ledger.rework (name text PRIMARY KEY, rules text NOT NULL);"
      "GRANT SELECT, INSERT, UPDATE ON ledger.rework TO ",
      role, "_relay;");
}

}  // namespace fosterwatch::duty
