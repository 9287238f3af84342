// Which partition a key belongs to: murmur2 as in Apache Kafka's Java clients and in librdkafka's
// `murmur2_random`, so that both buses, and producers of other languages, spread keys alike.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace fosterwatch::bus {

// org.apache.kafka.common.utils.Utils.murmur2.
uint32_t Murmur2(absl::string_view key);

// From 0 to `partitions` - 1; `partitions` is positive.
int32_t PartitionOf(absl::string_view key, int32_t partitions);

}  // namespace fosterwatch::bus
