#include "services/notifiable_events/domain/reporting_policy.h"

#include <functional>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "libs/clock/deadline.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

std::string Text(const v1::ReportingPolicies& policies) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(policies, &json).ok());
  return json;
}

TEST(ReportingPolicy, WorkingDaysEndAtMidnightInLondonAndAreExplained) {
  const v1::ReportingPolicy& policy = InForce(OurPolicies(), kNow);
  // A Friday evening: Monday is the next working day.
  const auto completion = CompletionDue(policy, Utc("2026-11-20T21:00:00Z"), OurCalendar());
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(Show(clock::ToProto(completion->due)), "2026-11-24T00:00:00Z");
  EXPECT_EQ(completion->explanation.rule(), "COMPLETION_DUE");
  EXPECT_EQ(completion->explanation.confidence(), "medium");
  EXPECT_EQ(clock::Recompute(completion->explanation, OurCalendar()).value(), completion->due);
  const auto agreement = AgreementDue(policy, Utc("2026-12-24T12:00:00Z"), OurCalendar());
  ASSERT_TRUE(agreement.ok()) << agreement.status();
  EXPECT_EQ(Show(clock::ToProto(agreement->due)), "2026-12-30T00:00:00Z") << "over Christmas";
  EXPECT_EQ(clock::Recompute(agreement->explanation, OurCalendar()).value(), agreement->due);
}

TEST(ReportingPolicy, ARepeatIsDecidedWithinElapsedHours) {
  const auto time = RepeatDecisionDue(InForce(OurPolicies(), kNow), kNow);
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_EQ(time->due, kNow + absl::Hours(24));
  EXPECT_EQ(clock::Recompute(time->explanation, OurCalendar()).value(), time->due);
}

TEST(ReportingPolicy, TheLastEditionThatHasBegunHolds) {
  v1::ReportingPolicies policies = OurPolicies();
  v1::ReportingPolicy* later = policies.add_editions();
  *later = policies.editions(0);
  later->set_version("later");
  later->set_effective_from("2027-07-01");
  // Midnight in London is 23:00 UTC of the day before.
  EXPECT_NE(InForce(policies, Utc("2027-06-30T22:59:59Z")).version(), "later");
  EXPECT_EQ(InForce(policies, Utc("2027-06-30T23:00:00Z")).version(), "later");
  EXPECT_EQ(InForce(policies, Utc("2020-01-01T00:00:00Z")).version(),
            OurPolicies().editions(0).version());
}

TEST(ReportingPolicy, RefusesWhatCannotBeMeant) {
  using Spoil = std::function<void(v1::ReportingPolicies&)>;
  const auto edition = [](v1::ReportingPolicies& policies) { return policies.mutable_editions(0); };
  const std::vector<std::pair<std::string, Spoil>> cases = {
      {"no edition", [](auto& p) { p.clear_editions(); }},
      {"no version", [&](auto& p) { edition(p)->clear_version(); }},
      {"no day", [&](auto& p) { edition(p)->set_effective_from("soon"); }},
      {"days out of order", [](auto& p) { *p.add_editions() = p.editions(0); }},
      {"no days", [&](auto& p) { edition(p)->mutable_completion()->clear_working_days(); }},
      {"too many days", [&](auto& p) { edition(p)->mutable_agreement()->set_working_days(1001); }},
      {"no source",
       [&](auto& p) { edition(p)->mutable_completion()->mutable_origin()->clear_source(); }},
      {"another grade",
       [&](auto& p) { edition(p)->mutable_similar()->mutable_origin()->set_grade("A"); }},
      {"no hours", [&](auto& p) { edition(p)->mutable_similar()->set_hours(0); }},
      {"no time to decide",
       [&](auto& p) { edition(p)->mutable_similar()->set_decide_within_hours(-1); }},
      {"a group of one",
       [&](auto& p) {
         edition(p)->mutable_similar()->add_groups()->add_kinds(v1::EVENT_KIND_CHILD_MISSING);
       }},
  };
  for (const auto& [what, spoil] : cases) {
    v1::ReportingPolicies policies = OurPolicies();
    spoil(policies);
    const auto parsed = ParseReportingPolicies(Text(policies));
    EXPECT_EQ(ReasonOf(parsed.status()), "POLICY_INVALID") << what;
  }
  EXPECT_EQ(ReasonOf(ParseReportingPolicies("{\"edition\": []}").status()), "POLICY_INVALID");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
