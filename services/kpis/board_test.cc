// Figures that are reported from outside: the board's table, and a second opinion of it.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/kpis/figure_world.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::IsOk;

TEST_F(AppTest, TheBoardsTableOfJanuary2022ReadsAsItIsAndByItsLetter) {
  now_ = At("2022-02-01T09:00:00Z");
  const std::map<std::string, std::string> table = {
      {"SC1", "81.3"},  {"SC2", "83.9"},  {"SC3", "96.7"},  {"SC4", "88.7"},  {"SC5", "36.7"},
      {"SC6", "100.0"}, {"SC7", "94.5"},  {"SC8", "91.1"},  {"SC9", "99.3"},  {"SC10", "90.4"},
      {"SC11", "0.3"},  {"SC12", "64.1"}, {"EH1", "87.7"},  {"ED1", "100.0"}, {"ED2", "14.3"},
      {"ED3", "7.0"},   {"ED4", "41.0"},  {"ED6", "100.0"},
  };
  for (const auto& [code, value] : table) Report(code, "2022-01", "NULL, NULL, " + value);
  v1::ListKpisRequest request;
  request.set_set("board");
  request.set_period("2022-01");
  request.set_history_months(3);
  const auto list = app_->ListKpis("northern", request);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->kpis_size(), 18);
  std::vector<std::string> worse, worse_literally;
  std::string rows;
  for (const v1::Kpi& kpi : list->kpis()) {
    const v1::Figure& figure = kpi.current();
    rows += kpi.definition().row();
    EXPECT_EQ(absl::StrFormat("%.1f", figure.value()), table.at(figure.code()));
    EXPECT_TRUE(figure.has_target()) << figure.code();
    EXPECT_EQ(figure.has_benchmark(),
              figure.code() == "SC2" || figure.code() == "SC4" || figure.code() == "SC6");
    const auto is_amber = [&](v1::Status status, bool unsure) {
      // The months before are not known: red cannot be ruled out.
      EXPECT_EQ(unsure, status == v1::STATUS_AMBER) << figure.code();
      EXPECT_NE(status, v1::STATUS_RED) << figure.code();
      return status == v1::STATUS_AMBER;
    };
    if (is_amber(figure.status(), figure.red_not_ruled_out()))
      worse.push_back(kpi.definition().row());
    if (is_amber(figure.status_literal(), figure.literal_red_not_ruled_out())) {
      worse_literally.push_back(kpi.definition().row());
    }
    ASSERT_EQ(kpi.history_size(), 3);
    EXPECT_EQ(kpi.history(2).period(), "2021-12") << "the three months before, as they truly are";
    EXPECT_EQ(kpi.history(2).status(), v1::STATUS_INCOMPLETE);
  }
  EXPECT_EQ(rows, "ABCDEFGHIJKLMNOPQR");
  EXPECT_THAT(worse, ::testing::ElementsAre("E", "O", "P", "Q"));
  EXPECT_THAT(worse_literally, ::testing::ElementsAre("K", "O", "P", "Q"));

  // What is reported later counts from then on; what was known before can still be asked for.
  Report("SC5", "2021-12", "NULL, NULL, 30", "f2", "2022-02-01 09:00:01+00");
  Report("SC5", "2021-11", "3, 10, NULL", "f3", "2022-02-01 09:00:02+00");
  now_ = At("2022-02-02T09:00:00Z");
  EXPECT_EQ(Of("SC5", "2022-01").status(), v1::STATUS_RED);
  *request.mutable_known_at_time() = clock::ToProto(At("2022-02-01T09:00:01Z"));
  EXPECT_EQ(Figures(request)["SC5"].status(), v1::STATUS_AMBER);
  Report("SC5", "2021-12", "NULL, NULL, NULL", "f4", "2022-02-01 09:00:03+00");
  EXPECT_EQ(Of("SC5", "2022-01").status(), v1::STATUS_AMBER) << "taken back: nobody knows";
  EXPECT_TRUE(Of("SC5", "2022-01").red_not_ruled_out());
}

TEST_F(AppTest, AYearsAimAddsUpFromAprilAndMakesNoStreakWithTheYearBefore) {
  now_ = At("2022-08-01T09:00:00Z");
  Report("EH1", "2022-01", "NULL, NULL, 50");
  Report("EH1", "2022-02", "NULL, NULL, 55");
  Report("EH1", "2022-03", "NULL, NULL, 60");
  EXPECT_EQ(Of("EH1", "2022-03").status(), v1::STATUS_RED);
  Report("EH1", "2022-04", "10, 200, NULL");
  Report("EH1", "2022-05", "20, 200, NULL");
  Report("EH1", "2022-06", "30, 200, NULL");
  EXPECT_EQ(Of("EH1", "2022-04").value(), 5);
  EXPECT_EQ(Of("EH1", "2022-05").value(), 15) << "with April's";
  EXPECT_EQ(Of("EH1", "2022-06").value(), 30);
  EXPECT_EQ(Of("EH1", "2022-04").status(), v1::STATUS_AMBER);
  EXPECT_FALSE(Of("EH1", "2022-04").red_not_ruled_out());
  EXPECT_EQ(Of("EH1", "2022-05").status(), v1::STATUS_AMBER);
  EXPECT_EQ(Of("EH1", "2022-06").status(), v1::STATUS_RED);
  Report("EH1", "2022-08", "1, 200, NULL");
  EXPECT_FALSE(Of("EH1", "2022-08").has_value()) << "July is missing: its sum is not known";
  EXPECT_EQ(Of("EH1", "2022-Q2").value(), 30) << "a quarter ends with its last month";
  EXPECT_EQ(
      Judged({Explained("EH1", "2022-03"), Explained("EH1", "2022-04"), Explained("EH1", "2022-06"),
              Explained("EH1", "2022-08"), Explained("EH1", "2022-Q2")}),
      std::pair(std::string("5 figures worked out again, 0 faults\n"), 0));
}

TEST_F(AppTest, QuartersAndYearsOfReportedFiguresNeedAllTheirMonths) {
  now_ = At("2022-08-01T09:00:00Z");
  Report("SC1", "2022-04", "1, 2, NULL");
  Report("SC1", "2022-05", "2, 2, NULL");
  EXPECT_FALSE(Of("SC1", "2022-Q2").has_value());
  Report("SC1", "2022-06", "6, 8, NULL");
  EXPECT_EQ(Of("SC1", "2022-Q2").value(), 75);
  EXPECT_EQ(Of("SC1", "2022-Q2").denominator(), 12);
  EXPECT_FALSE(Of("SC1", "2022-W20").has_value());
  Report("CLA", "2022-06", "NULL, NULL, 902");
  EXPECT_EQ(Of("CLA", "2022-Q2").value(), 902) << "as it stood at the end";
}

}  // namespace
}  // namespace fosterwatch::kpis
