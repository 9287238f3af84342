// National Minimum Standard 29.4: after an event the registered person contacts the responsible
// authority to discuss what more is to be done. A duty of its own wherever a child is concerned,
// held with the child's social worker; its limit is the agency's policy, confidence low.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// Who took part, in Unicode characters.
inline constexpr int kMaxDiscussedWith = 200;

// To be held, for an event that names a child.
absl::StatusOr<v1::Discussion> DiscussionFor(const Law& law, absl::Time recorded, NewId new_id);

// DiscussionHeld. FAILED_PRECONDITION: NO_DISCUSSION_OWED, DISCUSSED_BEFORE, EVENT_CONCLUDED.
// INVALID_ARGUMENT: REQUIRED ("discussed_time", "discussed_with", "agreed"), TEXT_TOO_LONG, a
// discussed_time in the future or before the agency became aware (BEFORE_AWARENESS).
absl::StatusOr<Facts> RecordDiscussion(const v1::NotifiableEvent& event,
                                       const v1::RecordDiscussionRequest& request,
                                       const Actor& actor, absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
