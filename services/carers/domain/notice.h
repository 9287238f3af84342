// How a decision is told and what is answered to it: by word of mouth and in writing; to a proposal
// one answer, once, within its days. Pure functions.
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

absl::StatusOr<Facts> GiveDecisionNotice(const v1::Carer& carer,
                                         const v1::GiveDecisionNoticeRequest& request,
                                         const Context& context);
absl::StatusOr<Facts> RecordDecisionAnswer(const v1::Carer& carer,
                                           const v1::RecordDecisionAnswerRequest& request,
                                           const Context& context);
absl::StatusOr<Facts> SendReviewPapers(const v1::Carer& carer,
                                       const v1::SendReviewPapersRequest& request,
                                       const Context& context);

}  // namespace fosterwatch::carers::domain
