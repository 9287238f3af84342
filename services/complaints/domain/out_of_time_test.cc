#include "services/complaints/domain/out_of_time.h"

#include <functional>
#include <string>
#include <utility>
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

v1::RecordComplaintRequest About(const std::string& happened) {
  v1::RecordComplaintRequest request = Recording();
  *request.mutable_report()->mutable_happened_time() = clock::ToProto(Utc(happened));
  return request;
}

absl::Status DecideIt(Case& of, v1::OutOfTime::Decision decision,
                      const std::string& reason = "she was eight then") {
  v1::DecideOutOfTimeRequest request;
  request.set_decision(decision);
  request.set_reason(reason);
  return of.Do(DecideOutOfTime, request);
}

class OutOfTimeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(case_.Record(About("2025-12-15T12:00:00Z")), IsOk()); }
  Case case_;
};

// Twelve months to the same day, that day included; by the day in London, not by the hour.
TEST(FoundOutOfTimeTest, TheLimitIsTheLastDayOfTheTwelfthMonth) {
  struct Row {
    const char* happened;
    const char* procedure;
    bool late;
  };
  for (const Row& row : std::vector<Row>{
           {"2025-12-15T23:59:59Z", "ca1989", true},
           {"2025-12-16T00:00:00Z", "ca1989", false},
           {"2026-12-16T09:59:59Z", "ca1989", false},
           {"1994-03-01T10:00:00Z", "ca1989", true},
           // The agency's own procedure has no such limit.
           {"1994-03-01T10:00:00Z", "reg18", false},
       }) {
    Case each;
    v1::RecordComplaintRequest request = About(row.happened);
    request.mutable_report()->set_procedure_id(row.procedure);
    ASSERT_THAT(each.Record(request), IsOk()) << row.happened;
    EXPECT_EQ(IsUndecided(each.complaint), row.late) << row.happened << " " << row.procedure;
    // Recorded as any other, with its clocks.
    EXPECT_EQ(each.complaint.state(), v1::Complaint::STATE_OPEN);
    EXPECT_EQ(Show(each.duty().due_time()), row.procedure == std::string("reg18")
                                                ? Show(each.duty().due_time())
                                                : "2027-01-05T00:00:00Z");
  }
  Case unsaid;
  ASSERT_THAT(unsaid.Record(), IsOk());
  EXPECT_FALSE(unsaid.complaint.has_out_of_time());
}

TEST(FoundOutOfTimeTest, WhatHappenedAfterItWasReceivedOrIsYetToHappenIsRefused) {
  Case each;
  EXPECT_THAT(each.Record(About("2026-12-17T10:00:00Z")), HasReason("IN_THE_FUTURE"));
  v1::RecordComplaintRequest request = About("2026-12-16T10:00:00Z");
  *request.mutable_report()->mutable_received_time() = clock::ToProto(kReceived - absl::Hours(24));
  EXPECT_THAT(each.Record(request), HasReason("AFTER_RECEIPT"));
  EXPECT_THAT(each.Record(About("1890-01-01T00:00:00Z")), HasReason("TOO_LONG_AGO"));
}

TEST_F(OutOfTimeTest, SaysWhyAndAsksForADecisionByAMoment) {
  const v1::OutOfTime& found = case_.complaint.out_of_time();
  EXPECT_EQ(Show(found.limit_time()), "2026-12-16T00:00:00Z");
  EXPECT_EQ(found.explanation().rule(), "TAKEN_WITHIN ca1989");
  EXPECT_THAT(found.explanation().source(), ::testing::HasSubstr("reg 9"));
  EXPECT_EQ(found.explanation().confidence(), "low");
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_OUT_OF_TIME).due_time()), "2026-12-24T00:00:00Z");
  case_.now = Utc("2026-12-24T00:00:00Z");
  ASSERT_THAT(case_.Overdue(), IsOk());
  EXPECT_THAT(case_.Attentions(), ::testing::Contains("COMPLAINT_OUT_OF_TIME_UNDECIDED"));
  ASSERT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_ACCEPTED), IsOk());
  EXPECT_THAT(case_.Attentions(), ElementsAre("settled"));
}

TEST_F(OutOfTimeTest, IsNotConsideredBeforeSomebodyHasDecided) {
  for (const absl::Status& refused :
       {case_.Answer(), case_.Assign("somebody"), case_.Extend(), case_.Decide()}) {
    EXPECT_THAT(refused, HasReason("OUT_OF_TIME"));
  }
  ASSERT_THAT(case_.TakeAction(), IsOk());
  EXPECT_THAT(FieldsOf(case_.Close()), ::testing::Contains("out_of_time"));
}

TEST_F(OutOfTimeTest, ADecisionNeedsItsReasonAndIsMadeOnce) {
  EXPECT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_UNSPECIFIED), HasReason("UNKNOWN_KIND"));
  EXPECT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_ACCEPTED, " "), HasReason("REQUIRED"));
  ASSERT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_ACCEPTED), IsOk());
  const v1::OutOfTime& decided = case_.complaint.out_of_time();
  EXPECT_EQ(decided.decided_by(), "manager");
  EXPECT_EQ(decided.reason(), "she was eight then");
  EXPECT_EQ(clock::FromProto(decided.decided_time()), case_.now);
  EXPECT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_DECLINED), HasReason("DECIDED_BEFORE"));
  // It goes on as any other.
  ASSERT_THAT(case_.Answer(), IsOk());
  ASSERT_THAT(case_.Decide(), IsOk());
  ASSERT_THAT(case_.TakeAction(), IsOk());
  ASSERT_THAT(case_.Judge(false), IsOk());
  EXPECT_THAT(case_.Close(), IsOk());
  Case in_time;
  ASSERT_THAT(in_time.Record(), IsOk());
  EXPECT_THAT(DecideIt(in_time, v1::OutOfTime::DECISION_ACCEPTED), HasReason("NOT_OUT_OF_TIME"));
}

// Regulation 18(4) asks for a record of any complaint: of this one too.
TEST_F(OutOfTimeTest, ADeclinedOneIsClosedWithItsRecordAndWithoutAnAnswer) {
  ASSERT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_DECLINED), IsOk());
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_STEP), nullptr);
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_CLOSING).due_time()), "2026-12-24T00:00:00Z");
  EXPECT_THAT(case_.Answer(), HasReason("OUT_OF_TIME_DECLINED"));
  EXPECT_EQ(
      FieldsOf(case_.Close("")),
      (std::set<std::string>{"action_taken", "outcome", "seriousness",
                             absl::StrCat("points[", case_.complaint.points(0).point_id(), "]")}));
  ASSERT_THAT(case_.Decide(v1::POINT_OUTCOME_NOT_DETERMINED), IsOk());
  ASSERT_THAT(case_.TakeAction(), IsOk());
  ASSERT_THAT(case_.Judge(false), IsOk());
  ASSERT_THAT(case_.Close("not taken: too long ago to be looked into fairly"), IsOk());

  // Reopened, it is asked again.
  case_.now += absl::Hours(24);
  ASSERT_THAT(case_.Reopen(), IsOk());
  EXPECT_TRUE(IsUndecided(case_.complaint));
  EXPECT_NE(OpenDuty(case_.complaint, v1::DUTY_KIND_STEP), nullptr);
  EXPECT_EQ(Show(case_.duty(v1::DUTY_KIND_OUT_OF_TIME).due_time()), "2026-12-25T00:00:00Z");
  ASSERT_THAT(DecideIt(case_, v1::OutOfTime::DECISION_ACCEPTED), IsOk());
  EXPECT_THAT(case_.Answer(), IsOk());
}

TEST_F(OutOfTimeTest, WithdrawnAndReopenedItIsStillUndecided) {
  ASSERT_THAT(case_.Withdraw(), IsOk());
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_OUT_OF_TIME), nullptr);
  ASSERT_THAT(case_.Reopen(), IsOk());
  EXPECT_TRUE(IsUndecided(case_.complaint));
  EXPECT_NE(OpenDuty(case_.complaint, v1::DUTY_KIND_OUT_OF_TIME), nullptr);
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_REOPENED), nullptr);
}

TEST_F(OutOfTimeTest, AnotherProcedureHasALimitOfItsOwnOrNone) {
  ASSERT_THAT(case_.Reclassify("reg18"), IsOk());
  EXPECT_FALSE(case_.complaint.has_out_of_time());
  EXPECT_EQ(OpenDuty(case_.complaint, v1::DUTY_KIND_OUT_OF_TIME), nullptr);
  EXPECT_THAT(case_.Answer(), IsOk());
  ASSERT_THAT(case_.Reclassify("ca1989"), IsOk());
  EXPECT_TRUE(IsUndecided(case_.complaint));
  EXPECT_NE(OpenDuty(case_.complaint, v1::DUTY_KIND_OUT_OF_TIME), nullptr);
  EXPECT_THAT(case_.Answer(), HasReason("OUT_OF_TIME"));
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
