// Looks each morning at who looked at what on the days before, service by service: each reports by
// its own rules what is unusual (AccessService.ReportUnusualAccess), and alerts are raised of it.
//
// Promises
// - Each day is looked at once and whole, in every service, by one process of all: durably due
//   (libs/duty), alerts and the moment until which was looked are recorded together. Days on which
//   nothing ran are made up for.
// - A service that is away is asked again each minute; the others do not wait for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/operations/v1/access_rules.pb.h"
#include "libs/duty/loop.h"
#include "libs/ledger/ledger.h"
#include "services/notifications/domain/given.h"
#include "services/notifications/owners.h"

namespace fosterwatch::notifications {

// The changes by which all services with records are watched from now on; none changes anything
// where that was planned before.
std::vector<ledger::Change> PlanAccessWatches(const std::function<absl::Time()>& now);

class AccessWatcher {
 public:
  // All outlive it.
  AccessWatcher(ledger::Ledger* ledger, Owners* owners, const domain::Rules* rules,
                operations::v1::AccessRules access_rules, std::function<absl::Time()> now);

  duty::Loop& loop() { return loop_; }

 private:
  absl::Status Look(const duty::Due& due);

  ledger::Ledger* const ledger_;
  Owners* const owners_;
  const domain::Rules* const rules_;
  const operations::v1::AccessRules access_rules_;
  const std::function<absl::Time()> now_;
  duty::Loop loop_;
};

}  // namespace fosterwatch::notifications
