// Regulation 36(2): what was told by word of mouth is confirmed in writing. Its 14 days are
// believed and were found in no source, so they are data (law/schedule7.json), and whoever has not
// confirmed by the agency's own, much shorter limit is reminded then.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// What a notice given by telephone then brings about.
absl::StatusOr<v1::WrittenConfirmation> ConfirmationFor(const Law& law, absl::Time given,
                                                        NewId new_id);

struct Confirming {
  absl::Time time;
  type::v1::Channel channel;
  std::string reference;
};

// The fact that `by` has confirmed the notice, whose confirmation is owed.
v1::NotifiableEventFact ConfirmedInWriting(const v1::NotifiableEvent& event,
                                           const v1::Notice& notice, const std::string& by,
                                           const Confirming& confirming);

// NoticeConfirmedInWriting. NOT_FOUND (UNKNOWN_NOTICE); FAILED_PRECONDITION (NO_CONFIRMATION_OWED,
// CONFIRMED_BEFORE); INVALID_ARGUMENT for a channel that is none or no writing (NOT_IN_WRITING), a
// confirmed_time in the future or before the notice was given, a reference too long.
absl::StatusOr<Facts> ConfirmInWriting(const v1::NotifiableEvent& event,
                                       const v1::ConfirmNoticeInWritingRequest& request,
                                       const Actor& actor, absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
