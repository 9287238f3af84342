// The figures of all sets, this month and the three before.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "services/packs/inspection.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using document::Cell;
using document::Section;
using document::Table;
using kpis::v1::Figure;
using kpis::v1::KpiDefinition;

std::string Number(double value) {
  std::string text = absl::StrFormat("%.1f", value);
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return text;
}

std::string Value(const KpiDefinition& definition, bool there, double value) {
  if (!there) return "No data";
  switch (definition.unit()) {
    case KpiDefinition::UNIT_PERCENT:
      return absl::StrCat(Number(value), "%");
    case KpiDefinition::UNIT_HOURS:
      return absl::StrCat(Number(value), " h");
    default:
      return Number(value);
  }
}

std::string Shown(const KpiDefinition& definition, const Figure& figure) {
  return figure.suppressed() ? "Too few answers"
                             : Value(definition, figure.has_value(), figure.value());
}

std::string StatusWords(const Figure& figure) {
  if (figure.status() == kpis::v1::STATUS_UNSPECIFIED) return "No target";
  return absl::StrCat(Words(kpis::v1::Status_Name(figure.status()), "STATUS_"),
                      figure.red_not_ruled_out() ? " (red cannot be ruled out)" : "");
}

}  // namespace

Section KpisSection(const Registers& registers) {
  Section section{"kpis", "Figures", {}, {}, {}};
  Table table{"kpis",
              "Figures and the three periods before",
              {{"Code"},
               {"Figure"},
               {"Sets"},
               {"Period"},
               {"Value"},
               {"Of"},
               {"Target"},
               {"Status"},
               {"Before, oldest first"}},
              {}};
  for (const kpis::v1::Kpi& kpi : registers.kpis) {
    const KpiDefinition& definition = kpi.definition();
    const Figure& now = kpi.current();
    Cell code(definition.code());
    code.link =
        absl::StrCat(registers.Page("figures", definition.code()), "?period=", now.period());
    std::vector<std::string> before;
    const int first = std::max(0, kpi.history_size() - 3);
    for (int i = first; i < kpi.history_size(); ++i) {
      before.push_back(
          absl::StrCat(kpi.history(i).period(), ": ", Shown(definition, kpi.history(i))));
    }
    table.rows.push_back(
        {code, definition.title(), absl::StrJoin(definition.sets(), ", "), now.period(),
         Shown(definition, now),
         now.denominator() > 0 && !now.suppressed()
             ? absl::StrCat(now.numerator(), " of ", now.denominator())
             : std::string(),
         now.has_target() ? Value(definition, true, now.target()) : std::string("None"),
         StatusWords(now), absl::StrJoin(before, "; ")});
  }
  section.paragraphs = {
      "As at the moment of the pack and under what was known then. A month without data is no "
      "zero. "
      "Each code links to the explanation of its figure: definition, target, and every record that "
      "was counted."};
  section.tables = {std::move(table)};
  return section;
}

}  // namespace fosterwatch::packs
