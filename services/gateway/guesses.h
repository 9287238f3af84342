// How often a sign-in link may be wrong: some at once, and few in the long run; then no link is
// looked at, right or wrong, until the next may be. All who ask share it: whose address a request
// comes from is not known behind a proxy. Sessions and sign-ins at a provider are not touched.
//
// Threads: any.
#pragma once

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::gateway {

class Guesses {
 public:
  struct Limits {
    int at_once = 20;
    absl::Duration each = absl::Seconds(6);  // until one more may be wrong
    absl::Duration remembered = absl::Minutes(15);
  };
  explicit Guesses(Limits limits) : limits_(limits), left_(limits.at_once) {}

  // Takes one of those that may be wrong: zero; or how long to wait, and nothing is to be looked
  // at.
  absl::Duration Take(absl::Time now);
  // It was right.
  void GiveBack();

  // RESOURCE_EXHAUSTED (LINKS_GUESSED) for a while after the limit was reached: somebody has to
  // look.
  absl::Status Check(absl::Time now) const;
  // Not looked at since the start.
  int64_t refused() const;

 private:
  const Limits limits_;
  mutable absl::Mutex mutex_;
  double left_ ABSL_GUARDED_BY(mutex_);
  absl::Time filled_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time reached_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace fosterwatch::gateway
