// A consumer of librdkafka as a Subscription. Eager range assignor, explicit start offsets, no
// pause, no seek, no batch API: see kafka_subscription.cc for the reasons.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/bus/kafka_client.h"

namespace fosterwatch::bus::kafka {

std::unique_ptr<Subscription> MakeSubscription(std::shared_ptr<Producers> producers,
                                               const SubscribeOptions& options);

}  // namespace fosterwatch::bus::kafka
