// The life of an action, something that somebody will do about a record: open, then done or
// dropped, once. Pure functions; the record's own aggregate keeps the action. National Minimum
// Standard 29.2: a written record of action taken and its outcome.
//
// Refusals name the field as in the requests: "description", "owner_id", "due_time", "evidence".
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/type/v1/action.pb.h"

namespace fosterwatch::actions {

// In Unicode characters.
inline constexpr int kMaxDescription = 2000;
inline constexpr int kMaxEvidence = 2000;

// A new, open action. INVALID_ARGUMENT, with a violation for each fault: REQUIRED (description,
// owner_id, due_time absent as absl::InfinitePast()), TEXT_TOO_LONG, DUE_IN_THE_PAST.
absl::StatusOr<type::v1::Action> Add(absl::string_view action_id, absl::string_view description,
                                     absl::string_view owner_id, absl::Time due, absl::Time now);

// The same action, done or dropped. INVALID_ARGUMENT REQUIRED without `evidence` (what shows that
// it was done; why it was dropped), TEXT_TOO_LONG; FAILED_PRECONDITION ACTION_CLOSED a second time.
absl::StatusOr<type::v1::Action> Close(const type::v1::Action& action, bool dropped,
                                       absl::string_view evidence, absl::string_view closed_by,
                                       absl::Time now);

}  // namespace fosterwatch::actions
