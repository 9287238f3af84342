#include "services/carers/domain/found_actions.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/actions/actions.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/policy.h"

namespace fosterwatch::carers::domain {

absl::StatusOr<google::protobuf::RepeatedPtrField<std::string>> AddFoundActions(
    const v1::Carer& carer, absl::string_view field,
    const google::protobuf::RepeatedPtrField<v1::RecordVisitRequest::Finding>& findings,
    const Context& context, NewId new_id, Facts& facts) {
  if (findings.size() > kMaxListed) {
    return InvalidField(field, "TOO_MANY", "has more than 50 entries");
  }
  const v1::CarerPolicy& policy = InForce(*context.policies, context.now);
  const absl::Time due =
      DueAfter(context.now, "recorded_time", Name(v1::DUTY_KIND_ACTION), policy,
               RuleOf(policy, v1::DUTY_KIND_ACTION, carer.kind()).limit(), *context.calendar)
          .due;
  google::protobuf::RepeatedPtrField<std::string> ids;
  FieldCheck check;
  for (int i = 0; i < findings.size(); ++i) {
    CheckHolder(check, absl::StrCat(field, "[", i, "].owner_id"), findings[i].owner_id(),
                context.now, context);
  }
  if (!check.ok()) return check.ToStatus();
  std::vector<Violation> violations;
  std::string reason;
  for (int i = 0; i < findings.size(); ++i) {
    auto action =
        actions::Add(new_id(), findings[i].description(), findings[i].owner_id(), due, context.now);
    if (!action.ok()) {
      if (reason.empty()) reason = ReasonOf(action.status());
      for (Violation violation : ViolationsOf(action.status())) {
        violation.field = absl::StrCat(field, "[", i, "].", violation.field);
        violations.push_back(std::move(violation));
      }
      continue;
    }
    *ids.Add() = action->action_id();
    auto* added = facts.emplace_back().mutable_action_added();
    added->set_carer_id(carer.carer_id());
    *added->mutable_action() = *std::move(action);
  }
  if (violations.empty()) return ids;
  // Before they are moved from, whatever order the arguments are worked out in.
  const std::string message = absl::StrCat(violations[0].field, ": ", violations[0].description);
  return Error(absl::StatusCode::kInvalidArgument, reason, message, std::move(violations));
}

}  // namespace fosterwatch::carers::domain
