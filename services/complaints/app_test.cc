// The register on a real PostgreSQL, by a clock that the test moves: what falls due is raised once,
// a sighting daily, new bank holidays move what is open, and a statement is as it was.
#include "services/complaints/app.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/test_support.h"
#include "services/complaints/module.h"
#include "services/complaints/numbers.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {
namespace {

using domain::Utc;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using v1::Complaint;

class AppTest : public ::testing::Test {
 protected:
  AppTest() : database_("fosterwatch_complaints", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = [this] { return now(); };
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    app_ = MakeApp(domain::OurCalendar());
    auto connection = fosterwatch::testing::Connect(database_.admin());
    EXPECT_THAT(connection->Script("INSERT INTO reference.carer VALUES ('northern', 'F-1', 1);"
                                   "INSERT INTO reference.child VALUES ('northern', 'C-1')"),
                IsOk());
  }

  std::unique_ptr<App> MakeApp(const clock::WorkingCalendar& calendar) {
    return std::make_unique<App>(ledger_.get(), domain::OurBook(), calendar,
                                 [this] { return now(); });
  }

  absl::Time now() const {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Set(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

  static Origin By(const domain::Actor& actor) {
    Origin origin;
    origin.agency_id = "northern";
    origin.actor = actor;
    return origin;
  }
  template <typename State = Complaint>
  absl::StatusOr<State> Submit(absl::StatusOr<ledger::Unit> unit) {
    if (!unit.ok()) return unit.status();
    auto outcome = ledger_->SubmitAndWait(*std::move(unit));
    if (!outcome.ok()) return outcome.status();
    return outcome->As<State>(0);
  }
  Complaint Recorded(const v1::RecordComplaintRequest& request = domain::Recording()) {
    const auto complaint = Submit(app_->RecordComplaint(By(domain::kCaseworker), request));
    EXPECT_THAT(complaint, IsOk()) << complaint.status();
    return complaint.value_or(Complaint());
  }
  int64_t Facts(const std::string& name) {
    const auto rows = fosterwatch::testing::Connect(database_.admin())
                          ->Query("SELECT count(*) FROM ledger.fact WHERE name = $1", {name});
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  v1::Sighting Seen(const std::string& id, const std::string& child) {
    v1::Sighting seen;
    seen.set_sighting_id(id);
    seen.set_source(v1::SIGHTING_SOURCE_FEEDBACK);
    seen.set_source_id(id);
    seen.set_child_id(child);
    *seen.mutable_seen_time() = clock::ToProto(domain::kReceived);
    return seen;
  }

  const v1::ComplaintFact fact_;
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = domain::kReceived;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
};

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

TEST_F(AppTest, ASightingIsRaisedDailyUntilItsComplaintIsRecorded) {
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  EXPECT_EQ(Facts("complaint_seen"), 1);
  for (int day = 1; day <= 2; ++day) {
    Set(domain::kReceived + day * absl::Hours(24));
    for (int i = 0; i < 2; ++i) {
      ASSERT_THAT(Submit<v1::Sighting>(app_->RaiseSighting("northern", "s-1")), IsOk());
    }
    EXPECT_EQ(Facts("attention_needed"), day);
  }
  const Complaint complaint = Recorded();
  EXPECT_THAT(complaint.sighting_ids(), ::testing::ElementsAre("s-1"));
  const auto settled = ledger_->LoadAs<v1::Sighting>("northern", kSightingAggregate, "s-1");
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->state(), v1::Sighting::STATE_MATCHED);
  EXPECT_EQ(settled->matched_complaint_id(), complaint.complaint_id());
  EXPECT_EQ(Facts("attention_settled"), 2);
  // And one that comes after its complaint is matched at once.
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-2", "C-1"))), IsOk());
  const auto matched = ledger_->LoadAs<v1::Sighting>("northern", kSightingAggregate, "s-2");
  ASSERT_THAT(matched, IsOk());
  EXPECT_EQ(matched->matched_by(), v1::MATCHED_BY_WINDOW);
}

TEST_F(AppTest, AComplaintIsRecordedForTheSightingThatItNames) {
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-9"))), IsOk());
  v1::RecordComplaintRequest request = domain::Recording();
  request.set_sighting_id("nobody's");
  EXPECT_THAT(Submit(app_->RecordComplaint(By(domain::kCaseworker), request)).status(),
              HasReason("UNKNOWN_SIGHTING"));
  request.set_sighting_id("s-1");
  EXPECT_THAT(Recorded(request).sighting_ids(), ::testing::ElementsAre("s-1"));
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
    const auto now = app_->GetComplaint("northern", get);
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

}  // namespace
}  // namespace fosterwatch::complaints
