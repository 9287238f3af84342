#include "libs/actions/actions.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::actions {

using type::v1::Action;

absl::StatusOr<Action> Add(absl::string_view action_id, absl::string_view description,
                           absl::string_view owner_id, absl::Time due, absl::Time now) {
  FieldCheck check;
  check.Require("description", description, kMaxDescription);
  check.Require("owner_id", owner_id, kMaxDescription);
  if (due == absl::InfinitePast()) {
    check.Refuse("due_time", "REQUIRED", "is required");
  } else if (due < now) {
    check.Refuse("due_time", "DUE_IN_THE_PAST", "is in the past");
  }
  RETURN_IF_ERROR(check.ToStatus());
  Action action;
  action.set_action_id(std::string(action_id));
  action.set_description(std::string(description));
  action.set_owner_id(std::string(owner_id));
  *action.mutable_due_time() = clock::ToProto(due);
  action.set_state(Action::STATE_OPEN);
  return action;
}

absl::StatusOr<Action> Close(const Action& action, bool dropped, absl::string_view evidence,
                             absl::string_view closed_by, absl::Time now) {
  if (action.state() != Action::STATE_OPEN) {
    return Error(absl::StatusCode::kFailedPrecondition, "ACTION_CLOSED",
                 "the action has been closed before");
  }
  FieldCheck check;
  check.Require("evidence", evidence, kMaxEvidence);
  RETURN_IF_ERROR(check.ToStatus());
  Action closed = action;
  closed.set_state(dropped ? Action::STATE_DROPPED : Action::STATE_DONE);
  closed.set_evidence(std::string(evidence));
  closed.set_closed_by(std::string(closed_by));
  *closed.mutable_closed_time() = clock::ToProto(now);
  return closed;
}

}  // namespace fosterwatch::actions
