// Works all records of a service out again when the rules have changed by which they were worked
// out before: other bank holidays after a start, or an edition of a policy that begins.
//
// Promises
// - Each record gets its unit at least once for each change of the rules, by a process that knows
//   the new ones; a crash in between does it again. A unit that finds nothing to change records
//   nothing.
// - In small groups among the service's other work. Survives a database that is away.
#pragma once

#include <functional>
#include <string>

#include "libs/ledger/ledger.h"
#include "libs/runtime/module.h"

namespace fosterwatch::duty {

struct ReworkOptions {
  // Of the kind of records, unique in the service's database.
  std::string name;
  // Of the service's relay role, which reads all agencies.
  std::string conninfo;
  // Agency and id of every record that may be concerned, once:
  //   "SELECT agency_id, carer_id FROM view.carer"
  std::string records;
  // The rules of this moment; looked at every minute.
  std::function<std::string()> rules;
  std::function<ledger::Unit(const std::string& agency_id, const std::string& id)> unit;
};

// For a loop of the host; the ledger outlives it.
void Rework(ledger::Ledger& ledger, const ReworkOptions& options, const runtime::Stop& stop);

// The table that says by which rules records were worked out; for a service's migration.
std::string ReworkSql(const std::string& role);

}  // namespace fosterwatch::duty
