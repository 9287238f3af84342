// /readyz: this process's own checks, and the services that it hands calls to, asked how they are
// by VitalsService, so that it can say why one is not ready. An owner decides until it was ready
// once; later its absence is shown but does not take the gateway away from the other owners'
// callers. Asked at most once a second. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/runtime/checks.h"
#include "libs/runtime/client.h"
#include "services/gateway/http.h"

namespace fosterwatch::gateway {

class Readiness : public std::enable_shared_from_this<Readiness> {
 public:
  struct Options {
    runtime::Client* client = nullptr;
    std::vector<std::string> owners;  // "notifiable_events"
    std::function<std::vector<runtime::CheckLine>()> own;
    std::function<absl::StatusOr<std::string>()> service_token;
    std::function<absl::Time()> now;
  };
  explicit Readiness(Options options);

  // 200 or 503, as text or, where the request accepts it, JSON. What is not good is named always,
  // what is good where the query says `verbose`.
  void Answer(const HttpRequest& request, ReplyPtr reply);
  // From now on not ready.
  void SetStopping();

 private:
  struct Owner {
    std::string name;
    bool good = false;
    bool was_good = false;
    std::string text;
  };
  struct Asker {
    bool verbose;
    bool json;
    ReplyPtr reply;
  };

  void Heard(size_t owner, const absl::StatusOr<std::string>& answer);
  void Done();
  HttpResponse Verdict(const Asker& asker) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Owner> owners_ ABSL_GUARDED_BY(mutex_);
  absl::Time asked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  size_t awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Asker> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
