#include "services/notifiable_events/domain/check.h"

#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

TEST(CheckTime, TakesMomentsFrom1990ToNowAndTheSkewOfClocks) {
  struct Case {
    absl::Time time;
    const char* refusal;
  };
  const Case cases[] = {
      {kNow, ""},
      {kNow + kClockSkew, ""},
      {kNow + kClockSkew + absl::Microseconds(1), "t IN_THE_FUTURE"},
      {EarliestTime(), ""},
      {EarliestTime() - absl::Microseconds(1), "t TOO_LONG_AGO"},
  };
  for (const Case& c : cases) {
    FieldCheck check;
    const auto time = CheckTime(check, "t", true, clock::ToProto(c.time), kNow);
    EXPECT_EQ(Refusal(check.ToStatus()), c.refusal);
    EXPECT_EQ(time.has_value(), check.ok());
  }
}

TEST(CheckTime, RefusesAnAbsentMomentAndOneOutOfRange) {
  FieldCheck absent;
  EXPECT_FALSE(CheckTime(absent, "t", false, {}, kNow));
  EXPECT_EQ(Refusal(absent.ToStatus()), "t REQUIRED");
  FieldCheck invalid;
  google::protobuf::Timestamp timestamp;
  timestamp.set_nanos(-1);
  EXPECT_FALSE(CheckTime(invalid, "t", true, timestamp, kNow));
  EXPECT_EQ(Refusal(invalid.ToStatus()), "t INVALID_TIME");
}

TEST(CheckOpen, RefusesAConcludedEvent) {
  v1::NotifiableEvent event;
  event.set_state(v1::NotifiableEvent::STATE_OPEN);
  EXPECT_TRUE(CheckOpen(event).ok());
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_EQ(ReasonOf(CheckOpen(event)), "EVENT_CONCLUDED");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
