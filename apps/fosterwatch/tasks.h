// Many calls at once, for what loads a whole agency.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace fosterwatch::app {

using Task = std::function<absl::Status()>;

// Runs all tasks, by 32 callers at a time and in no order. One that may succeed by itself (the
// service is busy, away or late for a moment, or has not yet heard of a body, a carer, a
// publisher or a holder of a role that the task names) is tried again, under the same request id,
// until `patience` has passed since the call; any other error, or one that lasts, ends the rest,
// and the first such error is returned. `done` is called after each task that succeeded, from any
// of the callers; null: nothing.
absl::Status RunAll(const std::vector<Task>& tasks, absl::Duration patience,
                    const std::function<void()>& done = nullptr);

}  // namespace fosterwatch::app
