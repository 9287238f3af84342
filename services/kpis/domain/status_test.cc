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

}  // namespace
}  // namespace fosterwatch::kpis::domain
