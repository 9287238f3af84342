// What the service keeps besides figures that are counted, wired together: reported figures with
// their intake, and the upkeep of plans, editions and data quality.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/duty/loop.h"
#include "libs/ledger/service.h"
#include "libs/pg/migrate.h"
#include "libs/runtime/module.h"
#include "services/kpis/imports.h"
#include "services/kpis/safer_caring.h"
#include "services/kpis/upkeep.h"

namespace fosterwatch::kpis {

class Keeping {
 public:
  static std::vector<pg::Migration> Migrations(const std::string& role);
  static bus::Topic IntakeTopic();

  // Registers handlers, consumers and loops; its aggregates are KeptAggregates(). Service and
  // catalogue outlive it. `topic` is the service's own.
  static absl::StatusOr<std::unique_ptr<Keeping>> Start(runtime::Host& host,
                                                        ledger::Service& service,
                                                        const v1::Catalogue* catalogue,
                                                        const std::string& topic);

 private:
  Keeping() = default;

  std::unique_ptr<Imports> imports_;
  std::unique_ptr<SaferCaring> safer_caring_;
  std::unique_ptr<Upkeep> upkeep_;
  std::unique_ptr<duty::Loop> overdue_;
};

}  // namespace fosterwatch::kpis
