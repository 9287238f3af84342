#include "services/kpis/domain/status.h"

#include <string>

#include <gtest/gtest.h>

namespace fosterwatch::kpis::domain {
namespace {

using Direction = v1::KpiDefinition;

constexpr Standing M = Standing::kMet, W = Standing::kWorse, U = Standing::kMissing;

// Every pattern of three months, written by hand from the rule.
TEST(StatusTest, FollowsFromThreeMonthsInEveryPattern) {
  const struct {
    Standing month, one_before, two_before;
    v1::Status status;
    bool red_not_ruled_out;
  } cases[] = {
      {M, M, M, v1::STATUS_GREEN, false},      {M, M, W, v1::STATUS_GREEN, false},
      {M, M, U, v1::STATUS_GREEN, false},      {M, W, M, v1::STATUS_GREEN, false},
      {M, W, W, v1::STATUS_GREEN, false},      {M, W, U, v1::STATUS_GREEN, false},
      {M, U, M, v1::STATUS_GREEN, false},      {M, U, W, v1::STATUS_GREEN, false},
      {M, U, U, v1::STATUS_GREEN, false},      {W, M, M, v1::STATUS_AMBER, false},
      {W, M, W, v1::STATUS_AMBER, false},      {W, M, U, v1::STATUS_AMBER, false},
      {W, W, M, v1::STATUS_AMBER, false},      {W, W, W, v1::STATUS_RED, false},
      {W, W, U, v1::STATUS_AMBER, true},       {W, U, M, v1::STATUS_AMBER, false},
      {W, U, W, v1::STATUS_AMBER, true},       {W, U, U, v1::STATUS_AMBER, true},
      {U, M, M, v1::STATUS_INCOMPLETE, false}, {U, M, W, v1::STATUS_INCOMPLETE, false},
      {U, M, U, v1::STATUS_INCOMPLETE, false}, {U, W, M, v1::STATUS_INCOMPLETE, false},
      {U, W, W, v1::STATUS_INCOMPLETE, false}, {U, W, U, v1::STATUS_INCOMPLETE, false},
      {U, U, M, v1::STATUS_INCOMPLETE, false}, {U, U, W, v1::STATUS_INCOMPLETE, false},
      {U, U, U, v1::STATUS_INCOMPLETE, false},
  };
  ASSERT_EQ(std::size(cases), 27u);
  for (const auto& each : cases) {
    EXPECT_EQ(StatusOf(each.month, each.one_before, each.two_before),
              (StatusOfMonth{each.status, each.red_not_ruled_out}))
        << static_cast<int>(each.month) << static_cast<int>(each.one_before)
        << static_cast<int>(each.two_before);
  }
}

v1::KpiDefinition Kpi(v1::KpiDefinition::Direction direction) {
  v1::KpiDefinition kpi;
  kpi.set_direction(direction);
  v1::Target* first = kpi.add_targets();
  first->set_value(90);
  first->set_effective_from("2026-01");
  v1::Target* second = kpi.add_targets();
  second->set_value(95);
  second->set_effective_from("2026-11");
  return kpi;
}

v1::Figure Figure(const std::string& period) {
  v1::Figure figure;
  figure.set_period(period);
  return figure;
}

v1::Figure Figure(const std::string& period, double value) {
  v1::Figure figure = Figure(period);
  figure.set_value(value);
  return figure;
}

TEST(StatusTest, AtTheTargetIsMetInEitherDirection) {
  const auto higher = Kpi(Direction::DIRECTION_HIGHER_IS_BETTER);
  EXPECT_EQ(StandingOf(higher, Figure("2026-10", 90)), Standing::kMet);
  EXPECT_EQ(StandingOf(higher, Figure("2026-10", 89.9)), Standing::kWorse);
  EXPECT_EQ(StandingOf(higher, Figure("2026-10", 90.1)), Standing::kMet);
  const auto lower = Kpi(Direction::DIRECTION_LOWER_IS_BETTER);
  EXPECT_EQ(StandingOf(lower, Figure("2026-10", 90)), Standing::kMet);
  EXPECT_EQ(StandingOf(lower, Figure("2026-10", 89.9)), Standing::kMet);
  EXPECT_EQ(StandingOf(lower, Figure("2026-10", 90.1)), Standing::kWorse);
}

TEST(StatusTest, EachMonthStandsBesideTheTargetOfItsDay) {
  const auto kpi = Kpi(Direction::DIRECTION_HIGHER_IS_BETTER);
  EXPECT_EQ(StandingOf(kpi, Figure("2026-10", 92)), Standing::kMet);
  EXPECT_EQ(StandingOf(kpi, Figure("2026-11", 92)), Standing::kWorse);
  EXPECT_EQ(StandingOf(kpi, Figure("2025-12", 92)), Standing::kMissing) << "no target yet";
  EXPECT_EQ(StandingOf(kpi, Figure("2026-11")), Standing::kMissing) << "no value";
}

TEST(StatusTest, AFigureCarriesItsTargetAndStatus) {
  const auto kpi = Kpi(Direction::DIRECTION_HIGHER_IS_BETTER);
  v1::Figure figure = Figure("2026-11", 94);
  SetStatus(kpi, Figure("2026-10", 80), Figure("2026-09", 70), figure);
  EXPECT_EQ(figure.target(), 95);
  EXPECT_EQ(figure.status(), v1::STATUS_RED);

  figure = Figure("2026-02", 80);
  SetStatus(kpi, Figure("2026-01", 80), Figure("2025-12", 80), figure);
  EXPECT_EQ(figure.status(), v1::STATUS_AMBER);
  EXPECT_TRUE(figure.red_not_ruled_out());
}

TEST(StatusTest, WithoutATargetThereIsNoStatus) {
  v1::Figure figure = Figure("2025-12", 10);
  SetStatus(Kpi(Direction::DIRECTION_HIGHER_IS_BETTER), Figure("2025-11"), Figure("2025-10"),
            figure);
  EXPECT_FALSE(figure.has_target());
  EXPECT_EQ(figure.status(), v1::STATUS_UNSPECIFIED);
}

// Every pattern of three months in both directions, with gaps at each place, by both readings.
TEST(StatusTest, FollowsFromFiguresInEveryPatternAndBothReadings) {
  const auto value = [](Standing standing, bool lower, const std::string& period) {
    if (standing == U) return Figure(period);
    return Figure(period, (standing == M) == lower ? 89 : 91);
  };
  for (const bool lower : {false, true}) {
    const auto kpi =
        Kpi(lower ? Direction::DIRECTION_LOWER_IS_BETTER : Direction::DIRECTION_HIGHER_IS_BETTER);
    // By the letter, what is better where lower is better is worse.
    const auto literally = [&](Standing standing) {
      return standing == U || !lower ? standing : (standing == M ? W : M);
    };
    for (const Standing month : {M, W, U}) {
      for (const Standing one : {M, W, U}) {
        for (const Standing two : {M, W, U}) {
          v1::Figure figure = value(month, lower, "2026-03");
          SetStatus(kpi, value(one, lower, "2026-02"), value(two, lower, "2026-01"), figure);
          EXPECT_EQ((StatusOfMonth{figure.status(), figure.red_not_ruled_out()}),
                    StatusOf(month, one, two));
          EXPECT_EQ((StatusOfMonth{figure.status_literal(), figure.literal_red_not_ruled_out()}),
                    StatusOf(literally(month), literally(one), literally(two)));
        }
      }
    }
  }
}

TEST(StatusTest, ATargetThatChangesInMidStreakIsThatOfEachMonth) {
  const auto kpi = Kpi(Direction::DIRECTION_HIGHER_IS_BETTER);  // 90, from November 95
  const auto status = [&](double september, double october, double november) {
    v1::Figure figure = Figure("2026-11", november);
    SetStatus(kpi, Figure("2026-10", october), Figure("2026-09", september), figure);
    return figure.status();
  };
  EXPECT_EQ(status(89, 89, 94), v1::STATUS_RED) << "94 was enough in October, and is not now";
  EXPECT_EQ(status(89, 92, 94), v1::STATUS_AMBER) << "92 was at its target in October";
  EXPECT_EQ(status(89, 89, 95), v1::STATUS_GREEN);
}

TEST(StatusTest, ACumulativeFigureMakesNoStreakOverTheYearsTurn) {
  auto kpi = Kpi(Direction::DIRECTION_HIGHER_IS_BETTER);
  kpi.set_cumulative(true);
  const auto status = [&](const char* two, const char* one, const char* month) {
    v1::Figure figure = Figure(month, 10);
    SetStatus(kpi, Figure(one, 10), Figure(two, 10), figure);
    return StatusOfMonth{figure.status(), figure.red_not_ruled_out()};
  };
  EXPECT_EQ(status("2026-01", "2026-02", "2026-03"), (StatusOfMonth{v1::STATUS_RED}));
  EXPECT_EQ(status("2026-02", "2026-03", "2026-04"), (StatusOfMonth{v1::STATUS_AMBER}));
  EXPECT_EQ(status("2026-03", "2026-04", "2026-05"), (StatusOfMonth{v1::STATUS_AMBER}));
  EXPECT_EQ(status("2026-04", "2026-05", "2026-06"), (StatusOfMonth{v1::STATUS_RED}));
}

TEST(StatusTest, RedIsOfPeriodsAsOftenAsTheKpiIsMade) {
  auto kpi = Kpi(Direction::DIRECTION_HIGHER_IS_BETTER);
  v1::Figure week = Figure("2026-W10", 10);
  SetStatus(kpi, Figure("2026-W09", 10), Figure("2026-W08", 10), week);
  EXPECT_EQ(week.status(), v1::STATUS_AMBER);
  EXPECT_FALSE(week.red_not_ruled_out());
  EXPECT_EQ(week.target(), 90);
  kpi.set_cadence(v1::CADENCE_QUARTER);
  v1::Figure quarter = Figure("2026-Q4", 10);
  SetStatus(kpi, Figure("2026-Q3", 10), Figure("2026-Q2", 10), quarter);
  EXPECT_EQ(quarter.status(), v1::STATUS_RED);
  EXPECT_EQ(quarter.target(), 95) << "that of its last month";
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
