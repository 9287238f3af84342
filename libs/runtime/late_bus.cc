#include "libs/runtime/late_bus.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"

#include "libs/runtime/module.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

// Not all at the same moment, of those who lost it together.
absl::Duration Pause() {
  static thread_local absl::BitGen bits;
  return absl::Milliseconds(absl::Uniform(bits, 150, 350));
}

}  // namespace

absl::StatusOr<bus::Bus*> LateBus::Get() {
  {
    absl::MutexLock lock(&mutex_);
    if (bus_ != nullptr) return bus_.get();
    if (opening_ || absl::Now() < again_) return last_;
    opening_ = true;
  }
  absl::StatusOr<std::unique_ptr<bus::Bus>> opened = OpenBus(settings_);
  absl::MutexLock lock(&mutex_);
  opening_ = false;
  if (!opened.ok()) {
    again_ = absl::Now() + Pause();
    last_ = opened.status();
    return last_;
  }
  bus_ = *std::move(opened);
  return bus_.get();
}

absl::Status LateBus::Publish(const std::vector<bus::Record>& records) {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->Publish(records);
}

absl::StatusOr<std::unique_ptr<bus::Subscription>> LateBus::Subscribe(
    const bus::SubscribeOptions& options) {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->Subscribe(options);
}

absl::Status LateBus::EnsureTopics(const std::vector<bus::Topic>& topics) {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->EnsureTopics(topics);
}

absl::Status LateBus::Check() {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->Check();
}

absl::StatusOr<std::vector<std::string>> LateBus::Groups() {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->Groups();
}

absl::StatusOr<std::vector<bus::GroupPosition>> LateBus::PositionsOf(
    const std::string& group, const std::vector<std::string>& topics) {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->PositionsOf(group, topics);
}

absl::Status LateBus::MoveGroup(const std::string& group,
                                const std::vector<bus::GroupPosition>& positions) {
  ASSIGN_OR_RETURN(bus::Bus * bus, Get());
  return bus->MoveGroup(group, positions);
}

}  // namespace fosterwatch::runtime
