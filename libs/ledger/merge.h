// Statements of many aggregates as few. See Statements in aggregate.h for what their authors say
// by writing them.
#pragma once

#include "libs/ledger/aggregate.h"

namespace fosterwatch::ledger {

// Statements of the same text whose parameters are all arrays become one, at the place of the
// first, with the arrays one behind the other. The others stay as they are, in their order.
Statements Merged(Statements statements);

}  // namespace fosterwatch::ledger
