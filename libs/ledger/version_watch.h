// Which version of each aggregate has come last, so that one that is missing is seen when the next
// one comes.
//
// In memory only, and trusted only as long as the offsets of a partition follow one another: after
// a start, a rewind, or when the partition was another member's for a while, the first version of
// each key is believed. So it never takes for missing what somebody else has handled; a gap that
// lies right there goes unseen. Facts that come again are older, and older ones are no gap.
//
// Keys are "agency/aggregate": a topic on which aggregates of two types may share an id has no
// use for it. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

#include "libs/bus/bus.h"

namespace fosterwatch::ledger {

class VersionWatch {
 public:
  // The version that should have come before this record and has not; 0 where none is missing.
  // Called for every record of a partition, in order; `version` 0 where a record has none.
  int64_t Missing(const bus::Record& record, int64_t version) {
    Partition& partition = partitions_[{record.topic, record.partition}];
    if (partition.next != record.offset || partition.newest.size() >= kMostKeys) {
      partition.newest.clear();
    }
    partition.next = record.offset + 1;
    if (version <= 0) return 0;
    const auto [last, first_seen] = partition.newest.try_emplace(record.key, version);
    const int64_t expected = first_seen ? version : last->second + 1;
    last->second = std::max(last->second, version);
    return version > expected ? expected : 0;
  }

 private:
  static constexpr size_t kMostKeys = 100'000;

  struct Partition {
    int64_t next = -1;
    absl::flat_hash_map<std::string, int64_t> newest;
  };
  std::map<std::pair<std::string, int32_t>, Partition> partitions_;
};

}  // namespace fosterwatch::ledger
