// One KPI of several agencies together, from the figures of each.
#pragma once

#include <string>
#include <vector>

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"

namespace fosterwatch::kpis::domain {

// As RollUp says in kpis_service.proto, without target and status. The figures are of one KPI,
// period and moment, one for each agency, in their order, and at least one.
v1::RollUp RollUpOf(const v1::KpiDefinition& kpi, const std::vector<std::string>& agency_ids,
                    const std::vector<v1::Figure>& figures);

}  // namespace fosterwatch::kpis::domain
