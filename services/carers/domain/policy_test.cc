#include "services/carers/domain/policy.h"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/util/json_util.h"

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

std::string Json(const v1::CarerPolicies& policies) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(policies, &json).ok());
  return json;
}

TEST(CarerPolicyTest, EachLimitThatIsShippedHasItsSourceAndGrade) {
  const v1::CarerPolicy& policy = OurPolicies().editions(0);
  std::set<std::string> grades;
  for (const auto& rule : policy.duties()) grades.insert(rule.limit().origin().grade());
  EXPECT_EQ(grades, (std::set<std::string>{"M", "P", "S"}));
  EXPECT_EQ(policy.usual_limit(), 3);
  EXPECT_EQ(policy.resignation().calendar_days(), 28);
  EXPECT_EQ(policy.answer().calendar_days(), 28);
  EXPECT_EQ(policy.keep_after_approval().calendar_months(), 120);
  EXPECT_EQ(policy.keep_after_application().calendar_months(), 36);
}

TEST(CarerPolicyTest, WhatTheLawAsksForIsNeverOfTheAgencysOwnBasis) {
  for (const auto& rule : OurPolicies().editions(0).duties()) {
    const bool own = rule.limit().origin().source().find("agency policy") != std::string::npos;
    EXPECT_EQ(rule.basis() == v1::DUTY_BASIS_AGENCY, own) << Name(rule.kind());
  }
}

TEST(CarerPolicyTest, AKindOfCarerMayHaveALimitOfItsOwn) {
  const v1::CarerPolicy& policy = OurPolicies().editions(0);
  const auto months = [&](v1::Carer::Kind kind) {
    return RuleOf(policy, v1::DUTY_KIND_TRAINING_STANDARDS, kind).limit().calendar_months();
  };
  EXPECT_EQ(months(v1::Carer::KIND_MAINSTREAM), 12);
  EXPECT_EQ(months(v1::Carer::KIND_CONNECTED), 18);
}

TEST(CarerPolicyTest, AnEditionHoldsFromItsDay) {
  v1::CarerPolicies policies = OurPolicies();
  *policies.add_editions() = policies.editions(0);
  policies.mutable_editions(1)->set_version("later");
  policies.mutable_editions(1)->set_effective_from("2027-04-01");
  const auto parsed = ParseCarerPolicies(Json(policies));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const absl::Time begins = StartOf(absl::CivilDay(2027, 4, 1));
  EXPECT_EQ(InForce(*parsed, begins - absl::Microseconds(1)).version(),
            OurPolicies().editions(0).version());
  EXPECT_EQ(InForce(*parsed, begins).version(), "later");
  EXPECT_EQ(InForce(*parsed, StartOf(absl::CivilDay(2000, 1, 1))).version(),
            OurPolicies().editions(0).version());
}

TEST(CarerPolicyTest, RefusesWhatIsIncompleteOrUnknown) {
  using Edition = v1::CarerPolicy;
  const std::vector<std::pair<const char*, std::function<void(Edition&)>>> cases = {
      {"no version", [](Edition& e) { e.clear_version(); }},
      {"no day", [](Edition& e) { e.set_effective_from("soon"); }},
      {"a duty without a rule", [](Edition& e) { e.mutable_duties()->RemoveLast(); }},
      {"two rules", [](Edition& e) { *e.add_duties() = e.duties(0); }},
      {"no length", [](Edition& e) { e.mutable_answer()->clear_calendar_days(); }},
      {"two lengths", [](Edition& e) { e.mutable_answer()->set_working_days(3); }},
      {"too long", [](Edition& e) { e.mutable_answer()->set_calendar_days(1001); }},
      {"negative", [](Edition& e) { e.mutable_answer()->set_calendar_days(-1); }},
      {"no source", [](Edition& e) { e.mutable_take_over()->mutable_origin()->clear_source(); }},
      {"another grade",
       [](Edition& e) { e.mutable_take_over()->mutable_origin()->set_grade("H"); }},
      {"no basis", [](Edition& e) { e.mutable_duties(0)->clear_basis(); }},
      {"no day to warn of", [](Edition& e) { e.mutable_duties(0)->mutable_warning()->Clear(); }},
      {"warnings that do not fall",
       [](Edition& e) { e.mutable_duties(0)->mutable_warning()->add_days_before(14); }},
      {"a warning on the day itself",
       [](Edition& e) { e.mutable_duties(0)->mutable_warning()->add_days_before(0); }},
      {"a warning more than a year before",
       [](Edition& e) { e.mutable_duties(0)->mutable_warning()->set_days_before(0, 367); }},
      {"warnings of no source",
       [](Edition& e) { e.mutable_duties(0)->mutable_warning()->clear_origin(); }},
      {"a duty of law that rests", [](Edition& e) { e.mutable_duties(0)->set_while_placed(true); }},
      {"a standard that rests",
       [](Edition& e) {
         for (auto& rule : *e.mutable_duties()) {
           rule.set_while_placed(rule.kind() == v1::DUTY_KIND_UNANNOUNCED_VISIT);
         }
       }},
      {"no limit of children", [](Edition& e) { e.clear_usual_limit(); }},
      {"no agreement", [](Edition& e) { e.clear_agreement(); }},
      {"a code twice", [](Edition& e) { *e.add_agreement() = e.agreement(0); }},
      {"no stage", [](Edition& e) { e.mutable_information(0)->set_stage(3); }},
      {"no information", [](Edition& e) { e.clear_information(); }},
      {"no emergency", [](Edition& e) { e.clear_emergency(); }},
      {"an emergency without end", [](Edition& e) { e.mutable_emergency()->set_hours(169); }},
      {"an emergency of no source", [](Edition& e) { e.mutable_emergency()->clear_origin(); }},
  };
  for (const auto& [what, spoil] : cases) {
    v1::CarerPolicies policies = OurPolicies();
    spoil(*policies.mutable_editions(0));
    EXPECT_EQ(ReasonOf(ParseCarerPolicies(Json(policies)).status()), "POLICY_INVALID") << what;
  }
  for (const char* json : {"", "{}", "[]", "{\"editions\": []}", "{\"edition\": []}"}) {
    EXPECT_EQ(ReasonOf(ParseCarerPolicies(json).status()), "POLICY_INVALID") << json;
  }
  v1::CarerPolicies twice = OurPolicies();
  *twice.add_editions() = twice.editions(0);
  EXPECT_EQ(ReasonOf(ParseCarerPolicies(Json(twice)).status()), "POLICY_INVALID") << "no order";
}

}  // namespace
}  // namespace fosterwatch::carers::domain
