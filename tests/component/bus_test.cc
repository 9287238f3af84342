// What every bus promises: PostgresBus on a real PostgreSQL, KafkaBus on a real Apache Kafka and on
// librdkafka's mock of one. The list follows Watermill's universal suite for publishers and
// subscribers; what the mock cannot do is in bus_server_test.cc.
#include <cstdio>

#include "libs/bus/partitioner.h"
#include "tests/component/bus_fixture.h"

namespace fosterwatch::bus {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BusTest : public BusFixture {};

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
    EXPECT_LT(record.time, absl::Now() + absl::Minutes(1));
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
      const auto records = subscription->Poll(10, absl::Seconds(60));
      const absl::Time seen = absl::Now();
      publisher.join();
      ASSERT_THAT(*records, SizeIs(1));
      slowest = std::max(slowest, seen - published);
    }
    std::printf("slowest %s\n", absl::FormatDuration(slowest).c_str());
  }
}

TEST_P(BusTest, SaysWhetherItCanBeReached) {
  EXPECT_THAT(bus_->Check(), IsOk());
  const auto nowhere = world_->OpenNowhere();
  EXPECT_THAT(nowhere->Check(), StatusIs(absl::StatusCode::kUnavailable));
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

INSTANTIATE_TEST_SUITE_P(Buses, BusTest, ::testing::Values("Postgres", "Kafka", "MockKafka"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fosterwatch::bus
