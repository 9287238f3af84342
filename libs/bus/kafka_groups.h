// Groups as anybody may look at them, by Kafka's admin calls: positions, members, other places.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/bus/kafka_client.h"

namespace fosterwatch::bus::kafka {

// As Bus has them. UNAVAILABLE where Kafka does not answer until `deadline`.
absl::StatusOr<std::vector<std::string>> ListGroups(Producer& producer, absl::Time deadline);
absl::StatusOr<std::vector<GroupPosition>> ListPositions(Producer& producer,
                                                         const std::string& group,
                                                         const std::vector<std::string>& topics,
                                                         absl::Time deadline);
absl::Status AlterPositions(Producer& producer, const std::string& group,
                            const std::vector<GroupPosition>& positions, absl::Time deadline);

// Whether the group has a member of that stable name now.
absl::StatusOr<bool> HasMember(Producer& producer, const std::string& group,
                               const std::string& member, absl::Time deadline);

}  // namespace fosterwatch::bus::kafka
