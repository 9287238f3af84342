// What a piece of work knows of whoever waits for it: until when, and whether they are gone. The
// door makes one for each call; what a handler calls in turn, and what it asks of the database,
// finds it without being told (CallScope), so that a deadline passes through every hop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::runtime {

// Any thread.
class Cancellation {
 public:
  // Nobody waits any more. The first time, runs what was added, on this thread.
  void Request();
  bool requested() const { return requested_; }
  // Runs `act` once it is requested: at once where it already was, never otherwise. It must not
  // block, and may outlive what it is about.
  void OnRequest(std::function<void()> act);

 private:
  std::atomic<bool> requested_ = false;
  absl::Mutex mutex_;
  std::vector<std::function<void()>> acts_ ABSL_GUARDED_BY(mutex_);
};

// For as long as it lives, this thread works for that call.
class CallScope {
 public:
  CallScope(absl::Time deadline, std::shared_ptr<Cancellation> cancellation,
            std::string trace_parent);
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  // That of this thread; null where it works for no call.
  static const CallScope* Current();
  // The earlier of the two: the moment given, or the call's own deadline.
  static absl::Time NoLaterThan(absl::Time time);

  absl::Time deadline() const { return deadline_; }
  const std::shared_ptr<Cancellation>& cancellation() const { return cancellation_; }
  const std::string& trace_parent() const { return trace_parent_; }

 private:
  const absl::Time deadline_;
  const std::shared_ptr<Cancellation> cancellation_;
  const std::string trace_parent_;
  const CallScope* const outer_;
};

}  // namespace fosterwatch::runtime
