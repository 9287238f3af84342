// How many calls are under way behind the gateway: past a limit a caller is told to come back, so
// that those inside are answered and memory stays flat. One agency never takes all of it: three
// quarters at most, so that another one's call finds room. Any thread.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "services/gateway/http.h"

namespace fosterwatch::gateway {

class InFlight : public std::enable_shared_from_this<InFlight> {
 public:
  explicit InFlight(int most) : most_(most), most_of_agency_(most - most / 4) {}

  // The reply of a call that is let in, which gives its place back once it is answered or dropped;
  // null where there is no place.
  ReplyPtr Enter(ReplyPtr reply);

  int inside() const;
  // Refused since the start.
  int64_t refused() const;

  // RESOURCE_EXHAUSTED.
  static absl::Status Full();

 private:
  class Counted;
  bool Charge(const std::string& agency_id);
  void Leave(const std::string& agency_id);

  const int most_;
  const int most_of_agency_;
  mutable absl::Mutex mutex_;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int> by_agency_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
