// What falls due is raised once, new bank holidays move what is open, and a statement is as it was.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/testing/await.h"
#include "services/complaints/app_fixture.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/stages.h"
#include "services/complaints/intake.h"
#include "services/complaints/numbers.h"

namespace fosterwatch::complaints {
namespace {

TEST_F(AppTest, NumbersGoOnThroughBlocksAndBeginAnewWithTheYear) {
  for (int i = 1; i < kNumbersInBlock; ++i) {
    ledger::Unit unit;
    unit.agency_id = "northern";
    unit.actor = "test";
    auto taken = std::make_shared<TakenNumber>();
    taken->year = 2026;
    TakeNumber(unit, absl::StrCat("complaint-", i), i - 1, taken);
    ASSERT_THAT(ledger_->SubmitAndWait(std::move(unit)), IsOk());
    ASSERT_EQ(taken->number, i);
  }
  EXPECT_EQ(Recorded().case_number().number(), kNumbersInBlock);
  EXPECT_EQ(Recorded().case_number().number(), kNumbersInBlock + 1);
  EXPECT_EQ(Recorded().case_number().number(), kNumbersInBlock + 2);
  Set(Utc("2027-01-01T00:00:00Z"));
  EXPECT_EQ(Recorded().case_number().text(), "2027-0001");
}

TEST_F(AppTest, ARegisterOfCarersThatIsNotKnownHereKeepsNobodyFromRecording) {
  Origin southern = By(domain::kCaseworker);
  southern.agency_id = "southern";
  v1::RecordComplaintRequest request = domain::Recording();
  request.mutable_report()->mutable_subject()->clear_child_id();
  const auto recorded = Submit(app_->RecordComplaint(southern, request));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_TRUE(recorded->carer_unchecked());
  EXPECT_FALSE(Recorded().carer_unchecked());
  // Where the register is known, an id that is not in it is a mistake.
  request.mutable_report()->mutable_subject()->set_carer_id("F-9");
  EXPECT_THAT(Submit(app_->RecordComplaint(By(domain::kCaseworker), request)).status(),
              HasReason("UNKNOWN_CARER"));
}

TEST_F(AppTest, WhoeverIsGivenAPartHoldsARoleNow) {
  const Complaint complaint = Recorded();
  v1::ExtendStageRequest extend;
  extend.set_complaint_id(complaint.complaint_id());
  extend.set_reason("a witness is away");
  extend.set_agreed_with("the child");
  const auto agreed_by = [&](const std::string& person_id) {
    extend.set_agreed_by(person_id);
    return Submit(app_->ChangeNaming<v1::ExtendStageRequest>(
                      By(domain::kManager), extend, domain::ExtendStage, "agreed_by", person_id))
        .status();
  };
  Run("INSERT INTO reference.holder VALUES ('northern', 'h-1', 'left', 3, '2020-01-01',"
      " '2026-01-01'), ('northern', 'h-2', 'here', 3, '2020-01-01', '9999-12-31'),"
      " ('southern', 'h-3', 'elsewhere', 3, '2020-01-01', '9999-12-31')");
  for (const char* person : {"ghost", "left", "elsewhere"}) {
    EXPECT_THAT(agreed_by(person), HasReason("NO_ROLE_HOLDER")) << person;
  }
  // What is wrong with the request itself is said first.
  EXPECT_THAT(agreed_by(""), HasReason("REQUIRED"));
  EXPECT_THAT(agreed_by("here"), IsOk());
}

TEST_F(AppTest, WhatFallsDueIsRaisedOnceHoweverOftenItIsAsked) {
  const Complaint complaint = Recorded();
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Submit(app_->RecordOverdue("northern", complaint.complaint_id())), IsOk());
  }
  EXPECT_EQ(Facts("attention_needed"), 0);
  Set(Utc("2027-01-05T00:00:00Z"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Submit(app_->RecordOverdue("northern", complaint.complaint_id())), IsOk());
  }
  EXPECT_EQ(Facts("attention_needed"), 2);
}

TEST_F(AppTest, AStartWithOtherBankHolidaysCountsWhatIsOpenAgain) {
  const Complaint open = Recorded();
  const Complaint ended = Recorded();
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(ended.complaint_id());
  withdraw.set_reason("settled");
  ASSERT_THAT(Submit(app_->Change<v1::WithdrawComplaintRequest>(By(domain::kManager), withdraw,
                                                                domain::Withdraw)),
              IsOk());
  std::string days = domain::ReadSource("libs/clock/data/bank_holidays_england_and_wales.json");
  days = absl::StrReplaceAll(
      days, {{domain::OurCalendar().version(), "later"},
             {"\"events\": [",
              "\"events\": [{\"title\": \"Day of mourning\", \"date\": \"2026-12-21\"},"}});
  const auto calendar = clock::WorkingCalendar::Parse(days);
  ASSERT_THAT(calendar, IsOk());
  const auto restarted = MakeApp(*calendar);
  runtime::Stop stop;
  std::thread loop([&] { duty::Rework(*ledger_, restarted->Recounting(database_.relay()), stop); });
  v1::GetComplaintRequest get;
  get.set_complaint_id(open.complaint_id());
  const auto moved = [&] {
    const auto now = app_->GetComplaint(By(domain::kManager), get);
    return now.ok() && domain::Show(now->duties(1).due_time()) == "2027-01-06T00:00:00Z";
  };
  EXPECT_TRUE(fosterwatch::testing::AwaitTrue(moved, absl::Seconds(60)));
  stop.Request();
  loop.join();
  EXPECT_EQ(Facts("due_times_moved"), 1);
}

TEST_F(AppTest, AStatementIsAsItWasAtTheMomentThatIsAsked) {
  const Complaint complaint = Recorded();
  Set(domain::kReceived + absl::Hours(48));
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(complaint.complaint_id());
  withdraw.set_reason("settled");
  ASSERT_THAT(Submit(app_->Change<v1::WithdrawComplaintRequest>(By(domain::kManager), withdraw,
                                                                domain::Withdraw)),
              IsOk());
  v1::GetStatementRequest ask;
  *ask.mutable_as_at_time() = clock::ToProto(domain::kReceived + absl::Hours(24));
  const auto then = app_->GetStatement("northern", ask);
  ASSERT_THAT(then, IsOk());
  EXPECT_EQ(then->open(), 1);
  EXPECT_EQ(then->withdrawn(), 0);
  ask.clear_as_at_time();
  const auto after = app_->GetStatement("northern", ask);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->withdrawn(), 1);
  EXPECT_EQ(app_->GetStatement("southern", ask)->complaints(), 0);
  *ask.mutable_as_at_time() = clock::ToProto(now() + absl::Hours(24));
  EXPECT_THAT(app_->GetStatement("northern", ask).status(), HasReason("IN_THE_FUTURE"));
}

TEST(Feedback, OfNoIdOrSourceIsRefused) {
  cloudevents::CloudEvent event;
  event.type = kFeedbackType;
  event.data = R"({"received_time": "2026-11-20T09:00:00Z"})";
  EXPECT_THAT(ReadFeedback(event, absl::Now()), HasReason("ATTRIBUTE_MISSING"));
  event.id = "1";
  EXPECT_THAT(ReadFeedback(event, absl::Now()), HasReason("ATTRIBUTE_MISSING"));
  event.source = "/case-system";
  EXPECT_THAT(ReadFeedback(event, absl::Now()), IsOk());
}

}  // namespace
}  // namespace fosterwatch::complaints
