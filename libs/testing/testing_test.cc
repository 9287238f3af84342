#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "gtest/gtest.h"
#include <signal.h>
#include <unistd.h>

#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/process.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointee;

Process::Options Shell(const std::string& script) {
  return {{"/bin/sh", "-c", script}, {}, {}, ""};
}

TEST(Process, SeesArgumentsAndSettingsAndKeepsItsOutput) {
  Process::Options options = Shell("echo \"$0 $FIRST ${HOME-unset}\"; echo error >&2; exit 7");
  options.arguments.push_back("zero");
  options.set["FIRST"] = "first value";
  options.unset = {"HOME"};
  auto process = Process::Start(options);
  ASSERT_THAT(process, IsOk());
  EXPECT_THAT(process->Wait(), IsOkAndHolds(7));
  EXPECT_EQ(process->Output(), "zero first value unset\nerror\n");
  EXPECT_FALSE(process->Running());
}

TEST(Process, FindsAPortInALineOfItsOutput) {
  auto process = Process::Start(
      Shell("echo starting; echo listening on port 4711; exec cat /dev/zero >/dev/null"));
  ASSERT_THAT(process, IsOk());
  EXPECT_THAT(process->AwaitLine("listening on port "), IsOkAndHolds("4711"));
  EXPECT_THAT(process->AwaitLine("never", absl::Milliseconds(30)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("listening on port")));
  EXPECT_THAT(process->Stop(), IsOkAndHolds(128 + SIGTERM));
}

TEST(Process, AwaitLineEndsWhenTheProcessDoesAndShowsItsOutput) {
  auto process = Process::Start(Shell("echo the port is taken >&2; exit 1"));
  ASSERT_THAT(process, IsOk());
  EXPECT_THAT(process->AwaitLine("listening"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the port is taken")));
}

TEST(Process, IsKilledBySignalAndWhenItGoesOutOfScope) {
  auto process = Process::Start(Shell("exec cat /dev/zero >/dev/null"));
  ASSERT_THAT(process, IsOk());
  EXPECT_TRUE(process->Running());
  process->Kill(SIGKILL);
  EXPECT_THAT(process->Wait(), IsOkAndHolds(128 + SIGKILL));

  std::optional<Process> second = *Process::Start(Shell("exec cat /dev/zero >/dev/null"));
  const pid_t pid = second->pid();
  EXPECT_EQ(kill(pid, 0), 0);
  second.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Process, ThatCannotStartSaysWhich) {
  EXPECT_THAT(Process::Start({{"/nonexistent/program"}, {}, {}, ""}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nonexistent/program")));
}

TEST(AwaitTrue, IsTrueOnceTheConditionHoldsAndFalseAfterTheTimeout) {
  int asked = 0;
  EXPECT_TRUE(AwaitTrue([&] { return ++asked == 3; }));
  EXPECT_EQ(asked, 3);
  EXPECT_FALSE(AwaitTrue([] { return false; }, absl::Milliseconds(20)));
}

TEST(Matchers, TakeAStatusAndAStatusOr) {
  const absl::Status refused = Error(absl::StatusCode::kNotFound, "NO_SUCH_THING", "no such thing");
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(refused, AllOf(Not(IsOk()), StatusIs(absl::StatusCode::kNotFound),
                             HasReason("NO_SUCH_THING"), Not(HasReason("ANOTHER"))));
  EXPECT_THAT(absl::StatusOr<int>(refused),
              AllOf(StatusIs(absl::StatusCode::kNotFound, HasSubstr("such")),
                    HasReason("NO_SUCH_THING"), Not(IsOkAndHolds(1))));
  EXPECT_THAT(absl::StatusOr<int>(2), AllOf(IsOkAndHolds(2), Not(IsOkAndHolds(3))));
  EXPECT_THAT(absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(4)),
              IsOkAndHolds(Pointee(4)));
}

TEST(Database, WithoutAClusterSaysWhatIsMissing) {
  const char* before = std::getenv("FOSTERWATCH_TEST_POSTGRES");
  const std::string kept = before == nullptr ? "" : before;
  unsetenv("FOSTERWATCH_TEST_POSTGRES");
  try {
    Database database("fosterwatch_testing_test");
    ADD_FAILURE() << "made a database of nothing";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("FOSTERWATCH_TEST_POSTGRES is not set"));
  }
  if (before != nullptr) setenv("FOSTERWATCH_TEST_POSTGRES", kept.c_str(), 1);
}

}  // namespace
}  // namespace fosterwatch::testing
