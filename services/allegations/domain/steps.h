// The steps of the pathway, from the referral to the agency's review, and back when it is reopened:
//
//   RECEIVED > REFERRED > STRATEGY > INVESTIGATION > OFFICER_CONCLUDED > AGENCY_REVIEW > CLOSED
//
// The designated officer decides how far it goes: the meeting, the investigation or both may be
// left out. Each step ends the duty of the state before and opens that of the next.
// FAILED_PRECONDITION (WRONG_STATE) where the pathway has not come to the step or is past it.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/pathway.h"

namespace fosterwatch::allegations::domain {

// WRONG_STATE unless the allegation is in one of the states.
absl::Status CheckState(const v1::Allegation& allegation,
                        std::initializer_list<v1::Allegation::State> states);

// AllegationReferred. INVALID_ARGUMENT: REQUIRED, TEXT_TOO_LONG, UNKNOWN_BODY where `body_known` is
// false for a body that is named, BEFORE_AWARENESS, LATE_REASON_REQUIRED after the due time.
absl::StatusOr<Facts> Refer(const v1::Allegation& allegation,
                            const v1::ReferAllegationRequest& request, absl::string_view actor,
                            bool body_known, const Rules& rules, absl::Time now, NewId new_id);

// StrategyMeetingHeld. INVALID_ARGUMENT: BEFORE_REFERRAL.
absl::StatusOr<Facts> RecordStrategyMeeting(const v1::Allegation& allegation,
                                            const v1::RecordStrategyMeetingRequest& request,
                                            absl::string_view actor, const Rules& rules,
                                            absl::Time now, NewId new_id);

// InvestigationStarted. INVALID_ARGUMENT: BEFORE_AWARENESS, DUPLICATE.
absl::StatusOr<Facts> StartInvestigation(const v1::Allegation& allegation,
                                         const v1::StartInvestigationRequest& request,
                                         absl::string_view actor, const Rules& rules,
                                         absl::Time now, NewId new_id);

// OfficerConcluded and ChecklistOpened. FAILED_PRECONDITION (SUBJECT_UNKNOWN) while nobody has said
// whom it is about; INVALID_ARGUMENT: BEFORE_REFERRAL, and BEFORE_REOPENING where it was reopened.
absl::StatusOr<Facts> RecordOfficerConclusion(const v1::Allegation& allegation,
                                              const v1::RecordOfficerConclusionRequest& request,
                                              absl::string_view actor, const People& people,
                                              const Rules& rules, absl::Time now, NewId new_id);

// AgencyReviewStarted.
absl::StatusOr<Facts> StartAgencyReview(const v1::Allegation& allegation, absl::string_view actor,
                                        const Rules& rules, absl::Time now, NewId new_id);

// AllegationReopened. FAILED_PRECONDITION (NOT_CLOSED).
absl::StatusOr<Facts> Reopen(const v1::Allegation& allegation,
                             const v1::ReopenAllegationRequest& request, absl::string_view actor,
                             const Rules& rules, absl::Time now, NewId new_id);

}  // namespace fosterwatch::allegations::domain
