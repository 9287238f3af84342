#include "services/directory/domain/policy.h"

#include <fstream>
#include <functional>
#include <set>
#include <string>

#include "google/protobuf/util/json_util.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "services/directory/domain/test_support.h"

namespace fosterwatch::directory::domain {
namespace {

absl::Status Parsed(const std::function<void(v1::DirectoryPolicy&)>& change) {
  v1::DirectoryPolicies policies;
  *policies.add_editions() = Policy();
  change(*policies.mutable_editions(0));
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(policies, &json).ok());
  return ParseDirectoryPolicies(json).status();
}

TEST(DirectoryPolicyTest, TheShippedOneIsTakenAndOneThatSaysTooLittleIsNot) {
  EXPECT_TRUE(Parsed([](auto&) {}).ok());
  const std::function<void(v1::DirectoryPolicy&)> changes[] = {
      [](auto& p) { p.clear_version(); },
      [](auto& p) { p.clear_effective_from(); },
      [](auto& p) { p.mutable_delegations()->set_most_days(0); },
      [](auto& p) { p.mutable_delegations()->clear_delegate_roles(); },
      [](auto& p) { p.mutable_delegations()->set_grade("high"); },
      [](auto& p) { p.clear_covers(); },
      [](auto& p) { p.mutable_covers()->mutable_covers(0)->clear_cover_roles(); },
      [](auto& p) { p.mutable_covers()->clear_source(); },
      [](auto& p) { p.mutable_check()->add_roles(options::v1::ROLE_PUBLISHER); },
      [](auto& p) { p.mutable_check()->clear_body_kinds(); },
      [](auto& p) { p.mutable_check()->set_hour(24); },
      [](auto& p) { p.mutable_check()->set_days_ahead(-1); },
      [](auto& p) { p.clear_long_absence(); },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    EXPECT_EQ(ReasonOf(Parsed(changes[i])), "POLICY_INVALID") << "change " << i;
  }
  EXPECT_EQ(ReasonOf(ParseDirectoryPolicies("{}").status()), "POLICY_INVALID");
  EXPECT_EQ(ReasonOf(ParseDirectoryPolicies(R"({"edition": []})").status()), "POLICY_INVALID");
}

TEST(DirectoryPolicyTest, AnEditionHoldsFromItsDayInLondon) {
  v1::DirectoryPolicies policies;
  for (const char* day : {"2026-06-01", "2026-07-01"}) {
    *policies.add_editions() = Policy();
    policies.mutable_editions(policies.editions_size() - 1)->set_version(day);
    policies.mutable_editions(policies.editions_size() - 1)->set_effective_from(day);
  }
  EXPECT_EQ(InForce(policies, At("2026-01-01T00:00:00Z")).version(), "2026-06-01");
  EXPECT_EQ(InForce(policies, At("2026-06-30T22:59:59Z")).version(), "2026-06-01");
  EXPECT_EQ(InForce(policies, At("2026-06-30T23:00:00Z")).version(), "2026-07-01");
}

// Whoever is on a rung of the ladder of alerts is somebody whom the check looks for.
TEST(DirectoryPolicyTest, NamesTheRolesOfTheLadderOfAlerts) {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) +
                     "/services/notifications/policy/alerts.json");
  const nlohmann::json alerts = nlohmann::json::parse(file);
  std::set<std::string> told;
  for (const char* ladder : {"urgent", "ordinary"}) {
    const auto& climb = alerts["editions"].back()[ladder];
    for (const auto& rung : climb["rungs"]) {
      for (const std::string role : rung["roles"]) told.insert(role);
    }
    for (const std::string role : climb["then_roles"]) told.insert(role);
  }
  std::set<std::string> checked;
  for (const int role : Policy().check().roles()) {
    checked.insert(options::v1::Role_Name(static_cast<options::v1::Role>(role)));
  }
  EXPECT_EQ(told, checked);
}

TEST(NextDaysHourTest, IsTheHourOfTheNextDayInLondonAlsoWhenClocksChange) {
  EXPECT_EQ(NextDaysHour(At("2026-11-22T05:59:00Z"), 6), At("2026-11-23T06:00:00Z"));
  EXPECT_EQ(NextDaysHour(At("2026-11-22T06:00:00Z"), 6), At("2026-11-23T06:00:00Z"));
  // 23:30 UTC in summer is half past midnight of the next day.
  EXPECT_EQ(NextDaysHour(At("2026-07-01T23:30:00Z"), 6), At("2026-07-03T05:00:00Z"));
  // Forward on 29 March 2026, back on 25 October 2026.
  EXPECT_EQ(NextDaysHour(At("2026-03-28T06:00:00Z"), 6), At("2026-03-29T05:00:00Z"));
  EXPECT_EQ(NextDaysHour(At("2026-03-29T05:00:00Z"), 6), At("2026-03-30T05:00:00Z"));
  EXPECT_EQ(NextDaysHour(At("2026-10-24T05:00:00Z"), 6), At("2026-10-25T06:00:00Z"));
  EXPECT_EQ(NextDaysHour(At("2026-10-25T06:00:00Z"), 6), At("2026-10-26T06:00:00Z"));
  // The hour that is skipped and the one that comes twice: still once a day.
  EXPECT_EQ(NextDaysHour(At("2026-03-28T01:00:00Z"), 1), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(NextDaysHour(At("2026-10-24T00:00:00Z"), 1), At("2026-10-25T00:00:00Z"));
  EXPECT_EQ(NextDaysHour(At("2026-10-25T00:00:00Z"), 1), At("2026-10-26T01:00:00Z"));
}

}  // namespace
}  // namespace fosterwatch::directory::domain
