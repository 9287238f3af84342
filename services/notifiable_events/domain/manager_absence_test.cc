// Regulation 38 as the fact sheet has it: 28 days or more; one month before, or within one week of
// an emergency. Worked out by hand.
#include "services/notifiable_events/domain/manager_absence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/clock/deadline.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Midnight to midnight in London, in winter.
v1::ManagerAbsence Away(const std::string& from, const std::string& until, bool emergency = false) {
  v1::ManagerAbsence absence;
  absence.set_absence_id("absence");
  absence.set_person_id("registered");
  *absence.mutable_from_time() = clock::ToProto(Utc(from + "T00:00:00Z"));
  if (!until.empty()) *absence.mutable_until_time() = clock::ToProto(Utc(until + "T00:00:00Z"));
  absence.set_emergency(emergency);
  return absence;
}

absl::StatusOr<Facts> Open(const v1::ManagerAbsence& absence,
                           const v1::NotifiableEvent& event = {}) {
  Ids ids;
  return OpenManagerAbsence(event, absence, kNow, "event", {"deputy", {}}, OurLaw(), OurCalendar(),
                            World(kAway), kNow, ids);
}

TEST(ManagerAbsence, OfTwentyEightDaysIsToldToTheChiefInspectorOneMonthBefore) {
  // 1 February to 28 February 2027, both away.
  const auto facts = Open(Away("2027-02-01", "2027-03-01"));
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 2u);
  const auto& reported = (*facts)[0].event_reported();
  EXPECT_EQ(reported.report().kinds(0), v1::EVENT_KIND_MANAGER_ABSENCE);
  EXPECT_EQ(reported.report().child_id(), "");
  EXPECT_EQ(reported.reporter_id(), "deputy");
  EXPECT_EQ(reported.manager_absence().absence_id(), "absence");
  EXPECT_THAT(reported.report().summary(), HasSubstr("1 February 2027"));
  ASSERT_EQ((*facts)[1].notices_owed().notices_size(), 1);
  const v1::Notice& notice = (*facts)[1].notices_owed().notices(0);
  EXPECT_EQ(notice.recipient(), v1::RECIPIENT_CHIEF_INSPECTOR);
  EXPECT_EQ(notice.body_id(), "inspector");
  EXPECT_EQ(notice.basis(), v1::BASIS_STATUTORY);
  // The end of 1 January.
  EXPECT_EQ(Show(notice.due_time()), "2027-01-02T00:00:00Z");
  EXPECT_EQ(Show(notice.in_time_until()), "2027-01-02T00:00:00Z");
  EXPECT_EQ(notice.explanation().trigger(), "manager_absence.from_time");
  EXPECT_EQ(Show(notice.explanation().trigger_time()), "2027-02-01T00:00:00Z");
  EXPECT_EQ(notice.explanation().steps(0).amount(), -1);
  EXPECT_THAT(notice.explanation().source(), HasSubstr("reg 38"));
  EXPECT_EQ(notice.explanation().confidence(), "medium");
  EXPECT_EQ(clock::ToProto(clock::Recompute(notice.explanation(), OurCalendar()).value()).seconds(),
            notice.due_time().seconds());
}

TEST(ManagerAbsence, OfTwentySevenDaysIsNobodysToTell) {
  const auto facts = Open(Away("2027-02-01", "2027-02-28"));
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_THAT(*facts, IsEmpty());
}

TEST(ManagerAbsence, WithoutAnEndIsToldOf) {
  const auto facts = Open(Away("2027-02-01", ""));
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->size(), 2u);
}

TEST(ManagerAbsence, OfAnEmergencyIsToldWithinOneWeek) {
  const auto facts = Open(Away("2026-11-17", "2027-01-31", /*emergency=*/true));
  ASSERT_TRUE(facts.ok()) << facts.status();
  const v1::Notice& notice = (*facts)[1].notices_owed().notices(0);
  // Seven days after the 17th; the end of the 24th.
  EXPECT_EQ(Show(notice.due_time()), "2026-11-25T00:00:00Z");
}

TEST(ManagerAbsence, FromTheLastDayOfAMonthIsDueAtTheEndOfAShorterOne) {
  const auto facts = Open(Away("2027-03-31", "2027-06-01"));
  ASSERT_TRUE(facts.ok()) << facts.status();
  // February 2027 ends on the 28th.
  EXPECT_EQ(Show((*facts)[1].notices_owed().notices(0).due_time()), "2027-03-01T00:00:00Z");
}

TEST(ManagerAbsence, ThatWasOpenedIsNotOpenedAgain) {
  v1::NotifiableEvent event;
  const v1::ManagerAbsence absence = Away("2027-02-01", "2027-03-01");
  ApplyAll(event, *Open(absence), kSender);
  EXPECT_EQ(event.manager_absence().absence_id(), "absence");
  EXPECT_THAT(*Open(absence, event), IsEmpty());
}

TEST(ManagerAbsence, ThatEndsOrIsCalledOffIsSaidOnItsEventOnce) {
  v1::NotifiableEvent event;
  ApplyAll(event, *Open(Away("2027-02-01", "2027-03-01")), kSender);
  const absl::Time called_off = Utc("2027-02-01T00:00:00Z");
  const Facts facts = ChangeManagerAbsence(event, called_off);
  ASSERT_EQ(facts.size(), 1u);
  ApplyAll(event, facts, kSender);
  EXPECT_EQ(Show(event.manager_absence().ended_time()), "2027-02-01T00:00:00Z");
  EXPECT_EQ(Show(event.manager_absence().until_time()), "2027-03-01T00:00:00Z") << "as planned";
  EXPECT_EQ(event.notices(0).state(), v1::Notice::STATE_OWED) << "a person decides";
  EXPECT_EQ(event.timeline().rbegin()->fact(), "manager_absence_changed");
  EXPECT_THAT(ChangeManagerAbsence(event, called_off), IsEmpty()) << "the same again";
}

TEST(ManagerAbsence, ThatAnEmergencyMakesLongerIsToldWithinAWeekOfThat) {
  // Away since 3 November as planned; from the 17th on because of an emergency.
  v1::ManagerAbsence absence = Away("2026-11-03", "2026-12-05", /*emergency=*/true);
  *absence.mutable_emergency_time() = clock::ToProto(Utc("2026-11-17T00:00:00Z"));
  const auto facts = Open(absence);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 2u);
  const v1::Notice& notice = (*facts)[1].notices_owed().notices(0);
  EXPECT_EQ(Show(notice.due_time()), "2026-11-25T00:00:00Z");
  EXPECT_EQ(notice.explanation().trigger(), "manager_absence.emergency_time");
  EXPECT_THAT((*facts)[0].event_reported().report().summary(), HasSubstr("from 3 November 2026"));
}

TEST(ManagerAbsence, ThatBecomesLongerIsSaidOnItsEventOnce) {
  v1::NotifiableEvent event;
  EXPECT_FALSE(IsOfManagerAbsence(event));
  ApplyAll(event, *Open(Away("2027-02-01", "2027-03-01")), kSender);
  ASSERT_TRUE(IsOfManagerAbsence(event));
  v1::ManagerAbsence whole = Away("2027-02-01", "2027-03-15");
  whole.set_absence_id("second");
  const Facts facts = ProlongManagerAbsence(event, whole);
  ASSERT_EQ(facts.size(), 1u);
  ApplyAll(event, facts, kSender);
  EXPECT_EQ(event.manager_absence().absence_id(), "absence");
  EXPECT_EQ(Show(event.manager_absence().until_time()), "2027-03-15T00:00:00Z");
  EXPECT_EQ(event.notices_size(), 1);
  EXPECT_THAT(ProlongManagerAbsence(event, whole), IsEmpty()) << "the same again";
  event.set_state(v1::NotifiableEvent::STATE_WITHDRAWN);
  EXPECT_FALSE(IsOfManagerAbsence(event));
}

TEST(ManagerAbsence, ThatWasNeverAnEventChangesNone) {
  EXPECT_THAT(ChangeManagerAbsence({}, kNow), IsEmpty());
  EXPECT_THAT(ChangeManagerAbsence(Reported({v1::EVENT_KIND_CHILD_MISSING}), kNow), IsEmpty());
}

TEST(ManagerAbsence, IsNoKindThatAReportMayName) {
  EXPECT_EQ(Refusal(DecideReport(ReportRequest({v1::EVENT_KIND_MANAGER_ABSENCE})).status()),
            "report.kinds UNKNOWN_KIND");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
