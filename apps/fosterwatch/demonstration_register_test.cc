#include "apps/fosterwatch/demonstration_register.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "apps/fosterwatch/import_register.h"

namespace fosterwatch::app {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 22);

// The rows of a file by the names of their columns, as an import reads them.
std::vector<std::map<std::string, std::string>> Rows(const std::string& csv) {
  char path[] = "/tmp/demonstration-register.XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << csv;
  auto reader = CsvReader::Open(path);
  EXPECT_TRUE(reader.ok());
  CsvRow first;
  EXPECT_TRUE((*reader)->Next(first).value_or(false));
  const auto header = Header::Of(first, MakeRegister("carers", nullptr)->columns());
  EXPECT_TRUE(header.ok()) << header.status();
  std::vector<std::map<std::string, std::string>> rows;
  CsvRow row;
  while (header.ok() && (*reader)->Next(row).value_or(false)) {
    auto& named = rows.emplace_back();
    for (const std::string& name : header->names()) named[name] = header->Get(row, name);
  }
  std::remove(path);
  return rows;
}

TEST(DemonstrationRegisterTest, MostSaferCaringPlansAreCurrentAndAFewAreNot) {
  const DemonstrationAgency agency = MakeDemonstrationAgency();
  const auto plans = SaferCaringPlans(agency, kToday);
  EXPECT_LT(plans.size(), agency.carers.size()) << "of a few nobody has said anything";
  int current = 0;
  for (const auto& plan : plans) {
    absl::CivilDay day;
    ASSERT_TRUE(absl::ParseCivilTime(plan.reviewed_date(), &day)) << plan.reviewed_date();
    EXPECT_LE(day, kToday);
    current += kToday - day < 365;
  }
  EXPECT_GT(current, 230);
  EXPECT_LT(current, static_cast<int>(plans.size())) << "a few are out of date";
}

TEST(DemonstrationRegisterTest, EveryChildLivesWithTheirCarerInAKindOfPlacementThatIsSaid) {
  const DemonstrationAgency agency = MakeDemonstrationAgency();
  std::map<std::string, std::string> approved;
  for (const auto& carer : agency.carers) approved[carer.carer_id()] = carer.approved_date();
  std::map<std::string, int> kinds;
  const auto placements = Placements(agency);
  ASSERT_EQ(placements.size(), agency.children.size());
  for (size_t i = 0; i < placements.size(); ++i) {
    const auto& placement = placements[i];
    EXPECT_EQ(placement.child_id(), agency.children[i].child_id());
    EXPECT_EQ(placement.carer_id(), agency.children[i].carer_id());
    EXPECT_GE(placement.start_date(), approved[placement.carer_id()]) << placement.child_id();
    EXPECT_GE(placement.start_date(), agency.children[i].birth_date()) << placement.child_id();
    EXPECT_LE(placement.start_date(), absl::FormatCivilTime(kToday));
    ++kinds[placement.kind()];
  }
  EXPECT_EQ(kinds["CONNECTED"], 136);
  EXPECT_GT(kinds["LONG_TERM"], 100);
  EXPECT_GT(kinds["SHORT_TERM"], 30);
}

TEST(DemonstrationRegisterTest, EveryCarerIsThereAsTheAgencyKnowsThem) {
  const DemonstrationAgency agency = MakeDemonstrationAgency();
  const auto rows = Rows(CarersCsv(agency, kToday, {}));
  ASSERT_EQ(rows.size(), agency.carers.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("carer_id"), agency.carers[i].carer_id());
    EXPECT_EQ(rows[i].at("name"), agency.carers[i].name());
    EXPECT_EQ(rows[i].at("approved_date"), agency.carers[i].approved_date());
    EXPECT_EQ(rows[i].at("address"), agency.carers[i].address());
    EXPECT_EQ(rows[i].at("kind") == "mainstream", i < 121);
    EXPECT_EQ(rows[i].at("person_2_name").empty(),
              rows[i].at("name").find(" and ") == std::string::npos);
    EXPECT_EQ(rows[i].at("named_child_ids").empty(), i < 121) << "connected with a child";
  }
  const auto rest = Rows(CarersCsv(agency, kToday, {"F-0001", "F-0257"}));
  ASSERT_EQ(rest.size(), rows.size() - 2);
  EXPECT_EQ(rest[0], rows[1]) << "the same, whoever is there already";
}

TEST(DemonstrationRegisterTest, LittleIsOverdueAndNothingLiesAhead) {
  // ISO days sort as text.
  const std::string today = absl::FormatCivilTime(kToday);
  const std::string year_ago = "2025-11-22", month_ago = "2026-10-22";
  int visits = 0, supervisions = 0;
  for (const auto& row : Rows(CarersCsv(MakeDemonstrationAgency(), kToday, {}))) {
    const std::string& id = row.at("carer_id");
    std::vector<std::string> reviews = absl::StrSplit(row.at("review_dates"), ';');
    EXPECT_GT(reviews.back(), year_ago) << id;
    EXPECT_LE(reviews.back(), today) << id;
    EXPECT_GT(reviews.front(), row.at("approved_date")) << id;
    EXPECT_GT(row.at("last_home_safety_date"), year_ago) << id;
    for (const auto& [column, value] : row) {
      if (column.find("_date") == std::string::npos || value.empty() || column == "review_dates") {
        continue;
      }
      EXPECT_LE(value, today) << id << " " << column;
      if (column.find("birth") == std::string::npos) {
        EXPECT_GE(value, row.at("approved_date")) << id << " " << column;
      }
    }
    visits += row.at("last_unannounced_visit_date") > year_ago;
    supervisions += row.at("last_supervision_visit_date") > month_ago;
    EXPECT_GT(row.at("last_unannounced_visit_date"), "2025-08") << id;
    EXPECT_GT(row.at("last_supervision_visit_date"), "2026-08") << id;
  }
  EXPECT_GT(visits, 257 - 20);
  EXPECT_LT(visits, 257) << "a few are late";
  EXPECT_GT(supervisions, 257 - 20);
  EXPECT_LT(supervisions, 257);
}

}  // namespace
}  // namespace fosterwatch::app
