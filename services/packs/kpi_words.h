// How the values of figures read. Pure.
#pragma once

#include <string>

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "libs/document/document.h"

namespace fosterwatch::packs {

// "83.3%", "1.5 h", "7"; "No data" where there is none. As a cell it is a number.
document::Cell ValueCell(kpis::v1::KpiDefinition::Unit unit, bool there, double value);
std::string ValueWords(kpis::v1::KpiDefinition::Unit unit, bool there, double value);
// "Green"; "Amber (red cannot be ruled out)"; "No target".
std::string StatusWords(kpis::v1::Status status, bool red_not_ruled_out);
// "5 of 6"; empty where nothing was counted.
std::string PartsWords(int64_t numerator, int64_t denominator);

}  // namespace fosterwatch::packs
