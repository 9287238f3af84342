// How the facts of a KPI make its plans.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "services/kpis/domain/plan.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::ActionPlan;
using v1::ActionPlanFile;
using Duty = ActionPlan::Duty;

void SetOutWhereWhole(ActionPlan& plan, const google::protobuf::Timestamp& time) {
  if (plan.has_set_out_time() || plan.owner_id().empty() || plan.actions().empty()) return;
  *plan.mutable_set_out_time() = time;
  for (Duty& duty : *plan.mutable_duties()) {
    if (duty.kind() == Duty::KIND_SET_OUT) duty.set_done(true);
  }
}

void ReplaceReview(ActionPlan& plan, const Duty& next) {
  for (Duty& duty : *plan.mutable_duties()) {
    if (duty.kind() == Duty::KIND_REVIEW) duty.set_done(true);
  }
  *plan.add_duties() = next;
}

// Calls `change` for the plan, or the duty, that the attention was called to.
void SetAttention(ActionPlanFile& file, const std::string& attention_id, bool open) {
  for (ActionPlan& plan : *file.mutable_plans()) {
    if (!absl::StartsWith(attention_id, absl::StrCat(plan.plan_id(), "."))) continue;
    if (absl::StartsWith(attention_id, absl::StrCat(plan.plan_id(), ".", kRedAttention, "."))) {
      plan.set_attention_open(open);
      if (open) plan.set_attentions(plan.attentions() + 1);
      return;
    }
    for (Duty& duty : *plan.mutable_duties()) {
      if (!absl::StartsWith(attention_id, absl::StrCat(plan.plan_id(), ".", duty.duty_id(), "."))) {
        continue;
      }
      duty.set_attention_open(open);
      if (open) duty.set_attentions(duty.attentions() + 1);
      return;
    }
  }
}

}  // namespace

void Evolve(ActionPlanFile& file, const v1::KpiFact& fact) {
  const auto with = [&](const std::string& plan_id, auto change) {
    for (ActionPlan& plan : *file.mutable_plans()) {
      if (plan.plan_id() == plan_id) change(plan);
    }
  };
  switch (fact.fact_case()) {
    case v1::KpiFact::kRedBegan:
      file.set_code(fact.red_began().plan().code());
      *file.add_plans() = fact.red_began().plan();
      break;
    case v1::KpiFact::kRedEnded:
      with(fact.red_ended().plan_id(), [&](ActionPlan& plan) {
        plan.set_state(ActionPlan::STATE_ENDED);
        plan.set_ending(fact.red_ended().ending());
        plan.set_ended_period(fact.red_ended().period());
        *plan.mutable_ended_time() = fact.red_ended().ended_time();
      });
      break;
    case v1::KpiFact::kRedResumed:
      with(fact.red_resumed().plan_id(), [&](ActionPlan& plan) {
        plan.set_state(ActionPlan::STATE_OPEN);
        plan.clear_ending();
        plan.clear_ended_period();
        plan.clear_ended_time();
        plan.set_resumed(plan.resumed() + 1);
        ReplaceReview(plan, fact.red_resumed().review());
      });
      break;
    case v1::KpiFact::kPlanOwnerNamed:
      with(fact.plan_owner_named().plan_id(), [&](ActionPlan& plan) {
        plan.set_owner_id(fact.plan_owner_named().owner_id());
        SetOutWhereWhole(plan, fact.plan_owner_named().named_time());
      });
      break;
    case v1::KpiFact::kPlanActionAdded:
      with(fact.plan_action_added().plan_id(), [&](ActionPlan& plan) {
        const type::v1::Action& action = fact.plan_action_added().action();
        *plan.add_actions() = action;
        Duty& duty = *plan.add_duties();
        duty.set_duty_id(absl::StrCat("action-", action.action_id()));
        duty.set_kind(Duty::KIND_ACTION);
        *duty.mutable_due_time() = action.due_time();
        SetOutWhereWhole(plan, fact.plan_action_added().added_time());
      });
      break;
    case v1::KpiFact::kPlanActionClosed:
      with(fact.plan_action_closed().plan_id(), [&](ActionPlan& plan) {
        const type::v1::Action& closed = fact.plan_action_closed().action();
        for (type::v1::Action& action : *plan.mutable_actions()) {
          if (action.action_id() == closed.action_id()) action = closed;
        }
        for (Duty& duty : *plan.mutable_duties()) {
          if (duty.duty_id() == absl::StrCat("action-", closed.action_id())) duty.set_done(true);
        }
      });
      break;
    case v1::KpiFact::kPlanReviewed:
      with(fact.plan_reviewed().plan_id(), [&](ActionPlan& plan) {
        *plan.add_reviews() = fact.plan_reviewed().review();
        ReplaceReview(plan, fact.plan_reviewed().next_review());
      });
      break;
    case v1::KpiFact::kAttentionNeeded:
      SetAttention(file, fact.attention_needed().attention_id(), true);
      break;
    case v1::KpiFact::kAttentionSettled:
      SetAttention(file, fact.attention_settled().attention_id(), false);
      break;
    default:
      break;
  }
}

}  // namespace fosterwatch::kpis::domain
