#include "libs/pg/pool.h"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::pg {
namespace {

using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::Database;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;

class PoolTest : public ::testing::Test {
 protected:
  static int64_t Pid(Connection& connection) {
    return connection.Query("SELECT pg_backend_pid()").value().Int(0, 0);
  }
  Database database_{"fosterwatch_pg_test"};
};

TEST_F(PoolTest, LendsTheSameConnectionAgain) {
  Pool pool(database_.service(), 2);
  const int64_t first = Pid(**pool.Borrow());
  EXPECT_EQ(Pid(**pool.Borrow()), first);
}

TEST_F(PoolTest, IsBoundedAndSaysSo) {
  Pool pool(database_.service(), 2);
  auto one = pool.Borrow();
  auto two = pool.Borrow();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  EXPECT_NE(Pid(**one), Pid(**two));
  EXPECT_THAT(pool.Borrow(absl::Milliseconds(20)), StatusIs(absl::StatusCode::kResourceExhausted));
  { const Pool::Lease back = *std::move(one); }
  EXPECT_THAT(pool.Borrow(absl::Milliseconds(20)), IsOk());
}

TEST_F(PoolTest, ReplacesAConnectionThatDiedWhileIdle) {
  Pool pool(database_.service(), 1);
  const int64_t pid = Pid(**pool.Borrow());
  ASSERT_THAT(
      Connect(database_.admin())->Query("SELECT pg_terminate_backend($1::int, 10000)", {pid}),
      IsOk());
  auto again = pool.Borrow();
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(Pid(**again), pid);
}

TEST_F(PoolTest, ReplacesAConnectionThatDiedWhileLent) {
  Pool pool(database_.service(), 1);
  {
    auto lease = pool.Borrow();
    const int64_t pid = Pid(**lease);
    ASSERT_THAT(
        Connect(database_.admin())->Query("SELECT pg_terminate_backend($1::int, 10000)", {pid}),
        IsOk());
    EXPECT_THAT((*lease)->Query("SELECT 1"), StatusIs(absl::StatusCode::kUnavailable));
  }
  auto again = pool.Borrow();
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT((*again)->Query("SELECT 1"), IsOk());
}

TEST_F(PoolTest, RollsBackWhatABorrowerLeftOpen) {
  Pool pool(database_.service(), 1);
  {
    auto lease = pool.Borrow();
    ASSERT_THAT((*lease)->Begin(), IsOk());
  }
  auto again = pool.Borrow();
  EXPECT_THAT((*again)->Begin(), IsOk());
}

TEST_F(PoolTest, AServerThatIsAwayIsUnavailableEachTime) {
  Pool pool("host=/nonexistent user=nobody dbname=none", 1);
  EXPECT_THAT(pool.Borrow(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(pool.Borrow(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(PoolTest, ManyThreadsShareFewConnections) {
  Pool pool(database_.service(), 3);
  std::atomic<int> lent = 0;
  std::atomic<int> most = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        auto lease = pool.Borrow();
        if (!lease.ok()) {
          ++failed;
          continue;
        }
        const int now = ++lent;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        if (!(*lease)->Query("SELECT 1").ok()) ++failed;
        --lent;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_LE(most, 3);
}

}  // namespace
}  // namespace fosterwatch::pg
