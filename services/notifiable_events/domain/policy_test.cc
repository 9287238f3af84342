// Whom the agency's policy has told beside the law: a separate layer, switched by the agency, that
// never counts as statutory. Written by hand from the fact sheet of the law, section 1.4.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> ByPolicy(const v1::NotifiableEvent& event) {
  v1::NotifiableEvent left = event;
  left.clear_notices();
  for (const auto& notice : event.notices()) {
    if (notice.basis() == v1::BASIS_POLICY) *left.add_notices() = notice;
  }
  return ShowNotices(left);
}

v1::AgencyLaw Switched(v1::EventKind kind, v1::Recipient recipient, bool on,
                       const std::string& from) {
  v1::AgencyLaw agency;
  auto* one = agency.add_policy_switches();
  one->set_kind(kind);
  one->set_recipient(recipient);
  one->set_on(on);
  one->set_effective_from(from);
  return agency;
}

TEST(Policy, HasThePoliceToldOfAMissingChild) {
  EXPECT_THAT(ByPolicy(Reported({v1::EVENT_KIND_CHILD_MISSING})),
              ElementsAre("CHILD_MISSING POLICE south-police"));
}

TEST(Policy, HasTheAreaAuthorityToldOfASeriousAccidentWhereItIsAnotherOne) {
  EXPECT_THAT(ByPolicy(Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT}, World(kAway))),
              ElementsAre("SERIOUS_ILLNESS_ACCIDENT AREA_AUTHORITY southshire"));
  EXPECT_THAT(ByPolicy(Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT}, World(kHome))),
              IsEmpty());
}

TEST(Policy, HasTheDesignatedOfficerOfTheAreaToldOfASeriousComplaint) {
  auto world = World(kAway);
  world.placed_with_carer = {kAway};
  EXPECT_THAT(ByPolicy(Reported({v1::EVENT_KIND_SERIOUS_COMPLAINT}, world)),
              ElementsAre("SERIOUS_COMPLAINT DESIGNATED_OFFICER south-officer"));
  // Westshire's child lives in Southshire too; nobody is told twice.
  EXPECT_THAT(ByPolicy(Reported({v1::EVENT_KIND_SERIOUS_COMPLAINT})),
              ElementsAre("SERIOUS_COMPLAINT DESIGNATED_OFFICER south-officer"));
}

TEST(Policy, AddsNothingToAnyOtherKind) {
  for (int kind = 1; kind <= v1::EventKind_MAX; ++kind) {
    if (kind == v1::EVENT_KIND_CHILD_MISSING || kind == v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT ||
        kind == v1::EVENT_KIND_SERIOUS_COMPLAINT) {
      continue;
    }
    for (const Told& told : OurLaw().ToldOf(static_cast<v1::EventKind>(kind), kAware)) {
      EXPECT_NE(told.basis, v1::BASIS_POLICY) << kind << " " << Name(told.recipient);
    }
  }
}

TEST(Policy, NamesItselfAsTheSourceOfItsNotices) {
  const v1::NotifiableEvent event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  for (const auto& notice : event.notices()) {
    if (notice.recipient() != v1::RECIPIENT_POLICE) continue;
    EXPECT_THAT(notice.explanation().source(), HasSubstr("missing protocol"));
    EXPECT_EQ(notice.explanation().confidence(), "medium");
    EXPECT_EQ(Show(notice.due_time()), "2026-11-19T14:00:00Z");
  }
}

TEST(Policy, IsSwitchedOffFromADayOnForThatAgencyAndKind) {
  const auto law = OurLaw().For(
      Switched(v1::EVENT_KIND_CHILD_MISSING, v1::RECIPIENT_POLICE, false, "2026-11-18"));
  ASSERT_TRUE(law.ok()) << law.status();
  const auto told = [&](const char* aware) {
    std::vector<v1::Recipient> recipients;
    for (const Told& one : law->ToldOf(v1::EVENT_KIND_CHILD_MISSING, Utc(aware))) {
      recipients.push_back(one.recipient);
    }
    return recipients;
  };
  // The 18th begins in London at midnight UTC.
  EXPECT_THAT(told("2026-11-17T23:59:59Z"),
              ElementsAre(v1::RECIPIENT_RESPONSIBLE_AUTHORITY, v1::RECIPIENT_POLICE));
  EXPECT_THAT(told("2026-11-18T00:00:00Z"), ElementsAre(v1::RECIPIENT_RESPONSIBLE_AUTHORITY));
  // The others stay as they are.
  EXPECT_EQ(law->ToldOf(v1::EVENT_KIND_SERIOUS_COMPLAINT, kAware),
            OurLaw().ToldOf(v1::EVENT_KIND_SERIOUS_COMPLAINT, kAware));
}

TEST(Policy, FollowsTheLaterOfTwoSwitchesOfOneDay) {
  v1::AgencyLaw agency =
      Switched(v1::EVENT_KIND_CHILD_MISSING, v1::RECIPIENT_POLICE, false, "2026-11-18");
  agency.MergeFrom(
      Switched(v1::EVENT_KIND_CHILD_MISSING, v1::RECIPIENT_POLICE, true, "2026-11-18"));
  const auto law = OurLaw().For(agency);
  ASSERT_TRUE(law.ok()) << law.status();
  EXPECT_EQ(law->ToldOf(v1::EVENT_KIND_CHILD_MISSING, kAware).size(), 2u);
}

TEST(Policy, NeverSwitchesOffWhatTheLawAsksFor) {
  const auto law = OurLaw().For(Switched(v1::EVENT_KIND_CHILD_MISSING,
                                         v1::RECIPIENT_RESPONSIBLE_AUTHORITY, false, "2026-11-01"));
  ASSERT_TRUE(law.ok()) << law.status();
  EXPECT_EQ(law->ToldOf(v1::EVENT_KIND_CHILD_MISSING, kAware),
            OurLaw().ToldOf(v1::EVENT_KIND_CHILD_MISSING, kAware));
}

TEST(Policy, HoldsUpNoConclusion) {
  v1::NotifiableEvent event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  std::vector<std::string> fields;
  for (const auto& violation : MissingForConclusion(event, "outcome", "")) {
    if (violation.field.rfind("notices[", 0) == 0) fields.push_back(violation.description);
  }
  EXPECT_THAT(fields, ElementsAre(HasSubstr("RESPONSIBLE_AUTHORITY")));
}

TEST(Policy, TellsOfTheOutcomeOfAnEnquiryWhomeverItHadToldOfItsBeginning) {
  // An agency's own edition has the police told of enquiries by policy.
  std::string text = LawText();
  const std::string line =
      R"({"kind": "EVENT_KIND_CHILD_MISSING", "recipient": "RECIPIENT_POLICE", "on")";
  const auto at = text.find(line);
  ASSERT_NE(at, std::string::npos);
  text.replace(
      at, line.size(),
      R"({"kind": "EVENT_KIND_CHILD_PROTECTION_ENQUIRY", "recipient": "RECIPIENT_POLICE", "on")");
  const auto law = Law::Parse(text);
  ASSERT_TRUE(law.ok()) << law.status();
  Ids ids;
  auto request = ReportRequest({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  v1::NotifiableEvent event;
  const auto begun = NoticesFor(
      {{v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::MOMENT_EVENT, "became_aware_time", kAware}},
      event, *law, World(kAway), kNow, ids);
  ASSERT_TRUE(begun.ok()) << begun.status();
  for (const auto& notice : *begun) *event.add_notices() = notice;
  // Since then it is off again.
  const auto later = law->For(
      Switched(v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::RECIPIENT_POLICE, false, "2026-11-18"));
  const auto outcome =
      NoticesFor({{v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::MOMENT_ENQUIRY_OUTCOME,
                   "enquiry_outcome.became_aware_time", kAware}},
                 event, *later, World(kAway), kNow, ids);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  v1::NotifiableEvent of_outcome;
  for (const auto& notice : *outcome) *of_outcome.add_notices() = notice;
  EXPECT_THAT(ByPolicy(of_outcome),
              UnorderedElementsAre("CHILD_PROTECTION_ENQUIRY POLICE south-police outcome"));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
