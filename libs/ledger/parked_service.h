// fosterwatch.operations.v1.ParkedService for one service: what its consumers could not take, and
// what people do about it. Metadata only: what a record holds is sealed and is opened for its own
// consumer alone.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"

#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/ledger.h"
#include "libs/privacy/sealer.h"
#include "libs/runtime/door.h"

namespace fosterwatch::ledger {

// Any thread, once the door is open.
class ParkedService {
 public:
  // `name` is the service's ("notifications"). All outlive it.
  ParkedService(std::string name, Ledger* ledger, privacy::Sealer* sealer, std::string conninfo);

  // Answers on this door for the service. Before the door opens.
  void Serve(runtime::Door& door);
  void Add(Consumer* consumer);

  absl::StatusOr<operations::v1::ListParkedResponse> ListParked(
      const runtime::Call& call, const operations::v1::ListParkedRequest& request);
  absl::StatusOr<operations::v1::ParkedRecord> GetParked(
      const runtime::Call& call, const operations::v1::GetParkedRequest& request);
  absl::StatusOr<operations::v1::RetryParkedResponse> RetryParked(
      const runtime::Call& call, const operations::v1::RetryParkedRequest& request);
  absl::StatusOr<operations::v1::ParkedRecord> DiscardParked(
      const runtime::Call& call, const operations::v1::DiscardParkedRequest& request);

 private:
  absl::StatusOr<operations::v1::ParkedRecord> Read(const std::string& agency_id,
                                                    const std::string& parked_id);

  const std::string name_;
  Ledger* const ledger_;
  privacy::Sealer* const sealer_;
  const std::string conninfo_;
  std::map<std::string, Consumer*> consumers_;  // by group
};

// How many records of each consumer are open, of all agencies, for gauges: under the relay's role.
absl::StatusOr<std::map<std::string, int64_t>> CountOpenByConsumer(pg::Connection& relay);

}  // namespace fosterwatch::ledger
