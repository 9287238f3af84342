#include "services/complaints/domain/statement.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

TEST(TwelveMonthsTest, EndWithTheDayThatIsAsked) {
  const auto months = MonthsUntil("2026-11-22", kReceived);
  ASSERT_THAT(months, IsOk());
  EXPECT_EQ(months->first, absl::CivilDay(2025, 11, 23));
  EXPECT_EQ(months->last, absl::CivilDay(2026, 11, 22));
  EXPECT_EQ(MonthsUntil("2028-02-29", kReceived)->first, absl::CivilDay(2027, 3, 1));
  EXPECT_EQ(MonthsUntil("2027-02-28", kReceived)->first, absl::CivilDay(2026, 3, 1));
  // Today in London, an hour ahead of UTC in summer.
  EXPECT_EQ(MonthsUntil("", Utc("2026-06-30T23:30:00Z"))->last, absl::CivilDay(2026, 7, 1));
  for (const char* wrong : {"22.11.2026", "2026-13-01", "2026-02-30", "2026-1-1", "1066-10-14"}) {
    EXPECT_THAT(MonthsUntil(wrong, kReceived).status(), HasReason("INVALID_DATE")) << wrong;
  }
}

TEST(StatementTest, CountsTimesAndOutcomesAndNamesNobody) {
  Case closed, open, withdrawn;
  for (Case* each : {&closed, &open, &withdrawn}) ASSERT_THAT(each->Record(), IsOk());
  ASSERT_THAT(closed.Extend(), IsOk());
  closed.now = Utc("2027-01-06T09:00:00Z");  // after the first limit, within the extended one
  ASSERT_THAT(closed.Answer(), IsOk());
  ASSERT_THAT(closed.Decide(), IsOk());
  ASSERT_THAT(closed.TakeAction(), IsOk());
  ASSERT_THAT(closed.Judge(false), IsOk());
  ASSERT_THAT(closed.Close("Robin was right"), IsOk());
  ASSERT_THAT(withdrawn.Withdraw(), IsOk());
  const auto months = MonthsUntil("2026-12-31", kReceived);
  const v1::Statement statement =
      MakeStatement({closed.complaint, open.complaint, withdrawn.complaint}, *months,
                    Utc("2027-01-10T00:00:00Z"), OurCalendar());
  EXPECT_EQ(statement.complaints(), 3);
  EXPECT_EQ(statement.closed(), 1);
  EXPECT_EQ(statement.open(), 1);
  EXPECT_EQ(statement.withdrawn(), 1);
  EXPECT_EQ(statement.median_days_to_close(), 12);  // 17 December to 6 January
  ASSERT_EQ(statement.timeliness_size(), 2);
  const auto& acknowledgement = statement.timeliness(0);
  EXPECT_EQ(acknowledgement.key(), "acknowledgement");
  EXPECT_EQ(acknowledgement.late(), 1);     // by the answer of 6 January
  EXPECT_EQ(acknowledgement.overdue(), 1);  // the open one
  const auto& answer = statement.timeliness(1);
  EXPECT_EQ(answer.key(), "ca1989 stage_1 answer");
  EXPECT_EQ(answer.in_extended_limit(), 1);
  EXPECT_EQ(answer.overdue(), 1);
  EXPECT_EQ(answer.late(), 0);
  const std::string text = statement.ShortDebugString();
  for (const char* somebody :
       {"Robin", "C-1", "F-1", "2026-0007", "manager", "caseworker", "id-"}) {
    EXPECT_EQ(text.find(somebody), std::string::npos) << somebody << " in " << text;
  }
}

TEST(ThemesTest, CountWhatIsUpheldByCategoryCarerAndPlacement) {
  Case upheld, open;
  ASSERT_THAT(upheld.Record(), IsOk());
  ASSERT_THAT(upheld.Decide(v1::POINT_OUTCOME_PARTLY_UPHELD), IsOk());
  v1::RecordComplaintRequest other = Recording();
  other.mutable_report()->set_category("DELAY");
  other.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_SERVICE);
  other.mutable_report()->mutable_subject()->clear_carer_id();
  ASSERT_THAT(open.Record(other), IsOk());
  const auto themes = MakeThemes({upheld.complaint, open.complaint}, *MonthsUntil("", kReceived));
  ASSERT_EQ(themes.by_category_size(), 2);
  EXPECT_EQ(themes.by_category(0).key(), "DELAY");
  EXPECT_EQ(themes.by_category(0).points_decided(), 0);
  EXPECT_EQ(themes.by_category(1).points_upheld(), 1);
  ASSERT_EQ(themes.by_carer_size(), 1);
  EXPECT_EQ(themes.by_carer(0).complaints(), 1);
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
