// Keeps one webhook that is slow or away from taking what the others need: so many posts to it at a
// time, and none for a while after it was away. Any thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::notifications {

class EndpointGate {
 public:
  // How long an endpoint that was away is left alone, where it does not ask for more.
  static constexpr absl::Duration kPause = absl::Seconds(5);
  // However long it asks for, others of its posts are tried again by then.
  static constexpr absl::Duration kMostPause = absl::Minutes(1);
  // When to come back for one that has enough on its way.
  static constexpr absl::Duration kBusy = absl::Milliseconds(250);

  EndpointGate(int most, std::function<absl::Time()> now) : most_(most), now_(std::move(now)) {}

  // Zero where a post may go: Leave follows it. Otherwise for how long none may.
  absl::Duration Enter(const std::string& url);
  void Leave(const std::string& url, bool away, absl::Duration retry_after);

 private:
  struct Endpoint {
    int on_their_way = 0;
    absl::Time away_until = absl::InfinitePast();
  };
  const int most_;
  const std::function<absl::Time()> now_;
  absl::Mutex mutex_;
  std::map<std::string, Endpoint> endpoints_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::notifications
