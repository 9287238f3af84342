// What the tests of the bus share: the buses as they are outside, and what may happen to them.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <librdkafka/rdkafka.h>

#include "libs/bus/bus.h"
#include "libs/bus/kafka_bus.h"
#include "libs/bus/postgres_bus.h"
#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "libs/testing/database.h"
#include "libs/testing/mock_kafka.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::bus {

using ::fosterwatch::testing::AwaitTrue;

inline constexpr absl::Duration kPatience = absl::Seconds(60);

// A real bus, and what a test may do to it.
class World {
 public:
  virtual ~World() = default;
  virtual void MakeTopic(const std::string& name, int partitions) {
    if (absl::Status made = Open()->EnsureTopics({{name, partitions}}); !made.ok()) {
      throw std::runtime_error(made.ToString());
    }
  }
  // Another process's view of the same bus.
  virtual std::unique_ptr<Bus> Open() = 0;
  // A bus whose server is not there.
  virtual std::unique_ptr<Bus> OpenNowhere() = 0;
  // Ends the server hard under everybody's feet, and starts it again.
  virtual void Restart() = 0;
  // What retention, or an operator, may do.
  virtual void RemoveBefore(const std::string& topic, int partition, int64_t offset) = 0;
};

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(value.status().ToString());
  return *std::move(value);
}

class PostgresWorld : public World {
 public:
  PostgresWorld() : database_("fosterwatch_bus", PostgresBusMigrations("fosterwatch_bus")) {}

  std::unique_ptr<Bus> Open() override { return Must(MakePostgresBus(database_.service())); }

  std::unique_ptr<Bus> OpenNowhere() override {
    return Must(MakePostgresBus("host=127.0.0.1 port=1 connect_timeout=1"));
  }

  void Restart() override {
    Must(testing::Connect(testing::TestCluster())
             ->Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                     {database_.name()}));
  }

  void RemoveBefore(const std::string& topic, int partition, int64_t offset) override {
    Must(testing::Connect(database_.admin())
             ->Query("DELETE FROM record WHERE topic = $1 AND partition = $2 AND \"offset\" < $3",
                     {topic, int64_t{partition}, offset}));
  }

 private:
  testing::Database database_;
};

class KafkaWorld : public World {
 public:
  KafkaWorld() : brokers_(testing::TestBrokers()) {}
  ~KafkaWorld() override { testing::RemoveUniqueTopics(); }

  static std::unique_ptr<Bus> OpenAt(const std::string& brokers) {
    return Must(MakeKafkaBus({.brokers = brokers}));
  }
  std::unique_ptr<Bus> Open() override { return OpenAt(brokers_); }

  std::unique_ptr<Bus> OpenNowhere() override {
    return Must(MakeKafkaBus({.brokers = "127.0.0.1:1", .publish_timeout = absl::Seconds(1)}));
  }

  void RemoveTopic(const std::string& topic) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), nullptr, 0);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    rd_kafka_DeleteTopic_t* gone = rd_kafka_DeleteTopic_new(topic.c_str());
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    rd_kafka_DeleteTopics(client, &gone, 1, nullptr, queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 10'000);
    const bool done = event != nullptr && rd_kafka_event_error(event) == 0;
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteTopic_destroy(gone);
    rd_kafka_destroy(client);
    if (!done) throw std::runtime_error("kafka did not remove the topic");
  }

  void Restart() override {
    testing::KillBroker();
    testing::StartBroker();
  }

  void RemoveBefore(const std::string& topic, int partition, int64_t offset) override {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), nullptr, 0);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
    rd_kafka_DeleteRecords_t* before = rd_kafka_DeleteRecords_new(list);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    rd_kafka_DeleteRecords(client, &before, 1, nullptr, queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 10'000);
    const bool done = event != nullptr && rd_kafka_event_error(event) == 0;
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteRecords_destroy(before);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    if (!done) throw std::runtime_error("kafka did not remove the records");
  }

 private:
  const std::string brokers_;
};

// librdkafka's mock of a cluster of three.
class MockWorld : public World {
 public:
  void MakeTopic(const std::string& name, int partitions) override {
    kafka_.MakeTopic(name, partitions);
  }
  std::unique_ptr<Bus> Open() override { return Must(MakeKafkaBus({.brokers = kafka_.brokers()})); }
  std::unique_ptr<Bus> OpenNowhere() override {
    return Must(MakeKafkaBus({.brokers = "127.0.0.1:1", .publish_timeout = absl::Seconds(1)}));
  }
  void Restart() override {
    kafka_.SetDown();
    kafka_.SetUp();
  }
  void RemoveBefore(const std::string&, int, int64_t) override {
    throw std::runtime_error("the mock of kafka removes no records");
  }
  testing::MockKafka& kafka() { return kafka_; }

 private:
  testing::MockKafka kafka_{3};
};

// Collects what subscriptions hand out, of all threads. A value is "<publisher>:<number>"; each
// publisher numbers its records from 0, under a key of its own.
class Seen {
 public:
  void Add(const std::vector<Record>& records) {
    absl::MutexLock lock(&mutex_);
    for (const Record& record : records) {
      if (!values_.insert(record.value).second) {
        ++duplicates_;
        continue;
      }
      const std::pair<std::string, std::string> parts = absl::StrSplit(record.value, ':');
      int number = -1;
      if (!absl::SimpleAtoi(parts.second, &number)) ++misplaced_;
      if (number != next_[parts.first]++) ++misplaced_;
    }
  }
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return values_.size();
  }
  int duplicates() const {
    absl::MutexLock lock(&mutex_);
    return duplicates_;
  }
  // First appearances that were not the next of their publisher.
  int misplaced() const {
    absl::MutexLock lock(&mutex_);
    return misplaced_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> values_;
  std::map<std::string, int> next_;
  int duplicates_ = 0;
  int misplaced_ = 0;
};

inline std::vector<Record> Numbered(const std::string& topic, const std::string& publisher,
                                    int from, int count) {
  std::vector<Record> records;
  for (int i = from; i < from + count; ++i) {
    records.push_back({.topic = topic, .key = publisher, .value = absl::StrCat(publisher, ":", i)});
  }
  return records;
}

// As the relay does it: again until it is there.
inline void PublishUntilDone(Bus& bus, const std::vector<Record>& records) {
  ASSERT_TRUE(AwaitTrue([&] { return bus.Publish(records).ok(); }, kPatience));
}

inline std::vector<std::string> ValuesOf(const std::vector<Record>& records) {
  std::vector<std::string> values;
  for (const Record& record : records) values.push_back(record.value);
  return values;
}

// Polls until there are `count`, or for a minute.
inline std::vector<Record> Take(Subscription& subscription, size_t count) {
  std::vector<Record> all;
  const absl::Time until = absl::Now() + kPatience;
  while (all.size() < count && absl::Now() < until) {
    auto records = subscription.Poll(static_cast<int>(count - all.size()), absl::Milliseconds(200));
    if (records.ok()) all.insert(all.end(), records->begin(), records->end());
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

class BusFixture : public ::testing::TestWithParam<std::string> {
 protected:
  BusFixture() {
    if (GetParam() == "Kafka") {
      world_ = std::make_unique<KafkaWorld>();
    } else if (GetParam() == "MockKafka") {
      world_ = std::make_unique<MockWorld>();
    } else {
      world_ = std::make_unique<PostgresWorld>();
    }
    bus_ = world_->Open();
  }

  std::string MakeTopic(int partitions = 4) {
    const std::string name = testing::UniqueTopic("bus");
    world_->MakeTopic(name, partitions);
    return name;
  }

  std::unique_ptr<Subscription> Subscribe(const std::string& topic, const std::string& group,
                                          const std::string& member = "") {
    // Kafka's groups outlive a test.
    return Must(bus_->Subscribe(
        {.group = absl::StrCat(topic, ".", group), .topics = {topic}, .member = member}));
  }

  // Polls and commits until told to stop.
  void Consume(const std::string& topic, const std::string& group, Seen& seen,
               const std::atomic<bool>& stop) {
    const auto subscription = Subscribe(topic, group);
    while (!stop) {
      auto records = subscription->Poll(100, absl::Milliseconds(50));
      if (!records.ok() || records->empty()) continue;
      seen.Add(*records);
      subscription->Commit().IgnoreError();  // what it says may come again does
    }
  }

  std::unique_ptr<World> world_;
  std::unique_ptr<Bus> bus_;
};

}  // namespace fosterwatch::bus
