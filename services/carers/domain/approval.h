// An approval while it lasts and how it ends: temporary approval, terms, exemptions, suspension,
// reviews, resignation, death. Pure functions.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// When the approval ends by itself: by a resignation, or when the weeks of a temporary approval are
// over. Nothing where it does not.
std::optional<absl::Time> EndsByItself(const v1::Carer& carer);
// Its end, where that moment has come; else none.
Facts EndByItself(const v1::Carer& carer, const Context& context);
// The facts of an end; `last_day` is the last one of the approval.
void AddEnd(const v1::Carer& carer, const std::string& last_day, v1::EndReason reason,
            const Context& context, Facts& facts);

type::v1::Explanation ExplainTemporary(const v1::TemporaryApproval& approval,
                                       const Context& context);

absl::StatusOr<Facts> ApproveTemporarily(const v1::Carer& carer,
                                         const v1::ApproveTemporarilyRequest& request,
                                         const Context& context, NewId new_id);
absl::StatusOr<Facts> ExtendTemporaryApproval(const v1::Carer& carer,
                                              const v1::ExtendTemporaryApprovalRequest& request,
                                              const Context& context);
absl::StatusOr<Facts> ChangeTerms(const v1::Carer& carer, const v1::ChangeTermsRequest& request,
                                  const Context& context, NewId new_id);
absl::StatusOr<Facts> GrantExemption(const v1::Carer& carer,
                                     const v1::GrantExemptionRequest& request,
                                     const Context& context, NewId new_id);
absl::StatusOr<Facts> SuspendApproval(const v1::Carer& carer,
                                      const v1::SuspendApprovalRequest& request,
                                      const Context& context);
absl::StatusOr<Facts> LiftSuspension(const v1::Carer& carer,
                                     const v1::LiftSuspensionRequest& request,
                                     const Context& context);
absl::StatusOr<Facts> RecordResignation(const v1::Carer& carer,
                                        const v1::RecordResignationRequest& request,
                                        const Context& context);
absl::StatusOr<Facts> RecordDeath(const v1::Carer& carer, const v1::RecordDeathRequest& request,
                                  const Context& context);

}  // namespace fosterwatch::carers::domain
