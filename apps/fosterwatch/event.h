// What the commands about events share.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "apps/fosterwatch/remote.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"

namespace fosterwatch::app {

// Prints the event that a call answered with, as text for people or as JSON; the call's error
// otherwise.
absl::Status ShowEvent(const Context& context,
                       const absl::StatusOr<notifiable_events::v1::NotifiableEvent>& event);

// The duties of an event beside its notices and sign-offs, and what of it is or was overdue; empty
// where there are none.
std::string DutiesText(const notifiable_events::v1::NotifiableEvent& event);

// Takes answers to the questions of a form, "police_incident_number=4711"; of two to one question
// the later one wins. INVALID_ARGUMENT (USAGE) for what is not of that form.
absl::Status TakeAnswers(const std::vector<std::string>& answers,
                         notifiable_events::v1::EventReport& report);

}  // namespace fosterwatch::app
