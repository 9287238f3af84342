// KafkaBus on a real Apache Kafka, beyond what all buses share: members with a lasting name, topics
// that are gone, publications that run out of time.
#include <cstdio>

#include <signal.h>

#include "libs/testing/process.h"
#include "tests/component/bus_fixture.h"

namespace fosterwatch::bus {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

// --- members with a lasting name
// ------------------------------------------------------------------

class StaticMemberTest : public ::testing::Test {
 protected:
  StaticMemberTest() : bus_(world_.Open()), topic_(testing::UniqueTopic("static")) {
    world_.MakeTopic(topic_, 4);
  }

  // A process of its own that reads and commits as this member, until it is killed.
  testing::Process Reader(const std::string& member, absl::Duration session) {
    return Must(testing::Process::Start(
        {.arguments = {BUS_READER, topic_, member, absl::StrCat(absl::ToInt64Seconds(session))}}));
  }

  KafkaWorld world_;
  std::unique_ptr<Bus> bus_;
  const std::string topic_;
};

TEST_F(StaticMemberTest, GoesOnAtOnceAfterItWasKilled) {
  // A member without a name would wait for the session of the one that was killed: longer than this
  // test does.
  const absl::Duration session = 3 * kPatience;
  absl::Duration longest;
  for (int round = 0; round < 3; ++round) {
    testing::Process reader = Reader("reader-1", session);
    const absl::Time started = absl::Now();
    PublishUntilDone(*bus_, Numbered(topic_, "p", round, 1));
    ASSERT_TRUE(reader.AwaitLine(absl::StrCat("handled p:", round), kPatience).ok())
        << reader.Output();
    if (round > 0) longest = std::max(longest, absl::Now() - started);
    reader.Kill(SIGKILL);
    ASSERT_EQ(*reader.Wait(), 128 + SIGKILL);
  }
  std::printf("longest %s\n", absl::FormatDuration(longest).c_str());
}

TEST_F(StaticMemberTest, LeavesItsPlaceToTheOneThatCameLastAndTakesItBackWhenThatIsGone) {
  constexpr absl::Duration kSession = absl::Seconds(6);  // a broker takes no shorter one
  testing::Process first = Reader("reader-1", kSession);
  PublishUntilDone(*bus_, Numbered(topic_, "p", 0, 1));
  ASSERT_TRUE(first.AwaitLine("handled p:0", kPatience).ok()) << first.Output();
  testing::Process second = Reader("reader-1", kSession);
  ASSERT_TRUE(
      first.AwaitLine("status FAILED_PRECONDITION: another process has the place", kPatience).ok())
      << first.Output();
  // The second one reads on, undisturbed; the first waits and does not fight for the place.
  for (int i = 1; i <= 20; ++i) {
    PublishUntilDone(*bus_, Numbered(topic_, "p", i, 1));
    ASSERT_TRUE(second.AwaitLine(absl::StrCat("handled p:", i), kPatience).ok()) << second.Output();
  }
  EXPECT_THAT(first.Output(), Not(HasSubstr("handled p:1")));
  EXPECT_THAT(second.Output(), Not(HasSubstr("FAILED_PRECONDITION")));
  EXPECT_TRUE(first.Running());
  second.Kill(SIGKILL);
  PublishUntilDone(*bus_, Numbered(topic_, "p", 21, 1));
  EXPECT_TRUE(first.AwaitLine("handled p:21", kPatience).ok()) << first.Output();
}

// --- topics that are gone
// -------------------------------------------------------------------------

TEST(KafkaBusTest, HoldsWhenATopicWasRemovedAndMadeAgainUntilItIsMoved) {
  KafkaWorld world;
  const auto bus = world.Open();
  const std::string topic = testing::UniqueTopic("recreated");
  world.MakeTopic(topic, 1);
  const auto subscription =
      Must(bus->Subscribe({.group = topic, .topics = {topic}, .member = "reader-1"}));
  ASSERT_THAT(bus->Publish(Numbered(topic, "old", 0, 20)), IsOk());
  Take(*subscription, 20);
  ASSERT_THAT(subscription->Commit(), IsOk());
  world.RemoveTopic(topic);
  EXPECT_TRUE(
      AwaitTrue([&] { return !subscription->Poll(1, absl::Milliseconds(100)).ok(); }, kPatience))
      << "a missing topic is said";
  ASSERT_TRUE(AwaitTrue([&] { return world.Open()->EnsureTopics({{topic, 1}}).ok(); }, kPatience));
  PublishUntilDone(*bus, Numbered(topic, "new", 0, 5));
  ASSERT_TRUE(AwaitTrue(
      [&] { return absl::IsDataLoss(subscription->Poll(9, absl::Milliseconds(100)).status()); },
      kPatience));
  // An operator looks, and lets it begin anew. The name's session has to end first.
  auto positions = Must(bus->PositionsOf(topic, {topic}));
  ASSERT_TRUE(positions[0].lost());
  EXPECT_EQ(positions[0].oldest, 0);
  positions[0].committed = positions[0].oldest;
  ASSERT_TRUE(AwaitTrue([&] { return bus->MoveGroup(topic, positions).ok(); }, kPatience));
  EXPECT_EQ(Take(*subscription, 5).front().value, "new:0");
  EXPECT_THAT(subscription->Commit(), IsOk());
  testing::RemoveUniqueTopics();
}

TEST(KafkaBusTest, TakesOnlyPropertiesThatPromisesDoNotRestOn) {
  for (const char* name : {"acks", "enable.idempotence", "enable.auto.commit", "group.instance.id",
                           "max.in.flight.requests.per.connection", "auto.offset.reset"}) {
    EXPECT_THAT(MakeKafkaBus({.brokers = "127.0.0.1:1", .properties = {{name, "1"}}}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  }
  EXPECT_THAT(MakeKafkaBus({.brokers = "127.0.0.1:1", .properties_file = "/nowhere/kafka"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/kafka")));
}

}  // namespace
}  // namespace fosterwatch::bus
