#include "services/packs/statement.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using complaints::v1::ListProceduresResponse;
using complaints::v1::Statement;
using document::Cell;
using document::Section;
using document::Table;

std::string CategoryWords(const std::string& code, const ListProceduresResponse& procedures) {
  for (const auto& category : procedures.categories()) {
    if (category.code() == code) return category.title();
  }
  return Words(code);
}

// Of "reg18 formal answer": the procedure, its stage and the step.
std::string TimelinessWords(const std::string& key, const ListProceduresResponse& procedures) {
  const std::vector<std::string> parts = absl::StrSplit(key, ' ');
  if (parts.size() < 3) return Words(key);
  std::string procedure = parts[0], stage = parts[1];
  for (const auto& known : procedures.procedures()) {
    if (known.procedure_id() != parts[0]) continue;
    procedure = known.title();
    for (const auto& of_it : known.stages()) {
      if (of_it.stage_id() == parts[1]) stage = of_it.title();
    }
  }
  return absl::StrCat(procedure, ": ", stage, ", ", parts[2]);
}

// Without a limit of its own on how a key begins.
std::string KeyWords(const std::string& key) {
  for (const char* prefix : {"GIVER_KIND_", "SUBJECT_KIND_", "POINT_OUTCOME_"}) {
    if (absl::StartsWith(key, prefix)) return Words(key, prefix);
  }
  return Words(key);
}

Table CountsTable(const Statement& statement) {
  Table table{"complaints",
              "Complaints of the 12 months",
              {{"Figure"}, {"Count", true}},
              {},
              /*whole=*/true};
  const auto add = [&](const char* what, int count) {
    table.rows.push_back({what, Cell::Of(count)});
  };
  add("Complaints", statement.complaints());
  add("Representations", statement.representations());
  add("Compliments", statement.compliments());
  add("Open", statement.open());
  add("Closed", statement.closed());
  add("Withdrawn", statement.withdrawn());
  add("Went on as an allegation", statement.reclassified());
  add("Judged serious", statement.serious());
  add("Reported as a notifiable event", statement.events_reported());
  add("Reviews of what was learnt, opened", statement.reviews_opened());
  add("Reviews of what was learnt, closed", statement.reviews_closed());
  // Nothing closed is no time of nought days.
  table.rows.push_back(
      {"Working days to closing, median",
       statement.closed() == 0 ? Cell("No data") : Cell::Of(statement.median_days_to_close())});
  return table;
}

template <typename Show>
void AddRows(Section& section, const char* name, const char* caption, const char* heading,
             const google::protobuf::RepeatedPtrField<Statement::Row>& rows, const Show& show) {
  if (rows.empty()) return;
  Table table{name, caption, {{heading}, {"Count", true}}, {}, /*whole=*/true};
  for (const Statement::Row& row : rows) {
    table.rows.push_back({show(row.key()), Cell::Of(row.count())});
  }
  section.tables.push_back(std::move(table));
}

}  // namespace

Section StatementSection(const Statement& statement, const ListProceduresResponse& procedures,
                         const std::string& page) {
  Section section;
  section.id = "complaints";
  section.heading = "Complaints of 12 months";
  section.paragraphs.push_back(
      absl::StrCat("From ", ShowDay(statement.from_date()), " to ", ShowDay(statement.until_date()),
                   ", as it was recorded by ", ShowMoment(statement.as_at_time(), true),
                   " (regulation 18(6) of the Fostering Services (England) Regulations 2011). It "
                   "names nobody."));
  section.paragraphs.push_back(absl::StrCat(
      "Counted from the register of complaints. Each figure links to the same statement on a page, "
      "with the lists behind it: ",
      page));
  section.tables.push_back(CountsTable(statement));
  AddRows(section, "complaints-by-category", "Complaints by category", "Category",
          statement.by_category(),
          [&](const std::string& key) { return CategoryWords(key, procedures); });
  AddRows(section, "complaints-by-giver", "Complaints by who gave them", "Given by",
          statement.by_giver(), KeyWords);
  AddRows(section, "complaints-by-subject", "Complaints by what they are about", "About",
          statement.by_subject(), KeyWords);
  AddRows(section, "complaint-points", "Outcomes of points of complaint", "Outcome",
          statement.point_outcomes(), KeyWords);
  if (!statement.timeliness().empty()) {
    Table table{"complaints-in-time",
                "Complaints answered in time",
                {{"What"},
                 {"In time", true},
                 {"In the extended time", true},
                 {"Late", true},
                 {"Open, in time", true},
                 {"Open, overdue", true}},
                {},
                /*whole=*/true};
    for (const Statement::Timeliness& row : statement.timeliness()) {
      table.rows.push_back({TimelinessWords(row.key(), procedures), Cell::Of(row.in_first_limit()),
                            Cell::Of(row.in_extended_limit()), Cell::Of(row.late()),
                            Cell::Of(row.open()), Cell::Of(row.overdue())});
    }
    section.tables.push_back(std::move(table));
  }
  if (!statement.learning().empty()) {
    Table table{"complaints-learning", "What was learnt", {{"Learning"}}, {}, /*whole=*/true};
    for (const std::string& learnt : statement.learning()) table.rows.push_back({learnt});
    section.tables.push_back(std::move(table));
  } else {
    section.paragraphs.push_back("No learning has been written for publishing.");
  }
  for (Table& table : section.tables) {
    for (std::vector<Cell>& row : table.rows) row[0].link = page;
  }
  return section;
}

document::Document StatementDocument(const Statement& statement,
                                     const ListProceduresResponse& procedures,
                                     const std::string& agency, const std::string& page) {
  document::Document document;
  document.title = "Statement of complaints";
  document.subtitle = absl::StrCat("The 12 months to ", ShowDay(statement.until_date()));
  document.cover = {{"Agency", agency},
                    {"From", ShowDay(statement.from_date())},
                    {"To", ShowDay(statement.until_date())},
                    {"As at", ShowMoment(statement.as_at_time(), true)}};
  document.sections.push_back(StatementSection(statement, procedures, page));
  return document;
}

}  // namespace fosterwatch::packs
