#include "services/packs/kpi_words.h"

#include "absl/strings/str_cat.h"

#include "services/packs/wording.h"

namespace fosterwatch::packs {

using kpis::v1::KpiDefinition;

document::Cell ValueCell(KpiDefinition::Unit unit, bool there, double value) {
  if (!there) return "No data";
  return document::Cell::Measured(value, unit == KpiDefinition::UNIT_PERCENT ? "%"
                                         : unit == KpiDefinition::UNIT_HOURS ? " h"
                                                                             : "");
}

std::string ValueWords(KpiDefinition::Unit unit, bool there, double value) {
  return ValueCell(unit, there, value).text;
}

std::string StatusWords(kpis::v1::Status status, bool red_not_ruled_out) {
  if (status == kpis::v1::STATUS_UNSPECIFIED) return "No target";
  return absl::StrCat(Words(kpis::v1::Status_Name(status), "STATUS_"),
                      red_not_ruled_out ? " (red cannot be ruled out)" : "");
}

std::string PartsWords(int64_t numerator, int64_t denominator) {
  return denominator > 0 ? absl::StrCat(numerator, " of ", denominator) : "";
}

}  // namespace fosterwatch::packs
