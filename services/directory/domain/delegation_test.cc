#include "services/directory/domain/delegation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/directory/domain/test_support.h"

namespace fosterwatch::directory::domain {
namespace {

constexpr char kNow[] = "2026-11-22T12:00:00Z";

v1::Delegation Asked() {
  v1::Delegation asked;
  asked.set_from_person_id("m1");
  asked.set_to_person_id("d1");
  asked.set_scope(v1::Delegation::SCOPE_SIGN_OFF);
  *asked.mutable_from_time() = ProtoAt("2026-11-23T09:00:00Z");
  *asked.mutable_until_time() = ProtoAt("2026-12-07T09:00:00Z");
  asked.set_reason("annual leave");
  return asked;
}

absl::StatusOr<v1::Delegation> Recorded(const v1::Delegation& asked, const std::string& by = "m1",
                                        bool for_others = false,
                                        const std::vector<v1::RoleHolder>& holders = People()) {
  return Record(asked, for_others, {"x1", by, At(kNow)}, holders, Policy());
}

TEST(DelegationTest, IsRecordedWithWhoWhenAndThePolicyOfItsDay) {
  const auto delegation = Recorded(Asked());
  ASSERT_TRUE(delegation.ok()) << delegation.status();
  EXPECT_EQ(delegation->delegation_id(), "x1");
  EXPECT_EQ(delegation->recorded_by(), "m1");
  EXPECT_EQ(clock::FromProto(delegation->recorded_time()), At(kNow));
  EXPECT_EQ(delegation->policy_version(), "2026-11-22.2");
  v1::Delegation at_once = Asked();
  at_once.clear_from_time();
  EXPECT_EQ(clock::FromProto(Recorded(at_once)->from_time()), At(kNow));
}

TEST(DelegationTest, NamesTheFieldThatIsAtFault) {
  const auto field = [](auto change) {
    v1::Delegation asked = Asked();
    change(asked);
    return FieldAtFault(Recorded(asked).status());
  };
  EXPECT_EQ(field([](auto& d) { d.clear_from_person_id(); }), "delegation.from_person_id");
  EXPECT_EQ(field([](auto& d) { d.clear_to_person_id(); }), "delegation.to_person_id");
  EXPECT_EQ(field([](auto& d) { d.set_to_person_id("m1"); }), "delegation.to_person_id");
  EXPECT_EQ(field([](auto& d) { d.clear_scope(); }), "delegation.scope");
  EXPECT_EQ(field([](auto& d) { d.clear_reason(); }), "delegation.reason");
  EXPECT_EQ(field([](auto& d) { d.set_reason(std::string(1001, 'a')); }), "delegation.reason");
  EXPECT_EQ(field([](auto& d) { d.clear_until_time(); }), "delegation.until_time");
  EXPECT_EQ(field([](auto& d) { *d.mutable_until_time() = d.from_time(); }),
            "delegation.until_time");
  EXPECT_EQ(field([](auto& d) { d.mutable_until_time()->set_seconds(1LL << 60); }),
            "delegation.until_time");
  EXPECT_EQ(field([](auto& d) { d.set_delegation_id("mine"); }), "delegation.delegation_id");
  EXPECT_EQ(field([](auto& d) { d.set_recorded_by("boss"); }), "delegation.recorded_by");
}

TEST(DelegationTest, LastsForAsLongAsThePolicySaysAndNotFromThePast) {
  v1::Delegation asked = Asked();
  *asked.mutable_until_time() = ProtoAt("2027-02-23T09:00:00Z");  // 92 days
  EXPECT_TRUE(Recorded(asked).ok());
  *asked.mutable_until_time() = ProtoAt("2027-02-23T09:00:01Z");
  EXPECT_EQ(ReasonOf(Recorded(asked).status()), "TOO_LONG");
  asked = Asked();
  *asked.mutable_from_time() = ProtoAt("2026-11-22T11:00:00Z");  // an hour ago
  EXPECT_TRUE(Recorded(asked).ok());
  *asked.mutable_from_time() = ProtoAt("2026-11-22T10:59:59Z");
  EXPECT_EQ(ReasonOf(Recorded(asked).status()), "BACKDATED");
}

TEST(DelegationTest, IsGivenByItsManagerOrInTheirNameAndNeverToOneself) {
  EXPECT_EQ(ReasonOf(Recorded(Asked(), "m2").status()), "NOT_YOURS");
  EXPECT_TRUE(Recorded(Asked(), "r1", /*for_others=*/true).ok());
  EXPECT_EQ(ReasonOf(Recorded(Asked(), "d1", /*for_others=*/true).status()), "NOT_YOURS");
}

TEST(DelegationTest, NeedsTheRolesOnBothSides) {
  v1::Delegation asked = Asked();
  asked.set_to_person_id("t1");
  EXPECT_TRUE(Recorded(asked).ok());
  asked.set_to_person_id("c1");
  EXPECT_EQ(ReasonOf(Recorded(asked).status()), "DELEGATE_WITHOUT_ROLE");
  std::vector<v1::RoleHolder> holders = People();
  *holders[0].mutable_until_time() = ProtoAt(kNow);
  EXPECT_EQ(ReasonOf(Recorded(Asked(), "m1", false, holders).status()), "DELEGATOR_WITHOUT_ROLE");
  holders = People();
  // Still the deputy today, and no more when it begins.
  *holders[1].mutable_until_time() = ProtoAt("2026-11-23T09:00:00Z");
  EXPECT_EQ(ReasonOf(Recorded(Asked(), "m1", false, holders).status()), "DELEGATE_WITHOUT_ROLE");
}

TEST(DelegationTest, MayBeUsedFromItsBeginningUntilItsEnd) {
  const v1::Delegation delegation = *Recorded(Asked());
  const auto usable = [&](const char* moment) {
    return UsableAt(delegation, People(), Policy(), At(moment));
  };
  EXPECT_FALSE(usable("2026-11-23T08:59:59Z"));
  EXPECT_TRUE(usable("2026-11-23T09:00:00Z"));
  EXPECT_TRUE(usable("2026-12-07T08:59:59Z"));
  EXPECT_FALSE(usable("2026-12-07T09:00:00Z"));
}

TEST(DelegationTest, MayNotBeUsedOnceAPersonHasLostTheirRole) {
  const v1::Delegation delegation = *Recorded(Asked());
  for (const int person : {0, 1}) {
    std::vector<v1::RoleHolder> holders = People();
    *holders[person].mutable_until_time() = ProtoAt("2026-11-25T00:00:00Z");
    EXPECT_TRUE(UsableAt(delegation, holders, Policy(), At("2026-11-24T23:59:59Z")));
    EXPECT_FALSE(UsableAt(delegation, holders, Policy(), At("2026-11-25T00:00:00Z")));
  }
}

TEST(DelegationTest, IsTakenBackFromNowOnAndOnceOnly) {
  v1::Delegation delegation = *Recorded(Asked());
  const absl::Time now = At("2026-11-30T10:00:00Z");
  const auto ended = TakeBack(delegation, {"x1", "r1", now});
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->ended_by(), "r1");
  *delegation.mutable_ended_time() = ended->ended_time();
  EXPECT_TRUE(GivenAt(delegation, now - absl::Microseconds(1)));
  EXPECT_FALSE(GivenAt(delegation, now));
  EXPECT_EQ(ReasonOf(TakeBack(delegation, {"x1", "r1", now}).status()), "DELEGATION_OVER");
  // Before it begins: it never may be used.
  delegation = *Recorded(Asked());
  *delegation.mutable_ended_time() = TakeBack(delegation, {"x1", "m1", At(kNow)})->ended_time();
  EXPECT_EQ(ReasonOf(TakeBack(delegation, {"x1", "m1", At(kNow)}).status()), "DELEGATION_OVER");
  EXPECT_FALSE(GivenAt(delegation, At("2026-11-23T09:00:00Z")));
}

}  // namespace
}  // namespace fosterwatch::directory::domain
