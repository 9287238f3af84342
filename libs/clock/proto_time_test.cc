#include "libs/clock/proto_time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fosterwatch::clock {
namespace {

TEST(ProtoTime, RoundsDownToTheMicrosecondOnBothSidesOf1970) {
  const auto after = ToProto(absl::FromUnixNanos(1'999));
  EXPECT_EQ(after.seconds(), 0);
  EXPECT_EQ(after.nanos(), 1'000);
  const auto before = ToProto(absl::FromUnixNanos(-1));
  EXPECT_EQ(before.seconds(), -1);
  EXPECT_EQ(before.nanos(), 999'999'000);
}

TEST(ProtoTime, BringsInfiniteTimesIntoTheRangeOfTimestamp) {
  EXPECT_TRUE(IsValid(ToProto(absl::InfiniteFuture())));
  EXPECT_TRUE(IsValid(ToProto(absl::InfinitePast())));
}

TEST(ProtoTime, KnowsATimestampOutOfRange) {
  google::protobuf::Timestamp timestamp;
  EXPECT_TRUE(IsValid(timestamp));
  timestamp.set_nanos(-1);
  EXPECT_FALSE(IsValid(timestamp));
  timestamp.set_nanos(0);
  timestamp.set_seconds(253'402'300'800);
  EXPECT_FALSE(IsValid(timestamp));
}

RC_GTEST_PROP(ProtoTime, KeepsEveryMicrosecond, ()) {
  const auto micros = *rc::gen::inRange<int64_t>(-10'000'000'000'000'000, 10'000'000'000'000'000);
  const absl::Time time = absl::FromUnixMicros(micros);
  RC_ASSERT(IsValid(ToProto(time)));
  RC_ASSERT(FromProto(ToProto(time)) == time);
}

}  // namespace
}  // namespace fosterwatch::clock
