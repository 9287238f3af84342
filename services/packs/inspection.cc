#include "services/packs/inspection.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/ledger/id.h"
#include "services/packs/statement.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using document::Cell;
using document::Column;
using document::Section;
using document::Table;

using Figures = std::map<std::string, int64_t>;

// Where a figure is explained: the section that lists what was counted.
std::string SectionOf(const std::string& figure) {
  const auto starts = [&](const char* word) { return figure.rfind(word, 0) == 0; };
  if (starts("register") || starts("carers")) return "register";
  if (starts("events") || starts("notices")) return "events";
  if (starts("complaints")) return "complaints";
  if (starts("allegations") || starts("checklist")) return "allegations";
  return "duties";
}

// How the sections are headed, which is how links to them read.
std::string HeadingOf(const std::string& section) {
  static const std::map<std::string, std::string>* const headings =
      new std::map<std::string, std::string>{
          {"requirements", "What regulations ask, and where it is answered"},
          {"register", "Register of foster parents"},
          {"events", "Notifiable events and notices"},
          {"duties", "Open and concluded duties"},
          {"complaints", "Complaints of 12 months"},
          {"allegations", "Allegations"},
          {"schedule-6", "Matters of Schedule 6"}};
  const auto found = headings->find(section);
  return found == headings->end() ? section : found->second;
}

Cell Linked(std::string text, std::string link) {
  Cell cell(std::move(text));
  cell.link = std::move(link);
  return cell;
}

// One row for each figure of a row of policy; one without a figure says where it is.
Section PolicySection(Section section, Table table, const std::vector<PolicyRow>& rows,
                      const Figures& figures, bool asks) {
  for (const PolicyRow& row : rows) {
    const auto add = [&](Cell count, const std::string& what, Cell where) {
      table.rows.push_back({row.title});
      if (asks) table.rows.back().push_back(row.asks);
      table.rows.back().push_back(what);
      table.rows.back().push_back(std::move(count));
      table.rows.back().push_back(std::move(where));
    };
    for (const PolicyFigure& figure : row.figures) {
      const std::string in = row.section.empty() ? SectionOf(figure.figure) : row.section;
      add(Cell::Of(figures.at(figure.figure)), figure.words,
          Linked(HeadingOf(in), absl::StrCat("#", in)));
    }
    if (!row.figures.empty()) continue;
    if (row.kept_elsewhere.empty()) {
      add("", "answered by a section",
          Linked(HeadingOf(row.section), absl::StrCat("#", row.section)));
    } else {
      add("Not held here", row.kept_elsewhere, "");
    }
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section SummarySection(const Figures& figures) {
  Section section{"summary", "At a glance", {}, {}, {}};
  Table table{"summary",
              "What is open, and the 12 months",
              {{"Figure", false, 6}, {"Count", true}, {"Where", false, 4}},
              {},
              /*whole=*/true};
  const std::pair<const char*, const char*> rows[] = {
      {"register_entries", "Households approved on the day"},
      {"events", "Notifiable events recorded in the 12 months"},
      {"notices_given", "Notices given in the 12 months"},
      {"notices_late", "Of them given late"},
      {"notices_overdue", "Notices not given and past due"},
      {"complaints", "Complaints and representations of the 12 months"},
      {"allegations", "Allegations received in the 12 months"},
      {"allegations_open", "Allegations not closed"},
      {"duties_open", "Duties open, of all registers"},
      {"duties_overdue", "Of them past due"}};
  for (const auto& [figure, words] : rows) {
    const std::string in = SectionOf(figure);
    table.rows.push_back(
        {words, Cell::Of(figures.at(figure)), Linked(HeadingOf(in), absl::StrCat("#", in))});
  }
  section.paragraphs = {
      "Read with the rights of whoever had the pack made. An allegation or a complaint about that "
      "person is kept from them by its register: it is neither listed nor counted here, but for "
      "the statement of complaints and the section Figures, which name nobody and count all."};
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

Section SampleSection(const Registers& registers, const SampleRequest& request) {
  Section section{"dip-sample", "Dip sample", {}, {}, {}};
  Table table{"dip-sample",
              "Records to look into",
              {{"Record"}, {"Register"}, {"Drawn by (SHA-256 begins)"}},
              {},
              /*whole=*/true};
  const auto draw = [&](const char* in, const std::vector<std::string>& ids) {
    std::vector<std::pair<std::string, std::string>> drawn;
    for (const std::string& id : ids) {
      drawn.emplace_back(ledger::Sha256(absl::StrCat(request.seed, "/", in, "/", id)), id);
    }
    std::sort(drawn.begin(), drawn.end());
    if (drawn.size() > static_cast<size_t>(request.size)) drawn.resize(request.size);
    for (const auto& [hash, id] : drawn) {
      table.rows.push_back({Linked(id, registers.Page(in, id)), Words(in), hash.substr(0, 12)});
    }
  };
  std::vector<std::string> carers, events, complaints, allegations;
  for (const auto& entry : registers.carers) carers.push_back(entry.carer_id());
  for (const auto& event : registers.events) {
    if (registers.InTheYear(event.recorded_time())) events.push_back(event.event_id());
  }
  for (const auto& complaint : registers.complaints) {
    if (registers.InTheYear(complaint.recorded_time())) {
      complaints.push_back(complaint.complaint_id());
    }
  }
  for (const auto& allegation : registers.allegations) {
    if (registers.InTheYear(allegation.received_time())) {
      allegations.push_back(allegation.allegation_id());
    }
  }
  draw("carers", carers);
  draw("events", events);
  draw("complaints", complaints);
  draw("allegations", allegations);
  section.paragraphs = {
      absl::StrCat("Seed: ", request.seed, ". Of each register the ", request.size,
                   " records (carers: of the day; all else: of the 12 months) whose SHA-256 of "
                   "\"seed/register/id\" is the smallest. Nobody chose them, and the same seed "
                   "draws the same of "
                   "the same records.")};
  section.tables.push_back(std::move(table));
  return section;
}

document::Document InspectionDocument(const Registers& registers, const Policy& policy,
                                      const SampleRequest& sample) {
  const std::vector<DutyRow> duties = DutiesOf(registers);
  const Figures figures = InspectionFigures(registers, duties);
  document::Document document;
  document.title = "Inspection pack";
  document.subtitle =
      absl::StrCat("What the registers of the agency say, as at ", ShowMoment(registers.as_at),
                   ". Confidential: it names carers. Times are those of London.");
  document.cover = {{"Agency", AgencyWords(registers.agency_name, registers.agency_id)},
                    {"As at", ShowMoment(registers.as_at)},
                    {"Seed of the dip sample", sample.seed},
                    {"Records drawn of each register", Cell::Of(sample.size)},
                    {"Lists of law", policy.version}};
  document.sections.push_back(SummarySection(figures));
  Section requirements{"requirements", HeadingOf("requirements"), {}, {}, {}};
  requirements.paragraphs = {
      "Requirements of the Fostering Services (England) Regulations 2011 and the National Minimum "
      "Standards that these registers answer. A figure links to the section that lists what was "
      "counted."};
  document.sections.push_back(PolicySection(std::move(requirements),
                                            {"requirements",
                                             "Requirements",
                                             {{"Regulation", false, 3},
                                              {"Asks for", false, 5},
                                              {"Answer", false, 3},
                                              {"Count", true},
                                              {"Where"}},
                                             {},
                                             /*whole=*/true},
                                            policy.requirements, figures, /*asks=*/true));
  document.sections.push_back(CarersSection(registers));
  document.sections.push_back(EventsSection(registers));
  document.sections.push_back(DutiesSection(registers, duties));
  document.sections.push_back(StatementSection(
      registers.statement, registers.procedures,
      absl::StrCat(registers.public_url,
                   "/complaints/statement?until=", registers.statement.until_date())));
  document.sections.push_back(AllegationsSection(registers));
  Section schedule6{"schedule-6", HeadingOf("schedule-6"), {}, {}, {}};
  schedule6.paragraphs = {
      absl::StrCat("Of the 12 months to ", ShowDay(IsoDay(registers.as_at)), " (", policy.source,
                   "). What is not held here is said to be so: no figure is made up.")};
  document.sections.push_back(PolicySection(
      std::move(schedule6),
      {"schedule-6",
       "Matters to be monitored",
       {{"Matter", false, 5}, {"What is counted", false, 4}, {"Count", true}, {"Where"}},
       {},
       /*whole=*/true},
      policy.schedule6, figures, /*asks=*/false));
  document.sections.push_back(KpisSection(registers));
  document.sections.push_back(SampleSection(registers, sample));
  return document;
}

}  // namespace fosterwatch::packs
