#include "services/directory/domain/absence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/directory/domain/test_support.h"

namespace fosterwatch::directory::domain {
namespace {

constexpr char kNow[] = "2026-11-22T12:00:00Z";

v1::Absence Asked() {
  v1::Absence asked;
  asked.set_person_id("m1");
  asked.set_role(options::v1::ROLE_REGISTERED_MANAGER);
  *asked.mutable_from_time() = ProtoAt("2026-11-23T09:00:00Z");
  *asked.mutable_until_time() = ProtoAt("2026-12-07T09:00:00Z");
  asked.set_covered_by_person_id("d1");
  asked.set_reason("annual leave");
  return asked;
}

absl::StatusOr<v1::Absence> Recorded(const v1::Absence& asked,
                                     const std::vector<v1::Absence>& absences = {},
                                     const std::vector<v1::RoleHolder>& holders = People()) {
  return Record(asked, {"x1", "d1", At(kNow)}, holders, absences, Policy());
}

std::vector<v1::HolderAway> AwayOf(const std::string& person,
                                   const std::vector<v1::Absence>& absences, const char* moment,
                                   const std::vector<v1::RoleHolder>& holders = People()) {
  std::vector<v1::RoleHolder> asked;
  for (const auto& holder : holders) {
    if (holder.person_id() == person) asked.push_back(holder);
  }
  return Away(asked, holders, absences, Policy(), At(moment));
}

TEST(AbsenceTest, IsRecordedWithWhoAndWhen) {
  const auto absence = Recorded(Asked());
  ASSERT_TRUE(absence.ok()) << absence.status();
  EXPECT_EQ(absence->absence_id(), "x1");
  EXPECT_EQ(absence->recorded_by(), "d1");
  EXPECT_EQ(clock::FromProto(absence->recorded_time()), At(kNow));
}

TEST(AbsenceTest, NamesTheFieldThatIsAtFault) {
  const auto field = [](auto change) {
    v1::Absence asked = Asked();
    change(asked);
    return FieldAtFault(Recorded(asked).status());
  };
  EXPECT_EQ(field([](auto& a) { a.clear_person_id(); }), "absence.person_id");
  EXPECT_EQ(field([](auto& a) { a.clear_role(); }), "absence.role");
  EXPECT_EQ(field([](auto& a) { a.set_role(options::v1::ROLE_SERVICE); }), "absence.role");
  EXPECT_EQ(field([](auto& a) { a.clear_reason(); }), "absence.reason");
  EXPECT_EQ(field([](auto& a) { *a.mutable_until_time() = a.from_time(); }), "absence.until_time");
  EXPECT_EQ(field([](auto& a) { a.mutable_from_time()->set_nanos(-1); }), "absence.from_time");
  EXPECT_EQ(field([](auto& a) { a.set_covered_by_person_id("m1"); }),
            "absence.covered_by_person_id");
  EXPECT_EQ(field([](auto& a) { a.set_absence_id("mine"); }), "absence.absence_id");
  EXPECT_EQ(field([](auto& a) { *a.mutable_ended_time() = a.from_time(); }), "absence.ended_time");
}

TEST(AbsenceTest, NeedsSomebodyWhoHoldsTheRoleAndACoverWhoHoldsOneThatCan) {
  v1::Absence asked = Asked();
  asked.set_person_id("d1");
  asked.clear_covered_by_person_id();
  EXPECT_EQ(ReasonOf(Recorded(asked).status()), "PERSON_WITHOUT_ROLE");
  asked = Asked();
  asked.set_covered_by_person_id("c1");  // no caseworker manages the agency
  EXPECT_EQ(ReasonOf(Recorded(asked).status()), "COVER_WITHOUT_ROLE");
  asked.set_covered_by_person_id("x9");
  EXPECT_EQ(ReasonOf(Recorded(asked).status()), "COVER_WITHOUT_ROLE");
  asked.clear_covered_by_person_id();
  asked.clear_until_time();
  EXPECT_TRUE(Recorded(asked).ok());
}

TEST(AbsenceTest, DoesNotOverlapAnotherUnlessThatWasCalledOff) {
  v1::Absence first = *Recorded(Asked());
  v1::Absence second = Asked();
  *second.mutable_from_time() = ProtoAt("2026-12-07T08:59:59Z");
  second.clear_until_time();
  EXPECT_EQ(ReasonOf(Recorded(second, {first}).status()), "ABSENCE_OVERLAPS");
  *second.mutable_from_time() = ProtoAt("2026-12-07T09:00:00Z");
  EXPECT_TRUE(Recorded(second, {first}).ok());
  *first.mutable_ended_time() = first.from_time();
  EXPECT_TRUE(Recorded(Asked(), {first}).ok());
}

TEST(AbsenceTest, EndsWhenThePersonIsBack) {
  v1::Absence absence = *Recorded(Asked());
  const absl::Time now = At("2026-11-30T10:00:00Z");
  EXPECT_EQ(FieldAtFault(Back(absence, now + absl::Seconds(1), {"x1", "d1", now}).status()),
            "back_time");
  EXPECT_EQ(FieldAtFault(Back(absence, At("2026-11-23T08:00:00Z"), {"x1", "d1", now}).status()),
            "back_time");
  const auto back = Back(absence, At("2026-11-30T08:00:00Z"), {"x1", "d1", now});
  ASSERT_TRUE(back.ok());
  *absence.mutable_ended_time() = back->ended_time();
  EXPECT_TRUE(AwayAt(absence, At("2026-11-30T07:59:59Z")));
  EXPECT_FALSE(AwayAt(absence, At("2026-11-30T08:00:00Z")));
  EXPECT_EQ(ReasonOf(Back(absence, now, {"x1", "d1", now}).status()), "ABSENCE_OVER");
}

TEST(AbsenceTest, ThatHasNotBegunIsCalledOff) {
  v1::Absence absence = *Recorded(Asked());
  const auto back = Back(absence, At(kNow), {"x1", "d1", At(kNow)});
  ASSERT_TRUE(back.ok());
  *absence.mutable_ended_time() = back->ended_time();
  EXPECT_FALSE(AwayAt(absence, At("2026-11-23T09:00:00Z")));
  EXPECT_EQ(ReasonOf(Back(absence, At(kNow), {"x1", "d1", At(kNow)}).status()), "ABSENCE_OVER");
}

TEST(AwayTest, TheCoverIsTheirsForAsLongAsTheAbsenceLasts) {
  const std::vector<v1::Absence> absences = {*Recorded(Asked())};
  EXPECT_TRUE(AwayOf("m1", absences, "2026-11-23T08:59:59Z").empty());
  const auto away = AwayOf("m1", absences, "2026-11-23T09:00:00Z");
  ASSERT_EQ(away.size(), 1u);
  EXPECT_EQ(away[0].holder_id(), "h-m1");
  EXPECT_EQ(away[0].absence_id(), "x1");
  EXPECT_EQ(away[0].covered_by().holder_id(), "h-d1");
  EXPECT_TRUE(AwayOf("m1", absences, "2026-12-07T09:00:00Z").empty());
  EXPECT_TRUE(AwayOf("d1", absences, "2026-11-23T09:00:00Z").empty());
}

TEST(AwayTest, ACoverWhoIsAwayOrHoldsNoRoleAnyMoreIsNone) {
  std::vector<v1::Absence> absences = {*Recorded(Asked())};
  std::vector<v1::RoleHolder> holders = People();
  *holders[1].mutable_until_time() = ProtoAt("2026-11-25T00:00:00Z");
  EXPECT_TRUE(AwayOf("m1", absences, "2026-11-24T00:00:00Z", holders)[0].has_covered_by());
  EXPECT_FALSE(AwayOf("m1", absences, "2026-11-25T00:00:00Z", holders)[0].has_covered_by());
  v1::Absence of_deputy = Asked();
  of_deputy.set_person_id("d1");
  of_deputy.set_role(options::v1::ROLE_DEPUTY_MANAGER);
  of_deputy.set_covered_by_person_id("t1");
  absences.push_back(of_deputy);
  EXPECT_FALSE(AwayOf("m1", absences, "2026-11-24T00:00:00Z")[0].has_covered_by());
  EXPECT_EQ(AwayOf("d1", absences, "2026-11-24T00:00:00Z")[0].covered_by().holder_id(), "h-t1");
}

TEST(AwayTest, WhoeverIsAwayFromOneRoleIsReachedInNone) {
  std::vector<v1::RoleHolder> holders = People();
  holders.push_back(Holder("m1", options::v1::ROLE_TEAM_MANAGER));
  holders.back().set_holder_id("h-m1-team");
  const auto away = AwayOf("m1", {*Recorded(Asked())}, "2026-11-24T00:00:00Z", holders);
  ASSERT_EQ(away.size(), 2u);
  EXPECT_TRUE(away[0].has_covered_by());
  EXPECT_EQ(away[1].holder_id(), "h-m1-team");
  EXPECT_FALSE(away[1].has_covered_by());
}

}  // namespace
}  // namespace fosterwatch::directory::domain
