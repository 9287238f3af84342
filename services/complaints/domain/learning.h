// What is learnt from a complaint: the review that its closing opens, which closes only with
// learning and an action. What of the learning may be published names nobody.
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// INVALID_ARGUMENT (UNKNOWN_REVIEW, NAMES_SOMEBODY); FAILED_PRECONDITION (REVIEW_CLOSED).
absl::StatusOr<Facts> RecordLearning(const v1::Complaint& complaint,
                                     const v1::RecordLearningRequest& request, const Actor& actor,
                                     const Given& given);
absl::StatusOr<Facts> AddLearningAction(const v1::Complaint& complaint,
                                        const v1::AddLearningActionRequest& request,
                                        const Actor& actor, const Given& given);
// Also after the review is closed. INVALID_ARGUMENT (UNKNOWN_ACTION); the rest as libs/actions.
absl::StatusOr<Facts> CloseLearningAction(const v1::Complaint& complaint,
                                          const v1::CloseLearningActionRequest& request,
                                          const Actor& actor, const Given& given);
// FAILED_PRECONDITION (NOT_READY_TO_CLOSE) names "learning" and "actions" where they are missing.
absl::StatusOr<Facts> CloseLearningReview(const v1::Complaint& complaint,
                                          const v1::CloseLearningReviewRequest& request,
                                          const Actor& actor, const Given& given);

// Whether a text holds a name or an id of those whom the complaint is of or about: of the giver and
// of whom they speak for, of an investigator from outside, the ids, and each word that is written
// with a capital both in the text and in what the complaint says, inside a sentence of the one or
// the other. Of people whom nothing in the complaint names (others of the carer's household) this
// register knows nothing: they are found only by whoever reads the text.
bool NamesSomebody(const v1::Complaint& complaint, absl::string_view text);

}  // namespace fosterwatch::complaints::domain
