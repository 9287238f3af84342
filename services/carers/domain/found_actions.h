// What was found, by a visit or a review, as actions of the carer.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// Adds an ActionAdded for each finding, due by the policy's limit of actions, and answers their
// ids. INVALID_ARGUMENT, with a violation for each fault under `field`: TOO_MANY and the refusals
// of libs/actions.
absl::StatusOr<google::protobuf::RepeatedPtrField<std::string>> AddFoundActions(
    const v1::Carer& carer, absl::string_view field,
    const google::protobuf::RepeatedPtrField<v1::RecordVisitRequest::Finding>& findings,
    const Context& context, NewId new_id, Facts& facts);

}  // namespace fosterwatch::carers::domain
