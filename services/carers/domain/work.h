// What fulfils the duties on an approved carer: agreements, visits, checks; and the actions that
// visits find. Pure functions.
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

absl::StatusOr<Facts> IssueAgreement(const v1::Carer& carer,
                                     const v1::IssueAgreementRequest& request,
                                     const Context& context, NewId new_id);
absl::StatusOr<Facts> RecordAgreementReturned(const v1::Carer& carer,
                                              const v1::RecordAgreementReturnedRequest& request,
                                              const Context& context);
// Of an approved carer, or of one who applies: assessments visit too. An unannounced one of whom
// nobody is approved fulfils nothing.
absl::StatusOr<Facts> RecordVisit(const v1::Carer& carer, const v1::RecordVisitRequest& request,
                                  const Context& context, NewId new_id);
absl::StatusOr<Facts> RecordCheck(const v1::Carer& carer, const v1::RecordCheckRequest& request,
                                  const Context& context, NewId new_id);
absl::StatusOr<Facts> CloseAction(const v1::Carer& carer,
                                  const v1::CloseCarerActionRequest& request,
                                  const Context& context);

}  // namespace fosterwatch::carers::domain
