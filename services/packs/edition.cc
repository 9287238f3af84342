#include "services/packs/edition.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/packs/kpi_words.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {

using document::Cell;
using document::Section;
using document::Table;
using kpis::v1::StatedFigure;
using kpis::v1::StatedKpi;

document::Document EditionDocument(const kpis::v1::Edition& edition, const std::string& agency,
                                   const std::string& public_url) {
  document::Document document;
  const std::string page = absl::StrCat(public_url, "/editions/", edition.edition_id());
  document.title = absl::StrCat("Figures of ", edition.period(), ", edition ", edition.number());
  document.subtitle = absl::StrCat("The set ", edition.set(),
                                   " as it was frozen. It never changes; what has become "
                                   "known since is on its page.");
  Cell where(page);
  where.link = page;
  document.cover = {{"Agency", agency},
                    {"Set", edition.set()},
                    {"Month", edition.period()},
                    {"Edition", Cell::Of(edition.number())},
                    {"Frozen", ShowMoment(edition.frozen_time(), edition.has_frozen_time())},
                    {"SHA-256 of the edition (edition.txt)", edition.hash()},
                    {"Its page", where}};
  Table table{"figures",
              "The figures as they were stated",
              {{"Code"},
               {"Figure", false, 4},
               {"Value", true, 1},
               {"Of"},
               {"Target", true, 1},
               {"Status"},
               {"Months before, oldest first", false, 4},
               {"Definition"}},
              {},
              /*whole=*/true};
  for (const StatedKpi& kpi : edition.kpis()) {
    const StatedFigure& figure = kpi.figure();
    std::string before;
    for (const StatedFigure& month : kpi.history()) {
      absl::StrAppend(&before, before.empty() ? "" : "; ", month.period(), ": ",
                      ValueWords(kpi.unit(), month.has_value(), month.value()));
    }
    Cell code(kpi.code());
    code.link = absl::StrCat(public_url, "/figures/", kpi.code(), "?period=", edition.period());
    table.rows.push_back(
        {std::move(code), kpi.title(), ValueCell(kpi.unit(), figure.has_value(), figure.value()),
         PartsWords(figure.numerator(), figure.denominator()),
         figure.has_target() ? ValueCell(kpi.unit(), true, figure.target()) : Cell("None"),
         StatusWords(figure.status(), figure.red_not_ruled_out()), before,
         kpi.definition_version()});
  }
  Section section{"figures", "Figures", {}, {}, {}};
  section.paragraphs = {
      "Each code links to the explanation of its figure: definition, target, and every record that "
      "was counted. A month without data is no zero."};
  if (!edition.restatement_ids().empty()) {
    section.paragraphs.push_back(absl::StrCat(
        "It states anew what was restated and accepted before it: ", edition.restatement_ids_size(),
        "."));
  }
  section.tables = {std::move(table)};
  document.sections = {std::move(section)};
  return document;
}

}  // namespace fosterwatch::packs
