#include "services/notifiable_events/domain/check.h"

#include "libs/status/error.h"

namespace fosterwatch::notifiable_events::domain {

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
