#include "services/notifiable_events/domain/circumstances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(BodiesOf, FindsTheBodiesBehindEachRecipientOfAChild) {
  const auto kind = v1::EVENT_KIND_CHILD_DEATH;
  const Circumstances world = World(kAway);
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_CHIEF_INSPECTOR, world), ElementsAre("inspector"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_SECRETARY_OF_STATE, world), ElementsAre("state"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_RESPONSIBLE_AUTHORITY, world),
              ElementsAre("northshire"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_AREA_AUTHORITY, world), ElementsAre("southshire"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_POLICE, world), ElementsAre("south-police"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_HEALTH_BODY, world), ElementsAre("south-health"));
}

TEST(BodiesOf, TakesPoliceAndHealthBodyOfTheAreaAlsoWhereItIsTheResponsibleAuthority) {
  const auto kind = v1::EVENT_KIND_CHILD_DEATH;
  const Circumstances world = World(kHome);
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_AREA_AUTHORITY, world), IsEmpty());
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_POLICE, world), ElementsAre("north-police"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_HEALTH_BODY, world), ElementsAre("north-health"));
}

TEST(BodiesOf, TellsTheAuthorityOfEachChildPlacedWithTheCarerOfAComplaintOnce) {
  Circumstances world = World(kAway);
  world.child.reset();
  for (const auto kind : {v1::EVENT_KIND_SERIOUS_COMPLAINT, v1::EVENT_KIND_DBS_REFERRAL}) {
    world.placed_with_carer = {kAway, kHome, {"third", "westshire", "southshire", "carer"}};
    EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_RESPONSIBLE_AUTHORITY, world),
                ElementsAre("northshire", "westshire"));
    world.placed_with_carer.clear();
    EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_RESPONSIBLE_AUTHORITY, world), ElementsAre(""));
  }
  world.child = PlacedChild{"fourth", "eastshire", "eastshire", "other"};
  world.placed_with_carer = {kAway};
  EXPECT_THAT(
      BodiesOf(v1::EVENT_KIND_SERIOUS_COMPLAINT, v1::RECIPIENT_RESPONSIBLE_AUTHORITY, world),
      ElementsAre("eastshire", "northshire"));
  // What happened to a child is not the business of those who answer for other children.
  EXPECT_THAT(BodiesOf(v1::EVENT_KIND_CHILD_MISSING, v1::RECIPIENT_RESPONSIBLE_AUTHORITY, world),
              ElementsAre("eastshire"));
}

TEST(BodiesOf, OwesANoticeToNobodyKnownWhereNoBodyCanBeWorkedOut) {
  const auto kind = v1::EVENT_KIND_CHILD_DEATH;
  Circumstances world = World({"lost", "", "", ""});
  world.chief_inspector_body_id.clear();
  world.secretary_of_state_body_id.clear();
  for (int recipient = 1; recipient <= v1::Recipient_MAX; ++recipient) {
    EXPECT_THAT(BodiesOf(kind, static_cast<v1::Recipient>(recipient), world), ElementsAre(""));
  }
  world = World({"away", "northshire", "unlisted", "carer"});
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_AREA_AUTHORITY, world), ElementsAre("unlisted"));
  EXPECT_THAT(BodiesOf(kind, v1::RECIPIENT_POLICE, world), ElementsAre(""));
}

TEST(WayTo, LeavesToAPersonAllButMailAndWebhooksThatTheAgencyLetsGoByThemselves) {
  Circumstances world = World(kAway);
  world.bodies["hooked"].channel = type::v1::CHANNEL_WEBHOOK;
  struct Case {
    const char* body_id;
    type::v1::Channel channel;
    bool by_person;
  };
  const Case cases[] = {
      {"northshire", type::v1::CHANNEL_EMAIL, false},
      {"hooked", type::v1::CHANNEL_WEBHOOK, false},
      {"state", type::v1::CHANNEL_EMAIL, true},  // the agency's own choice
      {"inspector", type::v1::CHANNEL_ONLINE_FORM, true},
      {"south-police", type::v1::CHANNEL_TELEPHONE, true},
      {"unlisted", type::v1::CHANNEL_UNSPECIFIED, true},
      {"", type::v1::CHANNEL_UNSPECIFIED, true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(WayTo(c.body_id, world).channel, c.channel) << c.body_id;
    EXPECT_EQ(WayTo(c.body_id, world).released_by_person, c.by_person) << c.body_id;
  }
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
