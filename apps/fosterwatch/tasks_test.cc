#include "apps/fosterwatch/tasks.h"

#include <atomic>
#include <vector>

#include "gtest/gtest.h"

#include "libs/status/error.h"

namespace fosterwatch::app {
namespace {

absl::Status Fails(const char* reason) {
  return Error(absl::StatusCode::kInvalidArgument, reason, "no");
}

TEST(RunAllTest, RunsEachTaskOnceAndSaysWhichAreDone) {
  std::atomic<int> ran = 0, done = 0;
  const std::vector<Task> tasks(200, [&] {
    ++ran;
    return absl::OkStatus();
  });
  EXPECT_TRUE(RunAll(tasks, absl::Minutes(1), [&] { ++done; }).ok());
  EXPECT_EQ(ran, 200);
  EXPECT_EQ(done, 200);
}

TEST(RunAllTest, TriesAgainWhatIsNotKnownYet) {
  for (const char* reason :
       {"UNKNOWN_BODY", "UNKNOWN_CARER", "SOURCE_NOT_REGISTERED", "NO_ROLE_HOLDER"}) {
    std::atomic<int> tries = 0;
    const std::vector<Task> tasks{[&] { return ++tries < 3 ? Fails(reason) : absl::OkStatus(); }};
    EXPECT_TRUE(RunAll(tasks, absl::Minutes(1)).ok()) << reason;
    EXPECT_EQ(tries, 3) << reason;
  }
}

TEST(RunAllTest, AnErrorThatStaysIsReturnedAfterOneTry) {
  std::atomic<int> tries = 0;
  const std::vector<Task> tasks{[&] {
    ++tries;
    return Fails("MISSING_FIELD");
  }};
  EXPECT_EQ(ReasonOf(RunAll(tasks, absl::Minutes(1))), "MISSING_FIELD");
  EXPECT_EQ(tries, 1);
}

TEST(RunAllTest, PatienceEnds) {
  const std::vector<Task> tasks{[] { return Fails("UNKNOWN_CARER"); }};
  EXPECT_EQ(ReasonOf(RunAll(tasks, absl::Milliseconds(1))), "UNKNOWN_CARER");
}

}  // namespace
}  // namespace fosterwatch::app
