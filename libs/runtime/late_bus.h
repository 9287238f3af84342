// A bus that need not be there yet: it is opened at the first use at which it can be, and until
// then every call is UNAVAILABLE, so that a service starts before its bus. Inside of this library.
// Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/runtime/settings.h"

namespace fosterwatch::runtime {

class LateBus : public bus::Bus {
 public:
  explicit LateBus(Settings settings) : settings_(std::move(settings)) {}

  absl::Status Publish(const std::vector<bus::Record>& records) override;
  absl::StatusOr<std::unique_ptr<bus::Subscription>> Subscribe(
      const bus::SubscribeOptions& options) override;
  absl::Status EnsureTopics(const std::vector<bus::Topic>& topics) override;
  // Also FAILED_PRECONDITION where the bus is there and is not of this program's version.
  absl::Status Check() override;
  absl::StatusOr<std::vector<std::string>> Groups() override;
  absl::StatusOr<std::vector<bus::GroupPosition>> PositionsOf(
      const std::string& group, const std::vector<std::string>& topics) override;
  absl::Status MoveGroup(const std::string& group,
                         const std::vector<bus::GroupPosition>& positions) override;

 private:
  absl::StatusOr<bus::Bus*> Get();

  const Settings settings_;
  absl::Mutex mutex_;
  bool opening_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time again_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Status last_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("the bus is not open yet");
  std::unique_ptr<bus::Bus> bus_ ABSL_GUARDED_BY(mutex_);  // once set, it stays
};

}  // namespace fosterwatch::runtime
