// How many open alerts can reach nobody, for the gauge that the watchdog reads.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/pg/connection.h"

namespace fosterwatch::notifications {

// Threads: any.
class DeadEnds {
 public:
  // Under the relay role, which reads all agencies.
  explicit DeadEnds(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  // Of all agencies, as of now; NaN while the database is away.
  double Count();

 private:
  const std::string conninfo_;
  absl::Mutex mutex_;
  std::unique_ptr<pg::Connection> connection_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::notifications
