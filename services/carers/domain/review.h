// A review of approval (regulation 28) and what it looks back on. Pure functions.
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// Keeps what other registers hold, as the request says it, and adds the visits and checks since the
// review before (else the approval), up to the day of this one. FAILED_PRECONDITION (NOT_APPROVED,
// RECORD_MERGED); INVALID_ARGUMENT: the refusals of check.h, BEFORE_THE_APPROVAL,
// FIRST_REVIEW_TO_PANEL, REVIEWED_THAT_DAY; of inputs REQUIRED, SET_BY_THE_REGISTER, DUPLICATE_ID,
// TOO_MANY, INVALID_COUNT.
absl::StatusOr<Facts> RecordReview(const v1::Carer& carer, const v1::RecordReviewRequest& request,
                                   const Context& context, NewId new_id);

}  // namespace fosterwatch::carers::domain
