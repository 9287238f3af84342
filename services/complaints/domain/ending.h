// What a complaint needs to end, and how it ends: closed, withdrawn, reclassified as an allegation;
// and how it begins again. Regulation 18(4): the complaint, the action taken in response to it and
// the outcome of the investigation are written down; without one of them nothing is closed.
#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "libs/status/error.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

absl::StatusOr<Facts> AddPoint(const v1::Complaint& complaint, const v1::AddPointRequest& request,
                               const Actor& actor, const Given& given);
absl::StatusOr<Facts> DecidePoint(const v1::Complaint& complaint,
                                  const v1::DecidePointRequest& request, const Actor& actor,
                                  const Given& given);
absl::StatusOr<Facts> RecordActionTaken(const v1::Complaint& complaint,
                                        const v1::RecordActionTakenRequest& request,
                                        const Actor& actor, const Given& given);

// All that is missing for closing, each by its name: "report", "points[<id>]", "action_taken",
// "outcome", "answer", "out_of_time", "event_proposal", "seriousness". Of what was out of time and
// declined no answer is asked.
std::vector<Violation> MissingForClosing(const v1::Complaint& complaint,
                                         const v1::CloseComplaintRequest& request);
absl::StatusOr<Facts> Close(const v1::Complaint& complaint,
                            const v1::CloseComplaintRequest& request, const Actor& actor,
                            const Given& given);
// PERMISSION_DENIED (MANAGER_WITHDRAWS): one that is anonymous, serious or discloses harm is
// withdrawn by a manager, and with what regulation 18(4) asks for: FAILED_PRECONDITION
// (NOT_READY_TO_WITHDRAW) names "report", "action_taken" and "event_proposal" where they are
// missing.
absl::StatusOr<Facts> Withdraw(const v1::Complaint& complaint,
                               const v1::WithdrawComplaintRequest& request, const Actor& actor,
                               const Given& given);
// FAILED_PRECONDITION (NOT_ENDED). Clocks that had not run out when it ended run on as if it had
// not; where none did, the agency's own limit for what was reopened begins.
absl::StatusOr<Facts> Reopen(const v1::Complaint& complaint,
                             const v1::ReopenComplaintRequest& request, const Actor& actor,
                             const Given& given);
// INVALID_ARGUMENT (UNKNOWN_PROCEDURE, SAME_PROCEDURE). The other procedure's clocks begin at
// receipt, as its giver has waited since then.
absl::StatusOr<Facts> Reclassify(const v1::Complaint& complaint,
                                 const v1::ReclassifyComplaintRequest& request, const Actor& actor,
                                 const Given& given);

}  // namespace fosterwatch::complaints::domain
