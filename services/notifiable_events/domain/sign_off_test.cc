#include "services/notifiable_events/domain/sign_off.h"

#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using options::v1::ROLE_CASEWORKER;
using options::v1::ROLE_REGISTERED_MANAGER;
using options::v1::ROLE_TEAM_MANAGER;

constexpr auto kFirst = v1::SignOff::STAGE_MANAGER;
constexpr auto kSecond = v1::SignOff::STAGE_REGISTERED_MANAGER;

v1::SignOffEventRequest At(v1::SignOff::Stage stage) {
  v1::SignOffEventRequest request;
  request.set_stage(stage);
  request.set_comment("read");
  return request;
}

TEST(SignOff, IsAManagersThenTheRegisteredManagers) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const auto first = SignOff(event, At(kFirst), kManager, kNow);
  ASSERT_TRUE(first.ok()) << first.status();
  ApplyAll(event, *first, kManager);
  const auto second = SignOff(event, At(kSecond), kRegistered, kNow + absl::Hours(1));
  ASSERT_TRUE(second.ok()) << second.status();
  ApplyAll(event, *second, kRegistered);
  EXPECT_EQ(event.sign_offs(0).signed_by(), "manager");
  EXPECT_EQ(event.sign_offs(0).comment(), "read");
  EXPECT_EQ(event.sign_offs(1).signed_by(), "registered");
  EXPECT_EQ(clock::FromProto(event.sign_offs(1).signed_time()), kNow + absl::Hours(1));
  EXPECT_TRUE(event.sign_offs(0).has_explanation());
  // What a count of late sign-offs needs stands in the fact.
  EXPECT_EQ(Show((*second)[0].signed_off().sign_off().due_time()), "2026-11-24T00:00:00Z");
}

TEST(SignOff, RefusesWhoeverMayNotSign) {
  struct Case {
    const char* what;
    Actor actor;
    v1::SignOff::Stage stage;
    const char* first_signed_by;
    const char* refusal;
  };
  const Case cases[] = {
      {"a caseworker", {"other", {ROLE_CASEWORKER}}, kFirst, "", "ROLE_REQUIRED"},
      {"a caseworker for the registered manager",
       {"other", {ROLE_CASEWORKER}},
       kSecond,
       "manager",
       "ROLE_REQUIRED"},
      {"a team manager for the registered manager",
       {"other", {ROLE_TEAM_MANAGER}},
       kSecond,
       "manager",
       "ROLE_REQUIRED"},
      {"the reporter as manager",
       {"caseworker", {ROLE_CASEWORKER, ROLE_TEAM_MANAGER}},
       kFirst,
       "",
       "OWN_REPORT"},
      {"the reporter as registered manager",
       {"caseworker", {ROLE_REGISTERED_MANAGER}},
       kSecond,
       "manager",
       "OWN_REPORT"},
      {"the registered manager before a manager", kRegistered, kSecond, "", "MANAGER_FIRST"},
      {"one person for both", kRegistered, kSecond, "registered", "SAME_PERSON"},
      {"a second manager", kManager, kFirst, "other", "SIGNED_BEFORE"},
      {"no stage", kManager, v1::SignOff::STAGE_UNSPECIFIED, "", "stage REQUIRED"},
      {"an unknown stage", kManager, static_cast<v1::SignOff::Stage>(9), "", "stage REQUIRED"},
  };
  for (const Case& c : cases) {
    auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
    event.mutable_sign_offs(0)->set_signed_by(c.first_signed_by);
    const auto facts = SignOff(event, At(c.stage), c.actor, kNow);
    ASSERT_FALSE(facts.ok()) << c.what;
    EXPECT_EQ(Refusal(facts.status()), c.refusal) << c.what;
  }
}

TEST(SignOff, IsDeniedAndNotMerelyTooEarlyForOnesOwnReport) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const Actor reporter = {"caseworker", {ROLE_REGISTERED_MANAGER}};
  EXPECT_EQ(SignOff(event, At(kFirst), reporter, kNow).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(SignOff(event, At(kSecond), reporter, kNow).status().code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(SignOff, TakesTheRegisteredManagerForTheManagersStage) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  EXPECT_TRUE(SignOff(event, At(kFirst), kRegistered, kNow).ok());
}

const Actor kDeputy = {"deputy", {options::v1::ROLE_DEPUTY_MANAGER}};

// The people of the other tests, one registered manager only, and a delegation to `to` from kNow -
// 1h until kNow + 1h.
People Delegated(const std::string& to) {
  People people = OurPeople();
  people.holders.pop_back();
  people.delegations = {{"d-1", "registered", to, kNow - absl::Hours(1), kNow + absl::Hours(1)}};
  return people;
}

TEST(SignOff, TakesADeputyUnderADelegationAndKeepsWhoseAndWhichRole) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  event.mutable_sign_offs(0)->set_signed_by("manager");
  const auto facts = SignOff(event, At(kSecond), kDeputy, Delegated("deputy"), kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kDeputy);
  EXPECT_EQ(event.sign_offs(1).signed_by(), "deputy");
  EXPECT_EQ(event.sign_offs(1).delegation_id(), "d-1");
  EXPECT_EQ(event.sign_offs(1).signed_role(), options::v1::ROLE_DEPUTY_MANAGER);
}

TEST(SignOff, KeepsTheRoleAndNoDelegationOfWhoeverSignsInTheirOwnRight) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ApplyAll(event, *SignOff(event, At(kFirst), kManager, Delegated("manager"), kNow), kManager);
  EXPECT_EQ(event.sign_offs(0).delegation_id(), "");
  EXPECT_EQ(event.sign_offs(0).signed_role(), ROLE_TEAM_MANAGER);
}

TEST(SignOff, RefusesADeputyWithoutADelegationThatIsInForceAndSaysWhatIsMissing) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  event.mutable_sign_offs(0)->set_signed_by("manager");
  const auto refused = [&](const People& people, absl::Time now) {
    const auto facts = SignOff(event, At(kSecond), kDeputy, people, now);
    EXPECT_EQ(facts.status().code(), absl::StatusCode::kPermissionDenied);
    return absl::StrCat(ReasonOf(facts.status()), ": ", std::string(facts.status().message()));
  };
  EXPECT_EQ(refused(OurPeople(), kNow),
            "NO_DELEGATION: a deputy signs off only under a delegation by the registered manager, "
            "and none is recorded");
  EXPECT_EQ(refused(Delegated("manager"), kNow),
            "NO_DELEGATION: a deputy signs off only under a delegation by the registered manager, "
            "and none is recorded");
  const std::string dates =
      "NO_DELEGATION: delegation d-1 is in force from 18 November 2026, 14:00 until 18 November "
      "2026, 16:00, and not now";
  EXPECT_EQ(refused(Delegated("deputy"), kNow - absl::Hours(1) - absl::Microseconds(1)), dates);
  EXPECT_EQ(refused(Delegated("deputy"), kNow + absl::Hours(1)), dates);
  EXPECT_TRUE(
      SignOff(event, At(kSecond), kDeputy, Delegated("deputy"), kNow - absl::Hours(1)).ok());
  People gone = Delegated("deputy");
  gone.holders.pop_back();
  EXPECT_EQ(refused(gone, kNow),
            "NO_DELEGATION: delegation d-1 was given by somebody who is not the registered manager "
            "now");
}

TEST(SignOff, IsNeverOnesOwnUnderADelegationEither) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const Actor reporter = {"caseworker", {options::v1::ROLE_DEPUTY_MANAGER}};
  event.mutable_sign_offs(0)->set_signed_by("manager");
  EXPECT_EQ(ReasonOf(SignOff(event, At(kSecond), reporter, Delegated("caseworker"), kNow).status()),
            "OWN_REPORT");
  const Actor manager = {"manager", {ROLE_TEAM_MANAGER, options::v1::ROLE_DEPUTY_MANAGER}};
  EXPECT_EQ(ReasonOf(SignOff(event, At(kSecond), manager, Delegated("manager"), kNow).status()),
            "SAME_PERSON");
}

TEST(SignOff, LeavesSomebodyWhoMaySignTheOtherStage) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  People people = OurPeople();
  people.holders.pop_back();
  const auto facts = SignOff(event, At(kFirst), kRegistered, people, kNow);
  EXPECT_EQ(facts.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(facts.status()), "ONLY_SECOND_SIGNER");
  EXPECT_TRUE(SignOff(event, At(kFirst), kManager, people, kNow).ok());
  // Another person may sign under a delegation, but not the reporter.
  EXPECT_TRUE(SignOff(event, At(kFirst), kRegistered, Delegated("deputy"), kNow).ok());
  EXPECT_EQ(
      ReasonOf(SignOff(event, At(kFirst), kRegistered, Delegated("caseworker"), kNow).status()),
      "ONLY_SECOND_SIGNER");
  // Nor does the deputy use up a delegation that nobody else can stand in for.
  event.set_reporter_id("registered");
  EXPECT_EQ(ReasonOf(SignOff(event, At(kFirst), kDeputy, Delegated("deputy"), kNow).status()),
            "ONLY_SECOND_SIGNER");
}

TEST(SignOff, LimitsTheComment) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  auto request = At(kFirst);
  request.set_comment(std::string(20'001, 'x'));
  EXPECT_EQ(Refusal(SignOff(event, request, kManager, kNow).status()), "comment TEXT_TOO_LONG");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
