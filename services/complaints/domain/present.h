// The present stage of a complaint, with what its procedure says of it; for the rules of stages.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <google/protobuf/timestamp.pb.h>

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "libs/status/field_check.h"
#include "services/complaints/domain/procedures.h"

namespace fosterwatch::complaints::domain {

// FAILED_PRECONDITION.
absl::Status Not(absl::string_view reason, absl::string_view message);

struct Present {
  const v1::Stage& stage;
  const Book::Edition& edition;
  const Book::Procedure& procedure;
  const Book::Stage& rules;
};
// FAILED_PRECONDITION (NOT_A_COMPLAINT); INTERNAL where the book has its procedure no longer.
absl::StatusOr<Present> PresentOf(const v1::Complaint& complaint, const Book& book);

// Unanswered, and its clock runs: else ANSWERED_BEFORE, STAGE_PAUSED.
absl::Status CheckRunning(const v1::Stage& stage);

// The moment that the request states, else now; not before `start`.
std::optional<absl::Time> MomentOf(FieldCheck& check, absl::string_view field, bool present,
                                   const google::protobuf::Timestamp& timestamp, absl::Time start,
                                   absl::Time now);

// The open duty of a step; null where there is none.
const v1::Duty* OpenStep(const v1::Complaint& complaint, const v1::Stage& stage,
                         absl::string_view step_id);

// The step that is owed now: the first that is not done. Null where all are.
const Book::Step* NextStep(const Present& present);

// When what a step follows was done.
absl::Time StartOf(const Present& present, const Book::Step& step);

}  // namespace fosterwatch::complaints::domain
