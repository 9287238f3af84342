// An application to foster, from its receipt until the panel has it: the information of Schedule 3
// in two stages that may run together, by the lists of policy. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// The edition that the application is assessed by.
const v1::CarerPolicy& PolicyOf(const v1::Application& application, const Context& context);

// What is still to be obtained of a stage (1 or 2; 0 both): "HEALTH/1", "ACCOMMODATION".
std::vector<std::string> MissingOf(const v1::Carer& carer, const v1::CarerPolicy& policy,
                                   int stage);

// FAILED_PRECONDITION (NO_APPLICATION) unless one is open.
absl::Status CheckApplies(const v1::Carer& carer);

// A household that is not in the register yet, or one that is temporarily approved.
absl::StatusOr<Facts> RecordApplication(const v1::Carer& carer,
                                        const v1::RecordApplicationRequest& request,
                                        const Context& context, NewId new_id);
absl::StatusOr<Facts> RecordInformation(const v1::Carer& carer,
                                        const v1::RecordInformationRequest& request,
                                        const Context& context);
absl::StatusOr<Facts> BeginStageTwo(const v1::Carer& carer, const v1::BeginStageTwoRequest& request,
                                    const Context& context);
absl::StatusOr<Facts> EndStageOne(const v1::Carer& carer, const v1::EndStageOneRequest& request,
                                  const Context& context);
absl::StatusOr<Facts> WithdrawApplication(const v1::Carer& carer,
                                          const v1::WithdrawApplicationRequest& request,
                                          const Context& context);

}  // namespace fosterwatch::carers::domain
