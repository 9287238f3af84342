// The documents that are ordered, made and kept for a while, in memory only. A restart forgets them
// and they are ordered again: they say nothing that the registers do not.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "services/packs/bind.h"

namespace fosterwatch::packs {

// Any thread.
class Shelf {
 public:
  struct Limits {
    int waiting = 8;
    absl::Duration keep = absl::Minutes(30);
    int64_t bytes = 512'000'000;  // of all that is kept
  };
  // Whose it is: nobody else finds it.
  struct Owner {
    std::string agency_id, person_id;
    bool operator==(const Owner& other) const = default;
  };
  // Says a step and how many records have been read; false once it is to be given up.
  using Progress = std::function<bool(v1::Pack::Step step, int64_t records_read)>;
  // Makes it, on a thread of a worker.
  using Order = std::function<absl::StatusOr<Bound>(const Progress&)>;

  explicit Shelf(std::function<absl::Time()> now) : Shelf(std::move(now), Limits()) {}
  Shelf(std::function<absl::Time()> now, Limits limits);
  ~Shelf();

  // `pack` says kind, as_at_time and steps. RESOURCE_EXHAUSTED (TOO_MANY_PACKS) where too many
  // wait.
  absl::StatusOr<v1::Pack> Put(const Owner& owner, v1::Pack pack, Order order);

  // NOT_FOUND (UNKNOWN_PACK) also for another owner's.
  absl::StatusOr<v1::Pack> Find(const Owner& owner, const std::string& pack_id);
  absl::StatusOr<v1::PackFilePart> Read(const Owner& owner, const v1::ReadPackFileRequest& request);

  // Makes the next that waits, or waits at most `time` for one. `stopped` ends the making.
  void Work(absl::Duration time, const std::function<bool()>& stopped);

  int waiting();

 private:
  struct Item;
  absl::StatusOr<Item*> FindLocked(const Owner& owner, const std::string& pack_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(const std::string& pack_id, absl::StatusOr<Bound> made);

  const std::function<absl::Time()> now_;
  const Limits limits_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<Item>> items_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> finished_ ABSL_GUARDED_BY(mutex_);  // oldest first
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace fosterwatch::packs
