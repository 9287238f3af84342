#include "libs/bus/kafka_topic_reader.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/bus/kafka_client.h"
#include "libs/bus/kafka_consumer.h"
#include "libs/bus/kafka_properties.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bus {
namespace {

using kafka::MillisecondsUntil;
using kafka::StatusOf;

// What the simple consumer has begun to read, ended in the reverse order.
class Reading {
 public:
  Reading(rd_kafka_t* client, const std::string& topic)
      : topic_(rd_kafka_topic_new(client, topic.c_str(), nullptr)),
        queue_(rd_kafka_queue_new(client)) {}
  ~Reading() {
    for (const auto& [partition, end] : ends_) rd_kafka_consume_stop(topic_.get(), partition);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  absl::Status Begin(int32_t partition, int64_t end) {
    if (rd_kafka_consume_start_queue(topic_.get(), partition, RD_KAFKA_OFFSET_BEGINNING,
                                     queue_.get()) != 0) {
      return StatusOf(rd_kafka_last_error(), "the topic cannot be read");
    }
    ends_[partition] = end;
    left_++;
    return absl::OkStatus();
  }

  kafka::Message Next(absl::Time deadline) {
    return kafka::Message(rd_kafka_consume_queue(queue_.get(), MillisecondsUntil(deadline)));
  }

  // Whether the message, or the end of its partition, was the last to be read of it.
  void Note(const rd_kafka_message_t& message) {
    const auto found = ends_.find(message.partition);
    if (found == ends_.end() || found->second < 0) return;
    const bool at_end =
        message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF || message.offset + 1 >= found->second;
    if (!at_end) return;
    found->second = -1;
    --left_;
  }
  // Of a partition of which all is read, what came later is left out.
  bool Wants(const rd_kafka_message_t& message) const {
    const auto found = ends_.find(message.partition);
    return found != ends_.end() && message.offset < found->second;
  }
  bool done() const { return left_ == 0; }

 private:
  const kafka::TopicHandle topic_;
  const kafka::Queue queue_;
  std::map<int32_t, int64_t> ends_;  // -1: all is read
  int left_ = 0;
};

}  // namespace

absl::Status ReadKafkaTopic(const KafkaOptions& given, const std::string& topic,
                            absl::Duration patience, const std::function<void(Record)>& take) {
  KafkaOptions options = given;
  if (!options.properties_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, kafka::ReadPropertiesFile(options.properties_file));
    ASSIGN_OR_RETURN(options.properties, kafka::ParseProperties(text));
  }
  ASSIGN_OR_RETURN(kafka::Conf conf,
                   kafka::MakeConf(options, {{"enable.partition.eof", "true"},
                                             {"isolation.level", "read_committed"},
                                             {"check.crcs", "true"}}));
  ASSIGN_OR_RETURN(const kafka::Client client,
                   kafka::MakeClient(RD_KAFKA_CONSUMER, std::move(conf)));
  absl::Time deadline = absl::Now() + patience;
  ASSIGN_OR_RETURN(const auto producer, kafka::Producer::Make(options, /*publishes=*/false));
  ASSIGN_OR_RETURN(const int partitions, producer->PartitionsOf(topic, deadline));
  Reading reading(client.get(), topic);
  for (int32_t partition = 0; partition < partitions; ++partition) {
    int64_t low = 0, high = 0;
    RETURN_IF_ERROR(
        StatusOf(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition, &low,
                                                  &high, MillisecondsUntil(deadline)),
                 absl::StrCat("the end of ", topic, " cannot be read")));
    if (high > low) RETURN_IF_ERROR(reading.Begin(partition, high));
  }
  while (!reading.done()) {
    const kafka::Message message = reading.Next(deadline);
    if (message == nullptr) {
      return absl::UnavailableError(absl::StrCat("the topic ", topic, " gives nothing more"));
    }
    deadline = absl::Now() + patience;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (reading.Wants(*message)) take(kafka::ToRecord(*message));
    } else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      return StatusOf(message->err, absl::StrCat("the topic ", topic, " cannot be read"));
    }
    reading.Note(*message);
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::bus
