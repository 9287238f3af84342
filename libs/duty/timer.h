// Durable timers: something is to be done about a subject (an aggregate) at a moment.
//
// A timer is no record of its own. A service's state says which timers it has now, and its
// aggregate projects them into view.timer, so they change in the transaction of the facts that
// bring, move or end them, stand under the same row-level security, and come back by a rebuild:
// after a restart or a restore they are what the facts say. What falls due is worked off by
// libs/duty/loop.h.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/ledger/aggregate.h"

namespace fosterwatch::duty {

// The table, for Aggregate::views.
inline constexpr char kTable[] = "view.timer";

// Unique in its subject by kind and id. Moments to the microsecond, as the database keeps them.
struct Timer {
  std::string kind;  // who works it off: one loop for each kind
  std::string id;    // of what it is about, within the subject
  absl::Time due;
  bool urgent = false;  // goes before all that is not, however long that has waited
};

// Makes view.timer say that the subject has exactly these timers; for Aggregate::project. Rows that
// stay as they are are not touched. The subject is the id of the aggregate.
void Project(const std::vector<Timer>& timers, const ledger::FactStamp& last,
             ledger::Statements& statements);

// SQL of view.timer with its rights, for a service's own migration; of its index alone, where an
// earlier migration made the table.
std::string TableSql(const std::string& role);
std::string IndexSql();

}  // namespace fosterwatch::duty
