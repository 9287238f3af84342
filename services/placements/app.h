// What placements does: each use case is one method.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"

namespace fosterwatch::placements {

class App {
 public:
  explicit App(ledger::Ledger* ledger) : ledger_(ledger) {}

  absl::StatusOr<v1::Child> RecordChild(const runtime::Call& call,
                                        const v1::RecordChildRequest& request);
  absl::StatusOr<v1::Child> GetChild(const runtime::Call& call, const v1::GetChildRequest& request);
  absl::StatusOr<v1::ListChildrenResponse> ListChildren(const runtime::Call& call,
                                                        const v1::ListChildrenRequest& request);

 private:
  ledger::Ledger* const ledger_;
};

// The aggregate of the ledger: "child".
std::vector<ledger::Aggregate> Aggregates();
std::string ViewsSql(const std::string& role);

}  // namespace fosterwatch::placements
