// A loop that works off one kind of rows of view.timer as they fall due. Of all processes that run
// it only one works, by an advisory lock on a connection of its own; another takes over within a
// second of its end.
#pragma once

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
};

// What came of one row that was due.
struct Worked {
  // Something was recorded. Where nothing was, the row is left alone for a few seconds, so that one
  // that cannot be worked off does not keep the loop busy.
  bool progressed = true;
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
    std::function<Worked(const Due&, const runtime::Stop&)> work;
  };
  explicit DueLoop(Options options) : options_(std::move(options)) {}

  // Works until stopped; survives a database that is away.
  void Run(const runtime::Stop& stop);

  // OK while it works, or while another process does; the last error otherwise.
  absl::Status last_status() const;
  // By how much the row that has waited longest is late; 0 when none is due.
  double oldest_due_seconds() const;

 private:
  // How long to sleep before the next look.
  absl::StatusOr<absl::Duration> Step(const runtime::Stop& stop);

  const Options options_;
  std::unique_ptr<pg::Connection> connection_;
  bool locked_ = false;
  std::map<std::string, absl::Time> held_;  // rows left alone, until when

  mutable absl::Mutex mutex_;
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);
  absl::Time oldest_due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace fosterwatch::notifications
