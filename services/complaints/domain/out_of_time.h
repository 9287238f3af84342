// Complaints that were received longer after what happened than their procedure takes them (SI
// 2006/1738, reg 9: 12 months). Such a complaint is recorded all the same; before it is considered
// somebody says, with a reason, whether it is taken. A declined one is not considered, but its
// record is closed as any other: regulation 18(4) asks for one of any complaint.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// FoundOutOfTime with the duty to decide, or nothing: the procedure has no limit, nobody said when
// it happened, or it came in time.
absl::StatusOr<Facts> FindOutOfTime(const std::string& complaint_id,
                                    const v1::ComplaintReport& report,
                                    const Book::Procedure& procedure, const Book::Edition& edition,
                                    const Given& given);

// FAILED_PRECONDITION: NOT_OUT_OF_TIME, DECIDED_BEFORE; INVALID_ARGUMENT: UNKNOWN_KIND, REQUIRED.
absl::StatusOr<Facts> DecideOutOfTime(const v1::Complaint& complaint,
                                      const v1::DecideOutOfTimeRequest& request, const Actor& actor,
                                      const Given& given);

bool IsUndecided(const v1::Complaint& complaint);
bool IsDeclined(const v1::Complaint& complaint);

// FAILED_PRECONDITION: OUT_OF_TIME while nobody has decided.
absl::Status CheckDecided(const v1::Complaint& complaint);
// The same, and OUT_OF_TIME_DECLINED.
absl::Status CheckTaken(const v1::Complaint& complaint);

}  // namespace fosterwatch::complaints::domain
