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

TEST(AlertPolicyTest, TheShippedFileClimbsByMinutesForADeathAndByTheHourOtherwise) {
  const auto policy = ParseAlertPolicy(Shipped());
  ASSERT_THAT(policy, IsOk());
  EXPECT_EQ(ClimbsEvery(*policy, /*urgent=*/true), absl::Minutes(5));
  EXPECT_EQ(ClimbsEvery(*policy, /*urgent=*/false), absl::Hours(1));
}

TEST(AlertPolicyTest, RefusesWhatItDoesNotUnderstand) {
  const std::string good = Shipped();
  ASSERT_THAT(ParseAlertPolicy(good), IsOk());
  const std::pair<const char*, const char*> faults[] = {
      {"\"version\"", "\"verson\""},
      {"\"2026-11-22\"", "\"\""},
      {"\"every_minutes\": 5", "\"every_minutes\": 0"},
      {"\"every_minutes\": 60", "\"every_minutes\": 1441"},
      {"\"agency policy\"", "\"\""},
      {"\"M\"", "\"X\""},
  };
  for (const auto& [from, to] : faults) {
    const std::string bad = absl::StrReplaceAll(good, {{from, to}});
    ASSERT_NE(bad, good) << from;
    EXPECT_THAT(ParseAlertPolicy(bad), HasReason("POLICY_INVALID")) << to;
  }
  EXPECT_THAT(ParseAlertPolicy("{"), HasReason("POLICY_INVALID"));
  EXPECT_THAT(ParseAlertPolicy(""), HasReason("POLICY_INVALID"));
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
