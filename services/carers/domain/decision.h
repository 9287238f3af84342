// What a panel recommends and a decision maker decides, how it is told, and what is answered to it.
// A refusal, a termination and other terms are proposed first: a qualifying determination, which is
// confirmed only once it was agreed to, once its period has passed without an answer, or once the
// answer was heard. Pure functions.
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

bool IsProposal(const v1::Decision& decision);

// Not concluded, and what it is about still stands.
bool IsOpenProposal(const v1::Carer& carer, const v1::Decision& decision);
// Null where there is none.
const v1::Decision* OpenProposal(const v1::Carer& carer);

// Nobody has decided on it, and what it is about still stands.
bool AwaitsDecision(const v1::Carer& carer, const v1::Recommendation& recommendation);

absl::StatusOr<Facts> RecordRecommendation(const v1::Carer& carer,
                                           const v1::RecordRecommendationRequest& request,
                                           const Context& context, NewId new_id);
absl::StatusOr<Facts> RecordDecision(const v1::Carer& carer,
                                     const v1::RecordDecisionRequest& request,
                                     const Context& context, NewId new_id);
// Whether a review found them not suitable, or the terms not appropriate, and neither a decision
// nor other terms have answered it.
bool AwaitsAnswer(const v1::Review& review);

}  // namespace fosterwatch::carers::domain
