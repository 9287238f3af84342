// What the carer register does: each use case is one method.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"

namespace fosterwatch::carers {

class App {
 public:
  explicit App(ledger::Ledger* ledger) : ledger_(ledger) {}

  absl::StatusOr<v1::Carer> RecordCarer(const runtime::Call& call,
                                        const v1::RecordCarerRequest& request);
  absl::StatusOr<v1::Carer> GetCarer(const runtime::Call& call, const v1::GetCarerRequest& request);
  absl::StatusOr<v1::ListCarersResponse> ListCarers(const runtime::Call& call,
                                                    const v1::ListCarersRequest& request);

 private:
  ledger::Ledger* const ledger_;
};

// The aggregate of the register's ledger: "carer".
std::vector<ledger::Aggregate> Aggregates();
std::string ViewsSql(const std::string& role);

}  // namespace fosterwatch::carers
