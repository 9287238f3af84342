// Why a duty is due when it is: trigger, rule, version, source, confidence and arithmetic, kept
// with the duty when it came about, and enough to work the due time out again
// (libs/clock/deadline.h).
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"

namespace fosterwatch::notifiable_events::domain {

// Of a notice or a sign-off of the event. NOT_FOUND (UNKNOWN_DUTY).
absl::StatusOr<type::v1::Explanation> Explain(const v1::NotifiableEvent& event,
                                              const v1::ExplainDueTimeRequest& request);

}  // namespace fosterwatch::notifiable_events::domain
