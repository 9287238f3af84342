#include "libs/runtime/cancellation.h"

#include <algorithm>
#include <utility>

namespace fosterwatch::runtime {
namespace {

thread_local const CallScope* current = nullptr;

}  // namespace

void Cancellation::Request() {
  std::vector<std::function<void()>> acts;
  {
    absl::MutexLock lock(&mutex_);
    if (requested_.exchange(true)) return;
    acts.swap(acts_);
  }
  for (const std::function<void()>& act : acts) act();
}

void Cancellation::OnRequest(std::function<void()> act) {
  {
    absl::MutexLock lock(&mutex_);
    if (!requested_) {
      acts_.push_back(std::move(act));
      return;
    }
  }
  act();
}

CallScope::CallScope(absl::Time deadline, std::shared_ptr<Cancellation> cancellation,
                     std::string trace_parent)
    : deadline_(deadline),
      cancellation_(std::move(cancellation)),
      trace_parent_(std::move(trace_parent)),
      outer_(current) {
  current = this;
}

CallScope::~CallScope() { current = outer_; }

const CallScope* CallScope::Current() { return current; }

absl::Time CallScope::NoLaterThan(absl::Time time) {
  return current == nullptr ? time : std::min(time, current->deadline_);
}

}  // namespace fosterwatch::runtime
