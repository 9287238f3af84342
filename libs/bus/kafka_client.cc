#include "libs/bus/kafka_client.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::bus::kafka {
namespace {

// How long a retired producer's delivery reports may take: librdkafka's threads answer at once.
constexpr absl::Duration kPurgePatience = absl::Seconds(5);

void DropLog(const rd_kafka_t*, int, const char*, const char*) {
  // librdkafka writes a line for every connection attempt. What matters reaches the error callback.
}

}  // namespace

absl::Status StatusOf(rd_kafka_resp_err_t error, absl::string_view what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  const std::string message = absl::StrCat(what, ": ", rd_kafka_err2str(error));
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return absl::InvalidArgumentError(message);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return absl::PermissionDeniedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

int MillisecondsUntil(absl::Time deadline) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(deadline - absl::Now()), 1,
                                              std::numeric_limits<int>::max()));
}

absl::StatusOr<Conf> MakeConf(const KafkaOptions& options, const Properties& properties) {
  // A longer one makes 2.0.2 crash with brokers that speak flexible versions (fixed in 2.5.0).
  if (options.client_id.size() > 40) {
    return absl::InvalidArgumentError("the client id is longer than 40 characters");
  }
  Conf conf(rd_kafka_conf_new());
  Properties all = {
      {"bootstrap.servers", options.brokers},
      {"client.id", options.client_id},
      // With Nagle, delayed acknowledgements cost 40 ms a batch (off by default since 2.10.0).
      {"socket.nagle.disable", "true"},
      {"socket.timeout.ms", "15000"},
      {"socket.connection.setup.timeout.ms", "10000"},
      // The default of 10 s adds that much to every outage.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      // Nothing is logged, but without it a port that wants TLS closes connections in silence.
      {"log.connection.close", "true"},
      // A mistyped name is an error, not a new topic.
      {"allow.auto.create.topics", "false"},
      {"topic.metadata.refresh.interval.ms", "30000"},
  };
  all.insert(all.end(), properties.begin(), properties.end());
  for (const auto& [name, value] : options.properties) RETURN_IF_ERROR(CheckProperty(name));
  all.insert(all.end(), options.properties.begin(), options.properties.end());
  for (const auto& [name, value] : all) {
    char error[512];
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error, sizeof error) !=
        RD_KAFKA_CONF_OK) {
      // librdkafka's message quotes the value, which may be a password.
      return absl::InvalidArgumentError(
          absl::StrCat("the kafka property ", name, " is unknown or has a value that is refused"));
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), DropLog);
  return conf;
}

bool IsConnectionError(int error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<Client> MakeClient(rd_kafka_type_t type, Conf conf) {
  char error[512];
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), error, sizeof error);
  if (client == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("the kafka client cannot be made: ", error));
  }
  conf.release();  // rd_kafka_new took it
  return Client(client);
}

// The records of one Send. Each record's delivery report counts down.
struct Producer::Batch {
  absl::Mutex mutex;
  int waiting ABSL_GUARDED_BY(mutex) = 0;
  absl::Status status ABSL_GUARDED_BY(mutex);
  // Of records that were given up with the producer, which follows from another's error; their
  // reports may come before that one's.
  absl::Status purged ABSL_GUARDED_BY(mutex);

  bool AllReported() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return waiting == 0; }
};

Producer::Producer(const KafkaOptions& options, bool publishes)
    : options_(options), publishes_(publishes) {}

absl::StatusOr<std::shared_ptr<Producer>> Producer::Make(const KafkaOptions& options,
                                                         bool publishes) {
  ASSIGN_OR_RETURN(
      Conf conf,
      MakeConf(options,
               {
                   {"enable.idempotence", publishes ? "true" : "false"},
                   {"acks", "all"},
                   // With more, a record that was acknowledged may be lost. A broker refuses the
                   // first request of a partition that it does not yet lead, takes the second (it
                   // accepts any first sequence number), and librdkafka reads the success of the
                   // second as an acknowledgement of both. Seen with Kafka 4.3 on new topics;
                   // kafka_producer_test.cc has it.
                   {"max.in.flight.requests.per.connection", "1"},
                   // A record that is given up may not be followed by the next of its partition.
                   {"enable.gapless.guarantee", publishes ? "true" : "false"},
                   // Send has its own deadline and then retires the producer: timing out record by
                   // record could let a later one pass.
                   {"message.timeout.ms", "0"},
                   {"linger.ms", "0"},
                   {"compression.type", "lz4"},
                   {"partitioner", "murmur2_random"},
                   // Room for kMaxRecordBytes with its framing, below the broker's 1,048,588.
                   {"message.max.bytes", "1040000"},
               }));
  std::shared_ptr<Producer> producer(new Producer(options, publishes));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivery);
  rd_kafka_conf_set_error_cb(conf.get(), OnError);
  rd_kafka_conf_set_opaque(conf.get(), producer.get());
  ASSIGN_OR_RETURN(producer->client_, MakeClient(RD_KAFKA_PRODUCER, std::move(conf)));
  producer->poller_ = std::thread([self = producer.get()] {
    while (!self->stopping_) rd_kafka_poll(self->client_.get(), 100);
  });
  return producer;
}

Producer::~Producer() {
  stopping_ = true;
  if (poller_.joinable()) poller_.join();
  absl::MutexLock lock(&mutex_);
  topics_.clear();
  client_.reset();
  abandoned_.clear();
}

void Producer::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* producer = static_cast<Producer*>(self);
  auto* batch = static_cast<Batch*>(message->_private);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    producer->SetReachable(true, "");
  } else {
    producer->Retire();
  }
  absl::MutexLock lock(&batch->mutex);
  const bool purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                      message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  (purged ? batch->purged : batch->status)
      .Update(StatusOf(message->err, "the record was not published"));
  --batch->waiting;
}

void Producer::OnError(rd_kafka_t* client, int error, const char* reason, void* self) {
  auto* producer = static_cast<Producer*>(self);
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    char words[512];
    const auto fatal = rd_kafka_fatal_error(client, words, sizeof words);
    // 2.0.2 gives up when it cannot tell whether a record was kept (#4438, fixed in 2.3.0).
    if (!producer->dead_ && producer->options_.warn) {
      producer->options_.warn("kafka producer is made anew after a fatal error",
                              {{"code", rd_kafka_err2name(fatal)}});
    }
    producer->Retire();
  } else if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    std::string trouble;
    {
      absl::MutexLock lock(&producer->trouble_mutex_);
      trouble = producer->trouble_;
    }
    producer->SetReachable(false, trouble.empty() ? reason : trouble);
  } else if (IsConnectionError(error)) {
    absl::MutexLock lock(&producer->trouble_mutex_);
    producer->trouble_ = reason;
    // It sends its nonce twice (#4895, mended in 2.6.1), which brokers have refused since 4.0.
    if (absl::StrContains(producer->trouble_, "mechanism SCRAM")) {
      producer->trouble_ +=
          " (if these are right: librdkafka 2.0.2 cannot do SCRAM with Apache Kafka 4.0 and newer;"
          " use a certificate, or PLAIN over TLS)";
    }
    producer->troubled_ = true;
  }
}

absl::Status Producer::NoAnswer(rd_kafka_resp_err_t error) {
  absl::MutexLock lock(&trouble_mutex_);
  troubled_ = true;
  if (trouble_.empty()) return StatusOf(error, "kafka does not answer");
  return absl::UnavailableError(absl::StrCat("kafka does not answer: ", trouble_));
}

void Producer::SetReachable(bool reachable, const std::string& reason) {
  if (reachable && troubled_) {
    absl::MutexLock lock(&trouble_mutex_);
    trouble_.clear();
    troubled_ = false;
  }
  if (reachable_.exchange(reachable) == reachable || !options_.warn) return;
  if (reachable) {
    options_.warn("kafka is reachable again", {});
  } else {
    options_.warn("kafka is away", {{"reason", reason}});
  }
}

void Producer::Retire() {
  absl::WriterMutexLock lock(&gate_);
  if (dead_.exchange(true)) return;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                    RD_KAFKA_PURGE_F_NON_BLOCKING);
}

absl::StatusOr<Producer::OpenTopic*> Producer::Open(const std::string& name, absl::Time deadline) {
  rd_kafka_topic_t* handle;
  OpenTopic* topic;
  {
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<OpenTopic>& entry = topics_[name];
    if (entry == nullptr) {
      entry = std::make_unique<OpenTopic>();
      entry->handle.reset(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
    }
    topic = entry.get();
    if (topic->handle == nullptr) {
      topics_.erase(name);
      return absl::InvalidArgumentError(absl::StrCat("the topic name '", name, "' is refused"));
    }
    if (topic->partitions > 0) return topic;
    handle = topic->handle.get();
  }
  // Asking for the topic's metadata here spares the first record a wait of 0.5 to 1 s (#5032).
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t asked =
      rd_kafka_metadata(client_.get(), 0, handle, &raw, MillisecondsUntil(deadline));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(asked);
  const Metadata metadata(raw);
  if (metadata->topic_cnt != 1) return absl::UnavailableError("kafka knows no such topic");
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return StatusOf(found.err, absl::StrCat("topic ", name));
  }
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].leader < 0) {
      return absl::UnavailableError(
          absl::StrCat("topic ", name, " has a partition without leader"));
    }
  }
  absl::MutexLock lock(&mutex_);
  topic->partitions = found.partition_cnt;
  return topic;
}

absl::StatusOr<int> Producer::PartitionsOf(const std::string& topic, absl::Time deadline) {
  ASSIGN_OR_RETURN(OpenTopic * open, Open(topic, deadline));
  absl::MutexLock lock(&mutex_);
  return open->partitions;
}

absl::Status Producer::Ping(absl::Time deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t asked =
      rd_kafka_metadata(client_.get(), 0, nullptr, &raw, MillisecondsUntil(deadline));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(asked);
  const Metadata metadata(raw);
  SetReachable(true, "");
  return absl::OkStatus();
}

absl::Status Producer::Enqueue(const Record& record, rd_kafka_topic_t* topic, Batch* batch,
                               absl::Time deadline) {
  MessageHeaders headers;
  if (!record.headers.empty()) {
    headers.reset(rd_kafka_headers_new(record.headers.size()));
    for (const auto& [name, value] : record.headers) {
      rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                          value.data(), static_cast<ssize_t>(value.size()));
    }
  }
  while (true) {
    rd_kafka_resp_err_t error;
    {
      absl::ReaderMutexLock gate(&gate_);
      if (dead_) return absl::UnavailableError("the producer failed on an earlier record");
      {
        absl::MutexLock lock(&batch->mutex);
        ++batch->waiting;
      }
      error = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
          RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_OPAQUE(batch), RD_KAFKA_V_END);
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      headers.release();  // the message has them
      return absl::OkStatus();
    }
    absl::MutexLock lock(&batch->mutex);
    const int others = --batch->waiting;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return StatusOf(error, "the record was not published");
    }
    if (absl::Now() >= deadline) return absl::UnavailableError("the queue to kafka is full");
    // Room comes with the next report, of this call or of another.
    const auto fewer = [&] {
      batch->mutex.AssertHeld();
      return batch->waiting < others;
    };
    batch->mutex.AwaitWithTimeout(absl::Condition(&fewer), absl::Milliseconds(10));
  }
}

absl::Status Producer::Send(const std::vector<Record>& records, absl::Time deadline) {
  // All topics first, so that a missing one fails the call before anything has left.
  std::vector<rd_kafka_topic_t*> topics;
  topics.reserve(records.size());
  for (const Record& record : records) {
    if (!topics.empty() && record.topic == records[topics.size() - 1].topic) {
      topics.push_back(topics.back());
      continue;
    }
    ASSIGN_OR_RETURN(OpenTopic * topic, Open(record.topic, deadline));
    topics.push_back(topic->handle.get());
  }

  auto batch = std::make_unique<Batch>();
  absl::Status enqueued;
  for (size_t i = 0; i < records.size() && enqueued.ok(); ++i) {
    enqueued = Enqueue(records[i], topics[i], batch.get(), deadline);
  }
  FOSTERWATCH_CRASH_POINT("after_produce_before_ack");
  // A call that stopped half way is published again as a whole, so its first part may not linger.
  if (!enqueued.ok()) Retire();

  bool reported;
  {
    absl::MutexLock lock(&batch->mutex);
    const absl::Condition all_reported(batch.get(), &Batch::AllReported);
    reported = batch->mutex.AwaitWithDeadline(all_reported, deadline);
    if (reported) {
      batch->status.Update(enqueued);
      batch->status.Update(batch->purged);
      return batch->status;
    }
  }
  Retire();
  {
    absl::MutexLock lock(&batch->mutex);
    reported = batch->mutex.AwaitWithTimeout(absl::Condition(batch.get(), &Batch::AllReported),
                                             kPurgePatience);
    // The last reports came just in time.
    if (reported && batch->status.ok() && batch->purged.ok()) return enqueued;
  }
  if (!reported) {
    absl::MutexLock lock(&mutex_);
    abandoned_.push_back(std::move(batch));
  }
  return absl::UnavailableError("kafka did not acknowledge in time");
}

absl::Status Producer::CreateTopics(const std::vector<Topic>& topics, int replication_factor,
                                    absl::Time deadline) {
  std::vector<NewTopic> wanted;
  std::vector<rd_kafka_NewTopic_t*> raw;
  for (const Topic& topic : topics) {
    char error[512];
    NewTopic fresh(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, replication_factor,
                                         error, sizeof error));
    if (fresh == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("topic ", topic.name, ": ", error));
    }
    for (const auto& [name, value] : SettingsOf(topic)) {
      rd_kafka_NewTopic_set_config(fresh.get(), name.c_str(), value.c_str());
    }
    raw.push_back(fresh.get());
    wanted.push_back(std::move(fresh));
  }
  const int patience = MillisecondsUntil(deadline);
  const AdminOptions options(
      rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  char error[512];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), patience, error, sizeof error);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), std::min(patience, 10'000), error,
                                              sizeof error);
  const Queue queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_CreateTopics(client_.get(), raw.data(), raw.size(), options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), patience + 1000));
  if (event == nullptr) return absl::UnavailableError("kafka does not answer");
  RETURN_IF_ERROR(StatusOf(rd_kafka_event_error(event.get()), "topics were not made"));
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t outcome = rd_kafka_topic_result_error(results[i]);
    if (outcome == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    RETURN_IF_ERROR(StatusOf(
        outcome, absl::StrCat("topic ", rd_kafka_topic_result_name(results[i]), " was not made")));
  }
  return absl::OkStatus();
}

absl::Status Producers::ReadProperties() {
  if (given_.properties_file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::string text, ReadPropertiesFile(given_.properties_file));
  if (version_ > 0 && text == text_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Properties properties, ParseProperties(text));
  options_.properties = given_.properties;
  options_.properties.insert(options_.properties.end(), properties.begin(), properties.end());
  text_ = std::move(text);
  ++version_;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<Producer>> Producers::Current(bool to_publish) {
  std::shared_ptr<Producer> old;
  absl::MutexLock lock(&mutex_);
  const bool gone =
      current_ == nullptr || current_->dead() || (to_publish && !current_->publishes());
  if (!gone && !current_->refused()) return current_;
  const int before = version_;
  RETURN_IF_ERROR(ReadProperties());
  if (gone || version_ != before) {
    // One that was for asking, and is asked, may still be.
    const bool publishes = to_publish || (current_ != nullptr && !gone && current_->publishes());
    old = std::exchange(current_, nullptr);
    // What waits on it is published again, by the new way.
    if (old != nullptr) old->Retire();
    ASSIGN_OR_RETURN(current_, Producer::Make(options_, publishes));
  }
  return current_;
}

KafkaOptions Producers::options() const {
  absl::MutexLock lock(&mutex_);
  return options_;
}

int Producers::version() const {
  absl::MutexLock lock(&mutex_);
  return version_;
}

}  // namespace fosterwatch::bus::kafka
