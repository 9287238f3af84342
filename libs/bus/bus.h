// The bus: topics of records, partitioned by key. Two implementations, PostgresBus (the embedded
// default) and KafkaBus (librdkafka), and one conformance suite that both pass.
//
// Promises: a record whose Publish returned OK is durable; order holds per key; a subscription
// sees every record of its topics at least once, from the beginning of the topic for a new group;
// records never expire. Duplicates are possible after any error: the inbox absorbs them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace fosterwatch::bus {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Record {
  std::string topic;
  std::string key;  // "agency_id/aggregate_id"
  Headers headers;  // CloudEvents in binary mode: ce_id, ce_type, ...; content-type; traceparent
  std::string value;
  // Set by the bus on the way in.
  int32_t partition = 0;
  int64_t offset = 0;
  absl::Time time;
};

// The value of the first header of that name, or "".
std::string HeaderOf(const Record& record, absl::string_view name);

struct Topic {
  std::string name;
  int partitions = 4;
};

// A member of a group. One thread at a time.
class Subscription {
 public:
  virtual ~Subscription() = default;

  // The next records, in order per partition, `most` at most; empty after `patience`. UNAVAILABLE
  // while the bus is away: call again. Records that were not committed come again after a reopen.
  virtual absl::StatusOr<std::vector<Record>> Poll(int most, absl::Duration patience) = 0;

  // Says that everything that this subscription has polled so far is handled. An error means that
  // some of it may come again.
  virtual absl::Status Commit() = 0;

  // Goes back to what is committed: what was polled since comes again.
  virtual absl::Status Rewind() = 0;
};

struct SubscribeOptions {
  std::string group;
  std::vector<std::string> topics;
  // Stable across restarts of this member; unique in the group. Empty: a passing member.
  std::string member;
  // Begins at the end instead of the beginning, and keeps no offsets: for live screens.
  bool live = false;
};

class Bus {
 public:
  virtual ~Bus() = default;

  // Blocks until all are durable, in the order given per key. On an error some may be; publish
  // all again. INVALID_ARGUMENT for a record over 1,000,000 bytes or an unknown topic.
  virtual absl::Status Publish(const std::vector<Record>& records) = 0;

  virtual absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      const SubscribeOptions& options) = 0;

  // Makes the topics that are missing; never changes the number of partitions of one that is there.
  virtual absl::Status EnsureTopics(const std::vector<Topic>& topics) = 0;

  // OK when the bus can be reached now; the reason otherwise (for readyz).
  virtual absl::Status Check() = 0;
};

}  // namespace fosterwatch::bus
