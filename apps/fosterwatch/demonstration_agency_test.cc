#include "apps/fosterwatch/demonstration_agency.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "apps/fosterwatch/people.h"
#include "services/directory/domain/check.h"
#include "services/directory/domain/policy.h"

namespace fosterwatch::app {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

class DemonstrationAgencyTest : public ::testing::Test {
 protected:
  DemonstrationAgencyTest() {
    for (const auto& body : agency_.bodies) kinds_.insert({body.body_id(), body.kind()});
  }
  const DemonstrationAgency agency_ = MakeDemonstrationAgency();
  std::map<std::string, directory::v1::Body::Kind> kinds_;
};

TEST_F(DemonstrationAgencyTest, HasTheSizeOfTheOneThatWasInspected) {
  int mainstream = 0;
  int decision_makers = 0;
  for (const auto& carer : agency_.carers) {
    mainstream += carer.kind() == carers::v1::Carer::KIND_MAINSTREAM;
  }
  for (const auto& holder : agency_.holders) {
    decision_makers += holder.title() == "Agency decision maker";
  }
  EXPECT_EQ(mainstream, 121);
  EXPECT_EQ(agency_.carers.size() - static_cast<size_t>(mainstream), 136u);
  EXPECT_EQ(agency_.children.size(), 356u);
  EXPECT_EQ(decision_makers, 13);
}

TEST_F(DemonstrationAgencyTest, EveryIdIsThereOnceAndNamesSomethingThatIsThere) {
  EXPECT_EQ(kinds_.size(), agency_.bodies.size());
  std::set<std::string> carers;
  for (const auto& carer : agency_.carers) EXPECT_TRUE(carers.insert(carer.carer_id()).second);
  std::set<std::string> ids;
  for (const auto& child : agency_.children) {
    EXPECT_TRUE(ids.insert(child.child_id()).second);
    EXPECT_TRUE(carers.contains(child.carer_id()));
    EXPECT_EQ(kinds_[child.responsible_authority_id()], directory::v1::Body::KIND_LOCAL_AUTHORITY);
    EXPECT_EQ(kinds_[child.area_authority_id()], directory::v1::Body::KIND_LOCAL_AUTHORITY);
  }
  for (const auto& holder : agency_.holders) EXPECT_TRUE(ids.insert(holder.person_id()).second);
  for (const auto& body : agency_.bodies) {
    if (body.kind() != directory::v1::Body::KIND_LOCAL_AUTHORITY) continue;
    EXPECT_EQ(kinds_[body.police_body_id()], directory::v1::Body::KIND_POLICE);
    EXPECT_EQ(kinds_[body.health_body_id()], directory::v1::Body::KIND_HEALTH_BODY);
  }
}

TEST_F(DemonstrationAgencyTest, AboutAThirdOfTheChildrenLiveInAnotherArea) {
  int elsewhere = 0;
  for (const auto& child : agency_.children) {
    elsewhere += child.responsible_authority_id() != child.area_authority_id();
  }
  EXPECT_GT(elsewhere, 356 / 3 - 10);
  EXPECT_LT(elsewhere, 356 / 3 + 10);
}

TEST_F(DemonstrationAgencyTest, NoAddressLeadsAnywhereAndBodiesAreMarked) {
  for (const auto& body : agency_.bodies) {
    EXPECT_THAT(body.name(), EndsWith("(demonstration)"));
    for (const auto& contact : body.contacts()) {
      if (contact.channel() == type::v1::CHANNEL_TELEPHONE) {
        EXPECT_THAT(contact.address(), StartsWith("01632 960"));
      } else {
        EXPECT_TRUE(absl::StrContains(contact.address(), "demonstration.invalid"));
      }
    }
  }
  for (const auto& holder : agency_.holders) {
    EXPECT_THAT(holder.email(), EndsWith("@demonstration.invalid"));
  }
}

TEST_F(DemonstrationAgencyTest, WhoSignsInHoldsThatRole) {
  for (const options::v1::Role role :
       {options::v1::ROLE_CASEWORKER, options::v1::ROLE_SUPERVISING_SOCIAL_WORKER,
        options::v1::ROLE_TEAM_MANAGER, options::v1::ROLE_DEPUTY_MANAGER,
        options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}) {
    const auto held = [&](const directory::v1::RoleHolder& holder) {
      return holder.person_id() == PersonOf(role) && holder.role() == role;
    };
    EXPECT_EQ(std::count_if(agency_.holders.begin(), agency_.holders.end(), held), 1);
  }
}

TEST_F(DemonstrationAgencyTest, IsTheSameEachTime) {
  const DemonstrationAgency again = MakeDemonstrationAgency();
  for (size_t i = 0; i < agency_.children.size(); ++i) {
    EXPECT_EQ(agency_.children[i].SerializeAsString(), again.children[i].SerializeAsString());
  }
  EXPECT_EQ(agency_.carers[7].name(), again.carers[7].name());
  EXPECT_EQ(agency_.holders[3].name(), again.holders[3].name());
}

TEST_F(DemonstrationAgencyTest, EverybodyInItsDirectoryCanBeReached) {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/policy/directory.json");
  std::ostringstream text;
  text << file.rdbuf();
  const auto policies = directory::domain::ParseDirectoryPolicies(text.str());
  ASSERT_TRUE(policies.ok()) << policies.status();
  directory::domain::Directory whole;
  whole.bodies = agency_.bodies;
  whole.holders = agency_.holders;
  const absl::Time now = absl::Now();
  for (const auto& finding :
       directory::domain::Check(whole, directory::domain::InForce(*policies, now), now)) {
    ADD_FAILURE() << finding.ShortDebugString();
  }
}

}  // namespace
}  // namespace fosterwatch::app
