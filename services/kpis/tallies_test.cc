// Figures from tallies are those from all elements, and are found by indexes whatever is on record.
#include "services/kpis/tallies.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/pg/connection.h"
#include "services/kpis/figure_world.h"
#include "services/kpis/random_history.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

class TalliesTest : public ::testing::Test, protected FigureWorld {
 protected:
  // Every figure of a year of months, without when it was asked for. As known now, by tallies; as
  // known at this moment, from all observations.
  std::string Year(absl::Time as_at, bool by_elements, const std::string& period,
                   const std::string& agency = "northern") {
    v1::ListKpisRequest request;
    request.set_period(period);
    request.set_history_months(12);
    *request.mutable_as_at_time() = clock::ToProto(as_at);
    if (by_elements) *request.mutable_known_at_time() = clock::ToProto(now_);
    auto list = app_->ListKpis(agency, request);
    EXPECT_THAT(list, IsOk()) << list.status();
    std::string text;
    for (v1::Kpi& kpi : *list->mutable_kpis()) {
      kpi.mutable_history()->Add()->CopyFrom(kpi.current());
      for (v1::Figure& figure : *kpi.mutable_history()) {
        figure.clear_known_at_time();
        absl::StrAppend(&text, figure.ShortDebugString(), "\n");
      }
    }
    return text;
  }

  std::string TalliesInTheTable() {
    const auto rows = fosterwatch::testing::Connect(database_.admin())
                          ->Query(
                              "SELECT string_agg(t::text, E'\\n' ORDER BY t::text)"
                              " FROM view.tally AS t"
                              " WHERE (numerator, denominator, sum) <> (0, 0, 0)");
    EXPECT_THAT(rows, IsOk());
    return rows->Text(0, 0);
  }
};

TEST_F(TalliesTest, WhateverTheHistoryAndTheMomentTheyGiveWhatAllElementsGive) {
  for (const unsigned seed : {21u, 22u, 23u, 24u}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string agency = absl::StrCat("agency-", seed);
    const std::vector<Fact> history = RandomHistory(random, 120);
    for (size_t i = 0; i < history.size(); ++i) {
      const Fact& fact = history[i];
      Take(fact, agency);
      if (i % 40 != 39) continue;
      now_ = fact.recorded + absl::Hours(1);
      std::vector<absl::Time> moments = {now_, At("2026-09-30T23:00:00Z"),
                                         At("2026-10-24T23:00:00Z")};
      for (int more = 0; more < 6; ++more) {
        const absl::Time begin = At("2026-09-01T00:00:00Z");
        moments.push_back(begin + (now_ - begin) * (static_cast<double>(random() % 1000) / 1000));
      }
      // The first moment of a day, at which what was due by the one before is late.
      moments.push_back(domain::PeriodAt(moments.back(), v1::CADENCE_DAY).Begin());
      for (const absl::Time as_at : moments) {
        if (as_at > now_) continue;
        for (const char* last : {"", "2026-12"}) {
          EXPECT_EQ(Year(as_at, false, last, agency), Year(as_at, true, last, agency)) << as_at;
        }
      }
    }
  }
  // What was added one by one is what all elements add up to.
  const std::string one_by_one = TalliesInTheTable();
  EXPECT_THAT(one_by_one, HasSubstr("CR1"));
  auto relay = pg::Connection::Open(database_.relay());
  ASSERT_THAT(relay, IsOk());
  ASSERT_THAT(RemakeTallies(**relay), IsOk());
  EXPECT_EQ(TalliesInTheTable(), one_by_one);
}

TEST_F(TalliesTest, OfOtherDefinitionsAreNotReadAndAreMadeAnewAtTheStart) {
  std::mt19937 random(31);
  for (const Fact& fact : RandomHistory(random, 60)) Take(fact);
  now_ = At("2027-02-01T00:00:00Z");
  const std::string right = Year(now_, false, "2026-11");
  const std::string tallies = TalliesInTheTable();
  const auto admin = fosterwatch::testing::Connect(database_.admin());
  ASSERT_THAT(admin->Script("UPDATE view.tally SET numerator = numerator + 7"), IsOk());
  EXPECT_NE(Year(now_, false, "2026-11"), right) << "they are read";
  // As a program of another version has left them.
  ASSERT_THAT(admin->Script("UPDATE reference.tally_rules SET version = 'another'"), IsOk());
  EXPECT_EQ(Year(now_, false, "2026-11"), right);
  ASSERT_THAT(KeepTallies(database_.relay(), app_->catalogue()), IsOk());
  EXPECT_EQ(Year(now_, false, "2026-11"), right);
  EXPECT_EQ(TalliesInTheTable(), tallies);
}

TEST_F(TalliesTest, WhatIsReadIsFoundByAnIndexWhateverIsOnRecord) {
  // 100,000 placements over ten years, as facts of one agency leave them.
  const auto admin = fosterwatch::testing::Connect(database_.admin());
  ASSERT_THAT(
      admin->Script(
          "INSERT INTO view.span (agency_id, stream, key, aggregate_id, begin_at, end_at,"
          " begin_fact_id, end_fact_id, attributes) SELECT 'northern', 'placement', 'P-' || n,"
          " 'C-' || n, began, CASE WHEN n % 3600 < 3590 THEN began + (5 + n % 90) *"
          " interval '1 day' END, 'f', 'g', '{\"kind\": \"SHORT_TERM\"}'"
          " FROM (SELECT n, timestamptz '2017-01-14' + (n % 3600) * interval '1 day' AS began"
          " FROM generate_series(1, 100000) AS n) AS placement;"
          "SELECT view.tally_all(); ANALYZE view.span; ANALYZE view.tally"),
      IsOk());
  const auto connection = fosterwatch::testing::Connect(database_.service());
  ASSERT_THAT(connection->Query("SELECT set_config('fosterwatch.agencies', 'northern', false)"),
              IsOk());
  const auto plan_of = [&](const pg::Statement& statement) {
    const auto rows = connection->Query(
        absl::StrCat("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ", statement.sql), statement.values);
    EXPECT_THAT(rows, IsOk());
    std::string plan;
    for (int row = 0; rows.ok() && row < rows->rows(); ++row) {
      absl::StrAppend(&plan, rows->Text(row, 0), "\n");
    }
    return plan;
  };
  const absl::CivilMonth month(2026, 11);
  const std::string page =
      plan_of(Tallies::StatementOf("northern", app_->catalogue(), now_, month - 3, month));
  EXPECT_THAT(page, HasSubstr("tally_pkey")) << page;
  EXPECT_THAT(page, HasSubstr("span_ended")) << page;
  EXPECT_THAT(page, Not(HasSubstr("Seq Scan on span"))) << page;
  EXPECT_THAT(page, Not(HasSubstr("Seq Scan on tally\n"))) << page;
  // What is behind a figure of a month: of the month, and not of ten years.
  const std::string evidence = plan_of(SpansStatement(
      "northern", "placement", domain::StartOfMonth(month), domain::StartOfMonth(month + 1)));
  EXPECT_THAT(evidence, HasSubstr("BitmapOr")) << evidence;
  EXPECT_THAT(evidence, Not(HasSubstr("Seq Scan on span"))) << evidence;
  // And it gives what is there.
  EXPECT_EQ(Of("PL1").numerator(), Explained("PL1").figure().numerator());
  EXPECT_GT(Of("PL1").numerator(), 500);
}

}  // namespace
}  // namespace fosterwatch::kpis
