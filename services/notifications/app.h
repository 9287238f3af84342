// What notifications answers: each use case is one method. Threads: any.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"

namespace fosterwatch::notifications {

class App {
 public:
  // The ledger outlives it.
  App(ledger::Ledger* ledger, std::function<absl::Time()> now)
      : ledger_(ledger), now_(std::move(now)) {}

  absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const runtime::Call& call,
                                                    const v1::ListAlertsRequest& request);
  absl::StatusOr<v1::Alert> AcknowledgeAlert(const runtime::Call& call,
                                             const v1::AcknowledgeAlertRequest& request);
  absl::StatusOr<v1::ListSendsResponse> ListSends(const runtime::Call& call,
                                                  const v1::ListSendsRequest& request);

 private:
  ledger::Ledger* const ledger_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::notifications
