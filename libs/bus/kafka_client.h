// What KafkaBus and its subscriptions share: librdkafka's handles with owners, its configuration,
// its errors as statuses, and the producer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include <librdkafka/rdkafka.h>

#include "libs/bus/kafka_bus.h"
#include "libs/bus/kafka_properties.h"

namespace fosterwatch::bus::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* handle) const {
    destroy(handle);
  }
};
template <typename T, auto destroy>
using Owned = std::unique_ptr<T, Destroy<destroy>>;

using Client = Owned<rd_kafka_t, rd_kafka_destroy>;
using Conf = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using TopicHandle = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using Partitions = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using Message = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using MessageHeaders = Owned<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using Metadata = Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

// "what: librdkafka's words". Refused for ever is INVALID_ARGUMENT or PERMISSION_DENIED;
// everything that time or an operator mends is UNAVAILABLE.
absl::Status StatusOf(rd_kafka_resp_err_t error, absl::string_view what);

// What is left until `deadline`, for librdkafka: from 1 to 2,147,483,647 ms.
int MillisecondsUntil(absl::Time deadline);

// What every client gets, then `properties`, then those of the options.
absl::StatusOr<Conf> MakeConf(const KafkaOptions& options, const Properties& properties);

// Whether the error says that brokers cannot be reached, and why; not that all of them are down,
// which follows.
bool IsConnectionError(int error);

// Takes the configuration. INVALID_ARGUMENT in librdkafka's words if it cannot be.
absl::StatusOr<Client> MakeClient(rd_kafka_type_t type, Conf conf);

// One producer of librdkafka. It is good until the first record that it cannot deliver; then it is
// dead: nothing more leaves through it, and whoever holds it makes another. One that does not
// publish only asks, and needs no right to write; idempotence, which those that publish have, wants
// one at once. Any thread.
class Producer {
 public:
  static absl::StatusOr<std::shared_ptr<Producer>> Make(const KafkaOptions& options,
                                                        bool publishes);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Waits until all are acknowledged.
  absl::Status Send(const std::vector<Record>& records, absl::Time deadline);

  // The number of the topic's partitions, asked of the broker the first time. UNAVAILABLE while
  // there is no such topic.
  absl::StatusOr<int> PartitionsOf(const std::string& topic, absl::Time deadline);

  // Whether a broker answers.
  absl::Status Ping(absl::Time deadline);

  // Makes topics; one that is there already is fine.
  absl::Status CreateTopics(const std::vector<Topic>& topics, int replication_factor,
                            absl::Time deadline);

  // Lets nothing more leave, and fails everything that waits.
  void Retire();

  bool publishes() const { return publishes_; }
  bool dead() const { return dead_; }
  // Whether brokers cannot be reached, so that other properties might help.
  bool refused() const { return troubled_; }
  rd_kafka_t* client() { return client_.get(); }

 private:
  struct Batch;
  struct OpenTopic {
    TopicHandle handle;
    int partitions = 0;
  };

  Producer(const KafkaOptions& options, bool publishes);
  static void OnDelivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static void OnError(rd_kafka_t* client, int error, const char* reason, void* self);
  absl::StatusOr<OpenTopic*> Open(const std::string& name, absl::Time deadline);
  absl::Status Enqueue(const Record& record, rd_kafka_topic_t* topic, Batch* batch,
                       absl::Time deadline);
  void SetReachable(bool reachable, const std::string& reason);
  // With what librdkafka said last about its connections, if that is why.
  absl::Status NoAnswer(rd_kafka_resp_err_t error);

  const KafkaOptions options_;
  const bool publishes_;
  std::atomic<bool> dead_ = false;
  std::atomic<bool> reachable_ = true;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> troubled_ = false;
  absl::Mutex trouble_mutex_;
  std::string trouble_ ABSL_GUARDED_BY(trouble_mutex_);
  // Held shared to enqueue one record, exclusively to retire: no record of a failed Publish slips
  // in behind the purge.
  absl::Mutex gate_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<OpenTopic>> topics_ ABSL_GUARDED_BY(mutex_);
  // Batches whose reports did not come in time; librdkafka still points to them.
  std::vector<std::unique_ptr<Batch>> abandoned_ ABSL_GUARDED_BY(mutex_);
  Client client_;
  std::thread poller_;
};

// The producer of a bus: replaced by a new one when it is dead, when it is the first time that
// something is published, or when brokers cannot be reached and the properties file says something
// else now.
class Producers {
 public:
  explicit Producers(const KafkaOptions& options) : given_(options) {}
  absl::StatusOr<std::shared_ptr<Producer>> ToPublish() { return Current(true); }
  absl::StatusOr<std::shared_ptr<Producer>> ToAsk() { return Current(false); }
  // The options as given, and what the properties file said when the producer was made.
  KafkaOptions options() const;
  // Counts the different texts of the properties file; a consumer made under another one is old.
  int version() const;

 private:
  absl::StatusOr<std::shared_ptr<Producer>> Current(bool to_publish);
  absl::Status ReadProperties() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const KafkaOptions given_;
  mutable absl::Mutex mutex_;
  KafkaOptions options_ ABSL_GUARDED_BY(mutex_) = given_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  int version_ ABSL_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<Producer> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::bus::kafka
