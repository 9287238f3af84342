// What Kafka answers on a bad day, by librdkafka's mock of it: errors of every kind of request,
// late answers, lost acknowledgements, outages longer than anybody waits, a producer that gives up.
// reliability.md B3, B4, B6, B7 and B8. FOSTERWATCH_TEST_FULL=1 for the full figures.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "libs/bus/kafka_bus.h"
#include "libs/ledger/relay.h"
#include "libs/testing/await.h"
#include "libs/testing/mock_kafka.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/ledger_world.h"
#include "tests/faults/scale.h"

namespace fosterwatch::faults {
namespace {

using bus::Bus;
using bus::Record;
using bus::Subscription;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::MockKafka;
using ::fosterwatch::testing::StatusIs;

constexpr char kTopic[] = "t";
// What a first member of a group waits for in the mock.
constexpr absl::Duration kMockJoin = absl::Seconds(3);

std::vector<Record> Numbered(int from, int count) {
  std::vector<Record> records;
  for (int i = from; i < from + count; ++i) {
    records.push_back({.topic = kTopic, .key = "k", .value = absl::StrCat(i)});
  }
  return records;
}

// A mock of its own with a bus on it, and what the bus warned of.
class Line {
 public:
  explicit Line(absl::Duration publish_timeout = absl::Seconds(5), int brokers = 1)
      : kafka_(brokers) {
    kafka_.MakeTopic(kTopic, 1);
    bus::KafkaOptions options;
    options.brokers = kafka_.brokers();
    options.publish_timeout = publish_timeout;
    options.warn = [this](const std::string& msg, const auto&) {
      absl::MutexLock lock(&mutex_);
      ++warnings_[msg];
    };
    auto bus = bus::MakeKafkaBus(options);
    EXPECT_THAT(bus, IsOk());
    bus_ = *std::move(bus);
  }

  MockKafka& kafka() { return kafka_; }
  Bus& bus() { return *bus_; }
  int warnings(const std::string& msg) {
    absl::MutexLock lock(&mutex_);
    return warnings_[msg];
  }

  void Subscribe() {
    auto subscription = bus_->Subscribe({.group = "g", .topics = {kTopic}});
    ASSERT_THAT(subscription, IsOk());
    subscription_ = *std::move(subscription);
  }

  // The relay's and the consumer's part: publishes the next records until they are there, takes
  // them and commits, again after any error; how long that took. Fails after a minute: what it is
  // measured to take is said, not judged, as that is the machine's matter, too.
  absl::Duration GetOn(int records = 10) {
    constexpr absl::Duration patience = absl::Seconds(60);
    const absl::Time began = absl::Now();
    EXPECT_TRUE(AwaitTrue(
        [&] {
          const absl::Status status = bus_->Publish(Numbered(published_, records));
          refused_ += !status.ok();
          return status.ok();
        },
        patience));
    published_ += records;
    EXPECT_TRUE(AwaitTrue(
        [&] {
          if (watched_ && kafka_.Unmet(*watched_) > 0) last_error_ = absl::Now();
          const auto polled = subscription_->Poll(1000, absl::Milliseconds(100));
          if (!polled.ok()) {
            EXPECT_TRUE(absl::IsUnavailable(polled.status())) << polled.status();
            troubles_ += 1;
            return false;
          }
          Keep(*polled);
          if (!subscription_->Commit().ok()) ++uncommitted_;
          return static_cast<int>(seen_.size()) == published_;
        },
        patience));
    return absl::Now() - began;
  }

  // From now on last_error() is when the last of this request's errors had not been met yet.
  void Watch(MockKafka::Request request) {
    watched_ = request;
    last_error_ = absl::Now();
  }
  absl::Time last_error() const { return last_error_; }

  // First appearances were all there, in order.
  bool InOrder() const { return in_order_; }
  int duplicates() const { return duplicates_; }
  int refused() const { return refused_; }
  int troubles() const { return troubles_; }
  int uncommitted() const { return uncommitted_; }

 private:
  void Keep(const std::vector<Record>& records) {
    for (const Record& record : records) {
      const int number = std::stoi(record.value);
      if (seen_.contains(number)) {
        ++duplicates_;
        continue;
      }
      in_order_ = in_order_ && number == static_cast<int>(seen_.size());
      seen_.insert(number);
    }
  }

  MockKafka kafka_;
  absl::Mutex mutex_;
  std::map<std::string, int> warnings_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Bus> bus_;
  std::unique_ptr<Subscription> subscription_;
  std::optional<MockKafka::Request> watched_;
  absl::Time last_error_;
  int published_ = 0;
  std::set<int> seen_;
  bool in_order_ = true;
  int duplicates_ = 0;
  int refused_ = 0;
  int troubles_ = 0;
  int uncommitted_ = 0;
};

// --- B3
// -------------------------------------------------------------------------------------------

struct Kind {
  std::string name;
  MockKafka::Request request;
  // Whether it is met on the way in, so that the errors have to be there before.
  bool at_the_start = false;
};

class RequestErrorsTest : public ::testing::TestWithParam<Kind> {};

TEST_P(RequestErrorsTest, AreNeverFatalAndHoldNothingUpForLong) {
  const std::vector<rd_kafka_resp_err_t> errors = {
      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT};
  const Kind& kind = GetParam();
  absl::Mutex mutex;
  absl::Duration longest;
  std::vector<std::thread> threads;
  for (const rd_kafka_resp_err_t error : errors) {
    for (const int count : Scaled<std::vector<int>>({1, 3}, {1, 3, 10})) {
      threads.emplace_back([&, error, count] {
        const std::string what = absl::StrCat(rd_kafka_err2name(error), " x ", count);
        Line line;
        const std::vector<rd_kafka_resp_err_t> all(count, error);
        absl::Duration took;
        if (kind.at_the_start) {
          // librdkafka tries to find its coordinator every second, to join every other second.
          line.kafka().Fail(kind.request, all);
          line.Watch(kind.request);
          line.Subscribe();
          line.GetOn();
          took = absl::Now() - line.last_error() - kMockJoin;
        } else {
          line.Subscribe();
          line.GetOn();
          line.kafka().Fail(kind.request, all);
          // Each round meets some of them.
          EXPECT_TRUE(AwaitTrue(
              [&] {
                took = std::max(took, line.GetOn());
                return line.kafka().Unmet(kind.request) == 0;
              },
              absl::Seconds(60)))
              << what;
        }
        EXPECT_EQ(line.kafka().Unmet(kind.request), 0) << what << " were not met";
        EXPECT_TRUE(line.InOrder()) << what;
        // And afterwards nothing is left of it.
        line.GetOn();
        absl::MutexLock lock(&mutex);
        longest = std::max(longest, took);
        std::printf("%s: %s, refused %d, troubles %d, uncommitted %d, duplicates %d\n",
                    what.c_str(), absl::FormatDuration(took).c_str(), line.refused(),
                    line.troubles(), line.uncommitted(), line.duplicates());
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("longest wait %s\n", absl::FormatDuration(longest).c_str());
}

INSTANTIATE_TEST_SUITE_P(
    Requests, RequestErrorsTest,
    ::testing::Values(Kind{"Produce", MockKafka::kProduce}, Kind{"Fetch", MockKafka::kFetch},
                      Kind{"OffsetCommit", MockKafka::kOffsetCommit},
                      Kind{"Heartbeat", MockKafka::kHeartbeat},
                      Kind{"FindCoordinator", MockKafka::kFindCoordinator, true},
                      Kind{"JoinGroup", MockKafka::kJoinGroup, true}),
    [](const auto& info) { return info.param.name; });

// The mock puts errors into the metadata of a topic, not into the request.
TEST(TopicErrorsTest, AreSaidAndHoldNothingUpOnceTheyAreOver) {
  for (const rd_kafka_resp_err_t error :
       {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}) {
    Line line;
    line.kafka().FailTopic(kTopic, error);
    EXPECT_THAT(line.bus().Publish(Numbered(0, 1)), StatusIs(absl::StatusCode::kUnavailable));
    line.Subscribe();
    line.kafka().FailTopic(kTopic, RD_KAFKA_RESP_ERR_NO_ERROR);
    std::printf("%s: %s\n", rd_kafka_err2name(error),
                absl::FormatDuration(line.GetOn() - kMockJoin).c_str());
    EXPECT_TRUE(line.InOrder());
  }
}

TEST(LeaderChangeTest, GoesOnWithTheNextLeaderAndCoordinator) {
  Line line(absl::Seconds(5), /*brokers=*/3);
  line.Subscribe();
  line.GetOn();
  absl::Duration longest;
  for (int round = 0; round < (Full() ? 30 : 6); ++round) {
    line.kafka().MoveLeader(kTopic, 0, 1 + round % 3);
    line.kafka().MoveCoordinator("g", 1 + (round + 1) % 3);
    longest = std::max(longest, line.GetOn());
  }
  std::printf("longest wait %s, %d duplicates\n", absl::FormatDuration(longest).c_str(),
              line.duplicates());
  EXPECT_TRUE(line.InOrder());
}

// --- B4
// -------------------------------------------------------------------------------------------

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// Longer than the session of ten seconds: a member that answers late is a member.
TEST(SlowBrokerTest, CostsTimeAndNoMembership) {
  std::vector<std::thread> threads;
  const int64_t before = ResidentBytes();
  for (const absl::Duration rtt : {absl::Milliseconds(500), absl::Seconds(5)}) {
    threads.emplace_back([rtt] {
      Line line(absl::Seconds(60));
      line.Subscribe();
      line.GetOn();
      line.kafka().SetRtt(rtt);
      const absl::Time until = absl::Now() + absl::Seconds(Full() ? 60 : 15);
      int rounds = 0;
      for (; absl::Now() < until; ++rounds) line.GetOn(200);
      std::printf("%s: %d rounds\n", absl::FormatDuration(rtt).c_str(), rounds);
      EXPECT_GE(rounds, 1);
      EXPECT_EQ(line.duplicates(), 0) << "a rebalance sends again";
      EXPECT_EQ(line.refused(), 0);
      EXPECT_EQ(line.uncommitted(), 0);
      EXPECT_TRUE(line.InOrder());
      line.kafka().SetRtt(absl::ZeroDuration());
      EXPECT_TRUE(AwaitTrue([&] { return line.GetOn() < rtt / 2; }, absl::Seconds(60)))
          << "and it is quick again";
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(ResidentBytes() - before, 128 << 20);
}

// --- B6
// -------------------------------------------------------------------------------------------

// The broker has kept the records and its answer is lost. The mock keeps what comes again, too; a
// real broker does not (broker_test.cc).
TEST(LostAcknowledgementTest, LosesNothingAndKeepsTheOrder) {
  Line line(absl::Seconds(20));
  line.Subscribe();
  line.GetOn();
  for (int round = 0; round < (Full() ? 25 : 5); ++round) {
    // Kept at once, answered late.
    line.kafka().Fail(MockKafka::kProduce, {RD_KAFKA_RESP_ERR_NO_ERROR}, absl::Seconds(30));
    std::thread cut([&] {
      EXPECT_TRUE(AwaitTrue([&] { return line.kafka().Unmet(MockKafka::kProduce) == 0; },
                            absl::Seconds(60)));
      line.kafka().SetDown();
      line.kafka().SetUp();
    });
    line.GetOn(1 + round % 5);
    cut.join();
  }
  EXPECT_TRUE(line.InOrder());
  std::printf("%d records came twice to the consumer, as the mock keeps both\n", line.duplicates());
}

// --- B7
// -------------------------------------------------------------------------------------------

class RelayOutageTest : public ledger::LedgerTest {};

TEST_F(RelayOutageTest, KeepsEveryFactThroughOutagesLongerThanAPublicationMayTake) {
  MockKafka kafka;
  kafka.MakeTopic(ledger::kTopic, 1);
  bus::KafkaOptions options;
  options.brokers = kafka.brokers();
  options.publish_timeout = absl::Milliseconds(500);
  auto bus = bus::MakeKafkaBus(options);
  ASSERT_THAT(bus, IsOk());
  auto subscription = (*bus)->Subscribe({.topics = {ledger::kTopic}, .live = true});
  ASSERT_THAT(subscription, IsOk());
  auto ledger = Open();
  ledger::Relay relay(ledger.get(), bus->get(),
                      {ledger::kTopic, "fosterwatch.directory.v1", "/fosterwatch/directory", 20});
  int facts = 0;
  std::vector<std::string> ids;
  // A fact may leave once every transaction that began before it has ended, of whatever else runs
  // on the server, too; until then there is nothing to publish.
  const auto publish = [&] {
    return AwaitTrue(
        [&] {
          const auto sent = relay.PublishBatch();
          return sent.ok() && *sent == 0 && relay.oldest_unsent_seconds() == 0;
        },
        absl::Seconds(60));
  };
  for (int outage = 0; outage < (Full() ? 10 : 2); ++outage) {
    kafka.SetDown();
    for (int i = 0; i < 50; ++i) {
      ASSERT_THAT(ledger->SubmitAndWait(ledger::UnitOf(ledger::CountUp("h"))), IsOk());
      ++facts;
    }
    ASSERT_TRUE(AwaitTrue([&] { return absl::IsUnavailable(relay.PublishBatch().status()); },
                          absl::Seconds(60)));
    for (int attempt = 0; attempt < 3; ++attempt) {
      EXPECT_THAT(relay.PublishBatch(), StatusIs(absl::StatusCode::kUnavailable));
    }
    EXPECT_GT(relay.oldest_unsent_seconds(), 1) << "the sign that a watchdog looks at";
    kafka.SetUp();
    ASSERT_TRUE(publish());
  }
  std::set<std::string> seen;
  std::vector<int> order;
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto polled = (*subscription)->Poll(1000, absl::Milliseconds(100));
        if (!polled.ok()) return false;
        for (const Record& record : *polled) {
          if (!seen.insert(bus::HeaderOf(record, "ce_id")).second) continue;
          order.push_back(std::stoi(bus::HeaderOf(record, "ce_sequence")));
        }
        return static_cast<int>(seen.size()) == facts;
      },
      absl::Seconds(60)))
      << seen.size() << " of " << facts;
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// --- B8
// -------------------------------------------------------------------------------------------

TEST(FatalProducerTest, IsMadeAnewSaysSoOnceAndGoesOn) {
  Line line;
  line.Subscribe();
  line.GetOn();
  int times = 0;
  for (const rd_kafka_resp_err_t error :
       {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
    for (int round = 0; round < Scaled(2, 20); ++round) {
      line.kafka().Fail(MockKafka::kProduce, {error});
      // One record, so that none waits behind the one that fails: librdkafka may still send it, and
      // the mock keep it, where a broker refuses what does not follow (broker_test.cc).
      line.GetOn(1);
      EXPECT_EQ(line.warnings("kafka producer is made anew after a fatal error"), ++times);
      line.GetOn();
    }
  }
  EXPECT_GE(line.refused(), times);
  EXPECT_TRUE(line.InOrder());
}

}  // namespace
}  // namespace fosterwatch::faults
