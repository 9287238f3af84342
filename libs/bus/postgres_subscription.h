// A session of PostgreSQL as a Subscription. Its partitions are the ones whose advisory locks it
// holds: what it does under a lock it does on the connection that holds the lock, so a member that
// lost its partitions cannot commit for them.
#pragma once

#include <memory>
#include <string>

#include "libs/bus/bus.h"
#include "libs/bus/postgres_heads.h"

namespace fosterwatch::bus::postgres {

std::unique_ptr<Subscription> MakeSubscription(const std::string& conninfo,
                                               std::shared_ptr<Heads> heads,
                                               const SubscribeOptions& options);

// Headers as one value: each name and value after its length, four bytes, big-endian.
std::string EncodeHeaders(const Headers& headers);
absl::StatusOr<Headers> DecodeHeaders(absl::string_view bytes);

}  // namespace fosterwatch::bus::postgres
