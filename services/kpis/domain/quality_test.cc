#include "services/kpis/domain/quality.h"

#include "gmock/gmock.h"

#include "libs/clock/proto_time.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/test_support.h"

namespace fosterwatch::kpis::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Finding;
using v1::KpiDefinition;

KpiDefinition Kpi(bool cumulative = false) {
  KpiDefinition kpi;
  kpi.set_code("SC5");
  kpi.set_unit(KpiDefinition::UNIT_PERCENT);
  kpi.set_measure(KpiDefinition::MEASURE_IMPORTED);
  kpi.set_cumulative(cumulative);
  return kpi;
}

v1::ReportedFigure Ratio(int64_t numerator, int64_t denominator, const std::string& source = "") {
  v1::ReportedFigure figure;
  figure.set_numerator(numerator);
  figure.set_denominator(denominator);
  figure.set_source(source);
  return figure;
}

v1::ReportedFigure Value(double value) {
  v1::ReportedFigure figure;
  figure.set_value(value);
  return figure;
}

// From January 2026, each with its reports; the last one runs.
std::vector<MonthSeen> Months(const std::vector<std::vector<v1::ReportedFigure>>& reports) {
  std::vector<MonthSeen> months;
  for (size_t i = 0; i < reports.size(); ++i) {
    MonthSeen& month = months.emplace_back();
    month.month = absl::CivilMonth(2026, 1) + static_cast<int>(i);
    month.over = i + 1 < reports.size();
    for (const v1::ReportedFigure& figure : reports[i]) {
      *month.reported.add_reports()->mutable_figure() = figure;
    }
    month.has_value = !reports[i].empty();
  }
  return months;
}

std::vector<std::string> Ids(const KpiDefinition& kpi, const std::vector<MonthSeen>& months,
                             absl::Time now) {
  std::vector<std::string> ids;
  for (const Finding& each : FindingsOf(kpi, months, GivenAt(now))) {
    ids.push_back(each.finding_id());
  }
  return ids;
}

TEST(DataQualityTest, FindsWhatIsMissingOnceItShouldBeThere) {
  const auto months = Months({{}, {Ratio(11, 30)}, {}, {Ratio(9, 31)}, {}, {}});
  // May's figure is expected by the end of 20 June.
  EXPECT_THAT(Ids(Kpi(), months, At(2026, 6, 20, 23)), ElementsAre("SC5-2026-03-gap"));
  const auto found = FindingsOf(Kpi(), months, GivenAt(At(2026, 6, 21, 0)));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].finding_id(), "SC5-2026-05-silent");
  EXPECT_EQ(clock::FromProto(found[1].due_time()), At(2026, 6, 21, 0));
  // Nothing is missing where nothing ever was.
  EXPECT_THAT(Ids(Kpi(), Months({{}, {}, {}}), At(2026, 12, 1)), IsEmpty());
}

TEST(DataQualityTest, FindsWhatIsDoubledOrImpossible) {
  const absl::Time now = At(2026, 3, 5);
  EXPECT_THAT(Ids(Kpi(), Months({{Ratio(11, 30, "a"), Ratio(12, 30, "b")}, {}}), now),
              ElementsAre("SC5-2026-01-duplicate"));
  EXPECT_THAT(Ids(Kpi(), Months({{Ratio(11, 30, "a"), Ratio(12, 30, "a")}, {}}), now), IsEmpty())
      << "one system that corrects itself";
  EXPECT_THAT(
      Ids(Kpi(), Months({{Ratio(11, 30, "a"), Ratio(12, 30, "b"), Ratio(11, 30, "a")}, {}}), now),
      ElementsAre("SC5-2026-01-duplicate"));
  EXPECT_THAT(Ids(Kpi(), Months({{Ratio(11, 30)}, {Ratio(11, 30)}, {}}), now),
              ElementsAre("SC5-2026-02-repeated-month"));
  EXPECT_THAT(Ids(Kpi(), Months({{Ratio(3, 3)}, {Ratio(3, 3)}, {}}), now), IsEmpty())
      << "few are alike by chance";
  EXPECT_THAT(Ids(Kpi(), Months({{Value(101)}, {}}), At(2026, 2, 5)),
              ElementsAre("SC5-2026-01-impossible-value"));
  EXPECT_THAT(Ids(Kpi(true), Months({{Value(60)}, {Value(55)}, {}}), now),
              ElementsAre("SC5-2026-02-impossible-value"))
      << "what adds up cannot fall";
  EXPECT_THAT(Ids(Kpi(true), Months({{Value(60)}, {}, {Value(98)}, {Value(4)}, {Value(9)}}),
                  At(2026, 5, 5)),
              ElementsAre("SC5-2026-02-gap"))
      << "in April it begins again";
}

TEST(DataQualityTest, AMonthWithNothingToCountIsFoundWhereFactsAreCounted) {
  KpiDefinition kpi = Kpi();
  kpi.set_measure(KpiDefinition::MEASURE_RATIO_IN_TIME);
  EXPECT_THAT(Ids(kpi, Months({{}, {Ratio(1, 1)}, {}, {}}), At(2026, 4, 1)),
              ElementsAre("SC5-2026-03-nothing-counted"));
}

TEST(DataQualityTest, IsSaidOnceAndTakenBackOnce) {
  v1::FindingFile file;
  const absl::CivilMonth from(2026, 1), until(2026, 3);
  const auto look = [&](const std::vector<MonthSeen>& months) {
    const Facts facts = Reconcile(file, FindingsOf(Kpi(), months, GivenAt(At(2026, 3, 5))), from,
                                  until, At(2026, 3, 5));
    for (const v1::KpiFact& fact : facts) Evolve(file, fact);
    return facts;
  };
  const auto gap = Months({{Ratio(11, 30)}, {}, {Ratio(12, 30)}});
  const auto whole = Months({{Ratio(11, 30)}, {Ratio(9, 31)}, {Ratio(12, 30)}});
  Facts facts = look(gap);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[1].attention_needed().code(), "KPI_DATA_GAP");
  EXPECT_TRUE(facts[1].attention_needed().in_digest());
  EXPECT_TRUE(look(gap).empty());
  facts = look(whole);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[1].attention_settled().attention_id(), "SC5-2026-02-gap.1");
  EXPECT_TRUE(look(whole).empty());
  // Back, and under another id: nobody's acknowledgement of the first speaks for it.
  facts = look(gap);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[1].attention_needed().attention_id(), "SC5-2026-02-gap.2");
  ASSERT_EQ(file.findings_size(), 1);
  // What was not looked at stays.
  EXPECT_TRUE(Reconcile(file, {}, absl::CivilMonth(2026, 3), until, At(2026, 3, 6)).empty());
}

TEST(DataQualityTest, CoverageCountsFromTheFirstFigureOn) {
  const auto coverage =
      CoverageOf(Kpi(), Months({{}, {Ratio(11, 30)}, {}, {Ratio(9, 31)}, {}, {}}));
  ASSERT_TRUE(coverage);
  EXPECT_EQ(coverage->first_period(), "2026-02");
  EXPECT_EQ(coverage->last_period(), "2026-05") << "the running month may still get one";
  EXPECT_EQ(coverage->months(), 4);
  EXPECT_EQ(coverage->months_with_figure(), 2);
  EXPECT_FALSE(CoverageOf(Kpi(), Months({{}, {}})));
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
