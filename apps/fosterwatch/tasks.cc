#include "apps/fosterwatch/tasks.h"

#include <atomic>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/status/error.h"

namespace fosterwatch::app {
namespace {

constexpr int kCallers = 32;
constexpr absl::Duration kPause = absl::Milliseconds(50);

bool IsWorthAnother(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return IsRetryable(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status) || reason == "UNKNOWN_BODY" ||
         reason == "UNKNOWN_CARER" || reason == "SOURCE_NOT_REGISTERED" ||
         reason == "NO_ROLE_HOLDER";
}

}  // namespace

absl::Status RunAll(const std::vector<Task>& tasks, absl::Duration patience,
                    const std::function<void()>& done) {
  std::atomic<size_t> next = 0;
  absl::Mutex mutex;
  absl::Status failed;
  std::vector<std::thread> callers;
  const absl::Time until = absl::Now() + patience;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      for (size_t mine = next++; mine < tasks.size(); mine = next++) {
        absl::Status status = tasks[mine]();
        while (IsWorthAnother(status) && absl::Now() < until) {
          absl::SleepFor(kPause);
          status = tasks[mine]();
        }
        if (!status.ok()) {
          absl::MutexLock lock(&mutex);
          failed.Update(status);
          next = tasks.size();
          return;
        }
        if (done) done();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  return failed;
}

}  // namespace fosterwatch::app
