// What the decisions of this area check in the same way.
#pragma once

#include "absl/status/status.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "libs/clock/check_time.h"

namespace fosterwatch::notifiable_events::domain {

using clock::CheckTime;
using clock::EarliestTime;

// FAILED_PRECONDITION (EVENT_CONCLUDED, EVENT_WITHDRAWN) where the event has ended.
absl::Status CheckOpen(const v1::NotifiableEvent& event);

}  // namespace fosterwatch::notifiable_events::domain
