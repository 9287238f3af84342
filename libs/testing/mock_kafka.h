// librdkafka's mock cluster: brokers of this process that speak Kafka's protocol on loopback and
// fail as a test tells them to. In memory, at most 5 MiB or 100,000 batches a partition; checks no
// sequence numbers, makes no topics by the admin call, and its groups wait 3 s for their first
// members. What needs more is a matter of the real broker (broker.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
// clang-format off: the second wants the first before it
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
// clang-format on

namespace fosterwatch::testing {

class MockKafka {
 public:
  // Numbers of requests in Kafka's protocol.
  enum Request : int16_t {
    kProduce = 0,
    kFetch = 1,
    kOffsetCommit = 8,
    kOffsetFetch = 9,
    kFindCoordinator = 10,
    kJoinGroup = 11,
    kHeartbeat = 12,
    kSyncGroup = 14,
    kInitProducerId = 22,
  };

  explicit MockKafka(int brokers = 1);
  ~MockKafka();
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  // Bootstrap servers.
  std::string brokers() const;
  void MakeTopic(const std::string& name, int partitions);

  // The first broker answers the next requests of this kind with these errors, in order;
  // RD_KAFKA_RESP_ERR__TRANSPORT closes the connection instead. An answer is late by `rtt`.
  void Fail(Request request, const std::vector<rd_kafka_resp_err_t>& errors,
            absl::Duration rtt = absl::ZeroDuration());
  // How many of them nobody has met yet.
  int Unmet(Request request) const;
  // The metadata of a topic says this error, until it is set to RD_KAFKA_RESP_ERR_NO_ERROR.
  void FailTopic(const std::string& topic, rd_kafka_resp_err_t error);

  // All brokers: gone, with their connections, and back; answers late.
  void SetDown();
  void SetUp();
  void SetRtt(absl::Duration rtt);
  // From 1 on.
  void MoveLeader(const std::string& topic, int partition, int broker);
  void MoveCoordinator(const std::string& group, int broker);

 private:
  const int count_;
  rd_kafka_t* client_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace fosterwatch::testing
