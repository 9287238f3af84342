// The bus on Apache Kafka by librdkafka. Settings around the faults of version 2.0.2 are in the
// source, each with its reason.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/bus/bus.h"

namespace fosterwatch::bus {

struct KafkaOptions {
  std::string brokers;  // "127.0.0.1:9092,..."
  std::string client_id = "fosterwatch";  // at most 40 characters
  // How long Publish waits before it says UNAVAILABLE.
  absl::Duration publish_timeout = absl::Seconds(30);
  absl::Duration session_timeout = absl::Seconds(10);
};

// Never fails because no broker answers yet: the bus then says UNAVAILABLE until one does.
absl::StatusOr<std::unique_ptr<Bus>> MakeKafkaBus(const KafkaOptions& options);

}  // namespace fosterwatch::bus
