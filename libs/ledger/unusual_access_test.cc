#include "libs/ledger/unusual_access.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/status/error.h"

namespace fosterwatch::ledger {
namespace {

using operations::v1::UnusualAccess;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kRules[] = R"({"editions": [
  {"version": "a", "fromTime": "2026-01-01T00:00:00Z", "mostRecordsAnHour": 60,
   "mostRefusalsAnHour": 10, "officeFromHour": 7, "officeUntilHour": 20,
   "mostRecordsAnHourOutsideOffice": 20},
  {"version": "b", "fromTime": "2026-07-01T00:00:00Z", "mostRecordsAnHour": 30,
   "mostRefusalsAnHour": 10, "officeFromHour": 7, "officeUntilHour": 20,
   "mostRecordsAnHourOutsideOffice": 0, "lookHour": 6}]})";

std::string Installed(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(absl::StrCat(std::getenv("FOSTERWATCH_SHARE_DIR"), path)).rdbuf();
  return text.str();
}

absl::Time London(int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, month, day, hour), clock::London());
}

class UnusualAccessTest : public ::testing::Test {
 protected:
  // "many_records/a 61>60" for each finding.
  std::vector<std::string> Found(absl::Time hour, int64_t records, int64_t refusals = 0) {
    std::vector<std::string> found;
    for (const UnusualAccess& unusual :
         UnusualOf(rules_, calendar_, {{"anna", hour, records, refusals}})) {
      EXPECT_EQ(unusual.person_id(), "anna");
      EXPECT_EQ(unusual.until_time().seconds() - unusual.from_time().seconds(), 3600);
      found.push_back(absl::StrCat(unusual.rule(), " ", unusual.count(), ">", unusual.allowed()));
    }
    return found;
  }

  operations::v1::AccessRules rules_ = *ParseAccessRules(kRules);
  clock::WorkingCalendar calendar_ =
      *clock::WorkingCalendar::Parse(Installed("/clock/bank_holidays_england_and_wales.json"));
};

TEST_F(UnusualAccessTest, CountsByTheRulesInForceAndByTheHoursOfTheOffice) {
  const absl::Time monday = London(3, 2, 12);
  EXPECT_THAT(Found(monday, 60, 10), IsEmpty());
  EXPECT_THAT(Found(monday, 61), ElementsAre("many_records/a 61>60"));
  EXPECT_THAT(Found(monday, 0, 11), ElementsAre("many_refusals/a 11>10"));
  // The hours from seven until before eight in the evening, in London, summer and winter.
  for (const int month : {3, 6}) {
    const int day = month == 3 ? 2 : 1;  // Mondays
    EXPECT_THAT(Found(London(month, day, 7), 21), IsEmpty()) << month;
    EXPECT_THAT(Found(London(month, day, 19), 21), IsEmpty()) << month;
    EXPECT_THAT(Found(London(month, day, 6), 21), ElementsAre("outside_hours/a 21>20")) << month;
    EXPECT_THAT(Found(London(month, day, 20), 21), ElementsAre("outside_hours/a 21>20")) << month;
  }
  EXPECT_THAT(Found(London(3, 1, 12), 21), ElementsAre("outside_hours/a 21>20"));  // a Sunday
  EXPECT_THAT(Found(London(12, 25, 12), 1), ElementsAre("outside_hours/b 1>0"));   // Christmas
  EXPECT_THAT(Found(London(7, 1, 12), 31), ElementsAre("many_records/b 31>30"));
  EXPECT_THAT(Found(London(6, 30, 12), 31), IsEmpty());
  // Before there were rules.
  EXPECT_THAT(Found(London(1, 1, 0) - absl::Hours(24), 1000, 1000), IsEmpty());
}

TEST_F(UnusualAccessTest, TellsTheNewestFirst) {
  const absl::Time monday = London(3, 2, 12);
  const auto found = UnusualOf(
      rules_, calendar_,
      {{"anna", monday, 70, 0}, {"ben", monday + absl::Hours(1), 70, 0}, {"abe", monday, 70, 11}});
  std::vector<std::string> told;
  for (const auto& unusual : found)
    told.push_back(absl::StrCat(unusual.person_id(), " ", unusual.kind()));
  EXPECT_THAT(told, ElementsAre("ben 1", "abe 1", "abe 3", "anna 1"));
}

TEST_F(UnusualAccessTest, LooksOnceADayAtTheHourOfTheRulesInForce) {
  EXPECT_EQ(NextLook(rules_, London(11, 22, 5)), London(11, 22, 6));
  EXPECT_EQ(NextLook(rules_, London(11, 22, 6)), London(11, 23, 6));
  EXPECT_EQ(NextLook(rules_, London(11, 22, 23)), London(11, 23, 6));
  // When the clocks change.
  EXPECT_EQ(NextLook(rules_, London(10, 24, 6)), London(10, 25, 6));
  EXPECT_EQ(NextLook(rules_, London(10, 25, 6)), London(10, 26, 6));
  // Rules that name no hour, and none yet.
  EXPECT_EQ(NextLook(rules_, London(3, 2, 5)), London(3, 3, 0));
  EXPECT_EQ(NextLook({}, London(3, 2, 5)), London(3, 3, 0));
}

TEST(ParseAccessRulesTest, TakesTheInstalledRulesAndNamesWhatIsWrong) {
  EXPECT_TRUE(ParseAccessRules(Installed("/policy/access_rules.json")).ok());
  const struct {
    const char* from;
    const char* to;
    const char* field;
  } cases[] = {
      {R"("version": "b", )", "", "editions[1].version"},
      {"2026-07-01", "2026-01-01", "editions[1].from_time"},
      {R"("mostRecordsAnHour": 30)", R"("mostRecordsAnHour": 0)",
       "editions[1].most_records_an_hour"},
      {R"("officeUntilHour": 20)", R"("officeUntilHour": 7)", "editions[0].office_from_hour"},
      {R"("lookHour": 6)", R"("lookHour": 24)", "editions[1].look_hour"},
      {R"("mostRefusalsAnHour": 10)", R"("mostRefusals": 10)", "editions[0].mostRefusals"},
  };
  for (const auto& c : cases) {
    const auto rules = ParseAccessRules(absl::StrReplaceAll(kRules, {{c.from, c.to}}));
    ASSERT_FALSE(rules.ok()) << c.field;
    EXPECT_EQ(ViolationsOf(rules.status())[0].field, c.field);
  }
  EXPECT_FALSE(ParseAccessRules(R"({"editions": []})").ok());
}

}  // namespace
}  // namespace fosterwatch::ledger
