#include "services/notifiable_events/domain/check.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "services/notifiable_events/domain/command.h"

namespace fosterwatch::notifiable_events::domain {

absl::Time EarliestTime() { return absl::FromCivil(absl::CivilDay(1990, 1, 1), clock::London()); }

std::optional<absl::Time> CheckTime(FieldCheck& check, absl::string_view field, bool present,
                                    const google::protobuf::Timestamp& timestamp, absl::Time now) {
  if (!present) {
    check.Refuse(field, "REQUIRED", "is required");
    return std::nullopt;
  }
  if (!clock::IsValid(timestamp)) {
    check.Refuse(field, "INVALID_TIME", "is no moment between the years 1 and 9999");
    return std::nullopt;
  }
  const absl::Time time = clock::FromProto(timestamp);
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

absl::Status CheckOpen(const v1::NotifiableEvent& event) {
  if (event.state() == v1::NotifiableEvent::STATE_OPEN) return absl::OkStatus();
  if (event.state() == v1::NotifiableEvent::STATE_WITHDRAWN) {
    return Error(absl::StatusCode::kFailedPrecondition, "EVENT_WITHDRAWN",
                 "the event has been withdrawn");
  }
  return Error(absl::StatusCode::kFailedPrecondition, "EVENT_CONCLUDED",
               "the event has been concluded");
}

}  // namespace fosterwatch::notifiable_events::domain
