#include "libs/bus/kafka_consumer.h"

#include "absl/strings/str_cat.h"

namespace fosterwatch::bus::kafka {
namespace {

constexpr int kOffsetFetchMilliseconds = 5000;

// Starts each partition at an offset of our own choosing: at what is committed, or at the
// beginning for a new group. Were that left to librdkafka, a committed offset that is no longer in
// the topic would be replaced in silence (auto.offset.reset).
void Assign(Consumer& consumer, rd_kafka_topic_partition_list_t* partitions) {
  const Partitions committed(rd_kafka_topic_partition_list_copy(partitions));
  absl::Status known =
      StatusOf(rd_kafka_committed(consumer.client, committed.get(), kOffsetFetchMilliseconds),
               "the committed offsets cannot be read");
  for (int i = 0; i < committed->cnt && known.ok(); ++i) {
    known = StatusOf(committed->elems[i].err, "the committed offsets cannot be read");
  }
  if (!known.ok()) {
    rd_kafka_assign(consumer.client, nullptr);
    consumer.broken = known;
    return;
  }
  consumer.assigned.clear();
  for (int i = 0; i < committed->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = committed->elems[i];
    const TopicPartition where = {element.topic, element.partition};
    const int64_t start = element.offset >= 0 ? element.offset : RD_KAFKA_OFFSET_BEGINNING;
    consumer.assigned[where] = {start, start};
    // Kafka forgets the places of groups in a topic that is removed, and the one that has its name
    // now is another.
    if (element.offset < 0 && consumer.handled->contains(where)) consumer.forgotten = where;
  }
  rd_kafka_assign(consumer.client, ToList(consumer.assigned, true).get());
}

void Revoke(Consumer& consumer) {
  for (const auto& [where, position] : consumer.assigned) {
    if (position.next != position.committed) consumer.lost = true;
  }
  consumer.assigned.clear();
  ++consumer.revocations;
  rd_kafka_assign(consumer.client, nullptr);
}

}  // namespace

Partitions ToList(const std::map<TopicPartition, Position>& assigned, bool from_committed) {
  Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(assigned.size())));
  for (const auto& [where, position] : assigned) {
    rd_kafka_topic_partition_list_add(list.get(), where.first.c_str(), where.second)->offset =
        from_committed ? position.committed : position.next;
  }
  return list;
}

void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t event,
                 rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto& consumer = *static_cast<Consumer*>(opaque);
  consumer.settled = event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (consumer.settled && !consumer.closing) {
    Assign(consumer, partitions);
  } else {
    Revoke(consumer);
  }
}

void NoteFatal(Consumer& consumer) {
  char words[512];
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(consumer.client, words, sizeof words);
  consumer.fenced = fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
  consumer.broken =
      absl::UnavailableError(absl::StrCat("the consumer is made anew: ", rd_kafka_err2str(fatal)));
}

void OnError(rd_kafka_t*, int error, const char*, void* opaque) {
  auto& consumer = *static_cast<Consumer*>(opaque);
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    NoteFatal(consumer);
  } else {
    consumer.doubtful = true;
  }
}

Record ToRecord(const rd_kafka_message_t& message) {
  Record record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  record.key.assign(static_cast<const char*>(message.key), message.key_len);
  record.value.assign(static_cast<const char*>(message.payload), message.len);
  record.time = absl::FromUnixMillis(rd_kafka_message_timestamp(&message, nullptr));
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name;
    const void* value;
    size_t size;
    for (size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    }
  }
  return record;
}

}  // namespace fosterwatch::bus::kafka
