// One consumer of librdkafka, as a Subscription holds it: what its callbacks keep, where it starts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include <librdkafka/rdkafka.h>

#include "libs/bus/bus.h"
#include "libs/bus/kafka_client.h"

namespace fosterwatch::bus::kafka {

// Added to the place of a group in a topic that was removed: no topic ever gets there, whatever is
// published under its name, so the group stays where it is until it is moved.
inline constexpr int64_t kGone = int64_t{1} << 62;

using TopicPartition = std::pair<std::string, int32_t>;

// Offsets of one assigned partition: where a Rewind goes back to, and what comes after the last
// record that Poll returned.
struct Position {
  int64_t committed = RD_KAFKA_OFFSET_BEGINNING;
  int64_t next = RD_KAFKA_OFFSET_BEGINNING;
};

// One consumer of librdkafka with what its callbacks touch. They run inside calls of the thread
// that owns the subscription, and inside the closing thread after it.
struct Consumer {
  rd_kafka_t* client = nullptr;
  std::map<TopicPartition, Position> assigned;
  // Counts revocations, so that Poll notices one while it collects.
  int revocations = 0;
  // Records that Poll returned and nobody committed went to another member.
  bool lost = false;
  // Whether the group has given it its part, be that nothing; not while it joins.
  bool settled = false;
  bool closing = false;
  // Whether an error said that brokers are away; a probe tells whether they still are.
  bool doubtful = false;
  // Set when this consumer can only be thrown away.
  absl::Status broken;
  // Where this member has committed to, in its whole life.
  std::shared_ptr<std::map<TopicPartition, int64_t>> handled;
  // A partition of which the group has forgotten that.
  std::optional<TopicPartition> forgotten;
  // Whether it broke because another process has its member's name.
  bool fenced = false;
  // Of the properties that it was made with.
  int version = 0;
};

// Of one assigned partition each: what is committed, or what comes next.
Partitions ToList(const std::map<TopicPartition, Position>& assigned, bool from_committed);

// For librdkafka's configuration; the opaque pointer is the Consumer.
void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                 rd_kafka_topic_partition_list_t* partitions, void* opaque);
void OnError(rd_kafka_t* client, int error, const char* reason, void* opaque);

// Why the consumer can only be thrown away, once librdkafka has said that it can.
void NoteFatal(Consumer& consumer);

Record ToRecord(const rd_kafka_message_t& message);

}  // namespace fosterwatch::bus::kafka
