// What every bus promises, run on both: PostgresBus on a real PostgreSQL, KafkaBus on a real Apache
// Kafka. The list follows Watermill's universal suite for publishers and subscribers.
#include "libs/bus/bus.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <librdkafka/rdkafka.h>

#include "libs/bus/kafka_bus.h"
#include "libs/bus/partitioner.h"
#include "libs/bus/postgres_bus.h"
#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::bus {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(60);

// A real bus, and what a test may do to it.
class World {
 public:
  virtual ~World() = default;
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

  std::unique_ptr<Bus> Open() override { return Must(MakeKafkaBus({.brokers = brokers_})); }

  std::unique_ptr<Bus> OpenNowhere() override {
    return Must(MakeKafkaBus({.brokers = "127.0.0.1:1", .publish_timeout = absl::Seconds(1)}));
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

std::vector<Record> Numbered(const std::string& topic, const std::string& publisher, int from,
                             int count) {
  std::vector<Record> records;
  for (int i = from; i < from + count; ++i) {
    records.push_back({.topic = topic, .key = publisher, .value = absl::StrCat(publisher, ":", i)});
  }
  return records;
}

// As the relay does it: again until it is there.
void PublishUntilDone(Bus& bus, const std::vector<Record>& records) {
  ASSERT_TRUE(AwaitTrue([&] { return bus.Publish(records).ok(); }, kPatience));
}

std::vector<std::string> ValuesOf(const std::vector<Record>& records) {
  std::vector<std::string> values;
  for (const Record& record : records) values.push_back(record.value);
  return values;
}

// Polls until there are `count`, or for a minute.
std::vector<Record> Take(Subscription& subscription, size_t count) {
  std::vector<Record> all;
  const absl::Time until = absl::Now() + kPatience;
  while (all.size() < count && absl::Now() < until) {
    auto records = subscription.Poll(static_cast<int>(count - all.size()), absl::Milliseconds(200));
    if (records.ok()) all.insert(all.end(), records->begin(), records->end());
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

class BusTest : public ::testing::TestWithParam<std::string> {
 protected:
  BusTest() {
    if (GetParam() == "Kafka") {
      world_ = std::make_unique<KafkaWorld>();
    } else {
      world_ = std::make_unique<PostgresWorld>();
    }
    bus_ = world_->Open();
  }

  std::string MakeTopic(int partitions = 4) {
    const std::string name = testing::UniqueTopic("bus");
    EXPECT_THAT(bus_->EnsureTopics({{name, partitions}}), IsOk());
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

TEST_P(BusTest, DeliversWhatWasPublishedWithItsHeaders) {
  const std::string topic = MakeTopic();
  const absl::Time before = absl::Now() - absl::Seconds(1);
  std::vector<Record> published;
  for (int i = 0; i < 100; ++i) {
    published.push_back({.topic = topic,
                         .key = absl::StrCat("agency/", i),
                         .headers = {{"ce_id", absl::StrCat(i)}, {"ce_type", "EventReported"}},
                         .value = absl::StrCat("value ", i)});
  }
  ASSERT_THAT(bus_->Publish(published), IsOk());
  const auto subscription = Subscribe(topic, "readers");
  std::map<std::string, Record> received;
  for (Record& record : Take(*subscription, 100)) received[record.value] = std::move(record);
  for (const Record& sent : published) {
    const Record& record = received[sent.value];
    EXPECT_EQ(record.topic, topic);
    EXPECT_EQ(record.key, sent.key);
    EXPECT_EQ(record.headers, sent.headers);
    EXPECT_EQ(HeaderOf(record, "ce_id"), HeaderOf(sent, "ce_id"));
    EXPECT_EQ(HeaderOf(record, "ce_none"), "");
    EXPECT_EQ(record.partition, PartitionOf(sent.key, 4)) << "both buses spread keys alike";
    EXPECT_GT(record.time, before);
    EXPECT_LT(record.time, absl::Now() + absl::Seconds(1));
  }
  EXPECT_THAT(subscription->Commit(), IsOk());
}

TEST_P(BusTest, NumbersTheRecordsOfAPartitionWithoutGaps) {
  const std::string topic = MakeTopic(1);
  for (int i = 0; i < 10; ++i) ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 3 * i, 3)), IsOk());
  const auto records = Take(*Subscribe(topic, "readers"), 30);
  for (size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i].offset, static_cast<int64_t>(i));
}

TEST_P(BusTest, GivesANewGroupTheRecordsThatWereThereBeforeIt) {
  const std::string topic = MakeTopic();
  ASSERT_THAT(bus_->Publish(Numbered(topic, "early", 0, 50)), IsOk());
  const auto first = Subscribe(topic, "first");
  Take(*first, 50);
  ASSERT_THAT(first->Commit(), IsOk());
  ASSERT_THAT(bus_->Publish(Numbered(topic, "late", 0, 50)), IsOk());
  EXPECT_EQ(ValuesOf(Take(*first, 50)).front(), "late:0");
  Take(*Subscribe(topic, "second"), 100);
}

TEST_P(BusTest, KeepsTheOrderOfEachKeyWithSeveralSubscribersInOneGroup) {
  const std::string topic = MakeTopic();
  Seen seen;
  std::atomic<bool> stop = false;
  std::vector<std::thread> subscribers;
  for (int i = 0; i < 3; ++i) {
    subscribers.emplace_back([&] { Consume(topic, "workers", seen, stop); });
  }
  // 16 keys, 1,000 records; a call holds records of several keys.
  std::vector<Record> records;
  for (int i = 0; i < 1008; ++i) {
    const std::string key = absl::StrCat("key", i % 16);
    records.push_back({.topic = topic, .key = key, .value = absl::StrCat(key, ":", i / 16)});
    if (records.size() == 24) {
      PublishUntilDone(*bus_, records);
      records.clear();
    }
  }
  EXPECT_TRUE(AwaitTrue([&] { return seen.size() == 1008; }, kPatience)) << seen.size();
  stop = true;
  for (std::thread& thread : subscribers) thread.join();
  EXPECT_EQ(seen.misplaced(), 0);
}

TEST_P(BusTest, LosesNothingAmongManyPublishersAndManySubscribers) {
  const std::string topic = MakeTopic(16);
  Seen seen;
  std::atomic<bool> stop = false;
  std::vector<std::thread> subscribers;
  for (int i = 0; i < 10; ++i) {
    subscribers.emplace_back([&] { Consume(topic, "workers", seen, stop); });
  }
  std::vector<std::thread> publishers;
  for (int i = 0; i < 10; ++i) {
    publishers.emplace_back([&, i] {
      for (int from = 0; from < 500; from += 20) {
        PublishUntilDone(*bus_, Numbered(topic, absl::StrCat("p", i), from, 20));
      }
    });
  }
  for (std::thread& thread : publishers) thread.join();
  EXPECT_TRUE(AwaitTrue([&] { return seen.size() == 5000; }, kPatience)) << seen.size();
  stop = true;
  for (std::thread& thread : subscribers) thread.join();
  EXPECT_EQ(seen.misplaced(), 0);
}

TEST_P(BusTest, SharesThePartitionsAmongTheMembersOfAGroup) {
  const std::string topic = MakeTopic();
  std::vector<Record> records;
  for (int i = 0; i < 400; ++i) {
    records.push_back({.topic = topic, .key = absl::StrCat(i), .value = absl::StrCat(i)});
  }
  const auto first = Subscribe(topic, "workers");
  const auto second = Subscribe(topic, "workers");
  // Until both have joined, one of them may be handed everything.
  EXPECT_TRUE(AwaitTrue(
      [&] {
        EXPECT_THAT(bus_->Publish(records), IsOk());
        std::set<int> partitions[2];
        const auto count = [](Subscription& subscription, std::set<int>& partitions) {
          auto polled = subscription.Poll(10'000, absl::Milliseconds(100));
          if (!polled.ok()) return;
          for (const Record& record : *polled) partitions.insert(record.partition);
          subscription.Commit().IgnoreError();
        };
        count(*first, partitions[0]);
        count(*second, partitions[1]);
        return partitions[0].size() == 2 && partitions[1].size() == 2;
      },
      kPatience));
}

TEST_P(BusTest, HandsThePartitionsOfAMemberThatLeavesToTheOthers) {
  const std::string topic = MakeTopic();
  auto leaver = Subscribe(topic, "workers");
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 10)), IsOk());
  Take(*leaver, 10);
  ASSERT_THAT(leaver->Commit(), IsOk());
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 10, 10)), IsOk());
  Take(*leaver, 10);  // not committed
  const auto other = Subscribe(topic, "workers");
  leaver = nullptr;
  const auto records = Take(*other, 10);
  EXPECT_EQ(records.front().value, "p:10");
  EXPECT_EQ(records.back().value, "p:19");
}

TEST_P(BusTest, SendsAgainFromTheLastCommitAfterARewind) {
  const std::string topic = MakeTopic(2);
  ASSERT_THAT(bus_->Publish(Numbered(topic, "a", 0, 40)), IsOk());
  ASSERT_THAT(bus_->Publish(Numbered(topic, "b", 0, 40)), IsOk());
  const auto subscription = Subscribe(topic, "readers");
  Seen handled;
  handled.Add(Take(*subscription, 30));
  ASSERT_THAT(subscription->Commit(), IsOk());
  for (int attempt = 0; attempt < 5; ++attempt) {
    Take(*subscription, 20);
    ASSERT_THAT(subscription->Rewind(), IsOk());
  }
  handled.Add(Take(*subscription, 50));
  EXPECT_EQ(handled.size(), 80u);
  EXPECT_EQ(handled.duplicates(), 0);
  EXPECT_EQ(handled.misplaced(), 0);
  ASSERT_THAT(subscription->Rewind(), IsOk());
  ASSERT_THAT(subscription->Rewind(), IsOk());
  Take(*subscription, 50);
  EXPECT_THAT(subscription->Commit(), IsOk());
  ASSERT_THAT(subscription->Rewind(), IsOk());
  EXPECT_THAT(*subscription->Poll(10, absl::Milliseconds(200)), IsEmpty());
}

TEST_P(BusTest, SendsAgainInANewSubscriptionWhatWasNotCommitted) {
  const std::string topic = MakeTopic(1);
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 30)), IsOk());
  {
    const auto subscription = Subscribe(topic, "readers");
    Take(*subscription, 10);
    ASSERT_THAT(subscription->Commit(), IsOk());
    Take(*subscription, 10);
  }
  const auto records = Take(*Subscribe(topic, "readers"), 20);
  EXPECT_EQ(records.front().value, "p:10");
  EXPECT_EQ(records.back().value, "p:29");
}

TEST_P(BusTest, LosesNothingWhenNobodyEverCommits) {
  const std::string topic = MakeTopic();
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 100)), IsOk());
  for (int i = 0; i < 3; ++i) {
    Seen seen;
    seen.Add(Take(*Subscribe(topic, "readers"), 100));
    EXPECT_EQ(seen.size(), 100u);
    EXPECT_EQ(seen.misplaced(), 0);
  }
}

TEST_P(BusTest, ContinuesWhereItStoppedEachTimeItIsClosedAndOpenedAgain) {
  const std::string topic = MakeTopic();
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(bus_->Publish(Numbered(topic, absl::StrCat("p", i), 0, 200)), IsOk());
  }
  Seen seen;
  for (int i = 0; i < 20; ++i) {
    // By turns a member with a lasting name and a passing one.
    const auto subscription =
        Subscribe(topic, i % 2 == 0 ? "lasting" : "passing", i % 2 == 0 ? "reader-1" : "");
    const auto records = Take(*subscription, 200);
    if (i % 2 == 0) seen.Add(records);
    ASSERT_THAT(subscription->Commit(), IsOk());
  }
  EXPECT_EQ(seen.size(), 2000u);
  EXPECT_EQ(seen.duplicates(), 0);
  EXPECT_EQ(seen.misplaced(), 0);
}

TEST_P(BusTest, GivesEachGroupEverything) {
  const std::string topic = MakeTopic();
  const auto first = Subscribe(topic, "first");
  const auto second = Subscribe(topic, "second");
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 100)), IsOk());
  Seen seen[2];
  seen[0].Add(Take(*first, 100));
  ASSERT_THAT(first->Commit(), IsOk());
  seen[1].Add(Take(*second, 100));
  EXPECT_EQ(seen[0].size(), 100u);
  EXPECT_EQ(seen[1].size(), 100u);
}

TEST_P(BusTest, SubscribesToSeveralTopicsAndPublishesToThemInOneCall) {
  const std::string one = MakeTopic(2);
  const std::string other = MakeTopic(3);
  const auto subscription =
      Must(bus_->Subscribe({.group = absl::StrCat(one, ".both"), .topics = {one, other}}));
  std::vector<Record> records = Numbered(one, "a", 0, 20);
  for (Record& record : Numbered(other, "b", 0, 20)) records.push_back(std::move(record));
  ASSERT_THAT(bus_->Publish(records), IsOk());
  Seen seen;
  seen.Add(Take(*subscription, 40));
  EXPECT_EQ(seen.size(), 40u);
  EXPECT_EQ(seen.misplaced(), 0);
}

TEST_P(BusTest, ClosesWhileOthersOpenAndPublish) {
  const std::string topic = MakeTopic();
  std::atomic<bool> stop = false;
  std::thread publisher([&] {
    for (int i = 0; i < 200 || !stop; ++i) PublishUntilDone(*bus_, Numbered(topic, "p", i, 1));
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      for (int again = 0; again < 3; ++again) {
        const auto subscription = Subscribe(topic, "workers");
        subscription->Poll(10, absl::Milliseconds(50)).IgnoreError();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stop = true;
  publisher.join();
  // Nobody committed.
  const auto records = Take(*Subscribe(topic, "workers"), 200);
  EXPECT_EQ(records.front().value, "p:0");
}

TEST_P(BusTest, TakesARecordAtTheLimitAndRefusesOneOverIt) {
  const std::string topic = MakeTopic();
  const Headers headers = {{"ce_id", "1"}};
  const size_t room = kMaxRecordBytes - 3 - 6;
  std::vector<Record> at_limit = {
      {.topic = topic, .key = "key", .headers = headers, .value = std::string(room, 'x')}};
  std::vector<Record> over = at_limit;
  over[0].value += 'x';
  over.insert(over.begin(), Record{.topic = topic, .key = "key", .value = "small"});
  EXPECT_THAT(bus_->Publish(over),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("over the limit")));
  ASSERT_THAT(bus_->Publish(at_limit), IsOk());
  const auto subscription = Subscribe(topic, "readers");
  const auto records = Take(*subscription, 1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].value.size(), room) << "and nothing of the refused call is there";
}

TEST_P(BusTest, HandsOutLargeRecordsInPartsThatFitIntoMemory) {
  const std::string topic = MakeTopic(1);
  for (int i = 0; i < 16; ++i) {
    ASSERT_THAT(bus_->Publish({{.topic = topic, .key = "k", .value = std::string(900'000, 'x')}}),
                IsOk());
  }
  const auto subscription = Subscribe(topic, "readers");
  size_t count = 0;
  ASSERT_TRUE(AwaitTrue([&] {
    const auto records = subscription->Poll(1000, absl::Seconds(1));
    if (!records.ok()) return false;
    EXPECT_LE(records->size(), 6u);
    for (const Record& record : *records) EXPECT_EQ(record.offset, static_cast<int64_t>(count++));
    return count == 16;
  }));
}

TEST_P(BusTest, KeepsBytesAsTheyAre) {
  const std::string topic = MakeTopic(1);
  const std::string zero("a\0b\0", 4);
  const std::vector<Record> published = {
      {.topic = topic,
       .key = zero,
       .headers = {{"nul", zero},
                   {"empty", ""},
                   {"same", "1"},
                   {"same", "2"},
                   {"Größe é \"',\n\t\\ 子", "Ω \"',\n\t\\ \x01 子"},
                   {"not-utf8", "\xff\xfe\x80"}},
       .value = zero},
      {.topic = topic, .key = "", .value = ""},
      {.topic = topic, .key = "\xff", .value = std::string("\x00\xff", 2)}};
  ASSERT_THAT(bus_->Publish(published), IsOk());
  const auto records = Take(*Subscribe(topic, "readers"), 3);
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].key, published[i].key);
    EXPECT_EQ(records[i].value, published[i].value);
    EXPECT_EQ(records[i].headers, published[i].headers);
  }
}

TEST_P(BusTest, RefusesHeadersThatNotBothCanCarry) {
  const std::string topic = MakeTopic(1);
  for (const std::string& name : {std::string(), std::string("a\0b", 3)}) {
    EXPECT_THAT(bus_->Publish({{.topic = topic, .key = "k", .headers = {{name, "x"}}}}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_P(BusTest, RefusesASubscriptionWithoutTopicsOrWithoutAGroup) {
  EXPECT_THAT(bus_->Subscribe({.group = "g"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(bus_->Subscribe({.topics = {"t"}}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(BusTest, ShowsALiveSubscriptionOnlyWhatComesAfterIt) {
  const std::string topic = MakeTopic();
  for (int i = 0; i < 8; ++i) {
    ASSERT_THAT(bus_->Publish({{.topic = topic, .key = absl::StrCat(i), .value = "old"}}), IsOk());
  }
  const auto one = Must(bus_->Subscribe({.topics = {topic}, .live = true}));
  const auto other = Must(bus_->Subscribe({.topics = {topic}, .live = true}));
  for (int i = 0; i < 8; ++i) {
    ASSERT_THAT(bus_->Publish({{.topic = topic, .key = absl::StrCat(i), .value = "new"}}), IsOk());
  }
  for (Subscription* subscription : {one.get(), other.get()}) {
    for (const Record& record : Take(*subscription, 8)) EXPECT_EQ(record.value, "new");
    ASSERT_THAT(subscription->Commit(), IsOk());
    EXPECT_THAT(*subscription->Poll(10, absl::Milliseconds(100)), IsEmpty());
  }
}

TEST_P(BusTest, WakesAWaitingSubscriptionOfThisProcessAndOfAnother) {
  const std::string topic = MakeTopic(1);
  const auto elsewhere = world_->Open();
  const auto subscription = Subscribe(topic, "readers");
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 1)), IsOk());
  Take(*subscription, 1);
  for (Bus* bus : {bus_.get(), elsewhere.get()}) {
    absl::Duration slowest = absl::ZeroDuration();
    for (int i = 0; i < 10; ++i) {
      absl::Time published;
      std::thread publisher([&] {
        published = absl::Now();
        PublishUntilDone(*bus, Numbered(topic, "p", i + 1, 1));
      });
      const auto records = subscription->Poll(10, absl::Seconds(10));
      const absl::Time seen = absl::Now();
      publisher.join();
      ASSERT_THAT(*records, SizeIs(1));
      slowest = std::max(slowest, seen - published);
    }
    EXPECT_LT(slowest, absl::Milliseconds(500));
  }
}

TEST_P(BusTest, IsUnavailableForAMissingTopicUntilItIsMade) {
  const std::string topic = testing::UniqueTopic("late");
  const auto subscription = Subscribe(topic, "readers");
  const auto live = Must(bus_->Subscribe({.topics = {topic}, .live = true}));
  EXPECT_THAT(bus_->Publish(Numbered(topic, "p", 0, 1)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(topic)));
  EXPECT_THAT(subscription->Poll(1, absl::Milliseconds(10)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(topic)));
  EXPECT_THAT(live->Poll(1, absl::Milliseconds(10)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(topic)));
  ASSERT_THAT(world_->Open()->EnsureTopics({{topic, 2}}), IsOk());
  EXPECT_THAT(*live->Poll(1, absl::Milliseconds(10)), IsEmpty());
  PublishUntilDone(*bus_, Numbered(topic, "p", 0, 1));
  Take(*subscription, 1);
  Take(*live, 1);
}

TEST_P(BusTest, MakesTopicsOnceAndNeverChangesTheirPartitions) {
  const std::string topic = MakeTopic(3);
  const std::string fresh = testing::UniqueTopic("fresh");
  ASSERT_THAT(bus_->EnsureTopics({{topic, 8}, {fresh, 1}}), IsOk());
  ASSERT_THAT(world_->Open()->EnsureTopics({{fresh, 1}, {topic, 8}}), IsOk());
  std::vector<Record> records;
  for (int i = 0; i < 100; ++i) {
    records.push_back({.topic = topic, .key = absl::StrCat(i), .value = "x"});
  }
  ASSERT_THAT(bus_->Publish(records), IsOk());
  for (const Record& record : Take(*Subscribe(topic, "readers"), 100)) {
    EXPECT_EQ(record.partition, PartitionOf(record.key, 3));
  }
}

// A broker may refuse the first record of a partition that it does not yet know to be its own, and
// take the second.
TEST_P(BusTest, LosesNothingThatIsPublishedToATopicTheMomentItIsMade) {
  constexpr int kTopics = 20;
  std::vector<Topic> topics;
  std::vector<std::string> names;
  std::vector<Record> records;
  for (int i = 0; i < kTopics; ++i) {
    names.push_back(testing::UniqueTopic("fresh"));
    topics.push_back({names.back(), 1});
    for (Record& record : Numbered(names.back(), absl::StrCat("p", i), 0, 10)) {
      records.push_back(std::move(record));
    }
  }
  ASSERT_THAT(bus_->EnsureTopics(topics), IsOk());
  ASSERT_THAT(bus_->Publish(records), IsOk());
  const auto subscription = Must(bus_->Subscribe({.group = names[0], .topics = names}));
  Seen seen;
  seen.Add(Take(*subscription, records.size()));
  EXPECT_EQ(seen.misplaced(), 0);
}

TEST_P(BusTest, SaysOnceThatRecordsWereRemovedAndGoesOnWithTheOldest) {
  const std::string topic = MakeTopic(1);
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 30)), IsOk());
  {
    const auto subscription = Subscribe(topic, "readers");
    Take(*subscription, 10);
    ASSERT_THAT(subscription->Commit(), IsOk());
  }
  world_->RemoveBefore(topic, 0, 20);
  const auto subscription = Subscribe(topic, "readers");
  absl::Status loss;
  ASSERT_TRUE(AwaitTrue([&] {
    loss = subscription->Poll(100, absl::Milliseconds(100)).status();
    return !loss.ok();
  }));
  EXPECT_THAT(loss, StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no longer has offset 10")));
  EXPECT_EQ(Take(*subscription, 10).front().value, "p:20");
  // To a group that never was, nothing is lost.
  EXPECT_EQ(Take(*Subscribe(topic, "newcomers"), 10).front().value, "p:20");
}

TEST_P(BusTest, SaysWhetherItCanBeReached) {
  EXPECT_THAT(bus_->Check(), IsOk());
  const auto nowhere = world_->OpenNowhere();
  const absl::Time before = absl::Now();
  EXPECT_THAT(nowhere->Check(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - before, absl::Seconds(2));
  EXPECT_THAT(nowhere->Publish(Numbered("t", "p", 0, 1)), StatusIs(absl::StatusCode::kUnavailable));
  const auto subscription = Must(nowhere->Subscribe({.group = "g", .topics = {"t"}}));
  EXPECT_THAT(subscription->Poll(1, absl::Milliseconds(10)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(subscription->Rewind(), IsOk());
  EXPECT_THAT(subscription->Commit(), IsOk());
}

TEST_P(BusTest, LosesNothingWhenTheServerIsEndedHardTwice) {
  constexpr int kPublishers = 20;
  constexpr int kEach = 500;
  constexpr int kAll = kPublishers * kEach;
  const std::string topic = MakeTopic();
  Seen seen;
  std::atomic<bool> stop = false;
  std::vector<std::thread> subscribers;
  for (int i = 0; i < 2; ++i) {
    subscribers.emplace_back([&] { Consume(topic, "workers", seen, stop); });
  }
  std::atomic<int> published = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> publishers;
  for (int i = 0; i < kPublishers; ++i) {
    publishers.emplace_back([&, i] {
      for (int from = 0; from < kEach; from += 10) {
        const auto records = Numbered(topic, absl::StrCat("p", i), from, 10);
        while (!bus_->Publish(records).ok()) ++refused;
        published += 10;
      }
    });
  }
  const auto wait_for = [&](int count) {
    return AwaitTrue([&] { return published >= count; }, kPatience);
  };
  EXPECT_TRUE(wait_for(kAll / 3));
  world_->Restart();
  EXPECT_TRUE(wait_for(kAll / 2));
  world_->Restart();
  for (std::thread& thread : publishers) thread.join();
  EXPECT_TRUE(AwaitTrue([&] { return seen.size() == kAll; }, kPatience)) << seen.size();
  stop = true;
  for (std::thread& thread : subscribers) thread.join();
  EXPECT_EQ(seen.size(), size_t{kAll});
  EXPECT_EQ(seen.misplaced(), 0);
  std::printf("%d records, %d calls refused meanwhile, %d duplicates\n", kAll, refused.load(),
              seen.duplicates());
}

TEST(KafkaBusTest, KeepsTheOrderWhenPublicationsRunOutOfTimeAndAreRepeated) {
  constexpr int kPublishers = 4;
  constexpr int kEach = 1000;
  std::atomic<int> warnings = 0;
  const auto bus = Must(MakeKafkaBus({.brokers = testing::TestBrokers(),
                                      .publish_timeout = absl::Milliseconds(500),
                                      .warn = [&](const auto&, const auto&) { ++warnings; }}));
  const std::string topic = testing::UniqueTopic("timeouts");
  ASSERT_THAT(bus->EnsureTopics({{topic, 4}}), IsOk());
  Seen seen;
  std::atomic<bool> stop = false;
  std::atomic<int> away = 0;
  std::thread subscriber([&] {
    const auto subscription = Must(bus->Subscribe({.group = topic, .topics = {topic}}));
    while (!stop) {
      const auto records = subscription->Poll(50, absl::Milliseconds(100));
      if (!records.ok()) {
        EXPECT_THAT(records, StatusIs(absl::StatusCode::kUnavailable));
        ++away;
        continue;
      }
      seen.Add(*records);
      subscription->Commit().IgnoreError();
    }
  });
  std::atomic<int> published = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> publishers;
  for (int i = 0; i < kPublishers; ++i) {
    publishers.emplace_back([&, i] {
      for (int from = 0; from < kEach; from += 5) {
        const auto records = Numbered(topic, absl::StrCat("p", i), from, 5);
        for (absl::Status status; !(status = bus->Publish(records)).ok(); ++refused) {
          EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
        }
        published += 5;
      }
    });
  }
  EXPECT_TRUE(AwaitTrue([&] { return published >= kPublishers * kEach / 3; }, kPatience));
  testing::KillBroker();
  EXPECT_THAT(bus->Check(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(AwaitTrue([&] { return refused >= 2 * kPublishers && away >= 2; }, kPatience));
  testing::StartBroker();
  for (std::thread& thread : publishers) thread.join();
  EXPECT_TRUE(AwaitTrue([&] { return seen.size() == kPublishers * kEach; }, kPatience))
      << seen.size();
  EXPECT_THAT(bus->Check(), IsOk());
  stop = true;
  subscriber.join();
  EXPECT_EQ(seen.misplaced(), 0);
  EXPECT_GE(warnings, 1);
  testing::RemoveUniqueTopics();
}

TEST(KafkaBusTest, RefusesPropertiesThatDoNotExistWithoutQuotingTheirValues) {
  EXPECT_THAT(MakeKafkaBus({.brokers = "127.0.0.1:1", .properties = {{"sasl.pass", "secret"}}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("sasl.pass"), Not(HasSubstr("secret")))));
  EXPECT_THAT(MakeKafkaBus({.brokers = ""}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeKafkaBus({.brokers = "127.0.0.1:1", .client_id = std::string(41, 'x')}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PostgresBusTest, GivesUpThePartitionsOfASessionThatDies) {
  PostgresWorld world;
  const auto one = world.Open();
  const auto other = world.Open();
  ASSERT_THAT(one->EnsureTopics({{"t", 4}}), IsOk());
  const auto first = Must(one->Subscribe({.group = "g", .topics = {"t"}}));
  ASSERT_THAT(one->Publish(Numbered("t", "p", 0, 10)), IsOk());
  Take(*first, 10);
  world.Restart();
  // The first one's session is gone, and with it the right to commit for what it polled.
  const auto second = Must(other->Subscribe({.group = "g", .topics = {"t"}}));
  Take(*second, 10);
  ASSERT_THAT(second->Commit(), IsOk());
  EXPECT_THAT(first->Commit(), Not(IsOk()));
}

INSTANTIATE_TEST_SUITE_P(Buses, BusTest, ::testing::Values("Postgres", "Kafka"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fosterwatch::bus
