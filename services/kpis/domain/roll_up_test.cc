#include "services/kpis/domain/roll_up.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace fosterwatch::kpis::domain {
namespace {

using ::google::protobuf::TextFormat;
using ::testing::ElementsAre;
using v1::KpiDefinition;
using v1::RollUp;

const std::vector<std::string> kAgencies = {"northern", "eastern", "western"};

KpiDefinition Of(KpiDefinition::Unit unit) {
  KpiDefinition kpi;
  kpi.set_code("K");
  kpi.set_unit(unit);
  return kpi;
}

std::vector<v1::Figure> Figures(const std::vector<std::string>& texts) {
  std::vector<v1::Figure> figures;
  for (const std::string& text : texts) {
    EXPECT_TRUE(
        TextFormat::ParseFromString("code: 'K' period: '2026-10' " + text, &figures.emplace_back()))
        << text;
  }
  return figures;
}

TEST(RollUpTest, APercentageIsTheSumOfNumeratorsOverTheSumOfDenominators) {
  const RollUp all = RollUpOf(
      Of(KpiDefinition::UNIT_PERCENT), kAgencies,
      Figures({"value: 100 numerator: 1 denominator: 1", "value: 50 numerator: 2 denominator: 4",
               "value: 0 numerator: 0 denominator: 5"}));
  EXPECT_EQ(all.not_rolled_up(), RollUp::REASON_UNSPECIFIED);
  EXPECT_EQ(all.figure().value(), 30) << "and no mean of percentages, which were 50";
  EXPECT_EQ(all.figure().numerator(), 3);
  EXPECT_EQ(all.figure().denominator(), 10);
  EXPECT_EQ(all.figure().period(), "2026-10");
}

TEST(RollUpTest, ACountIsTheSumAndItsPartsAreSummedByCode) {
  const RollUp all =
      RollUpOf(Of(KpiDefinition::UNIT_COUNT), kAgencies,
               Figures({"value: 3 numerator: 3 denominator: 3"
                        " shares { code: 'A' title: 'a' count: 2 } shares { code: 'B' count: 1 }",
                        "value: 4 numerator: 4 denominator: 4 shares { code: 'B' count: 4 }",
                        "value: 902 parts_unknown: true"}));
  EXPECT_EQ(all.figure().value(), 909) << "a count that was reported has a value alone";
  ASSERT_EQ(all.figure().shares_size(), 2);
  EXPECT_EQ(all.figure().shares(0).code(), "B");
  EXPECT_EQ(all.figure().shares(0).count(), 5);
  EXPECT_EQ(all.figure().shares(1).title(), "a");
  const RollUp places = RollUpOf(Of(KpiDefinition::UNIT_COUNT), {"northern", "eastern"},
                                 Figures({"value: 3 sum: 3 numerator: 1 denominator: 1",
                                          "value: 4 sum: 4 numerator: 2 denominator: 2"}));
  EXPECT_EQ(places.figure().value(), 7);
  EXPECT_EQ(places.figure().sum(), 7);
}

TEST(RollUpTest, WhatCannotBeAddedSaysWhyAndWhose) {
  const auto why = [](KpiDefinition::Unit unit, const std::vector<std::string>& figures) {
    const RollUp all = RollUpOf(Of(unit), kAgencies, Figures(figures));
    EXPECT_FALSE(all.figure().has_value());
    EXPECT_EQ(all.figure().denominator(), 0);
    return std::pair(all.not_rolled_up(),
                     std::vector<std::string>(all.agency_ids().begin(), all.agency_ids().end()));
  };
  const std::string good = "value: 50 numerator: 2 denominator: 4",
                    value_alone = "value: 50 parts_unknown: true",
                    suppressed = "suppressed: true denominator: 3";
  EXPECT_EQ(why(KpiDefinition::UNIT_PERCENT, {good, "", good}),
            std::pair(RollUp::REASON_INCOMPLETE, std::vector<std::string>{"eastern"}));
  EXPECT_EQ(why(KpiDefinition::UNIT_COUNT, {"", "value: 1", ""}),
            std::pair(RollUp::REASON_INCOMPLETE, std::vector<std::string>{"northern", "western"}));
  EXPECT_EQ(why(KpiDefinition::UNIT_PERCENT, {good, good, value_alone}),
            std::pair(RollUp::REASON_PARTS_UNKNOWN, std::vector<std::string>{"western"}));
  EXPECT_EQ(why(KpiDefinition::UNIT_PERCENT, {value_alone, suppressed, good}),
            std::pair(RollUp::REASON_SUPPRESSED, std::vector<std::string>{"eastern"}));
  for (const auto unit : {KpiDefinition::UNIT_HOURS, KpiDefinition::UNIT_DAYS}) {
    EXPECT_EQ(why(unit, {good, good, good}), std::pair(RollUp::REASON_NOT_A_SUM, kAgencies));
  }
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
