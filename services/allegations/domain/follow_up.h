// What follows the designated officer's conclusion until the allegation can be closed: the items of
// the checklist, telling the outcome, learning. The finding of 2021 was that nobody followed up
// once the officer had concluded.
//
// Each is refused outside OFFICER_CONCLUDED and AGENCY_REVIEW: FAILED_PRECONDITION (WRONG_STATE).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "libs/status/error.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/pathway.h"

namespace fosterwatch::allegations::domain {

// ChecklistItemClosed, by somebody who has these roles; refusals of libs/actions. NOT_FOUND
// (UNKNOWN_ITEM); PERMISSION_DENIED (NOT_YOURS_TO_DROP) by the policy; FAILED_PRECONDITION
// (LEARNING_NOT_RECORDED) for the item LEARNING, which RecordLearning closes, unless it is dropped.
absl::StatusOr<Facts> CloseItem(const v1::Allegation& allegation,
                                const v1::CloseChecklistItemRequest& request,
                                absl::string_view actor,
                                const std::vector<options::v1::Role>& roles,
                                const v1::PathwayPolicies& policies, absl::Time now);

// ChecklistItemAssigned, or nothing where the person owns it already. INVALID_ARGUMENT
// (NO_ROLE_HOLDER, SUBJECT_TAKES_NO_PART); FAILED_PRECONDITION (ACTION_CLOSED); NOT_FOUND
// (UNKNOWN_ITEM).
absl::StatusOr<Facts> AssignItem(const v1::Allegation& allegation,
                                 const v1::AssignChecklistItemRequest& request,
                                 const People& people, absl::Time now);

// ChecklistItemAdded. INVALID_ARGUMENT: REQUIRED, TEXT_TOO_LONG, NO_ROLE_HOLDER,
// SUBJECT_TAKES_NO_PART.
absl::StatusOr<Facts> AddItem(const v1::Allegation& allegation,
                              const v1::AddChecklistItemRequest& request, const People& people,
                              const Rules& rules, absl::Time now, NewId new_id);

// OutcomeTold. NOT_FOUND (UNKNOWN_PARTY); FAILED_PRECONDITION (TOLD_BEFORE); INVALID_ARGUMENT:
// BEFORE_CONCLUSION, REQUIRED, TEXT_TOO_LONG, NOT_WITH_NOT_TOLD.
absl::StatusOr<Facts> RecordTold(const v1::Allegation& allegation,
                                 const v1::RecordOutcomeToldRequest& request,
                                 absl::string_view actor, absl::Time now);

// LearningRecorded, the item LEARNING closed where it is open, and ChecklistItemAdded for an action
// that came of it. INVALID_ARGUMENT as AddItem.
absl::StatusOr<Facts> RecordLearning(const v1::Allegation& allegation,
                                     const v1::RecordLearningRequest& request,
                                     absl::string_view actor, const People& people,
                                     const Rules& rules, absl::Time now, NewId new_id);

// Everything of its own without which it cannot be closed; empty where nothing is missing.
std::vector<Violation> MissingForClosure(const v1::Allegation& allegation);

// AllegationClosed. FAILED_PRECONDITION: ALLEGATION_CLOSED; NOT_READY_TO_CLOSE with a violation for
// each thing that is missing, `open_events` among them where the policy asks for their conclusion:
// the linked events that are still open.
absl::StatusOr<Facts> Close(const v1::Allegation& allegation,
                            const v1::CloseAllegationRequest& request, absl::string_view actor,
                            const std::vector<std::string>& open_events,
                            const v1::PathwayPolicies& policies, absl::Time now);

}  // namespace fosterwatch::allegations::domain
