// By which index the list of placements finds its rows.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/placements/module.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PlacementListsTest, FindTheirRowsByAnIndexWhateverIsAskedFor) {
  const fosterwatch::testing::Database database("fosterwatch_placements",
                                                MakeModule()->migrations());
  // 40,000 of one agency: a child has two, a carer ten; one in ten lasts, and of those that ended
  // one in twenty ended without a plan.
  ASSERT_THAT(
      fosterwatch::testing::Connect(database.admin())
          ->Script("INSERT INTO view.placement SELECT 'northern', 'C-' || n / 2, 'P-' || n,"
                   " 'F-' || n % 4000, to_char(date '2026-11-01' - n % 4000, 'YYYY-MM-DD'),"
                   " CASE WHEN n % 10 = 0 THEN '' ELSE to_char(date '2026-11-20' - n % 4000,"
                   " 'YYYY-MM-DD') END, 'U4', '', CASE WHEN n % 10 = 0 THEN 0 WHEN n % 20 = 1"
                   " THEN 2 ELSE 1 END FROM generate_series(1, 40000) AS n;"
                   "ANALYZE view.placement"),
      IsOk());
  const auto connection = fosterwatch::testing::Connect(database.service());
  // As a transaction of the service has it: the plan rests on whose rows may be seen.
  ASSERT_THAT(connection->Query("SELECT set_config('fosterwatch.agencies', 'northern', false)"),
              IsOk());
  struct Row {
    const char* what;
    std::function<void(v1::ListPlacementsRequest&)> ask;
    const char* index;
  };
  const std::vector<Row> rows = {
      {"all", [](auto&) {}, "placement_newest"},
      {"of a child", [](auto& r) { r.set_child_id("C-7"); }, "placement_pkey"},
      {"with a carer", [](auto& r) { r.set_carer_id("F-7"); }, "placement_of_carer"},
      {"that last", [](auto& r) { r.set_current(true); }, "placement_"},
      {"that ended without a plan", [](auto& r) { r.set_ending(v1::ENDING_UNPLANNED); },
       "placement_"},
      {"that ended in a month",
       [](auto& r) {
         r.set_ending(v1::ENDING_UNPLANNED);
         r.set_ended_from_date("2026-10-01");
         r.set_ended_before_date("2026-11-01");
       },
       "placement_ended"},
  };
  for (const Row& row : rows) {
    v1::ListPlacementsRequest request;
    row.ask(request);
    const auto statements = PlacementStatements({"northern", absl::Now()}, request);
    ASSERT_THAT(statements, IsOk());
    const auto plan = connection->Query(absl::StrCat("EXPLAIN ", statements->at(0).sql),
                                        statements->at(0).values);
    ASSERT_THAT(plan, IsOk());
    std::string page;
    for (int line = 0; line < plan->rows(); ++line) {
      absl::StrAppend(&page, plan->Text(line, 0), "\n");
    }
    EXPECT_THAT(page, HasSubstr(row.index)) << row.what << "\n" << page;
    EXPECT_THAT(page, Not(HasSubstr("Seq Scan"))) << row.what << "\n" << page;
  }
}

}  // namespace
}  // namespace fosterwatch::placements
