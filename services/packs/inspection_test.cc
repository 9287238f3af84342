#include "services/packs/inspection.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/testing/status_matchers.h"
#include "services/packs/edition.h"
#include "services/packs/statement.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Time At(const std::string& rfc3339) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &time, &error)) << error;
  return time;
}
google::protobuf::Timestamp Stamp(const std::string& rfc3339) {
  return clock::ToProto(At(rfc3339));
}

const document::Table& TableOf(const document::Section& section, const std::string& name) {
  for (const document::Table& table : section.tables) {
    if (table.name == name) return table;
  }
  static const document::Table* const none = new document::Table();
  ADD_FAILURE() << "no table " << name;
  return *none;
}

std::string PolicyText() {
  std::ifstream file(absl::StrCat(std::getenv("FOSTERWATCH_SHARE_DIR"), "/policy/packs.json"));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// One event of 1 November with a notice in time, one late, one given only after the moment.
Registers Some() {
  Registers registers;
  registers.agency_id = "agency-a";
  registers.public_url = "https://watch.example";
  registers.as_at = At("2026-11-22T12:00:00Z");
  auto& event = registers.events.emplace_back();
  event.set_event_id("E/1");
  event.add_kinds(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
  auto* report = event.mutable_report();
  report->add_kinds(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
  report->set_child_id("C-1");
  report->set_summary("Robin went away");
  *report->mutable_became_aware_time() = Stamp("2026-11-01T10:00:00Z");
  *event.mutable_recorded_time() = Stamp("2026-11-01T10:30:00Z");
  const auto add = [&](const char* id, const char* given) {
    auto* notice = event.add_notices();
    notice->set_notice_id(id);
    notice->set_kind(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
    notice->set_recipient(notifiable_events::v1::RECIPIENT_CHIEF_INSPECTOR);
    notice->set_basis(notifiable_events::v1::BASIS_STATUTORY);
    notice->set_state(notifiable_events::v1::Notice::STATE_GIVEN);
    *notice->mutable_owed_time() = Stamp("2026-11-01T10:30:00Z");
    *notice->mutable_in_time_until() = Stamp("2026-11-02T10:00:00Z");
    *notice->mutable_given_time() = Stamp(given);
    *notice->mutable_explanation()->mutable_trigger_time() = Stamp("2026-11-01T10:00:00Z");
    notice->mutable_explanation()->set_rule("without_delay");
    notice->mutable_explanation()->set_source("reg 36(1)");
  };
  add("1", "2026-11-01T11:30:00Z");
  add("2", "2026-11-02T10:00:01Z");
  add("3", "2026-11-22T12:00:01Z");
  auto& carer = registers.carers.emplace_back();
  carer.set_carer_id("F-1");
  carer.set_approved_date("2025-11-23");
  carer.mutable_particulars()->set_address("1 High Street");
  auto* parent = carer.mutable_particulars()->add_foster_parents();
  parent->set_name("Alex Carer");
  parent->set_birth_date("1980-02-29");
  parent->set_sex(carers::v1::FosterParent::SEX_FEMALE);
  auto& allegation = registers.allegations.emplace_back();
  allegation.set_allegation_id("A-1");
  *allegation.mutable_received_time() = Stamp("2025-11-22T23:59:59Z");
  *allegation.mutable_report()->mutable_became_aware_time() = Stamp("2025-11-22T20:00:00Z");
  auto& duty = registers.carer_duties.emplace_back();
  duty.set_aggregate_id("F-1");
  (*duty.mutable_attributes())["kind"] = "DUTY_KIND_ANNUAL_REVIEW";
  *duty.mutable_due_time() = Stamp("2026-11-20T00:00:00Z");
  duty.mutable_due_explanation()->set_rule("ANNUAL_REVIEW");
  duty.mutable_due_explanation()->set_source("reg 28(2)");
  return registers;
}

TEST(InspectionTest, TheLogCountsMinutesAndKnowsNothingOfWhatCameLater) {
  const document::Section section = EventsSection(Some());
  const document::Table& log = TableOf(section, "notices");
  ASSERT_EQ(log.rows.size(), 3u);
  EXPECT_EQ(log.rows[0][6].number, 90);
  EXPECT_EQ(log.rows[0][7].text, "In time");
  EXPECT_EQ(log.rows[1][6].number, 24 * 60);
  EXPECT_EQ(log.rows[1][7].text, "Late");
  EXPECT_EQ(log.rows[2][5].text, "");
  EXPECT_EQ(log.rows[2][7].text, "Not given, overdue");
  EXPECT_EQ(log.rows[0][0].link, "https://watch.example/events/E%2F1");
}

TEST(InspectionTest, FiguresAreOfTheTwelveMonthsAndOfTheMoment) {
  const Registers registers = Some();
  const auto figures = InspectionFigures(registers, DutiesOf(registers));
  EXPECT_EQ(figures.at("events"), 1);
  EXPECT_EQ(figures.at("events_child_missing"), 1);
  EXPECT_EQ(figures.at("notices_given"), 2);
  EXPECT_EQ(figures.at("notices_late"), 1);
  EXPECT_EQ(figures.at("notices_overdue"), 1);
  EXPECT_EQ(figures.at("register_entries"), 1);
  EXPECT_EQ(figures.at("register_incomplete"), 0);
  EXPECT_EQ(figures.at("carers_approved"), 1);
  // A second too early for the 12 months, and still open.
  EXPECT_EQ(figures.at("allegations"), 0);
  EXPECT_EQ(figures.at("allegations_open"), 1);
  EXPECT_EQ(figures.at("duties_overdue_review"), 1);
  for (const auto& [name, value] : figures) {
    EXPECT_TRUE(InspectionFigureNames().contains(name)) << name;
  }
  EXPECT_EQ(figures.size(), InspectionFigureNames().size());
}

TEST(InspectionTest, DutiesAreOpenOrConcludedAsAtTheMoment) {
  const Registers registers = Some();
  const document::Section section = DutiesSection(registers, DutiesOf(registers));
  EXPECT_EQ(TableOf(section, "duties-concluded").rows.size(), 2u);
  const auto& open = TableOf(section, "duties-open").rows;
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0][2].text, "Notice to: Chief inspector");
  EXPECT_EQ(open[0][4].text, "Yes");
  EXPECT_EQ(open[0][5].text, "Without delay (reg 36(1))");
  EXPECT_EQ(open[1][2].text, "Annual review");
  EXPECT_EQ(open[1][5].text, "Annual review (reg 28(2))");
  EXPECT_EQ(open[1][0].link, "https://watch.example/carers/F-1");
}

TEST(InspectionTest, TheCoverNamesTheAgencyAndThePackSaysWhatItsMakerIsNotShown) {
  const auto policy = ParsePolicy(PolicyText(), InspectionFigureNames());
  ASSERT_THAT(policy, IsOk());
  Registers registers = Some();
  const auto agency = [&] {
    return InspectionDocument(registers, *policy, {.seed = "x"}).cover[0].second.text;
  };
  EXPECT_EQ(agency(), "agency-a");
  registers.agency_name = "Northern Fostering";
  EXPECT_EQ(agency(), "Northern Fostering (agency-a)");
  EXPECT_THAT(WriteHtml(InspectionDocument(registers, *policy, {.seed = "x"})),
              HasSubstr("is kept from them by its register"));
}

TEST(InspectionTest, EditionsAreListedWithWhatWasRestatedSince) {
  Registers registers = Some();
  auto& edition = registers.editions.emplace_back();
  edition.set_edition_id("board-2026-10-1");
  edition.set_set("board");
  edition.set_period("2026-10");
  edition.set_hash("abc");
  *edition.mutable_frozen_time() = Stamp("2026-11-05T09:00:00Z");
  // In the words of the edition, whether or not there is such a figure by now.
  auto& stated = *edition.add_kpis();
  stated.set_code("SC1");
  stated.set_unit(kpis::v1::KpiDefinition::UNIT_PERCENT);
  const auto restated = [&](const char* accepted, const char* fallen_away = nullptr) {
    auto& restatement = registers.restatements.emplace_back();
    restatement.set_edition_id("board-2026-10-1");
    restatement.set_code("SC1");
    restatement.mutable_before()->set_value(80);
    restatement.mutable_after()->set_value(82.5);
    *restatement.mutable_noticed_time() = Stamp("2026-11-10T09:00:00Z");
    if (accepted != nullptr) *restatement.mutable_accepted_time() = Stamp(accepted);
    if (fallen_away != nullptr) *restatement.mutable_fallen_away_time() = Stamp(fallen_away);
    restatement.set_state(accepted != nullptr ? kpis::v1::Restatement::STATE_ACCEPTED
                                              : kpis::v1::Restatement::STATE_FALLEN_AWAY);
  };
  restated("2026-11-12T09:00:00Z");
  restated("2026-11-23T09:00:00Z");
  restated(nullptr, "2026-11-12T09:00:00Z");
  restated(nullptr, "2026-11-23T09:00:00Z");
  const document::Section section = KpisSection(registers);
  const auto& editions = TableOf(section, "kpi-editions").rows;
  ASSERT_EQ(editions.size(), 1u);
  EXPECT_EQ(editions[0][0].link, "https://watch.example/editions/board-2026-10-1");
  EXPECT_EQ(editions[0][4].text, "abc");
  const auto& restatements = TableOf(section, "kpi-restatements").rows;
  ASSERT_EQ(restatements.size(), 4u);
  EXPECT_EQ(restatements[0][2].text, "80%");
  EXPECT_EQ(restatements[0][3].text, "82.5%");
  EXPECT_EQ(restatements[0][5].text, "12 November 2026, 09:00");
  EXPECT_EQ(restatements[1][5].text, "It waits") << "accepted only after the moment";
  EXPECT_EQ(restatements[2][5].text, "No longer so");
  EXPECT_EQ(restatements[3][5].text, "It waits") << "fallen away only after the moment";
}

TEST(InspectionTest, MomentsAreDatesAndTheNewestComesFirst) {
  Registers registers = Some();
  auto& later = registers.events.emplace_back(registers.events[0]);
  later.set_event_id("E/2");
  *later.mutable_report()->mutable_became_aware_time() = Stamp("2026-07-01T10:00:00Z");
  const document::Section section = EventsSection(registers);
  const auto& rows = TableOf(section, "events").rows;
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0][0].text, "E/2");
  EXPECT_EQ(rows[0][4].text, "1 July 2026, 11:00");
  EXPECT_EQ(rows[0][4].moment, absl::CivilMinute(2026, 7, 1, 11, 0));
  EXPECT_FALSE(rows[0][3].moment.has_value());
  const document::Section carers = CarersSection(registers);
  EXPECT_EQ(TableOf(carers, "register").rows[0][4].moment, absl::CivilMinute(2025, 11, 23));
  EXPECT_EQ(TableOf(carers, "register-people").rows[0][2].text, "29 February 1980");
}

TEST(InspectionTest, WhatSumsUpIsWholeAndNeverCutShort) {
  const auto policy = ParsePolicy(PolicyText(), InspectionFigureNames());
  ASSERT_THAT(policy, IsOk());
  std::set<std::string> cut;
  for (const auto& section : InspectionDocument(Some(), *policy, {.seed = "x"}).sections) {
    for (const document::Table& table : section.tables) {
      if (!table.whole) cut.insert(table.name);
    }
  }
  EXPECT_THAT(cut, ::testing::ElementsAre("allegations", "duties-concluded", "duties-open",
                                          "events", "kpi-editions", "kpi-restatements", "notices",
                                          "register", "register-people"));
}

TEST(InspectionTest, TheSameSeedDrawsTheSameWhateverTheOrder) {
  Registers registers = Some();
  for (int i = 2; i < 40; ++i) registers.carers.emplace_back().set_carer_id(absl::StrCat("F-", i));
  const document::Section first = SampleSection(registers, {.seed = "kestrel", .size = 5});
  std::reverse(registers.carers.begin(), registers.carers.end());
  const document::Section again = SampleSection(registers, {.seed = "kestrel", .size = 5});
  const document::Section other = SampleSection(registers, {.seed = "heron", .size = 5});
  EXPECT_EQ(WriteCsv(first.tables[0]), WriteCsv(again.tables[0]));
  EXPECT_NE(WriteCsv(first.tables[0]), WriteCsv(other.tables[0]));
  EXPECT_EQ(first.tables[0].rows.size(), 6u);  // five carers, one event
}

TEST(InspectionTest, EverySectionThatAFigureLinksToIsThere) {
  const auto policy = ParsePolicy(PolicyText(), InspectionFigureNames());
  ASSERT_THAT(policy, IsOk()) << policy.status();
  const document::Document document = InspectionDocument(Some(), *policy, {.seed = "x"});
  std::set<std::string> tables;
  std::map<std::string, std::string> headings;
  for (const document::Section& section : document.sections) {
    EXPECT_TRUE(headings.emplace("#" + section.id, section.heading).second) << section.id;
  }
  int links = 0;
  for (const document::Section& section : document.sections) {
    for (const document::Table& table : section.tables) {
      EXPECT_TRUE(tables.insert(table.name).second) << table.name;
      EXPECT_LE(table.name.size(), 31u);
      for (const auto& row : table.rows) {
        ASSERT_EQ(row.size(), table.columns.size()) << table.name;
        for (const document::Cell& cell : row) {
          if (cell.link.rfind('#', 0) != 0) continue;
          ++links;
          ASSERT_TRUE(headings.contains(cell.link)) << cell.link;
          EXPECT_EQ(cell.text, headings.at(cell.link));
        }
      }
    }
  }
  EXPECT_GT(links, 20);
  const std::string html = WriteHtml(document);
  EXPECT_EQ(html, WriteHtml(InspectionDocument(Some(), *policy, {.seed = "x"})));
  EXPECT_THAT(html, HasSubstr("Alex Carer"));
  // What people wrote about a child is no part of it.
  EXPECT_THAT(html, Not(HasSubstr("Robin")));
}

TEST(PolicyTest, ARowThatSaysTooLittleOrTooMuchIsNamed) {
  const std::string whole =
      R"({"version": "1", "schedule6": [{"matter": "m", "kept_elsewhere": "there"}],)"
      R"( "requirements": [%s]})";
  const auto with = [&](const std::string& row) {
    std::string text = whole;
    return text.replace(text.find("%s"), 2, row);
  };
  EXPECT_THAT(ParsePolicy(with(R"({"regulation": "r", "section": "events"})"), {"events"}), IsOk());
  for (const char* row :
       {R"({"regulation": "r"})", R"({"section": "events"})", R"({"regulation": 3})", "7",
        R"({"regulation": "r", "section": "events", "sektion": "x"})",
        R"({"regulation": "r", "figures": [{"figure": "nobody_knows", "words": "x"}]})"}) {
    EXPECT_THAT(ParsePolicy(with(row), {"events"}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("requirements[0]")))
        << row;
  }
  for (const char* text : {"", "[]", "{}", R"({"version": "1"})"}) {
    EXPECT_THAT(ParsePolicy(text, {}), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(StatementTest, NothingClosedIsNoTimeOfNoughtDays) {
  complaints::v1::Statement statement;
  statement.set_from_date("2025-11-23");
  statement.set_until_date("2026-11-22");
  statement.set_complaints(3);
  auto* category = statement.add_by_category();
  category->set_key("CONTACT");
  category->set_count(3);
  statement.add_timeliness()->set_key("ca1989 stage_1 answer");
  complaints::v1::ListProceduresResponse procedures;
  auto* procedure = procedures.add_procedures();
  procedure->set_procedure_id("ca1989");
  procedure->set_title("Three stages");
  const document::Section section = StatementSection(statement, procedures, "https://x/statement");
  const auto& counts = TableOf(section, "complaints").rows;
  EXPECT_EQ(counts.front()[1].number, 3);
  EXPECT_EQ(counts.front()[0].link, "https://x/statement");
  EXPECT_EQ(counts.back()[1].text, "No data");
  EXPECT_EQ(TableOf(section, "complaints-by-category").rows[0][0].text, "Contact");
  EXPECT_EQ(TableOf(section, "complaints-in-time").rows[0][0].text,
            "Three stages: stage_1, answer");
}

TEST(EditionTest, AnEditionSaysWhatWasStatedAndNothingSince) {
  kpis::v1::Edition edition;
  edition.set_edition_id("board-2026-10-2");
  edition.set_set("board");
  edition.set_period("2026-10");
  edition.set_number(2);
  edition.set_hash("cafe");
  edition.add_restatement_ids("board-2026-10-r1");
  auto* kpi = edition.add_kpis();
  kpi->set_code("SC1");
  kpi->set_title("Visits in time");
  kpi->set_unit(kpis::v1::KpiDefinition::UNIT_PERCENT);
  kpi->mutable_figure()->set_value(250.0 / 3);
  kpi->mutable_figure()->set_numerator(5);
  kpi->mutable_figure()->set_denominator(6);
  kpi->mutable_figure()->set_target(90);
  kpi->mutable_figure()->set_status(kpis::v1::STATUS_AMBER);
  kpi->mutable_figure()->set_red_not_ruled_out(true);
  kpi->add_history()->set_period("2026-09");
  const document::Document document = EditionDocument(edition, "agency-a", "https://watch.example");
  const auto& row = document.sections[0].tables[0].rows[0];
  const char* const words[] = {"SC1",
                               "Visits in time",
                               "83.3%",
                               "5 of 6",
                               "90%",
                               "Amber (red cannot be ruled out)",
                               "2026-09: No data"};
  for (size_t i = 0; i < std::size(words); ++i) EXPECT_EQ(row[i].text, words[i]);
  EXPECT_EQ(row[2].number, 250.0 / 3);
  EXPECT_EQ(row[0].link, "https://watch.example/figures/SC1?period=2026-10");
  EXPECT_THAT(WriteHtml(document), HasSubstr("cafe"));
}

TEST(WordingTest, CodesDaysAndMomentsReadLikeWords) {
  EXPECT_EQ(Words("EVENT_KIND_CHILD_MISSING", "EVENT_KIND_"), "Child missing");
  EXPECT_EQ(Words("STATE_UNSPECIFIED", "STATE_"), "Not known");
  EXPECT_EQ(Words(""), "Not known");
  EXPECT_EQ(ShowDay("2026-03-09"), "9 March 2026");
  EXPECT_EQ(ShowDay("soon"), "soon");
  EXPECT_EQ(ShowMoment(At("2026-07-01T22:05:00Z")), "1 July 2026, 23:05");
  EXPECT_EQ(IsoDay(At("2026-07-01T23:05:00Z")), "2026-07-02");
}

}  // namespace
}  // namespace fosterwatch::packs
