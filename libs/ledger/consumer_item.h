// Inside of the consumer: included by consumer.cc and parking.cc only.
#pragma once

#include <string>

#include "absl/status/status.h"

#include "libs/bus/bus.h"
#include "libs/ledger/consumer.h"

namespace fosterwatch::ledger {

// A record on its way through a batch.
struct Consumer::Item {
  enum State {
    kNew,      // to be tried
    kDone,     // its effect is committed now
    kNothing,  // done before, or of no interest
    kFailed,   // `why` says how
    kBehind,   // an earlier one of its key could not be taken
    kParked,
  };
  const bus::Record* record = nullptr;
  std::string key;  // whose records wait for each other; empty: it stands alone
  int64_t version = 0;
  int64_t missing = 0;   // the version that should have come before
  bool blocked = false;  // behind what was parked before this batch
  State state = kNew;
  absl::Status why;
  bool counted = false;  // by the breaker
};

}  // namespace fosterwatch::ledger
