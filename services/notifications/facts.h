// What the register of events publishes, as units of work of this service.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/policy.pb.h"
#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::notifications {

inline constexpr char kEventsTopic[] = "fosterwatch.notifiable-events.v1";

// The unit that a record of kEventsTopic asks for; nothing where nobody is to be told of it.
// INVALID_ARGUMENT (MALFORMED_ENVELOPE, MALFORMED_FACT) where it cannot be read. The policy
// outlives the unit.
absl::StatusOr<std::optional<ledger::Unit>> Handle(const bus::Record& record,
                                                   const v1::AlertPolicy& policy,
                                                   const std::function<absl::Time()>& now);

}  // namespace fosterwatch::notifications
