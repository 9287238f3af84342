// What of a complaint has passed its due time undone: attention is called to it once for each time
// that it does, and taken back once it is done, falls away, is extended or its clock stands still.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// "COMPLAINT_ANSWER_OVERDUE".
std::string OverdueCode(v1::DutyKind kind);

// When the first duty is due that nobody has been alerted to.
std::optional<absl::Time> NextOverdue(const v1::Complaint& complaint);

// AttentionNeeded for each such duty that is due by now.
Facts RecordOverdue(const v1::Complaint& complaint, absl::Time now);

// AttentionSettled for what no longer needs any once `facts` are recorded; to be recorded behind
// them.
Facts RecordSettled(const v1::Complaint& complaint, const Facts& facts, absl::Time now);

}  // namespace fosterwatch::complaints::domain
