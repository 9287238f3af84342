// Learning from a placement that ended without a plan: such an ending opens a review of it, which
// is owned, dated by the policy and held only with its learning and what will be done. Pure
// functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// What the register of placements says of a placement with this carer.
struct EndedPlacement {
  std::string placement_id;
  std::string child_id;
  // ISO 8601 day; empty while the child lives there.
  std::string end_date;
  std::string reason_code;
  bool unplanned = false;
};

// Opens the review of an unplanned ending from the day on which the policy asks for it; one whose
// placement turns out not to have ended so, or not here, is not needed any more unless it was held.
// Nothing where nothing changes.
Facts NoteEnding(const v1::Carer& carer, const EndedPlacement& ended, const Context& context);

// Who sees to it. INVALID_ARGUMENT: INVALID_ID, NO_ROLE_HOLDER, UNKNOWN_REVIEW;
// FAILED_PRECONDITION: REVIEW_HELD, NOT_NEEDED.
absl::StatusOr<Facts> AssignEndingReview(const v1::Carer& carer,
                                         const v1::AssignEndingReviewRequest& request,
                                         const Context& context);

// It was held. Each action becomes an action of the carer. INVALID_ARGUMENT: REQUIRED (learning,
// nobody heard, neither an action nor a reason for none), BEFORE_ITS_END, the refusals of
// libs/actions and of check.h; FAILED_PRECONDITION: REVIEW_HELD, NOT_NEEDED.
absl::StatusOr<Facts> RecordEndingReview(const v1::Carer& carer,
                                         const v1::RecordEndingReviewRequest& request,
                                         const Context& context, NewId new_id);

}  // namespace fosterwatch::carers::domain
