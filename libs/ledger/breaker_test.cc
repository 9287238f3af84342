#include "libs/ledger/breaker.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace fosterwatch::ledger {
namespace {

void Fail(Breaker& breaker, int keys) {
  for (int i = 0; i < keys; ++i) breaker.Failed(absl::StrCat("k", i));
}

TEST(BreakerTest, OpensAtSoManyDifferentKeysInARow) {
  Breaker breaker(20);
  Fail(breaker, 19);
  breaker.EndBatch(19);
  EXPECT_FALSE(breaker.open());
  breaker.Failed("one more");
  breaker.EndBatch(1);
  EXPECT_TRUE(breaker.open()) << "over several batches, too";
}

TEST(BreakerTest, OneKeyIsOneHoweverOftenItFails) {
  Breaker breaker(20);
  for (int i = 0; i < 100; ++i) breaker.Failed("k");
  breaker.EndBatch(100);
  EXPECT_FALSE(breaker.open());
}

TEST(BreakerTest, ASuccessInTheSameBatchSaysThatTheOthersFailByThemselves) {
  Breaker breaker(20);
  Fail(breaker, 100);
  breaker.Succeeded();
  Fail(breaker, 19);
  breaker.EndBatch(120);
  EXPECT_FALSE(breaker.open());
}

TEST(BreakerTest, OnceClosedItForgivesWhatLiesBeforeTheRecordThatWasTaken) {
  Breaker breaker(20);
  Fail(breaker, 40);
  breaker.EndBatch(40);
  ASSERT_TRUE(breaker.open());
  breaker.Close(41);
  EXPECT_FALSE(breaker.open());
  Fail(breaker, 40);
  breaker.EndBatch(41);
  EXPECT_FALSE(breaker.open());
  Fail(breaker, 20);
  breaker.EndBatch(20);
  EXPECT_TRUE(breaker.open()) << "not what comes after it";
}

}  // namespace
}  // namespace fosterwatch::ledger
