#include "libs/clock/check_time.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::clock {

absl::Time EarliestTime() { return absl::FromCivil(absl::CivilDay(1990, 1, 1), London()); }

std::optional<absl::Time> CheckTime(FieldCheck& check, absl::string_view field, bool present,
                                    const google::protobuf::Timestamp& timestamp, absl::Time now) {
  if (!present) {
    check.Refuse(field, "REQUIRED", "is required");
    return std::nullopt;
  }
  if (!IsValid(timestamp)) {
    check.Refuse(field, "INVALID_TIME", "is no moment between the years 1 and 9999");
    return std::nullopt;
  }
  const absl::Time time = FromProto(timestamp);
  if (time < EarliestTime()) {
    check.Refuse(field, "TOO_LONG_AGO", "is before 1990");
    return std::nullopt;
  }
  if (time > now + kClockSkew) {
    check.Refuse(field, "IN_THE_FUTURE", "is in the future");
    return std::nullopt;
  }
  return time;
}

}  // namespace fosterwatch::clock
