#include "libs/testing/mock_kafka.h"

#include <stdexcept>

namespace fosterwatch::testing {
namespace {

void Check(rd_kafka_resp_err_t error, const std::string& doing) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("the mock of kafka: " + doing + ": " + rd_kafka_err2str(error));
  }
}

}  // namespace

MockKafka::MockKafka(int brokers)
    : count_(brokers),
      client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
      cluster_(client_ == nullptr ? nullptr : rd_kafka_mock_cluster_new(client_, brokers)) {
  if (cluster_ == nullptr) throw std::runtime_error("the mock of kafka cannot be made");
}

MockKafka::~MockKafka() {
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(client_);
}

std::string MockKafka::brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

void MockKafka::MakeTopic(const std::string& name, int partitions) {
  Check(rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, count_), "a topic");
}

void MockKafka::Fail(Request request, const std::vector<rd_kafka_resp_err_t>& errors,
                     absl::Duration rtt) {
  for (const rd_kafka_resp_err_t error : errors) {
    Check(rd_kafka_mock_broker_push_request_error_rtts(
              cluster_, 1, request, 1, error, static_cast<int>(absl::ToInt64Milliseconds(rtt))),
          "an error");
  }
}

int MockKafka::Unmet(Request request) const {
  size_t count = 0;
  Check(rd_kafka_mock_broker_error_stack_cnt(cluster_, 1, request, &count), "counting errors");
  return static_cast<int>(count);
}

void MockKafka::FailTopic(const std::string& topic, rd_kafka_resp_err_t error) {
  rd_kafka_mock_topic_set_error(cluster_, topic.c_str(), error);
}

void MockKafka::SetDown() {
  for (int i = 1; i <= count_; ++i) Check(rd_kafka_mock_broker_set_down(cluster_, i), "down");
}

void MockKafka::SetUp() {
  for (int i = 1; i <= count_; ++i) Check(rd_kafka_mock_broker_set_up(cluster_, i), "up");
}

void MockKafka::SetRtt(absl::Duration rtt) {
  for (int i = 1; i <= count_; ++i) {
    Check(
        rd_kafka_mock_broker_set_rtt(cluster_, i, static_cast<int>(absl::ToInt64Milliseconds(rtt))),
        "a round trip time");
  }
}

void MockKafka::MoveLeader(const std::string& topic, int partition, int broker) {
  Check(rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker), "a leader");
}

void MockKafka::MoveCoordinator(const std::string& group, int broker) {
  Check(rd_kafka_mock_coordinator_set(cluster_, "group", group.c_str(), broker), "a coordinator");
}

}  // namespace fosterwatch::testing
