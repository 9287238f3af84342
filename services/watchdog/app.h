// What the watchdog does all day: asks each process how it is, judges what it hears (watcher.h),
// keeps what it told across its own restart, and tells persons until each of them has taken it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/runtime/client.h"
#include "libs/runtime/module.h"
#include "services/watchdog/channels.h"
#include "services/watchdog/watcher.h"

namespace fosterwatch::watchdog {

class App {
 public:
  struct Options {
    v1::WatchPolicy policy;
    std::vector<std::string> processes;  // as the client's endpoints name them
    std::string state_file;
    std::string where;  // the address of the installation, for the mails
    runtime::Client* client = nullptr;
    std::function<absl::StatusOr<std::string>()> service_token;
    std::function<absl::Time()> now;
  };
  // Reads the state file; one that cannot be read is put aside (".unreadable") and begun anew,
  // since a watchdog that does not start watches nothing.
  App(Options options, Channels channels);

  // Loops, until stopped.
  void Ask(const runtime::Stop& stop);
  void Tell(const runtime::Stop& stop);

  // OK while processes are asked in time.
  absl::Status Asking() const;
  // OK while everybody takes what they are told.
  absl::Status Telling() const;
  int open_alarms() const;

 private:
  void AskAll();
  void Queue(const Report& report, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Done(const std::string& message_id, const std::string& target);
  absl::Status Save() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  Channels channels_;  // told by Tell() alone
  mutable absl::Mutex mutex_;
  std::unique_ptr<Watcher> watcher_ ABSL_GUARDED_BY(mutex_);
  v1::WatchState state_ ABSL_GUARDED_BY(mutex_);
  absl::Time asked_ ABSL_GUARDED_BY(mutex_);
  absl::Status told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::watchdog
