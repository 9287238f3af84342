// What came to be known later: an addition with who and when, beside what was said first. National
// Minimum Standard 29.2 asks for a written record of the outcome of any action or investigation,
// which may come after the event is concluded. It opens no duty, alerts nobody, and stands in the
// timeline.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "services/notifiable_events/domain/command.h"

namespace fosterwatch::notifiable_events::domain {

// EvidenceAdded, in any state of the event. INVALID_ARGUMENT: REQUIRED, TEXT_TOO_LONG.
absl::StatusOr<Facts> AddEvidence(const v1::NotifiableEvent& event,
                                  const v1::AddEvidenceRequest& request, const Actor& actor,
                                  absl::Time now, NewId new_id);

}  // namespace fosterwatch::notifiable_events::domain
