// Who supervises a household, and who opened it in an emergency: from both follows who, of those
// who do not see all households, may see this one. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/carers/v1/supervision.pb.h"
#include "fosterwatch/type/v1/caseload.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// Nothing where it is so already. INVALID_ARGUMENT: INVALID_ID, NO_ROLE_HOLDER, the refusals of
// check.h; FAILED_PRECONDITION: RECORD_MERGED, TOO_MANY.
absl::StatusOr<Facts> AssignSupervisor(const v1::Carer& carer,
                                       const v1::AssignSupervisorRequest& request,
                                       const Context& context, NewId new_id);

// For whoever asks. INVALID_ARGUMENT: REQUIRED, TEXT_TOO_LONG; FAILED_PRECONDITION: OPEN_ALREADY
// where they may see the household now, RECORD_MERGED, TOO_MANY.
absl::StatusOr<Facts> OpenInEmergency(const v1::Carer& carer,
                                      const v1::OpenInEmergencyRequest& request,
                                      const Context& context, NewId new_id);

// INVALID_ARGUMENT: UNKNOWN_EMERGENCY, REQUIRED, TEXT_TOO_LONG; PERMISSION_DENIED (OWN_EMERGENCY);
// FAILED_PRECONDITION (REVIEWED_BEFORE).
absl::StatusOr<Facts> ReviewEmergency(const v1::Carer& carer,
                                      const v1::ReviewEmergencyRequest& request,
                                      const Context& context);

// Who supervises the household on an ISO 8601 day; "" where nobody does.
std::string SupervisorOn(const v1::Carer& carer, absl::string_view day);

// All grants that the record makes, in its order: one for each supervision that names somebody,
// over from the moment at which another takes its place, and one for each emergency.
std::vector<type::v1::CaseloadGrant> CaseloadOf(const v1::Carer& carer);

// The attention that is open until a manager has looked at it.
std::string AttentionOf(const v1::Carer& carer, const v1::EmergencyAccess& emergency);

}  // namespace fosterwatch::carers::domain
