// How far each partition of a PostgresBus has been published, as this process knows it, and waiting
// for more. One thread asks the database for all subscriptions, and only while one of them waits.
// Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/pg/connection.h"

namespace fosterwatch::bus::postgres {

using TopicPartition = std::pair<std::string, int32_t>;

class Heads {
 public:
  explicit Heads(std::string conninfo);
  ~Heads();
  Heads(const Heads&) = delete;
  Heads& operator=(const Heads&) = delete;

  // The offset that the partition's next record will have; 0 where nothing is known.
  int64_t Of(const TopicPartition& partition) const;

  // Says what has just been committed, and wakes who waits.
  void Advance(const std::vector<std::pair<TopicPartition, int64_t>>& heads);

  // Says that a subscription came or went: the others look after their share.
  void MembersChanged();

  // Changes whenever something happened that a waiting subscription should look at.
  int64_t version() const;
  int64_t members_version() const;

  // Returns when version() is no longer `seen`, or at `deadline`.
  void Await(int64_t seen, absl::Time deadline);

  // Whether the database answered the last time.
  absl::Status status() const;

 private:
  void Run();
  absl::Status Ask();

  const std::string conninfo_;
  mutable absl::Mutex mutex_;
  std::map<TopicPartition, int64_t> heads_ ABSL_GUARDED_BY(mutex_);
  int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t members_version_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<pg::Connection> connection_;  // of the thread
  std::thread thread_;
};

}  // namespace fosterwatch::bus::postgres
