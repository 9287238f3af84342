// Waiting for what becomes true in its own time: on another thread, in another process.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace fosterwatch::testing {

// Asks every 10 ms until `condition` holds: at once true where it already does, false after
// `timeout`. EXPECT_TRUE(AwaitTrue([&] { return sink.size() == 3; }));
// The timeout is a guard against waiting for ever, not a promise of how fast things are: a busy
// machine may stand still for seconds.
inline bool AwaitTrue(absl::FunctionRef<bool()> condition,
                      absl::Duration timeout = absl::Seconds(60)) {
  const absl::Time until = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() >= until) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace fosterwatch::testing
