// The moment in a field of a request, checked in one way by every register.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <google/protobuf/timestamp.pb.h>

#include "libs/status/field_check.h"

namespace fosterwatch::clock {

// How far a moment may lie after `now` before it counts as in the future: the clock of whoever
// sends it and of this machine are two. It widens nothing else; no due time moves by it.
inline constexpr absl::Duration kClockSkew = absl::Seconds(60);

// 1990-01-01 in London: no record of this century's registers is older; an earlier year is a slip
// of the pen.
absl::Time EarliestTime();

// The moment; nothing, and a refusal in `check`, where it is absent (REQUIRED), out of range
// (INVALID_TIME), before EarliestTime (TOO_LONG_AGO) or later than now and the skew allow
// (IN_THE_FUTURE).
std::optional<absl::Time> CheckTime(FieldCheck& check, absl::string_view field, bool present,
                                    const google::protobuf::Timestamp& timestamp, absl::Time now);

}  // namespace fosterwatch::clock
