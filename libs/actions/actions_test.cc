#include "libs/actions/actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::actions {
namespace {

using type::v1::Action;

const absl::Time kNow = absl::FromUnixSeconds(1'795'327'200);

TEST(Add, GivesAnOpenActionOfAnOwner) {
  const auto action = Add("a1", "see the child's doctor", "p7", kNow + absl::Hours(24), kNow);
  ASSERT_TRUE(action.ok()) << action.status();
  EXPECT_EQ(action->action_id(), "a1");
  EXPECT_EQ(action->owner_id(), "p7");
  EXPECT_EQ(action->description(), "see the child's doctor");
  EXPECT_EQ(clock::FromProto(action->due_time()), kNow + absl::Hours(24));
  EXPECT_EQ(action->state(), Action::STATE_OPEN);
}

TEST(Add, RefusesEachFaultByItsField) {
  struct Case {
    std::string description, owner;
    absl::Time due;
    std::string reason, field;
  };
  const absl::Time due = kNow + absl::Hours(1);
  const Case cases[] = {
      {"", "p7", due, "REQUIRED", "description"},
      {std::string(2001, 'x'), "p7", due, "TEXT_TOO_LONG", "description"},
      {"do", " ", due, "REQUIRED", "owner_id"},
      {"do", "p7", absl::InfinitePast(), "REQUIRED", "due_time"},
      {"do", "p7", kNow - absl::Microseconds(1), "DUE_IN_THE_PAST", "due_time"},
  };
  for (const Case& c : cases) {
    const auto action = Add("a1", c.description, c.owner, c.due, kNow);
    ASSERT_FALSE(action.ok()) << c.field;
    EXPECT_EQ(action.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(action.status()), c.reason);
    ASSERT_EQ(ViolationsOf(action.status()).size(), 1u);
    EXPECT_EQ(ViolationsOf(action.status())[0].field, c.field);
  }
  EXPECT_TRUE(Add("a1", "do", "p7", kNow, kNow).ok());
}

TEST(Close, KeepsWhatShowsThatItWasDoneOrWhyItWasDropped) {
  const auto action = Add("a1", "do", "p7", kNow, kNow);
  const auto done = Close(*action, false, "letter of 3 March", "p8", kNow + absl::Hours(1));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state(), Action::STATE_DONE);
  EXPECT_EQ(done->evidence(), "letter of 3 March");
  EXPECT_EQ(done->closed_by(), "p8");
  EXPECT_EQ(clock::FromProto(done->closed_time()), kNow + absl::Hours(1));
  EXPECT_EQ(done->description(), "do");
  EXPECT_EQ(Close(*action, true, "no longer needed", "p8", kNow)->state(), Action::STATE_DROPPED);
}

TEST(Close, NeedsEvidenceOrAReason) {
  const auto action = Add("a1", "do", "p7", kNow, kNow);
  for (const bool dropped : {false, true}) {
    const auto closed = Close(*action, dropped, "  ", "p8", kNow);
    ASSERT_FALSE(closed.ok());
    EXPECT_EQ(ReasonOf(closed.status()), "REQUIRED");
    EXPECT_EQ(ViolationsOf(closed.status())[0].field, "evidence");
  }
}

TEST(Close, IsRefusedASecondTime) {
  const auto action = Add("a1", "do", "p7", kNow, kNow);
  for (const bool dropped : {false, true}) {
    const auto closed = Close(*action, dropped, "so", "p8", kNow);
    const auto again = Close(*closed, false, "so", "p8", kNow);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(again.status()), "ACTION_CLOSED");
  }
}

}  // namespace
}  // namespace fosterwatch::actions
