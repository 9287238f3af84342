// Reads a topic of Kafka from its beginning to its end, for who looks at it and is no consumer:
// without a group, so that nothing is committed and nobody's place moves.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/bus/kafka_bus.h"

namespace fosterwatch::bus {

// Hands over every record that is in the topic when it begins, each partition in its order, and
// committed ones only. UNAVAILABLE where no broker answers or nothing comes for `patience`, and for
// a topic that is not there; PERMISSION_DENIED without the right to read it. Blocks; any thread.
absl::Status ReadKafkaTopic(const KafkaOptions& options, const std::string& topic,
                            absl::Duration patience, const std::function<void(Record)>& take);

}  // namespace fosterwatch::bus
