// A report made in a hurry, out of hours: three fields are enough, every notice is owed and the
// alert climbs at once, and the clock of the law runs from awareness as ever. The text of its
// notices says that it is provisional. It is completed later (report.h: Complete), by the end of
// the next working day by the agency's policy; until then it is neither signed off nor concluded.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/reporting_policy.h"

namespace fosterwatch::notifiable_events::domain {

// Reported provisionally, and not completed yet.
bool IsProvisional(const v1::NotifiableEvent& event);

// FAILED_PRECONDITION (PROVISIONAL) where it is.
absl::Status CheckCompleted(const v1::NotifiableEvent& event);

// The whole report that those three fields make: it happened, as far as is known, when the agency
// became aware of it.
v1::EventReport ReportOf(const v1::ReportProvisionalEventRequest& request, absl::Time now);

// EventReported with its Provisional, then NoticesOwed. Refusals of Report (report.h), of the
// request's own fields: "kind", "child_id", "carer_id", "summary", "became_aware_time".
absl::StatusOr<Facts> ReportProvisionally(const v1::NotifiableEvent& event,
                                          const v1::ReportProvisionalEventRequest& request,
                                          absl::string_view event_id, const Actor& actor,
                                          const Law& law, const clock::WorkingCalendar& calendar,
                                          const v1::ReportingPolicies& policies,
                                          const Circumstances& circumstances, absl::Time now,
                                          NewId new_id);

}  // namespace fosterwatch::notifiable_events::domain
