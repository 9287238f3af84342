// What the ledger holds while it works: the states of aggregates, and the results of a batch.
// Inside of this library.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"

#include "libs/ledger/ledger.h"
#include "libs/status/error.h"

namespace fosterwatch::ledger {

using Key = std::tuple<std::string, std::string, std::string>;  // agency, type, id

inline std::unique_ptr<google::protobuf::Message> Clone(const google::protobuf::Message& message) {
  std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

// Opens row-level security for these agencies until the end of the transaction.
inline pg::Statement SetAgencies(const std::set<std::string>& agencies) {
  return {"SELECT set_config('fosterwatch.agencies', $1, true)", {absl::StrJoin(agencies, ",")}};
}

// What a unit gets that stands behind a failed one of its chain.
inline absl::Status BehindFailed() {
  return Error(absl::StatusCode::kAborted, "BEHIND_FAILED", "an earlier unit of its chain failed");
}

// The state of an aggregate while a batch is worked on.
struct Ledger::Loaded {
  std::unique_ptr<google::protobuf::Message> state;
  FactStamp last;

  Loaded Copy() const { return {Clone(*state), last}; }
};

struct Ledger::Batch {
  std::vector<absl::StatusOr<Outcome>> results;
  bool appended = false;
};

}  // namespace fosterwatch::ledger
