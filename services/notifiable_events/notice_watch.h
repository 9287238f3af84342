// When the next notice is due that nothing proves to have been sent: a gauge, for a watchdog in
// another process to alarm by. Of all agencies together, and of none of them more than that moment.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/pg/connection.h"
#include "libs/runtime/module.h"

namespace fosterwatch::notifiable_events {

class NoticeWatch {
 public:
  // Under the role that reads all agencies.
  explicit NoticeWatch(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  // Looks every few seconds until stopped.
  void Run(const runtime::Stop& stop);

  // Seconds until the first owed notice is due, negative where one is overdue, infinite where none
  // is owed, as of the last look that succeeded. Any thread.
  double seconds_until_due(absl::Time now) const;

 private:
  absl::Status Look();

  const std::string conninfo_;
  std::unique_ptr<pg::Connection> connection_;
  mutable absl::Mutex mutex_;
  absl::Time next_due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace fosterwatch::notifiable_events
