// Who is inside of the door, and the threads that serve them. Inside of this library.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::runtime {

// How many calls are inside; outlives the door where a handler kept a reply.
class Visitors {
 public:
  bool Enter() {
    absl::MutexLock lock(&mutex_);
    if (closed_) return false;
    ++inside_;
    return true;
  }

  void Leave() {
    absl::MutexLock lock(&mutex_);
    --inside_;
  }

  void Close(absl::Duration patience) {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    mutex_.AwaitWithTimeout(absl::Condition(
                                +[](int* inside) { return *inside == 0; }, &inside_),
                            patience);
  }

 private:
  absl::Mutex mutex_;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// Threads that work off a bounded queue.
class Workers {
 public:
  Workers(int threads, int most_waiting) : most_waiting_(most_waiting) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }

  ~Workers() {
    {
      absl::MutexLock lock(&mutex_);
      ended_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
  }

  bool Offer(std::function<void()> task) {
    absl::MutexLock lock(&mutex_);
    if (ended_ || static_cast<int>(waiting_.size()) >= most_waiting_) return false;
    waiting_.push_back(std::move(task));
    return true;
  }

 private:
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_ || !waiting_.empty(); }

  void Work() {
    while (true) {
      std::function<void()> task;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &Workers::HasWork));
        if (waiting_.empty()) return;
        task = std::move(waiting_.front());
        waiting_.pop_front();
      }
      task();
    }
  }

  const int most_waiting_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace fosterwatch::runtime
