#include "services/notifications/domain/policy.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

std::string Shipped() {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/policy/alerts.json");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

using options::v1::ROLE_DEPUTY_MANAGER;
using options::v1::ROLE_REGISTERED_MANAGER;
using options::v1::ROLE_RESPONSIBLE_INDIVIDUAL;
using ::testing::Contains;
using ::testing::ElementsAre;

absl::Time Noon(int year, int month, int day) {
  return absl::FromCivil(absl::CivilHour(year, month, day, 12), absl::UTCTimeZone());
}

TEST(AlertPolicyTest, TheShippedLadderIsManagerDeputyResponsibleIndividualThenAll) {
  const auto policies = ParseAlertPolicies(Shipped());
  ASSERT_THAT(policies, IsOk());
  const v1::AlertPolicy& policy = InForce(*policies, Noon(2026, 12, 1));
  for (const bool urgent : {true, false}) {
    EXPECT_THAT(RungAt(policy, urgent, 0).roles, ElementsAre(ROLE_REGISTERED_MANAGER));
    EXPECT_THAT(RungAt(policy, urgent, 1).roles, ElementsAre(ROLE_DEPUTY_MANAGER));
    EXPECT_THAT(RungAt(policy, urgent, 2).roles, ElementsAre(ROLE_RESPONSIBLE_INDIVIDUAL));
    EXPECT_FALSE(RungAt(policy, urgent, 2).round);
    for (const int climbed : {3, 4, 1000}) {
      const Rung round = RungAt(policy, urgent, climbed);
      EXPECT_TRUE(round.round);
      EXPECT_GT(round.until_next, RungAt(policy, urgent, 2).until_next) << "a coarser step";
      for (const auto role :
           {ROLE_REGISTERED_MANAGER, ROLE_DEPUTY_MANAGER, ROLE_RESPONSIBLE_INDIVIDUAL}) {
        EXPECT_THAT(round.roles, Contains(role));
      }
    }
  }
  EXPECT_EQ(RungAt(policy, /*urgent=*/true, 0).until_next, absl::Minutes(5));
  EXPECT_EQ(RungAt(policy, /*urgent=*/false, 0).until_next, absl::Hours(1));
}

TEST(AlertPolicyTest, AnEditionHoldsFromItsDayInLondon) {
  v1::AlertPolicies policies;
  for (const char* day : {"2026-01-01", "2026-07-01", "2027-01-01"}) {
    v1::AlertPolicy* edition = policies.add_editions();
    edition->set_version(day);
    edition->set_effective_from(day);
  }
  EXPECT_EQ(InForce(policies, Noon(2020, 1, 1)).version(), "2026-01-01") << "none before";
  EXPECT_EQ(InForce(policies, Noon(2026, 3, 1)).version(), "2026-01-01");
  // Summer time: the day begins at 23:00 UTC.
  const absl::Time july = absl::FromCivil(absl::CivilHour(2026, 6, 30, 23), absl::UTCTimeZone());
  EXPECT_EQ(InForce(policies, july - absl::Seconds(1)).version(), "2026-01-01");
  EXPECT_EQ(InForce(policies, july).version(), "2026-07-01");
  EXPECT_EQ(InForce(policies, Noon(2030, 1, 1)).version(), "2027-01-01");
}

TEST(AlertPolicyTest, RefusesWhatItDoesNotUnderstand) {
  const std::string good = Shipped();
  ASSERT_THAT(ParseAlertPolicies(good), IsOk());
  const std::pair<const char*, const char*> faults[] = {
      {"\"version\"", "\"verson\""},
      {"\"version\": \"2026-11-22.2\"", "\"version\": \"\""},
      {"\"effective_from\": \"2026-11-22\"", "\"effective_from\": \"\""},
      {"\"effective_from\": \"2026-11-22\"", "\"effective_from\": \"22 November\""},
      {"\"minutes\": 5}", "\"minutes\": 0}"},
      {"\"every_minutes\": 720", "\"every_minutes\": 1441"},
      {"[\"ROLE_DEPUTY_MANAGER\"]", "[]"},
      {"[\"ROLE_DEPUTY_MANAGER\"]", "[\"ROLE_SERVICE\"]"},
      {"[\"ROLE_DEPUTY_MANAGER\"]", "[\"ROLE_UNSPECIFIED\"]"},
      {"[\"ROLE_DEPUTY_MANAGER\"]", "[\"ROLE_KING\"]"},
      {"\"then_roles\"", "\"then\""},
      {"\"rungs\"", "\"steps\""},
      {"\"agency policy\"", "\"\""},
      {"\"M\"", "\"X\""},
      {"\"minutes\": 15", "\"minutes\": 0"},
      {"\"next_channel\"", "\"channel\""},
      {"\"09:00\"", "\"9 am\""},
      {"\"09:00\"", "\"24:00\""},
      {"\"09:00\"", "\"-9:00\""},
  };
  for (const auto& [from, to] : faults) {
    const std::string bad = absl::StrReplaceAll(good, {{from, to}});
    ASSERT_NE(bad, good) << from;
    EXPECT_THAT(ParseAlertPolicies(bad), HasReason("POLICY_INVALID")) << to;
  }
  EXPECT_THAT(ParseAlertPolicies("{"), HasReason("POLICY_INVALID"));
  EXPECT_THAT(ParseAlertPolicies(""), HasReason("POLICY_INVALID"));
  EXPECT_THAT(ParseAlertPolicies("{}"), HasReason("POLICY_INVALID"));
  const size_t begin = good.find('[') + 1, end = good.rfind(']');
  const std::string edition = good.substr(begin, end - begin);
  EXPECT_THAT(ParseAlertPolicies("{\"editions\": [" + edition + "," + edition + "]}"),
              HasReason("POLICY_INVALID"))
      << "two of one day";
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
