// The producer against librdkafka's mock cluster, which can refuse single requests. The real broker
// is in tests/component/bus_test.cc.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/bus/kafka_bus.h"
#include "libs/testing/mock_kafka.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::bus {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::MockKafka;
using ::fosterwatch::testing::StatusIs;

class KafkaProducerTest : public ::testing::Test {
 protected:
  KafkaProducerTest() {
    kafka_.MakeTopic("t", 1);
    auto bus = MakeKafkaBus({.brokers = kafka_.brokers(), .publish_timeout = absl::Seconds(10)});
    EXPECT_THAT(bus, IsOk());
    bus_ = *std::move(bus);
  }

  std::vector<Record> Records(int count) {
    std::vector<Record> records;
    for (int i = 0; i < count; ++i) {
      records.push_back({.topic = "t", .key = "k", .value = absl::StrCat(i)});
    }
    return records;
  }

  MockKafka kafka_;
  std::unique_ptr<Bus> bus_;
};

// A broker that is about to lead a partition refuses the first request and takes the next. Were
// both on their way, librdkafka would count the first as delivered because the second was.
TEST_F(KafkaProducerTest, LosesNoRecordThatIsRefusedForTheMoment) {
  auto subscription = bus_->Subscribe({.topics = {"t"}, .live = true});
  ASSERT_THAT(subscription, IsOk());
  // Long enough that the next request is ready before the refusal is back.
  kafka_.SetRtt(absl::Milliseconds(400));
  kafka_.Fail(MockKafka::kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION},
              absl::Milliseconds(400));
  constexpr int kSeveralRequests = 30'000;  // a request holds 10,000
  ASSERT_THAT(bus_->Publish(Records(kSeveralRequests)), IsOk());
  std::vector<Record> records;
  while (records.size() < kSeveralRequests) {
    auto polled = (*subscription)->Poll(kSeveralRequests, absl::Seconds(10));
    ASSERT_THAT(polled, IsOk());
    ASSERT_FALSE(polled->empty());
    records.insert(records.end(), polled->begin(), polled->end());
  }
  for (int i = 0; i < kSeveralRequests; ++i) ASSERT_EQ(records[i].value, absl::StrCat(i));
}

TEST_F(KafkaProducerTest, SaysWhatItMayNotDoAndGoesOnAfterwards) {
  kafka_.Fail(MockKafka::kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  EXPECT_THAT(bus_->Publish(Records(10)), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(bus_->Publish(Records(10)), IsOk());
}

// What waits behind the refused request is given up, and may be reported before it.
TEST_F(KafkaProducerTest, NamesTheCauseAndNotWhatFollowedFromIt) {
  kafka_.Fail(MockKafka::kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED},
              absl::Milliseconds(100));
  EXPECT_THAT(bus_->Publish(Records(30'000)), StatusIs(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace fosterwatch::bus
