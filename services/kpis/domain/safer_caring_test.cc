#include "services/kpis/domain/safer_caring.h"

#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/kpis/domain/test_support.h"

namespace fosterwatch::kpis::domain {
namespace {

const absl::Time kNow = At(2026, 11, 20);

v1::ReportedSaferCaringPlan Of(const std::string& day, bool withdrawn = false) {
  v1::ReportedSaferCaringPlan report;
  report.set_carer_id("F-1");
  report.set_reviewed_date(day);
  report.set_withdrawn(withdrawn);
  return report;
}

void Take(v1::SaferCaringPlan& plan, const v1::ReportedSaferCaringPlan& report, size_t facts) {
  const auto taken = ReportPlan(plan, report, "urn:case-system", GivenAt(kNow));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->size(), facts);
  for (const v1::KpiFact& fact : *taken) Evolve(plan, fact);
}

TEST(SaferCaringTest, IsCurrentForAsLongAsThePolicyOfItsDaySays) {
  v1::SaferCaringPlan plan;
  Take(plan, Of("2026-07-01"), 1);
  ASSERT_EQ(plan.reviews_size(), 1);
  EXPECT_EQ(plan.carer_id(), "F-1");
  const v1::SaferCaringReviewed& review = plan.reviews(0);
  EXPECT_EQ(absl::ToCivilDay(clock::FromProto(review.current_until_time()), clock::London()),
            absl::CivilDay(2027, 7, 2))
      << "the whole of the day a year later is still in time";
  EXPECT_EQ(review.explanation().rule(), "SAFER_CARING");
  EXPECT_EQ(review.source(), "urn:case-system");
}

TEST(SaferCaringTest, TheSameDayIsNothingNewAndDaysMayComeInAnyOrder) {
  v1::SaferCaringPlan plan;
  Take(plan, Of("2026-07-01"), 1);
  Take(plan, Of("2026-07-01"), 0);
  Take(plan, Of("2025-07-01"), 1);
  ASSERT_EQ(plan.reviews_size(), 2);
  EXPECT_EQ(plan.reviews(1).reviewed_date(), "2026-07-01");
  Take(plan, Of("2026-07-01", true), 1);
  ASSERT_EQ(plan.reviews_size(), 1);
  EXPECT_EQ(plan.reviews(0).reviewed_date(), "2025-07-01");
  EXPECT_EQ(ReasonOf(ReportPlan(plan, Of("2026-07-01", true), "s", GivenAt(kNow)).status()),
            "NOTHING_REPORTED");
  Take(plan, Of("2026-07-01"), 1);
}

TEST(SaferCaringTest, WhatCannotBeIsRefusedByItsField) {
  const auto wrong = [](const std::string& carer, const std::string& day) {
    auto report = Of(day);
    report.set_carer_id(carer);
    return ReasonOf(CheckReportedPlan(report, kNow));
  };
  EXPECT_EQ(wrong("F-1", "2026-11-20"), "");
  EXPECT_EQ(wrong("", "2026-11-20"), "REQUIRED");
  EXPECT_EQ(wrong("a b", "2026-11-20"), "INVALID_ID");
  EXPECT_EQ(wrong(std::string(101, 'x'), "2026-11-20"), "INVALID_ID");
  EXPECT_EQ(wrong("F-1", ""), "REQUIRED");
  EXPECT_EQ(wrong("F-1", "2026-11-21"), "IN_THE_FUTURE");
  EXPECT_EQ(wrong("F-1", "1999-12-31"), "TOO_LONG_AGO");
  for (const char* day : {"20-11-2026", "2026-02-29", "2026-11", "2026-11-20T10:00:00Z", "x"}) {
    EXPECT_EQ(wrong("F-1", day), "INVALID_DATE") << day;
  }
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
