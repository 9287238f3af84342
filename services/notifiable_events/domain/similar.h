// Whether a report is of an event that has been reported before. Reports look alike that are of one
// child (of one carer, where no child is named), near in time, and of kinds that may be one
// incident; what is near and which kinds those are is policy (reporting_policy.h). That they look
// alike is never taken for an answer: a person says whether the later one is the same event, which
// is then withdrawn as a repeat, or a new one.
//
// Compared with what was reported before: of two reports at the same moment neither was. So each
// is compared once more when it has been recorded (SuspectRepeat), and a person is asked then.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/reporting_policy.h"

namespace fosterwatch::notifiable_events::domain {

// Which moments are near one by the policy: [moment - span, moment + span].
absl::Duration NearSpan(const v1::ReportingPolicy& policy);

// Those that the report resembles, in their order.
std::vector<EarlierEvent> Resembled(const v1::EventReport& report,
                                    const std::vector<EarlierEvent>& earlier,
                                    const v1::ReportingPolicy& policy);

// `facts` are those of a report (the first is EventReported). A person gets FAILED_PRECONDITION
// (SIMILAR_EVENT) with a violation "similar_events[<id>]" for each event that the report resembles,
// unless `denied` names them all; then the report says so (repeats_denied_of). What a case system
// reports is never lost over it: it is recorded with possible_repeat_of and the duty to compare.
absl::StatusOr<Facts> Compare(Facts facts, const std::vector<EarlierEvent>& earlier,
                              const std::vector<std::string>& denied, const Actor& actor,
                              const v1::ReportingPolicies& policies, absl::Time now, NewId new_id);

// RepeatSuspected, where the event resembles some of `near` that nobody was asked about: not when
// it was reported, and not by the other one, which `asked_by_them` names. An open question takes
// them in too. Nothing for an event that is closed. Two that are looked at in the same instant may
// both ask.
absl::StatusOr<Facts> SuspectRepeat(const v1::NotifiableEvent& event,
                                    const std::vector<EarlierEvent>& near,
                                    const std::vector<std::string>& asked_by_them,
                                    const v1::ReportingPolicies& policies, absl::Time now,
                                    NewId new_id);

// Whether it resembles an event and nobody has decided yet.
bool IsUndecidedRepeat(const v1::NotifiableEvent& event);

// A person's answer: RepeatDecided, and for ANSWER_SAME EventWithdrawn (withdraw.h).
// FAILED_PRECONDITION: EVENT_CONCLUDED, EVENT_WITHDRAWN; NO_SUCH_QUESTION where it resembles
// nothing; DECIDED_BEFORE. INVALID_ARGUMENT: REQUIRED, NOT_RESEMBLED for another same_as_event_id
// than one of those it resembles, TEXT_TOO_LONG.
absl::StatusOr<Facts> DecideRepeat(const v1::NotifiableEvent& event,
                                   const v1::DecideRepeatRequest& request, const Actor& actor,
                                   absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
