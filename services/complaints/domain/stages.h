// The way of a complaint through the stages of its procedure: acknowledged, investigated, extended,
// paused, answered, and on to the next stage. No due time is given by anybody: each follows from
// the procedure and these facts. Refusals as in complaints_service.proto; moments that a request
// states as in record.h, and BEFORE_START where they lie before what they must follow.
#pragma once

#include "absl/status/statusor.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

absl::StatusOr<Facts> Acknowledge(const v1::Complaint& complaint,
                                  const v1::AcknowledgeComplaintRequest& request,
                                  const Actor& actor, const Given& given);

absl::StatusOr<Facts> AssignInvestigator(const v1::Complaint& complaint,
                                         const v1::AssignInvestigatorRequest& request,
                                         const Actor& actor, const Given& given);

// Somebody from outside whom the present stage asks for.
absl::StatusOr<Facts> NameIndependent(const v1::Complaint& complaint,
                                      const v1::NameIndependentRequest& request, const Actor& actor,
                                      const Given& given);
absl::StatusOr<Facts> AllowInformalPart(const v1::Complaint& complaint,
                                        const v1::AllowInformalPartRequest& request,
                                        const Actor& actor, const Given& given);

absl::StatusOr<Facts> CompleteStep(const v1::Complaint& complaint,
                                   const v1::CompleteStepRequest& request, const Actor& actor,
                                   const Given& given);

absl::StatusOr<Facts> AnswerStage(const v1::Complaint& complaint,
                                  const v1::AnswerStageRequest& request, const Actor& actor,
                                  const Given& given);

absl::StatusOr<Facts> ExtendStage(const v1::Complaint& complaint,
                                  const v1::ExtendStageRequest& request, const Actor& actor,
                                  const Given& given);

absl::StatusOr<Facts> PauseStage(const v1::Complaint& complaint,
                                 const v1::PauseStageRequest& request, const Actor& actor,
                                 const Given& given);

absl::StatusOr<Facts> ResumeStage(const v1::Complaint& complaint,
                                  const v1::ResumeStageRequest& request, const Actor& actor,
                                  const Given& given);

absl::StatusOr<Facts> StartNextStage(const v1::Complaint& complaint,
                                     const v1::StartNextStageRequest& request, const Actor& actor,
                                     const Given& given);

}  // namespace fosterwatch::complaints::domain
