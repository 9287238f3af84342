// What the commands of KPIs share.
#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "apps/fosterwatch/remote.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::app {

inline constexpr char kKpisArea[] = "kpis";

// "36.7 %"; "-" where it is unknown, which is not zero.
std::string ValueText(kpis::v1::KpiDefinition::Unit unit, bool present, double value);
// "amber, red cannot be ruled out".
std::string StatusText(kpis::v1::Status status, bool red_not_ruled_out);

// kpi compare; of `kpi`.
void AddKpiCompare(CLI::App* kpi, Context* context);
// kpi withdraw; of `kpi`.
void AddKpiFigures(CLI::App* kpi, Context* context);
// kpi edition, kpi restatement, kpi quality; of `kpi`.
void AddKpiEditions(CLI::App* kpi, Context* context);
// kpi plan; of `kpi`.
void AddKpiPlans(CLI::App* kpi, Context* context);

}  // namespace fosterwatch::app
