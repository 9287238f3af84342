// Groups of a PostgresBus as anybody may look at them. As Bus has them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/pg/connection.h"

namespace fosterwatch::bus::postgres {

absl::StatusOr<std::vector<std::string>> ListGroups(pg::Connection& connection);
absl::StatusOr<std::vector<GroupPosition>> ListPositions(pg::Connection& connection,
                                                         const std::string& group,
                                                         const std::vector<std::string>& topics);
absl::Status AlterPositions(pg::Connection& connection, const std::string& group,
                            const std::vector<GroupPosition>& positions);

// What the one member of a group that reads a partition has locked while it does.
std::string PartitionLock(const std::string& group, const std::string& topic, int32_t partition);

}  // namespace fosterwatch::bus::postgres
