// What a ledger does once nobody waits for it any more. reliability.md G2.
#include <memory>

#include "absl/synchronization/notification.h"

#include "libs/ledger/access.h"
#include "libs/runtime/cancellation.h"
#include "tests/component/ledger_world.h"

namespace fosterwatch::ledger {
namespace {

using runtime::CallScope;
using runtime::Cancellation;
using testing::AwaitTrue;
using testing::IsOk;
using testing::StatusIs;

TEST_F(LedgerTest, AWriteThatWaitedPastItsDeadlineIsNotBegun) {
  auto ledger = Open();
  Answers answers;
  const absl::Time deadline = absl::Now() + absl::Milliseconds(50);
  const auto gone = std::make_shared<Cancellation>();
  {
    const Standstill standstill(database_, *ledger);
    const auto submit = [&](int number, const std::string& id) {
      Unit unit = UnitOf(CountUp(id));
      unit.done = answers.Next(number);
      ledger->Submit(std::move(unit));
    };
    {
      const CallScope scope(deadline, nullptr, "");
      submit(0, "late");
    }
    {
      const CallScope scope(absl::InfiniteFuture(), gone, "");
      submit(1, "gone");
    }
    submit(2, "kept");
    gone->Request();
    ASSERT_TRUE(AwaitTrue([&] { return absl::Now() > deadline; }));
  }
  for (const auto& [number, outcome] : answers.Take(3)) {
    EXPECT_EQ(outcome.status().code(), number == 0   ? absl::StatusCode::kDeadlineExceeded
                                       : number == 1 ? absl::StatusCode::kCancelled
                                                     : absl::StatusCode::kOk)
        << number << ": " << outcome.status();
  }
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id IN ('late', 'gone')"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id = 'kept'"), 1);
}

TEST_F(LedgerTest, ThatSomebodyAskedIsKeptHoweverShortTheyWait) {
  auto ledger = Open();
  LedgerAccessLog log(ledger.get());
  const absl::Time deadline = absl::Now() + absl::Milliseconds(50);
  const auto gone = std::make_shared<Cancellation>();
  absl::Notification kept;
  absl::Status outcome;
  {
    const Standstill standstill(database_, *ledger);
    {
      const CallScope scope(deadline, gone, "");
      auto note = std::make_shared<runtime::AccessNote>();
      note->agency_id = "agency-a";
      note->person_id = "hasty-1";
      note->outcome = "NOT_FOUND";
      log.Keep(note, [&](const absl::Status& status) {
        outcome = status;
        kept.Notify();
      });
    }
    gone->Request();
    ASSERT_TRUE(AwaitTrue([&] { return absl::Now() > deadline; }));
  }
  kept.WaitForNotification();
  EXPECT_THAT(outcome, IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access WHERE person_id = 'hasty-1'"), 1);
}

TEST_F(LedgerTest, AReadEndsInTheDatabaseWithTheDeadlineOfItsCall) {
  auto ledger = Open();
  const absl::Time begun = absl::Now();
  {
    const CallScope scope(begun + absl::Milliseconds(200), nullptr, "");
    EXPECT_THAT(ledger->Read("agency-a", {{"SELECT pg_sleep(60)", {}}}),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_LT(absl::Now() - begun, absl::Seconds(50)) << "not when the query would have ended";
  EXPECT_TRUE(AwaitTrue([&] {
    return Number(absl::StrCat("SELECT count(*) FROM pg_stat_activity WHERE datname = '",
                               database_.name(),
                               "' AND state = 'active' AND query LIKE 'SELECT pg_sleep%'")) == 0;
  }));
  {
    const CallScope scope(absl::Now() - absl::Seconds(1), nullptr, "");
    EXPECT_THAT(ledger->Load("agency-a", "holder", "h"),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  // The connection is as good as before.
  EXPECT_THAT(ledger->Read("agency-a", {{"SELECT 1", {}}}), IsOk());
}

}  // namespace
}  // namespace fosterwatch::ledger
