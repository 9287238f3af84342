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

clock::WorkingCalendar Calendar() {
  const auto calendar = clock::WorkingCalendar::Parse(
      SourceFile("libs/clock/data/bank_holidays_england_and_wales.json"));
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *calendar;
}

absl::StatusOr<v1::Absence> Recorded(const v1::Absence& asked,
                                     const std::vector<v1::Absence>& absences = {},
                                     const std::vector<v1::RoleHolder>& holders = People()) {
  return Record(asked, {"x1", "d1", At(kNow)}, holders, absences, Calendar(), Policy());
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

TEST(AbsenceTest, IsOnePeriodWithOthersUnlessThePersonWasBackInWorkingTime) {
  // Until the morning of Monday 7 December, and on from then.
  v1::Absence first = *Recorded(Asked());
  first.set_absence_id("first");
  const struct {
    const char* from;
    bool joined;
  } cases[] = {
      {"2026-12-07T09:00:00Z", true},
      {"2026-12-07T09:30:00Z", false},
      {"2026-12-08T09:00:00Z", false},
  };
  for (const auto& c : cases) {
    v1::Absence second = Asked();
    *second.mutable_from_time() = ProtoAt(c.from);
    *second.mutable_until_time() = ProtoAt("2026-12-18T17:00:00Z");
    const auto recorded = Recorded(second, {first});
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    EXPECT_EQ(recorded->joined_absence_ids_size(), c.joined ? 1 : 0) << c.from;
    EXPECT_EQ(recorded->has_joined_from_time(), c.joined) << c.from;
    EXPECT_EQ(clock::FromProto(recorded->from_time()), At(c.from));
    if (!c.joined) continue;
    EXPECT_EQ(clock::FromProto(recorded->joined_from_time()), At("2026-11-23T09:00:00Z"));
    EXPECT_EQ(clock::FromProto(recorded->joined_until_time()), At("2026-12-18T17:00:00Z"));
  }
  // Over a night, and over Christmas: Friday 25 and, for the 26th, Monday 28 December are holidays.
  v1::Absence before_christmas = Asked();
  *before_christmas.mutable_from_time() = ProtoAt("2026-12-07T17:00:00Z");
  *before_christmas.mutable_until_time() = ProtoAt("2026-12-24T17:00:00Z");
  EXPECT_EQ(Recorded(before_christmas, {first})->joined_absence_ids_size(), 0);
  *before_christmas.mutable_from_time() = ProtoAt("2026-12-07T08:59:59Z");
  *first.mutable_until_time() = ProtoAt("2026-12-04T17:00:00Z");
  before_christmas = *Recorded(before_christmas, {first});
  EXPECT_THAT(before_christmas.joined_absence_ids(), testing::ElementsAre("first"));
  before_christmas.set_absence_id("christmas");
  v1::Absence after = Asked();
  *after.mutable_from_time() = ProtoAt("2026-12-29T09:00:00Z");
  after.clear_until_time();
  v1::Absence whole = *Recorded(after, {before_christmas, first});
  EXPECT_THAT(whole.joined_absence_ids(), testing::ElementsAre("christmas", "first"));
  EXPECT_EQ(clock::FromProto(whole.joined_from_time()), At("2026-11-23T09:00:00Z"));
  EXPECT_FALSE(whole.has_joined_until_time()) << "nobody knows";
  *after.mutable_from_time() = ProtoAt("2026-12-29T09:00:01Z");
  EXPECT_EQ(Recorded(after, {before_christmas, first})->joined_absence_ids_size(), 0);
  // One that is filled in between two joins both; those of another role, or called off, none.
  v1::Absence later = Asked();
  later.set_absence_id("later");
  *later.mutable_from_time() = ProtoAt("2026-12-14T09:00:00Z");
  later.clear_until_time();
  v1::Absence between = Asked();
  *between.mutable_from_time() = ProtoAt("2026-12-07T09:00:00Z");
  *between.mutable_until_time() = ProtoAt("2026-12-11T17:00:00Z");
  whole = *Recorded(between, {later, first});
  EXPECT_THAT(whole.joined_absence_ids(), testing::ElementsAre("first", "later"));
  EXPECT_FALSE(whole.has_joined_until_time());
  first.set_role(options::v1::ROLE_DEPUTY_MANAGER);
  *later.mutable_ended_time() = later.from_time();
  EXPECT_EQ(Recorded(between, {later, first})->joined_absence_ids_size(), 0);
}

TEST(AbsenceTest, ThatIsTheLastOfSeveralEndsThemAll) {
  v1::Absence first = *Recorded(Asked());
  first.set_absence_id("first");
  v1::Absence second = Asked();
  *second.mutable_from_time() = ProtoAt("2026-12-07T09:00:00Z");
  *second.mutable_until_time() = ProtoAt("2026-12-18T17:00:00Z");
  second = *Recorded(second, {first});
  const absl::Time now = At("2026-12-10T10:00:00Z");
  EXPECT_THAT(Back(second, now, {"x1", "d1", now})->joined_absence_ids(),
              testing::ElementsAre("first"));
  // Recorded the other way round, the first says nothing of the second.
  first = Asked();
  second.set_absence_id("second");
  first = *Recorded(first, {second});
  EXPECT_EQ(first.joined_absence_ids_size(), 1);
  const absl::Time early = At("2026-11-25T10:00:00Z");
  EXPECT_EQ(Back(first, early, {"x1", "d1", early})->joined_absence_ids_size(), 0);
}

TEST(AbsenceTest, WhatIsNotedOfAPersonTakesThePlaceOfWhatWasRead) {
  v1::PersonAbsences list;
  v1::Absence noted = Noted(*Recorded(Asked()));
  EXPECT_EQ(noted.reason(), "");
  EXPECT_EQ(noted.covered_by_person_id(), "");
  Note(list, noted);
  *noted.mutable_ended_time() = noted.from_time();
  Note(list, noted);
  ASSERT_EQ(list.absences_size(), 1);
  v1::Absence other = noted;
  other.set_absence_id("other");
  const auto all = With({*Recorded(Asked()), other}, list);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].absence_id(), "other");
  EXPECT_TRUE(all[1].has_ended_time());
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
