#include "services/notifiable_events/domain/agency_law.h"

#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::HasSubstr;

// kNow is 18 November 2026.
v1::SwitchPolicyRecipientRequest PoliceOff(const std::string& from = "2026-11-18") {
  v1::SwitchPolicyRecipientRequest request;
  request.set_kind(v1::EVENT_KIND_CHILD_MISSING);
  request.set_recipient(v1::RECIPIENT_POLICE);
  request.set_effective_from(from);
  request.set_reason("the council tells them");
  return request;
}

std::string Version(const std::string& version) {
  return absl::StrReplaceAll(LawText(), {{OurLaw().version(), version}});
}

v1::AdoptLawRequest Adopt(const std::string& json, const std::string& from = "2026-11-23") {
  v1::AdoptLawRequest request;
  request.set_law_json(json);
  request.set_effective_from(from);
  request.set_reason("the amending regulations");
  return request;
}

TEST(SwitchPolicyRecipient, KeepsWhoSwitchedWhatFromWhenAndWhy) {
  const auto facts = SwitchPolicyRecipient(OurLaw(), PoliceOff(), kRegistered, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  v1::AgencyLaw agency;
  for (const auto& fact : *facts) EvolveAgencyLaw(agency, fact);
  ASSERT_EQ(agency.policy_switches_size(), 1);
  const auto& said = agency.policy_switches(0);
  EXPECT_FALSE(said.on());
  EXPECT_EQ(said.effective_from(), "2026-11-18");
  EXPECT_EQ(said.reason(), "the council tells them");
  EXPECT_EQ(said.switched_by(), "registered");
  EXPECT_EQ(Show(said.switched_time()), "2026-11-18T15:00:00Z");
  const auto law = OurLaw().For(agency);
  EXPECT_EQ(law->ToldOf(v1::EVENT_KIND_CHILD_MISSING, kAware).size(), 1u);
  // Off is off: not twice.
  EXPECT_EQ(ReasonOf(SwitchPolicyRecipient(*law, PoliceOff(), kRegistered, kNow).status()),
            "SWITCHED_BEFORE");
}

TEST(SwitchPolicyRecipient, TakesTodayWhereNoDayIsGiven) {
  const auto facts = SwitchPolicyRecipient(OurLaw(), PoliceOff(""), kRegistered, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->front().policy_recipient_switched().policy_switch().effective_from(),
            "2026-11-18");
}

TEST(SwitchPolicyRecipient, RefusesWhatItCannotDo) {
  const auto refusal = [](v1::SwitchPolicyRecipientRequest request) {
    return Refusal(SwitchPolicyRecipient(OurLaw(), request, kRegistered, kNow).status());
  };
  EXPECT_EQ(refusal(PoliceOff("2026-11-17")), "effective_from DAY_IS_OVER");
  EXPECT_EQ(refusal(PoliceOff("2026-11-31")), "effective_from INVALID_DAY");
  auto request = PoliceOff();
  request.clear_reason();
  EXPECT_EQ(refusal(request), "reason REQUIRED");
  // The law's own recipients are none of policy's.
  request = PoliceOff();
  request.set_recipient(v1::RECIPIENT_RESPONSIBLE_AUTHORITY);
  EXPECT_EQ(refusal(request), "recipient UNKNOWN_POLICY_RECIPIENT");
  request = PoliceOff();
  request.set_on(true);
  EXPECT_EQ(refusal(request), "SWITCHED_BEFORE") << "it is on as shipped";
}

TEST(AdoptLaw, GovernsFromItsDayOnAndLeavesTheDaysBefore) {
  const auto facts = AdoptLaw(OurLaw(), {}, Adopt(Version("v2")), kRegistered, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  v1::AgencyLaw agency;
  for (const auto& fact : *facts) EvolveAgencyLaw(agency, fact);
  const auto law = OurLaw().For(agency);
  ASSERT_TRUE(law.ok()) << law.status();
  // The 23rd begins in London at midnight UTC.
  EXPECT_EQ(law->VersionOn(Utc("2026-11-22T23:59:59Z")), OurLaw().version());
  EXPECT_EQ(law->VersionOn(Utc("2026-11-23T00:00:00Z")), "v2");
  EXPECT_EQ(agency.adoptions(0).version(), "v2");
  EXPECT_EQ(agency.adoptions(0).adopted_by(), "registered");
}

TEST(AdoptLaw, FollowsTheLaterOfTwoForOneDayAndTheLatestDay) {
  v1::AgencyLaw agency;
  for (const auto& [version, from] :
       {std::pair{"third", "2026-12-01"}, std::pair{"first", "2026-11-23"},
        std::pair{"second", "2026-11-23"}}) {
    const auto facts = AdoptLaw(OurLaw(), agency, Adopt(Version(version), from), kRegistered, kNow);
    ASSERT_TRUE(facts.ok()) << facts.status();
    for (const auto& fact : *facts) EvolveAgencyLaw(agency, fact);
  }
  const auto law = OurLaw().For(agency);
  ASSERT_TRUE(law.ok()) << law.status();
  EXPECT_EQ(law->VersionOn(Utc("2026-11-24T12:00:00Z")), "second");
  EXPECT_EQ(law->VersionOn(Utc("2026-12-24T12:00:00Z")), "third");
}

TEST(AdoptLaw, RefusesWhatCannotBeTrusted) {
  const auto status = [](const v1::AdoptLawRequest& request) {
    return AdoptLaw(OurLaw(), {}, request, kRegistered, kNow).status();
  };
  EXPECT_EQ(Refusal(status(Adopt(Version("v2"), "2026-11-17"))), "effective_from DAY_IS_OVER");
  EXPECT_EQ(Refusal(status(Adopt(Version("v2"), ""))), "effective_from REQUIRED");
  EXPECT_EQ(ReasonOf(status(Adopt("{}"))), "LAW_INVALID");
  EXPECT_EQ(ReasonOf(status(Adopt("no JSON"))), "LAW_INVALID");
  EXPECT_EQ(Refusal(status(Adopt(std::string(kMaxLawBytes + 1, ' ')))), "law_json TEXT_TOO_LONG");
  // What is no law at all has a fault for each cell; an answer has room for some.
  EXPECT_EQ(ViolationsOf(status(Adopt("{}"))).size(), 20u);
  EXPECT_THAT(std::string(status(Adopt("{}")).message()), HasSubstr(" more"));
  // A version names one text for good.
  EXPECT_EQ(Refusal(status(Adopt(LawText()))), "law_json LAW_VERSION_USED");
  const auto no_source = status(Adopt(absl::StrReplaceAll(
      Version("v2"), {{R"("source": "police under the missing protocol")", R"("source": "")"}})));
  EXPECT_THAT(std::string(no_source.message()), HasSubstr("policy_rows[1].source: is missing"));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
