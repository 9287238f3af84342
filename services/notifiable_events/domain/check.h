// What the decisions of this area check in the same way.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <google/protobuf/timestamp.pb.h>

#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "libs/status/field_check.h"

namespace fosterwatch::notifiable_events::domain {

// No event of this century's registers is older; an earlier year is a slip of the pen.
absl::Time EarliestTime();  // 1990-01-01 in London

// The moment in a field of a request; nothing, and a refusal in `check`, where it is absent
// (REQUIRED), out of range (INVALID_TIME), before 1990 (TOO_LONG_AGO) or later than now and the
// clock skew allow (IN_THE_FUTURE).
std::optional<absl::Time> CheckTime(FieldCheck& check, absl::string_view field, bool present,
                                    const google::protobuf::Timestamp& timestamp, absl::Time now);

// FAILED_PRECONDITION (EVENT_CONCLUDED, EVENT_WITHDRAWN) where the event has ended.
absl::Status CheckOpen(const v1::NotifiableEvent& event);

}  // namespace fosterwatch::notifiable_events::domain
