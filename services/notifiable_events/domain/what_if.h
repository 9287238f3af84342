// What another edition of the law would have made of an event that is recorded: by the same rules
// that work out the notices of a report (notices.h).
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// Where the notices of the event would be others under `law`; no notices where none would. The
// clock of each notice starts where it started. A recipient that has notices on record keeps their
// bodies, also where the child has moved since; the bodies of one that is added are those of
// `circumstances`. The update of the regulator that a manager chose to give is not the law's.
absl::StatusOr<v1::EventDifference> DifferenceUnder(const v1::NotifiableEvent& event,
                                                    const Law& law,
                                                    const Circumstances& circumstances);

}  // namespace fosterwatch::notifiable_events::domain
