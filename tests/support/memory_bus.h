// A bus in memory, for tests that must say exactly when a bus fails, repeats or is away. What real
// buses do is the conformance suite's matter.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"

namespace fosterwatch::testing {

// One partition a topic; offsets count over the whole bus. Any thread.
class MemoryBus : public bus::Bus {
 public:
  absl::Status Publish(const std::vector<bus::Record>& records) override {
    absl::MutexLock lock(&mutex_);
    if (away_) return absl::UnavailableError("the bus is away");
    for (const bus::Record& record : records) {
      if (absl::Status taken = bus::CheckRecord(record); !taken.ok()) return taken;
      if (takes_ == 0) return absl::UnavailableError("the bus went away half way");
      if (takes_ > 0) --takes_;
      records_.push_back(record);
      records_.back().offset = static_cast<int64_t>(records_.size()) - 1;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<bus::Subscription>> Subscribe(
      const bus::SubscribeOptions& options) override {
    absl::MutexLock lock(&mutex_);
    if (away_) return absl::UnavailableError("the bus is away");
    return std::make_unique<Member>(this, options);
  }

  absl::Status EnsureTopics(const std::vector<bus::Topic>&) override { return absl::OkStatus(); }
  absl::Status Check() override { return absl::OkStatus(); }

  absl::StatusOr<std::vector<std::string>> Groups() override {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> groups;
    for (const auto& [group, committed] : committed_) groups.push_back(group);
    return groups;
  }
  absl::StatusOr<std::vector<bus::GroupPosition>> PositionsOf(
      const std::string& group, const std::vector<std::string>& topics) override {
    absl::MutexLock lock(&mutex_);
    std::vector<bus::GroupPosition> positions;
    for (const std::string& topic : topics) {
      bus::GroupPosition& position = positions.emplace_back();
      position.topic = topic;
      position.end = static_cast<int64_t>(records_.size());
      const auto found = committed_.find(group);
      if (found != committed_.end()) position.committed = static_cast<int64_t>(found->second);
    }
    return positions;
  }
  absl::Status MoveGroup(const std::string& group,
                         const std::vector<bus::GroupPosition>& positions) override {
    absl::MutexLock lock(&mutex_);
    lost_[group] = false;
    for (const bus::GroupPosition& position : positions) {
      committed_[group] = static_cast<size_t>(*position.committed);
    }
    ++rewinds_;
    return absl::OkStatus();
  }

  void SetAway(bool away) {
    absl::MutexLock lock(&mutex_);
    away_ = away;
  }
  // Takes so many more records and then fails, in the middle of a Publish; -1: never.
  void FailAfter(int records) {
    absl::MutexLock lock(&mutex_);
    takes_ = records;
  }
  // Says that records were removed that the group has not handled, until the group is moved.
  void Lose(const std::string& group) {
    absl::MutexLock lock(&mutex_);
    lost_[group] = true;
  }
  std::vector<bus::Record> records() const {
    absl::MutexLock lock(&mutex_);
    return records_;
  }
  // Everything comes again to the group.
  void ForgetOffsets(const std::string& group) {
    absl::MutexLock lock(&mutex_);
    committed_[group] = 0;
    ++rewinds_;
  }
  // Whether the group has committed everything that is there.
  bool Done(const std::string& group) const {
    absl::MutexLock lock(&mutex_);
    const auto found = committed_.find(group);
    return found != committed_.end() && found->second == records_.size();
  }

 private:
  class Member : public bus::Subscription {
   public:
    Member(MemoryBus* bus, bus::SubscribeOptions options)
        : bus_(bus), options_(std::move(options)) {}

    absl::StatusOr<std::vector<bus::Record>> Poll(int most, absl::Duration patience) override {
      absl::MutexLock lock(&bus_->mutex_);
      if (bus_->away_) return absl::UnavailableError("the bus is away");
      if (bus_->lost_[options_.group]) return absl::DataLossError("records were removed");
      if (rewinds_ != bus_->rewinds_) {
        rewinds_ = bus_->rewinds_;
        next_ = bus_->committed_[options_.group];
      }
      const auto more = [this] { return next_ < bus_->records_.size(); };
      bus_->mutex_.AwaitWithTimeout(absl::Condition(&more), patience);
      std::vector<bus::Record> records;
      for (; more() && records.size() < static_cast<size_t>(most); ++next_) {
        const bus::Record& record = bus_->records_[next_];
        if (std::count(options_.topics.begin(), options_.topics.end(), record.topic) > 0) {
          records.push_back(record);
        }
      }
      return records;
    }
    absl::Status Commit() override {
      absl::MutexLock lock(&bus_->mutex_);
      if (bus_->away_) return absl::UnavailableError("the bus is away");
      if (rewinds_ == bus_->rewinds_) bus_->committed_[options_.group] = next_;
      return absl::OkStatus();
    }
    absl::Status Rewind() override {
      absl::MutexLock lock(&bus_->mutex_);
      next_ = bus_->committed_[options_.group];
      return absl::OkStatus();
    }

   private:
    MemoryBus* const bus_;
    const bus::SubscribeOptions options_;
    size_t next_ = 0;
    int rewinds_ = -1;
  };

  mutable absl::Mutex mutex_;
  std::vector<bus::Record> records_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, size_t> committed_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, bool> lost_ ABSL_GUARDED_BY(mutex_);
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  int takes_ ABSL_GUARDED_BY(mutex_) = -1;
  int rewinds_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace fosterwatch::testing
