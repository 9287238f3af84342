// The bus on Apache Kafka by librdkafka 2.0.2. Settings around the faults of that version are in
// the source, each with its reason.
//
// What a failed Publish may leave behind: its producer is thrown away with everything that had not
// left yet, and a request already on the wire may still be taken. That is always the first part of
// what was to be published to a partition, so publishing all again, in the same order, keeps the
// order of first appearances, which is what an inbox sees. Other calls that wait on the same
// producer at that moment fail with it, as UNAVAILABLE.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"

namespace fosterwatch::bus {

struct KafkaOptions {
  std::string brokers;                    // "127.0.0.1:9092,..."
  std::string client_id = "fosterwatch";  // at most 40 characters
  // How long Publish waits before it says UNAVAILABLE.
  absl::Duration publish_timeout = absl::Seconds(30);
  // How long the group waits for a silent member, and so for a static one that restarts.
  absl::Duration session_timeout = absl::Seconds(10);
  // Of topics that EnsureTopics makes; -1 is the broker's default.
  int replication_factor = -1;
  // The way to the brokers: security.protocol, ssl.*, sasl.* (kafka_properties.h). INVALID_ARGUMENT
  // for others, on which promises rest.
  std::vector<std::pair<std::string, std::string>> properties;
  // A file of such properties, for secrets; empty: none. Read again when brokers refuse what it
  // said before, so that a mended password or certificate needs no restart.
  std::string properties_file;
  // Called, from any thread, once when the bus goes away, when it is back, and when a producer had
  // to be made anew; runtime::LogWarning fits. No content of records is in it.
  std::function<void(const std::string& msg,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      warn;
};

// The settings of the topic in Kafka's names, in order: for whoever makes it with other tools.
std::vector<std::pair<std::string, std::string>> SettingsOf(const Topic& topic);

// Never fails because no broker answers yet: the bus then says UNAVAILABLE until one does.
// INVALID_ARGUMENT for options that librdkafka refuses; NOT_FOUND without the properties file.
absl::StatusOr<std::unique_ptr<Bus>> MakeKafkaBus(const KafkaOptions& options);

}  // namespace fosterwatch::bus
