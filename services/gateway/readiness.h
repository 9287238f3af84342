// /readyz: this process's own checks, and the services that it hands calls to, asked by gRPC
// health. An owner decides until it was ready once; later its absence is shown but does not take
// the gateway away from the other owners' callers. Asked at most once a second. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/runtime/client.h"
#include "services/gateway/http.h"

namespace fosterwatch::gateway {

class Readiness : public std::enable_shared_from_this<Readiness> {
 public:
  struct Own {
    std::string name;
    bool ok = false;
    bool decides = true;
  };
  Readiness(runtime::Client* client, std::vector<std::string> owners,
            std::function<std::vector<Own>()> own, std::function<absl::Time()> now);

  // 200 or 503; one line a check where `verbose`.
  void Answer(bool verbose, ReplyPtr reply);

 private:
  struct Owner {
    std::string name;
    bool ok = false;
    bool was_ok = false;
  };

  void Heard(size_t owner, bool ok);
  HttpResponse Verdict(bool verbose) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  runtime::Client* const client_;
  const std::function<std::vector<Own>()> own_;
  const std::function<absl::Time()> now_;
  absl::Mutex mutex_;
  std::vector<Owner> owners_ ABSL_GUARDED_BY(mutex_);
  absl::Time asked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  size_t awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::pair<bool, ReplyPtr>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
