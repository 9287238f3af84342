// A loop that works off one kind of rows of view.timer as they fall due, several at a time but
// never one row twice. Of all processes that run it only one works, by an advisory lock on a
// connection of its own; another takes over within a second of its end.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/pg/connection.h"
#include "libs/runtime/module.h"

namespace fosterwatch::notifications {

struct Due {
  std::string agency_id;
  std::string subject_id;
  std::string id;  // of a dispatch or of an alert
  absl::Time due;
};

// What came of one row that was due.
struct Worked {
  // Something was recorded. Where nothing was, the row is left alone for that long, so that one
  // that cannot be worked off does not keep the loop busy.
  bool progressed = true;
  absl::Duration hold = absl::Seconds(5);
  // What all rows need is away: none is tried for that long.
  absl::Duration pause = absl::ZeroDuration();
};

class DueLoop {
 public:
  struct Options {
    std::string kind;      // as in view.timer
    int64_t lock = 0;      // the number of the advisory lock
    std::string conninfo;  // under the relay role, which reads all agencies
    std::function<absl::Time()> now;
    // Called from `workers` threads at a time.
    std::function<Worked(const Due&, const runtime::Stop&)> work;
    int workers = 1;
  };
  explicit DueLoop(Options options) : options_(std::move(options)) {}

  // Works until stopped and what is in work has ended; survives a database that is away.
  void Run(const runtime::Stop& stop);

  // OK while it works, or while another process does; the last error otherwise.
  absl::Status last_status() const;
  // By how much the row that has waited longest is late; 0 when none is due.
  double oldest_due_seconds() const;

 private:
  // Looks for rows and hands them to the workers. How long to sleep before the next look.
  absl::StatusOr<absl::Duration> Step();
  void Work(const runtime::Stop& stop);
  // Until a worker has nothing to do or the time is over.
  void AwaitWorkers(absl::Duration time);

  const Options options_;
  std::unique_ptr<pg::Connection> connection_;
  bool locked_ = false;

  mutable absl::Mutex mutex_;
  std::deque<Due> ready_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> in_work_ ABSL_GUARDED_BY(mutex_);       // since when it is due
  std::map<std::string, absl::Time> held_ ABSL_GUARDED_BY(mutex_);          // left alone until then
  absl::Time paused_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // by absl::Now()
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;  // a row, since the last look
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);
  absl::Time oldest_due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace fosterwatch::notifications
