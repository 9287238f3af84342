#include "services/packs/reading.h"

#include <cstddef>

#include "absl/synchronization/mutex.h"

namespace fosterwatch::packs {
namespace {

// Few beside what the people of the agency ask at the same time.
constexpr size_t kAtATime = 6;

}  // namespace

absl::Status Reading::Count(int64_t records) {
  records_read_ += records;
  if (options_.go_on && !options_.go_on(records_read_)) {
    return absl::CancelledError("the making was given up");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Reading::Ask(const std::string& area,
                                                      const std::string& path,
                                                      std::vector<std::string> requests) {
  RETURN_IF_ERROR(Count(0));
  runtime::Client::Options call;
  call.token = options_.token;
  call.trace_parent = options_.trace_parent;
  call.timeout = absl::Seconds(30);

  absl::Mutex mutex;
  size_t under_way = 0;
  absl::Status failed;
  std::vector<std::string> answers(requests.size());
  const auto has_room = [&]() { return under_way < kAtATime; };
  const auto is_idle = [&]() { return under_way == 0; };
  for (size_t i = 0; i < requests.size(); ++i) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&has_room));
      if (!failed.ok()) break;
      ++under_way;
    }
    options_.client->CallAsync(area, path, std::move(requests[i]), call,
                               [&, i](absl::StatusOr<std::string> answer) {
                                 absl::MutexLock lock(&mutex);
                                 --under_way;
                                 if (answer.ok()) {
                                   answers[i] = *std::move(answer);
                                 } else if (failed.ok()) {
                                   failed = answer.status();
                                 }
                               });
    if (i % 64 == 63 && options_.go_on && !options_.go_on(records_read_ + int64_t(i))) {
      absl::MutexLock lock(&mutex);
      if (failed.ok()) failed = absl::CancelledError("the making was given up");
    }
  }
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&is_idle));
  if (absl::IsUnavailable(failed) && ReasonOf(failed).empty()) {
    return Error(absl::StatusCode::kUnavailable, "OWNER_AWAY",
                 absl::StrCat("the service ", area, " does not answer"));
  }
  if (!failed.ok()) return failed;
  return answers;
}

}  // namespace fosterwatch::packs
