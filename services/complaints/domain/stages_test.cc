#include "services/complaints/domain/stages.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StagesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(case_.Record(), IsOk()); }
  // To an answered stage 1 and on to stage 2.
  void ToStageTwo() {
    ASSERT_THAT(case_.Answer(), IsOk());
    ASSERT_THAT(case_.Next(), IsOk());
  }
  Case case_;
};

// By hand: 17, 18, 21, 22, 23, 24 December; Christmas Day, the substitute day of Boxing Day (the
// 28th) and New Year's Day do not count; 29, 30, 31 December, 4 January.
TEST_F(StagesTest, TenWorkingDaysOverChristmasEndInJanuaryAndSaySo) {
  const v1::Duty& duty = case_.duty();
  EXPECT_EQ(Show(duty.due_time()), "2027-01-05T00:00:00Z");
  EXPECT_EQ(duty.explanation().trigger(), "received_time");
  EXPECT_EQ(duty.explanation().rule(), "STEP_DUE ca1989 stage_1 answer");
  EXPECT_EQ(duty.explanation().calendar_version(), OurCalendar().version());
  ASSERT_EQ(duty.explanation().steps_size(), 1);
  EXPECT_THAT(duty.explanation().steps(0).skipped(),
              ::testing::Contains("2026-12-25 Christmas Day"));
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_ACKNOWLEDGEMENT).due_time()), "2026-12-22T00:00:00Z");
}

TEST_F(StagesTest, AnExtensionRunsToTheLongerLimitFromTheSameStart) {
  ASSERT_THAT(case_.Extend(), IsOk());
  const v1::Duty& duty = case_.duty();
  EXPECT_EQ(Show(duty.first_due_time()), "2027-01-05T00:00:00Z");
  EXPECT_EQ(Show(duty.due_time()), "2027-01-19T00:00:00Z");  // ten more: 5 to 18 January
  EXPECT_EQ(case_.stage().extensions(0).agreed_by(), "registered");
  EXPECT_THAT(case_.Extend(), HasReason("EXTENDED_BEFORE"));

  case_.now = Utc("2027-01-06T09:00:00Z");
  ASSERT_THAT(case_.Answer(), IsOk());
  EXPECT_FALSE(case_.stage().within_first_limit());
  EXPECT_TRUE(case_.stage().within_extended_limit());
  EXPECT_THAT(case_.Extend(), HasReason("ANSWERED_BEFORE"));
}

TEST_F(StagesTest, APauseCostsTheDaysInIt) {
  case_.now = Utc("2026-12-17T09:00:00Z");
  ASSERT_THAT(case_.Pause(), IsOk());
  EXPECT_TRUE(case_.duty().suspended());
  EXPECT_THAT(case_.Pause(), HasReason("PAUSED_BEFORE"));
  EXPECT_THAT(case_.Answer(), HasReason("STAGE_PAUSED"));
  EXPECT_THAT(case_.Extend(), HasReason("STAGE_PAUSED"));
  // The stage is not overdue while its clock stands; the acknowledgement's never does, and somebody
  // is reminded of the pause.
  case_.now = Utc("2027-03-01T09:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(),
              ElementsAre("COMPLAINT_ACKNOWLEDGEMENT_OVERDUE", "COMPLAINT_STILL_PAUSED"));

  case_.now = Utc("2026-12-21T09:00:00Z");  // a Monday: 17 and 18 December are lost
  ASSERT_THAT(case_.Resume(), IsOk());
  EXPECT_FALSE(case_.duty().suspended());
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-01-07T00:00:00Z");
  EXPECT_THAT(case_.Resume(), HasReason("NOT_PAUSED"));
  const v1::Pause& pause = case_.stage().pauses(0);
  EXPECT_EQ(pause.reason(), "the child is in hospital");
  EXPECT_EQ(pause.resume_reason(), "the child is back");

  // Beginning and ending on one day it costs none.
  ASSERT_THAT(case_.Pause(), IsOk());
  case_.now = Utc("2026-12-21T15:00:00Z");
  ASSERT_THAT(case_.Resume(), IsOk());
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-01-07T00:00:00Z");
}

TEST_F(StagesTest, AnExtensionAfterAPauseKeepsThePause) {
  ASSERT_THAT(case_.Pause(), IsOk());
  case_.now = Utc("2026-12-18T09:00:00Z");  // the nights of 16 and 17 December
  ASSERT_THAT(case_.Resume(), IsOk());
  ASSERT_THAT(case_.Extend(), IsOk());
  EXPECT_EQ(Show(case_.duty().first_due_time()), "2027-01-06T00:00:00Z");
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-01-20T00:00:00Z");
}

TEST_F(StagesTest, AnAnswerAcknowledgesAndOpensTheWindowOfTheNextStage) {
  ASSERT_THAT(case_.Answer(), IsOk());
  EXPECT_TRUE(case_.stage().within_first_limit());
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_ACKNOWLEDGEMENT), nullptr);
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_STEP), nullptr);
  // Twenty working days, to 18 January; five more until it is to be closed.
  EXPECT_EQ(Show(case_.stage().request_until_time()), "2027-01-19T00:00:00Z");
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_CLOSING).due_time()), "2027-01-26T00:00:00Z");
  EXPECT_THAT(case_.Answer(), HasReason("ANSWERED_BEFORE"));
}

TEST_F(StagesTest, TheNextStageNeedsAnAnswerAndAfterItsWindowAReason) {
  EXPECT_THAT(case_.Next(), HasReason("NOT_ANSWERED"));
  ASSERT_THAT(case_.Answer(), IsOk());
  case_.now = Utc("2027-01-19T00:00:00Z");  // the first moment that is too late
  EXPECT_THAT(case_.Next(), HasReason("WINDOW_OVER"));
  ASSERT_THAT(case_.Next("the letter came late"), IsOk());
  EXPECT_EQ(case_.stage().stage_id(), "stage_2");
  EXPECT_EQ(case_.stage().late_reason(), "the letter came late");
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_CLOSING), nullptr);
  EXPECT_EQ(case_.duty().explanation().trigger(), "stage.clock_start_time");
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-02-24T00:00:00Z");  // 25, to 23 February
}

TEST_F(StagesTest, AnInvestigatorIsNeitherSubjectNorTheirManagerNorGiverNorEarlierHandler) {
  case_.complaint.mutable_report()->mutable_subject()->add_line_manager_ids("supervisor");
  ToStageTwo();
  EXPECT_THAT(case_.Answer(), HasReason("INVESTIGATOR_MISSING"));
  for (const char* person : {"F-1", "supervisor", "C-1", "manager"}) {
    EXPECT_THAT(case_.Assign(person), HasReason("NOT_INDEPENDENT")) << person;
  }
  ASSERT_THAT(case_.Assign("investigator"), IsOk());
  ASSERT_THAT(case_.NameAll(), IsOk());
  // Whoever investigated stage 2 does not investigate anything later.
  ASSERT_THAT(case_.Answer(), IsOk());
  ASSERT_THAT(case_.Next(), IsOk());
  EXPECT_THAT(case_.Assign("investigator"), HasReason("NOT_INDEPENDENT"));
}

TEST_F(StagesTest, APauseRemindsInTheDigestUntilTheClockRunsOn) {
  ASSERT_THAT(case_.Pause(), IsOk());
  const v1::Duty& reminder = case_.duty(v1::DUTY_KIND_PAUSE_REMINDER);
  EXPECT_EQ(Show(reminder.due_time()), "2027-01-05T00:00:00Z");  // 10 working days, over Christmas
  EXPECT_TRUE(reminder.in_digest());
  case_.now = Utc("2027-01-05T00:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(),
              ElementsAre("COMPLAINT_ACKNOWLEDGEMENT_OVERDUE", "COMPLAINT_STILL_PAUSED"));
  ASSERT_THAT(case_.Resume(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_PAUSE_REMINDER), nullptr);
  // Withdrawn while it stands and reopened, it stands, and somebody is to look again.
  ASSERT_THAT(case_.Pause(), IsOk());
  ASSERT_THAT(case_.Withdraw(), IsOk());
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_PAUSE_REMINDER), nullptr);
  ASSERT_THAT(case_.Reopen(), IsOk());
  EXPECT_NE(OpenDuty(case_.complaint, v1::DUTY_KIND_PAUSE_REMINDER), nullptr);
}

TEST_F(StagesTest, ThePanelsStepsFollowEachOther) {
  ToStageTwo();
  ASSERT_THAT(case_.Assign("investigator"), IsOk());
  ASSERT_THAT(case_.NameAll(), IsOk());
  ASSERT_THAT(case_.Answer(), IsOk());
  ASSERT_THAT(case_.Next(), IsOk());
  EXPECT_THAT(case_.Next(), HasReason("NOT_ANSWERED"));
  ASSERT_THAT(case_.NameAll(), IsOk());
  EXPECT_EQ(case_.duty().step_id(), "panel");
  EXPECT_THAT(case_.Answer(), HasReason("STEP_MISSING"));
  EXPECT_THAT(case_.Extend(), HasReason("NO_EXTENSION"));

  v1::CompleteStepRequest step;
  step.set_step_id("report");
  EXPECT_THAT(case_.Do(CompleteStep, step), HasReason("STEP_MISSING"));
  step.set_step_id("panel");
  case_.now = Utc("2027-01-20T12:00:00Z");
  ASSERT_THAT(case_.Do(CompleteStep, step), IsOk());
  EXPECT_EQ(case_.duty().step_id(), "report");
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-01-28T00:00:00Z");  // 5, to the 27th
  step.set_step_id("report");
  ASSERT_THAT(case_.Do(CompleteStep, step), IsOk());
  EXPECT_EQ(case_.duty().step_id(), "response");
  EXPECT_THAT(case_.Do(CompleteStep, step), HasReason("STEP_MISSING"));
  ASSERT_THAT(case_.Answer(), IsOk());
  EXPECT_FALSE(case_.stage().has_request_until_time());
  EXPECT_THAT(case_.Next(), HasReason("NO_FURTHER_STAGE"));
}

TEST_F(StagesTest, ThePersonComplainedOfTakesNoPartUnlessInformallyAndAllowed) {
  v1::Subject* subject = case_.complaint.mutable_report()->mutable_subject();
  subject->set_kind(v1::SUBJECT_KIND_STAFF);
  subject->set_staff_id("manager");
  EXPECT_THAT(case_.Answer(), HasReason("SUBJECT_TAKES_NO_PART"));
  EXPECT_THAT(case_.Pause(), HasReason("SUBJECT_TAKES_NO_PART"));
  EXPECT_THAT(case_.Decide(), HasReason("SUBJECT_TAKES_NO_PART"));
  v1::AllowInformalPartRequest allow;
  allow.set_reason("they can mend it");
  EXPECT_THAT(case_.Do(AllowInformalPart, allow, kManager), HasReason("SUBJECT_TAKES_NO_PART"));
  ASSERT_THAT(case_.Do(AllowInformalPart, allow, kRegistered), IsOk());
  // They may answer, and no more.
  EXPECT_THAT(case_.Decide(), HasReason("SUBJECT_TAKES_NO_PART"));
  ASSERT_THAT(case_.Answer(), IsOk());
  v1::StartNextStageRequest next;
  ASSERT_THAT(case_.Do(StartNextStage, next, kRegistered), IsOk());
  EXPECT_THAT(case_.Do(AllowInformalPart, allow, kRegistered), HasReason("NOT_INFORMAL"));
  EXPECT_THAT(case_.Answer(), HasReason("SUBJECT_TAKES_NO_PART"));
  // Nor do they agree to an extension.
  v1::ExtendStageRequest extend;
  extend.set_reason("more time");
  extend.set_agreed_by("manager");
  extend.set_agreed_with("the child");
  EXPECT_THAT(case_.Do(ExtendStage, extend, kRegistered), HasReason("SUBJECT_TAKES_NO_PART"));
}

TEST_F(StagesTest, WhatPassesItsDueTimeNeedsAttentionOnceForEachTime) {
  case_.now = Utc("2027-01-05T00:00:00Z");
  EXPECT_EQ(NextOverdue(case_.complaint), Utc("2026-12-22T00:00:00Z"));
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(),
              ElementsAre("COMPLAINT_ACKNOWLEDGEMENT_OVERDUE", "COMPLAINT_ANSWER_OVERDUE"));
  EXPECT_TRUE(case_.last[0].attention_needed().in_digest());
  EXPECT_FALSE(case_.last[1].attention_needed().in_digest());
  const std::string first = case_.last[1].attention_needed().attention_id();
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(), IsEmpty());
  EXPECT_EQ(NextOverdue(case_.complaint), std::nullopt);

  // Answered and reopened by the next stage, it may be overdue again.
  ASSERT_THAT(case_.Answer(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled", "settled"));
  ASSERT_THAT(case_.Next(), IsOk());
  ASSERT_THAT(case_.Assign("investigator"), IsOk());
  ASSERT_THAT(case_.NameAll(), IsOk());
  case_.now = Utc("2027-03-01T00:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("COMPLAINT_ANSWER_OVERDUE"));
  EXPECT_NE(case_.last[0].attention_needed().attention_id(), first);
  ASSERT_THAT(case_.Answer(), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
}

TEST_F(StagesTest, AnExtensionAfterTheLimitIsOnRecordAndWhatIsLateStaysSo) {
  case_.now = Utc("2027-01-05T00:00:00Z");  // the first moment that is too late
  ASSERT_THAT(case_.Overdue(), IsOk());
  ASSERT_THAT(case_.Extend(), IsOk());
  EXPECT_THAT(case_.Attentions(), IsEmpty());
  const v1::Duty& duty = case_.duty();
  EXPECT_EQ(Show(duty.first_due_time()), "2027-01-05T00:00:00Z");
  EXPECT_EQ(Show(duty.due_time()), "2027-01-05T00:00:00Z");
  EXPECT_TRUE(duty.attention_open());
  EXPECT_EQ(Show(case_.stage().extensions(0).extended_time()), "2027-01-05T00:00:00Z");
  EXPECT_THAT(case_.Extend(), HasReason("EXTENDED_BEFORE"));
  ASSERT_THAT(case_.Answer(), IsOk());
  EXPECT_FALSE(case_.stage().within_extended_limit());
}

TEST_F(StagesTest, APauseAfterTheLimitStopsNoClock) {
  case_.now = Utc("2027-01-05T00:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  ASSERT_THAT(case_.Pause(), IsOk());
  EXPECT_THAT(case_.Attentions(), IsEmpty());
  EXPECT_TRUE(case_.duty().attention_open());
  EXPECT_FALSE(case_.duty().suspended());
  case_.now = Utc("2027-02-05T00:00:00Z");
  ASSERT_THAT(case_.Resume(), IsOk());
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-01-05T00:00:00Z");
}

TEST_F(StagesTest, ANewBankHolidayMovesWhatIsOpenAndSaysSo) {
  EXPECT_THAT(*MoveDueTimes(case_.complaint, OurCalendar()), IsEmpty());
  std::string days = ReadSource("libs/clock/data/bank_holidays_england_and_wales.json");
  const std::string version = OurCalendar().version();
  days.replace(days.find(version), version.size(), "a day of mourning");
  const size_t events = days.find('[', days.find("\"events\"")) + 1;
  days.insert(events, R"({"title": "Day of mourning", "date": "2026-12-21", "notes": ""},)");
  const auto calendar = clock::WorkingCalendar::Parse(days);
  ASSERT_THAT(calendar, IsOk());
  ASSERT_THAT(case_.Apply(MoveDueTimes(case_.complaint, *calendar)), IsOk());
  ASSERT_TRUE(case_.last[0].has_due_times_moved());
  EXPECT_EQ(case_.last[0].due_times_moved().calendar_version(), "a day of mourning");
  EXPECT_EQ(Show(case_.duty().due_time()), "2027-01-06T00:00:00Z");
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_ACKNOWLEDGEMENT).due_time()), "2026-12-23T00:00:00Z");
  EXPECT_THAT(*MoveDueTimes(case_.complaint, *calendar), IsEmpty());
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
