// Who looked at what, as rows of the service's own database: ledger.access has one for each call
// that showed a record, was refused, or came with a token that was over, and ledger.access_record
// one for each record that it was about. Only ever added to: the service's role may insert and
// read. Written by the ledger's thread, in the transaction of what was done where something was.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/ledger/ledger.h"
#include "libs/runtime/access.h"

namespace fosterwatch::ledger {

// Adds the statements that keep the note as one about these records.
void AddAccess(const runtime::AccessNote& note, const std::set<std::string>& records, absl::Time at,
               Statements& statements);

// A door's log in a ledger. Rows that wait together are committed together.
class LedgerAccessLog : public runtime::AccessLog {
 public:
  // The ledger outlives it.
  explicit LedgerAccessLog(Ledger* ledger) : ledger_(ledger) {}
  void Keep(std::shared_ptr<runtime::AccessNote> note,
            std::function<void(absl::Status)> done) override;

 private:
  Ledger* const ledger_;
};

}  // namespace fosterwatch::ledger
