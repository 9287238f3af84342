// What both buses promise and librdkafka's mock cannot show: members that leave and come (it waits
// for their sessions to end), topics that are made, records that are removed, groups that are
// looked at and moved from outside.
#include "absl/strings/match.h"

#include "libs/bus/partitioner.h"
#include "tests/component/bus_fixture.h"

namespace fosterwatch::bus {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ServerBusTest : public BusFixture {};

TEST_P(ServerBusTest, HandsThePartitionsOfAMemberThatLeavesToTheOthers) {
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

TEST_P(ServerBusTest, SendsAgainInANewSubscriptionWhatWasNotCommitted) {
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

TEST_P(ServerBusTest, LosesNothingWhenNobodyEverCommits) {
  const std::string topic = MakeTopic();
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 100)), IsOk());
  for (int i = 0; i < 3; ++i) {
    Seen seen;
    seen.Add(Take(*Subscribe(topic, "readers"), 100));
    EXPECT_EQ(seen.size(), 100u);
    EXPECT_EQ(seen.misplaced(), 0);
  }
}

TEST_P(ServerBusTest, ContinuesWhereItStoppedEachTimeItIsClosedAndOpenedAgain) {
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

TEST_P(ServerBusTest, ClosesWhileOthersOpenAndPublish) {
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

TEST_P(ServerBusTest, HandsOutLargeRecordsInPartsThatFitIntoMemory) {
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

TEST_P(ServerBusTest, IsUnavailableForAMissingTopicUntilItIsMade) {
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

TEST_P(ServerBusTest, MakesTopicsOnceAndNeverChangesTheirPartitions) {
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
TEST_P(ServerBusTest, LosesNothingThatIsPublishedToATopicTheMomentItIsMade) {
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

// The group stops and says so, also to who comes later, until it is told where to go on.
TEST_P(ServerBusTest, HoldsWhenRecordsWereRemovedUntilTheGroupIsMoved) {
  const std::string topic = MakeTopic(2);
  const std::string group = absl::StrCat(topic, ".readers");
  // Of both partitions, so that both must wait.
  std::vector<Record> records;
  for (int i = 0; i < 60; ++i) {
    records.push_back({.topic = topic, .key = absl::StrCat(i), .value = absl::StrCat("old:", i)});
  }
  ASSERT_THAT(bus_->Publish(records), IsOk());
  {
    const auto subscription = Subscribe(topic, "readers");
    Take(*subscription, 60);
    ASSERT_THAT(subscription->Commit(), IsOk());
  }
  ASSERT_THAT(bus_->Publish(records), IsOk());
  const auto positions = Must(bus_->PositionsOf(group, {topic}));
  ASSERT_THAT(positions, SizeIs(2));
  const int64_t handled = *positions[0].committed;
  EXPECT_FALSE(positions[0].lost());
  EXPECT_EQ(positions[0].behind() + positions[1].behind(), 60);
  world_->RemoveBefore(topic, 0, handled + 5);

  const auto holds = [&](Subscription& subscription) {
    return AwaitTrue(
        [&] {
          const auto polled = subscription.Poll(100, absl::Milliseconds(100));
          // A member may get its part before it finds that some of it is gone.
          if (polled.ok()) subscription.Rewind().IgnoreError();
          return absl::IsDataLoss(polled.status()) &&
                 absl::StrContains(polled.status().message(),
                                   absl::StrCat(" partition 0 no longer has offset ", handled));
        },
        kPatience);
  };
  auto subscription = Subscribe(topic, "readers");
  ASSERT_TRUE(holds(*subscription));
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(subscription->Poll(100, absl::Milliseconds(50)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_THAT(subscription->Rewind(), IsOk());
  subscription = nullptr;
  subscription = Subscribe(topic, "readers");
  ASSERT_TRUE(holds(*subscription)) << "it may not be forgotten by a restart";

  auto lost = Must(bus_->PositionsOf(group, {topic}));
  EXPECT_TRUE(lost[0].lost());
  EXPECT_FALSE(lost[1].lost());
  EXPECT_EQ(lost[0].oldest, handled + 5);
  EXPECT_EQ(lost[0].behind() + lost[1].behind(), 55);
  lost.pop_back();
  lost[0].committed = lost[0].oldest;
  ASSERT_THAT(bus_->MoveGroup(group, lost), IsOk());
  std::set<int64_t> offsets;
  for (const Record& record : Take(*subscription, 55)) {
    if (record.partition == 0) offsets.insert(record.offset);
  }
  EXPECT_EQ(*offsets.begin(), handled + 5);
  EXPECT_THAT(subscription->Commit(), IsOk());
  // To a group that never was, nothing is lost.
  EXPECT_THAT(Take(*Subscribe(topic, "newcomers"), 120 - handled - 5), Not(IsEmpty()));
}

TEST_P(ServerBusTest, MovesNoGroupWhileAMemberReads) {
  const std::string topic = MakeTopic(1);
  const std::string group = absl::StrCat(topic, ".readers");
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 10)), IsOk());
  auto subscription = Subscribe(topic, "readers");
  Take(*subscription, 10);
  ASSERT_THAT(subscription->Commit(), IsOk());
  EXPECT_THAT(Must(bus_->Groups()), ::testing::Contains(group));
  const std::vector<GroupPosition> beginning = {{.topic = topic, .committed = 3}};
  EXPECT_THAT(bus_->MoveGroup(group, beginning),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("members")));
  subscription = nullptr;
  EXPECT_TRUE(AwaitTrue([&] { return bus_->MoveGroup(group, beginning).ok(); }));
  EXPECT_EQ(Take(*Subscribe(topic, "readers"), 7).front().value, "p:3");
}

TEST_P(ServerBusTest, SaysHowFarAMemberIsBehindAndWhenItLastGotOn) {
  const std::string topic = MakeTopic(2);
  ASSERT_THAT(bus_->Publish(Numbered(topic, "p", 0, 30)), IsOk());
  const auto progress = std::make_shared<Progress>();
  const auto subscription = Must(bus_->Subscribe(
      {.group = absl::StrCat(topic, ".readers"), .topics = {topic}, .progress = progress}));
  Take(*subscription, 10);
  EXPECT_EQ(progress->behind(), 30);
  const absl::Time begun = absl::Now();
  ASSERT_THAT(subscription->Commit(), IsOk());
  const absl::Time committed = progress->last();
  EXPECT_GE(committed, begun);
  // What is polled and not handled is no progress.
  Take(*subscription, 20);
  EXPECT_EQ(progress->behind(), 20);
  EXPECT_EQ(progress->last(), committed);
  ASSERT_THAT(subscription->Commit(), IsOk());
  EXPECT_THAT(*subscription->Poll(10, absl::Milliseconds(100)), IsEmpty());
  EXPECT_EQ(progress->behind(), 0);
  EXPECT_GT(progress->last(), committed);
}

INSTANTIATE_TEST_SUITE_P(Buses, ServerBusTest, ::testing::Values("Postgres", "Kafka"),
                         [](const auto& info) { return info.param; });

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

}  // namespace
}  // namespace fosterwatch::bus
