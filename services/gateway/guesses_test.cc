#include "services/gateway/guesses.h"

#include "gtest/gtest.h"

namespace fosterwatch::gateway {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

TEST(GuessesTest, SomeMayBeWrongAtOnceAndFewInTheLongRun) {
  Guesses guesses({.at_once = 3, .each = absl::Seconds(6)});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guesses.Take(kNow), absl::ZeroDuration()) << i;
  EXPECT_EQ(guesses.Take(kNow), absl::Seconds(6));
  EXPECT_EQ(guesses.Take(kNow + absl::Seconds(4)), absl::Seconds(2));
  EXPECT_EQ(guesses.refused(), 2);
  EXPECT_EQ(guesses.Take(kNow + absl::Seconds(6)), absl::ZeroDuration());
  EXPECT_EQ(guesses.Take(kNow + absl::Seconds(6)), absl::Seconds(6));
  // An hour that nobody tried anything saves nothing up.
  const absl::Time later = kNow + absl::Hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guesses.Take(later), absl::ZeroDuration()) << i;
  EXPECT_GT(guesses.Take(later), absl::ZeroDuration());
}

TEST(GuessesTest, WhatWasRightCountsForNothing) {
  Guesses guesses({.at_once = 2});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(guesses.Take(kNow), absl::ZeroDuration());
    guesses.GiveBack();
  }
}

TEST(GuessesTest, ThatTheLimitWasReachedIsSaidForAWhile) {
  Guesses guesses({.at_once = 1, .each = absl::Seconds(6), .remembered = absl::Minutes(15)});
  EXPECT_TRUE(guesses.Take(kNow) == absl::ZeroDuration());
  EXPECT_TRUE(guesses.Check(kNow).ok());
  EXPECT_GT(guesses.Take(kNow), absl::ZeroDuration());
  EXPECT_FALSE(guesses.Check(kNow).ok());
  EXPECT_FALSE(guesses.Check(kNow + absl::Minutes(14)).ok());
  EXPECT_TRUE(guesses.Check(kNow + absl::Minutes(15)).ok());
}

}  // namespace
}  // namespace fosterwatch::gateway
