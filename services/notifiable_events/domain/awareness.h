// The clock of the law starts when the agency became aware (regulation 36(1), "without delay";
// National Minimum Standard 29.1), not when somebody was told that it had. Where it turns out to
// have been aware earlier, what is still owed is due earlier, with an explanation of its own.
//
// Only earlier, and only what is owed: a later awareness never gains time, and a notice that was
// given keeps the times by which it was judged. What follows from an enquiry's outcome has an
// awareness of its own and stays.
#pragma once

#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// DueTimesMoved, or nothing where no notice is due earlier for it. The limits are those of the day
// of the earlier awareness; a notice of which the law of that day knows nothing stays as it is.
Facts MoveDueTimes(const v1::NotifiableEvent& event, absl::Time became_aware, const Law& law);

}  // namespace fosterwatch::notifiable_events::domain
