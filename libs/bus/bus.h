// The bus: topics of records, partitioned by key. Two implementations, PostgresBus (the embedded
// default) and KafkaBus (librdkafka), and one conformance suite that both pass
// (tests/component/bus_test.cc).
//
// Promises: a record whose Publish returned OK is durable; order holds per key; a subscription
// sees every record of its topics at least once, from the beginning of the topic for a new group;
// records never expire. Duplicates are possible after any error: the inbox absorbs them.
//
// A topic that nobody has made yet is UNAVAILABLE for Publish and for Poll, until it is there: a
// service may start before the deployment has made its topics, and needs no second start.
//
// Threads: any thread may call a Bus. Subscriptions are destroyed before their Bus.
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

// Key, headers and value of one record together. Apache Kafka's default limit, rounded down.
inline constexpr size_t kMaxRecordBytes = 1'000'000;

// Names are not empty and hold no NUL; values are any bytes. A name may occur more than once.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Record {
  std::string topic;
  std::string key;  // "agency_id/aggregate_id"; any bytes, decides the partition
  Headers headers;  // CloudEvents in binary mode: ce_id, ce_type, ...; content-type; traceparent
  std::string value;
  // Set by the bus on the way in.
  int32_t partition = 0;
  int64_t offset = 0;
  absl::Time time;  // when it was published
};

// The value of the first header of that name, or "".
std::string HeaderOf(const Record& record, absl::string_view name);

// Whether a bus takes the record: INVALID_ARGUMENT for one that is over kMaxRecordBytes, has no
// topic or a bad header name. Any bus checks it in Publish; intakes may ask earlier.
absl::Status CheckRecord(const Record& record);

struct Topic {
  std::string name;
  int partitions = 4;
};

// A member of a group. One thread at a time. Poll at least every few minutes: Kafka takes a member
// that is silent for five minutes for dead, PostgresBus waits for its session to end.
class Subscription {
 public:
  // Leaves the group, within seconds even if the bus is away.
  virtual ~Subscription() = default;

  // The next records, in order per partition, `most` at most (fewer when they are large); empty
  // after `patience`. UNAVAILABLE while the bus is away or a topic is missing: call again.
  // DATA_LOSS, once, when records that the group has not handled were removed from a topic: the
  // next Poll goes on with the oldest that is left. Records that were not committed come again
  // after a reopen, or when another member takes their partition over.
  virtual absl::StatusOr<std::vector<Record>> Poll(int most, absl::Duration patience) = 0;

  // Says that everything that this subscription has polled so far is handled. An error means that
  // some of it may come again, to this member or to another.
  virtual absl::Status Commit() = 0;

  // Goes back to what is committed: what was polled since comes again.
  virtual absl::Status Rewind() = 0;
};

struct SubscribeOptions {
  std::string group;
  std::vector<std::string> topics;
  // Stable across restarts of this member; unique in the group. Empty: a passing member.
  std::string member;
  // Begins at the end instead of the beginning, sees all partitions and keeps no offsets: for live
  // screens. The end is that of the moment of Subscribe or, if the bus is away then, of the first
  // Poll that reaches it. Needs no group.
  bool live = false;
};

class Bus {
 public:
  virtual ~Bus() = default;

  // Blocks until all are durable, in the order given per key. On an error a part may be there, in
  // order; publish all again, in the same order. INVALID_ARGUMENT as CheckRecord has it.
  virtual absl::Status Publish(const std::vector<Record>& records) = 0;

  // INVALID_ARGUMENT without topics or, unless live, without a group.
  virtual absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      const SubscribeOptions& options) = 0;

  // Makes the topics that are missing; never changes the number of partitions of one that is there.
  // After OK they can be published to.
  virtual absl::Status EnsureTopics(const std::vector<Topic>& topics) = 0;

  // OK when the bus can be reached now; the reason otherwise, within 2 s (for readyz).
  virtual absl::Status Check() = 0;
};

}  // namespace fosterwatch::bus
