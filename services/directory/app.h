// What the directory does: each use case is one method. Writes go through the ledger.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"

namespace fosterwatch::directory {

class App {
 public:
  App(ledger::Ledger* ledger, std::function<absl::Time()> now) : ledger_(ledger), now_(now) {}

  absl::StatusOr<v1::Body> RecordBody(const runtime::Call& call,
                                      const v1::RecordBodyRequest& request);
  absl::StatusOr<v1::Body> GetBody(const runtime::Call& call, const v1::GetBodyRequest& request);
  absl::StatusOr<v1::ListBodiesResponse> ListBodies(const runtime::Call& call,
                                                    const v1::ListBodiesRequest& request);
  absl::StatusOr<v1::RoleHolder> AppointHolder(const runtime::Call& call,
                                               const v1::AppointHolderRequest& request);
  absl::StatusOr<v1::RoleHolder> EndHolder(const runtime::Call& call,
                                           const v1::EndHolderRequest& request);
  absl::StatusOr<v1::ListHoldersResponse> ListHolders(const runtime::Call& call,
                                                      const v1::ListHoldersRequest& request);
  absl::StatusOr<v1::Publisher> RegisterPublisher(const runtime::Call& call,
                                                  const v1::RegisterPublisherRequest& request);

 private:
  ledger::Ledger* const ledger_;
  const std::function<absl::Time()> now_;
};

// The aggregates of the directory's ledger: "body", "holder", "publisher".
std::vector<ledger::Aggregate> Aggregates();

// The schema of the directory's views.
std::string ViewsSql(const std::string& role);

}  // namespace fosterwatch::directory
