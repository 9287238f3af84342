// The figures of all sets, this month and the three before.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/packs/inspection.h"
#include "services/packs/kpi_words.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using document::Cell;
using document::Section;
using document::Table;
using kpis::v1::Figure;
using kpis::v1::KpiDefinition;

std::string Shown(const KpiDefinition& definition, const Figure& figure) {
  return figure.suppressed() ? "Too few answers"
                             : ValueWords(definition.unit(), figure.has_value(), figure.value());
}

Table EditionsTable(const Registers& registers) {
  Table table{
      "kpi-editions",
      "Editions frozen by then, newest first",
      {{"Edition", false, 3}, {"Set"}, {"Month"}, {"Frozen", false, 3}, {"SHA-256", false, 6}},
      {}};
  for (const kpis::v1::Edition& edition : registers.editions) {
    Cell id(edition.edition_id());
    id.link = registers.Page("editions", edition.edition_id());
    table.rows.push_back({std::move(id), edition.set(), edition.period(),
                          MomentCell(edition.frozen_time(), true), edition.hash()});
  }
  return table;
}

// As the edition states the figure: its definition may be gone by now.
KpiDefinition::Unit UnitOf(const Registers& registers, const kpis::v1::Restatement& restatement) {
  for (const kpis::v1::Edition& edition : registers.editions) {
    if (edition.edition_id() != restatement.edition_id()) continue;
    for (const kpis::v1::StatedKpi& kpi : edition.kpis()) {
      if (kpi.code() == restatement.code()) return kpi.unit();
    }
  }
  return KpiDefinition::UNIT_UNSPECIFIED;
}

Table RestatementsTable(const Registers& registers) {
  Table table{"kpi-restatements",
              "Figures that are no longer what an edition states, newest first",
              {{"Edition", false, 3},
               {"Figure"},
               {"Stated", true, 1},
               {"Known since", true, 1},
               {"Noticed", false, 3},
               {"Accepted", false, 3}},
              {}};
  for (const kpis::v1::Restatement& restatement : registers.restatements) {
    const auto unit = UnitOf(registers, restatement);
    const auto value = [&](const kpis::v1::StatedFigure& figure) {
      return ValueCell(unit, figure.has_value(), figure.value());
    };
    const bool accepted =
        registers.Happened(restatement.has_accepted_time(), restatement.accepted_time());
    const bool fallen_away =
        registers.Happened(restatement.has_fallen_away_time(), restatement.fallen_away_time());
    Cell id(restatement.edition_id());
    id.link = registers.Page("editions", restatement.edition_id());
    table.rows.push_back({std::move(id), restatement.code(), value(restatement.before()),
                          value(restatement.after()), MomentCell(restatement.noticed_time(), true),
                          accepted      ? MomentCell(restatement.accepted_time(), true)
                          : fallen_away ? Cell("No longer so")
                                        : Cell("It waits")});
  }
  return table;
}

}  // namespace

Section KpisSection(const Registers& registers) {
  Section section{"kpis", "Figures", {}, {}, {}};
  Table table{"kpis",
              "Figures and the three periods before",
              {{"Code"},
               {"Figure", false, 4},
               {"Sets"},
               {"Period", false, 1},
               {"Value", true, 1},
               {"Of"},
               {"Target", true, 1},
               {"Status"},
               {"Before, oldest first", false, 4}},
              {},
              /*whole=*/true};
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
         now.suppressed() ? Cell("Too few answers")
                          : ValueCell(definition.unit(), now.has_value(), now.value()),
         now.suppressed() ? std::string() : PartsWords(now.numerator(), now.denominator()),
         now.has_target() ? ValueCell(definition.unit(), true, now.target()) : Cell("None"),
         StatusWords(now.status(), now.red_not_ruled_out()), absl::StrJoin(before, "; ")});
  }
  section.paragraphs = {
      "As at the moment of the pack and under what was known then. A month without data is no "
      "zero. "
      "Each code links to the explanation of its figure: definition, target, and every record that "
      "was counted."};
  section.tables = {std::move(table), EditionsTable(registers), RestatementsTable(registers)};
  return section;
}

}  // namespace fosterwatch::packs
