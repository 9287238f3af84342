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

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
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
  // How long Kafka keeps a record; a topic of facts for ever. PostgresBus keeps every record.
  absl::Duration keep = absl::InfiniteDuration();
  // The largest batch that Kafka takes from anybody, compressed. What other systems publish to may
  // be larger than kMaxRecordBytes: it is refused by who reads it, with a reason.
  int64_t max_bytes = 1'048'588;
};

// How a member of a group gets on. Its subscription writes it, any thread reads it.
class Progress {
 public:
  // Records of the member's partitions that it has not handled, as of its last look.
  int64_t behind() const { return behind_; }
  // When it last handled something, or found nothing to handle; at first, when this was made.
  absl::Time last() const { return absl::FromUnixNanos(last_); }

  void SetBehind(int64_t records) { behind_ = records; }
  void Advance() { last_ = absl::GetCurrentTimeNanos(); }

 private:
  std::atomic<int64_t> behind_ = 0;
  std::atomic<int64_t> last_ = absl::GetCurrentTimeNanos();
};

// Where a group stands in one partition.
struct GroupPosition {
  std::string topic;
  int32_t partition = 0;
  std::optional<int64_t> committed;  // the first record not handled; none: the group is new here
  int64_t oldest = 0;                // the oldest record that is left and not handled
  int64_t end = 0;                   // after the newest

  // Whether records that the group has not handled are no longer there.
  bool lost() const { return committed.has_value() && (*committed < oldest || *committed > end); }
  int64_t behind() const { return end - (lost() ? oldest : committed.value_or(oldest)); }
};

// A member of a group. One thread at a time. Poll at least every few minutes: Kafka takes a member
// that is silent for five minutes for dead, PostgresBus waits for its session to end.
class Subscription {
 public:
  // Leaves the group, within seconds even if the bus is away.
  virtual ~Subscription() = default;

  // The next records, in order per partition, `most` at most (fewer when they are large); empty
  // after `patience`. UNAVAILABLE while the bus is away or a topic is missing: call again. Records
  // that were not committed come again after a reopen, or when another member takes their partition
  // over.
  //
  // DATA_LOSS when records that the group has not handled were removed from a topic: nothing is
  // passed over in silence. The member then holds: it gives its partitions up and every Poll says
  // so again, until Bus::MoveGroup has given the group another place, which also ends the hold of a
  // member that was started again meanwhile. A live subscription says it once and goes on with the
  // oldest record that is left.
  //
  // FAILED_PRECONDITION while another process has this member's name: this one reads nothing until
  // the other is gone.
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
  // Stable across restarts of this member; unique in the group. With it, a member that was killed
  // and is back within the session timeout goes on at once, and the others keep what they have;
  // one that leaves for good is missed until that timeout. Empty: a passing member.
  std::string member;
  // Begins at the end instead of the beginning, sees all partitions and keeps no offsets: for live
  // screens. The end is that of the moment of Subscribe or, if the bus is away then, of the first
  // Poll that reaches it. Needs no group.
  bool live = false;
  // Where the subscription says how it gets on; may be absent.
  std::shared_ptr<Progress> progress;
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

  // The groups that have handled something, in order. On Kafka also those of other programs.
  virtual absl::StatusOr<std::vector<std::string>> Groups() = 0;

  // Where a group stands in each partition of these topics, whoever reads them.
  virtual absl::StatusOr<std::vector<GroupPosition>> PositionsOf(
      const std::string& group, const std::vector<std::string>& topics) = 0;

  // Gives a group other places to go on from: `committed` of each position, which must be set; an
  // operator's decision. FAILED_PRECONDITION while a member reads: one that was killed, or holds
  // under a stable name, counts until its session ends.
  virtual absl::Status MoveGroup(const std::string& group,
                                 const std::vector<GroupPosition>& positions) = 0;
};

}  // namespace fosterwatch::bus
