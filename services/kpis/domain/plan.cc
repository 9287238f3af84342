#include "services/kpis/domain/plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/actions/actions.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::ActionPlan;
using v1::ActionPlanFile;
using Duty = ActionPlan::Duty;

constexpr int kMaxName = 200;
constexpr char kSetOut[] = "set-out";

bool IsOpen(const ActionPlan& plan) { return plan.state() == ActionPlan::STATE_OPEN; }

bool IsSetOut(const ActionPlan& plan) { return plan.has_set_out_time(); }

// Of one time that attention is called to a duty, or to the plan's being red.
std::string AttentionId(const ActionPlan& plan, absl::string_view what, int time) {
  return absl::StrCat(plan.plan_id(), ".", what, ".", time);
}

Duty MakeDuty(absl::string_view duty_id, Duty::Kind kind, const DueTime& due) {
  Duty duty;
  duty.set_duty_id(std::string(duty_id));
  duty.set_kind(kind);
  *duty.mutable_due_time() = clock::ToProto(due.due);
  *duty.mutable_explanation() = due.explanation;
  return duty;
}

Duty NextReview(const ActionPlan& plan, absl::string_view trigger, const Given& given) {
  int reviews = 0;
  for (const Duty& duty : plan.duties()) reviews += duty.kind() == Duty::KIND_REVIEW ? 1 : 0;
  const v1::KpiPolicy& policy = InForce(given.policies, given.now);
  return MakeDuty(
      absl::StrCat("review-", reviews + 1), Duty::KIND_REVIEW,
      DueAfter(given.now, trigger, "PLAN_REVIEW", policy, policy.review(), given.calendar));
}

void CallAttention(const ActionPlan& plan, absl::string_view what, int time, absl::string_view code,
                   Facts& facts) {
  auto& needed = *facts.emplace_back().mutable_attention_needed();
  needed.set_attention_id(AttentionId(plan, what, time));
  needed.set_code(std::string(code));
  needed.set_subject_id(plan.code());
}

// AttentionSettled for what no longer needs any once `facts` are recorded, behind them.
Facts WithSettled(const ActionPlanFile& file, Facts facts) {
  ActionPlanFile after = file;
  for (const v1::KpiFact& fact : facts) Evolve(after, fact);
  const auto settle = [&](const ActionPlan& plan, absl::string_view what, int time) {
    auto& settled = *facts.emplace_back().mutable_attention_settled();
    settled.set_attention_id(AttentionId(plan, what, time));
    settled.set_subject_id(plan.code());
  };
  for (const ActionPlan& plan : after.plans()) {
    if (plan.attention_open() && (!IsOpen(plan) || IsSetOut(plan))) {
      settle(plan, kRedAttention, plan.attentions());
    }
    for (const Duty& duty : plan.duties()) {
      if (duty.attention_open() && (!IsOpen(plan) || duty.done())) {
        settle(plan, duty.duty_id(), duty.attentions());
      }
    }
  }
  return facts;
}

// From its first red month to the green one that ended it.
struct Episode {
  absl::CivilMonth begin;
  std::optional<absl::CivilMonth> end;
};

// `before` is the first red month of an open plan: one from before the first month goes on into it.
std::vector<Episode> EpisodesOf(const std::vector<MonthStanding>& months,
                                std::optional<absl::CivilMonth> before) {
  std::vector<Episode> episodes;
  if (before && *before < months.front().month) episodes.push_back({*before, std::nullopt});
  for (const MonthStanding& each : months) {
    const bool open = !episodes.empty() && !episodes.back().end;
    if (!open && each.status == v1::STATUS_RED) episodes.push_back({each.month, std::nullopt});
    if (open && each.status == v1::STATUS_GREEN && each.over) episodes.back().end = each.month;
  }
  return episodes;
}

void End(const ActionPlan& plan, ActionPlan::Ending ending, absl::CivilMonth month,
         const Given& given, Facts& facts) {
  auto& ended = *facts.emplace_back().mutable_red_ended();
  ended.set_plan_id(plan.plan_id());
  ended.set_ending(ending);
  ended.set_period(MonthText(month));
  *ended.mutable_ended_time() = clock::ToProto(given.now);
}

void Open(int number, absl::string_view code, absl::string_view definition_version,
          const std::vector<MonthStanding>& months, const Episode& episode, const Given& given,
          Facts& facts) {
  ActionPlan plan;
  plan.set_plan_id(absl::StrCat(code, "-", number));
  plan.set_code(std::string(code));
  plan.set_number(number);
  plan.set_first_red_period(MonthText(episode.begin));
  plan.set_definition_version(std::string(definition_version));
  *plan.mutable_opened_time() = clock::ToProto(given.now);
  plan.set_state(ActionPlan::STATE_OPEN);
  for (const MonthStanding& each : months) {
    if (each.month > episode.begin || episode.begin - each.month > 2) continue;
    v1::JudgedMonth& judged = *plan.add_months();
    judged.set_period(MonthText(each.month));
    judged.set_status(each.status);
    if (each.value) judged.set_value(*each.value);
    if (each.target) judged.set_target(*each.target);
  }
  const v1::KpiPolicy& policy = InForce(given.policies, given.now);
  *plan.add_duties() = MakeDuty(
      kSetOut, Duty::KIND_SET_OUT,
      DueAfter(given.now, "opened_time", "PLAN_SET_OUT", policy, policy.set_out(), given.calendar));
  *plan.add_duties() = NextReview(plan, "opened_time", given);
  *facts.emplace_back().mutable_red_began()->mutable_plan() = plan;
  CallAttention(plan, kRedAttention, 1, "KPI_RED", facts);
}

void Resume(const ActionPlan& plan, const Episode& episode, const Given& given, Facts& facts) {
  auto& resumed = *facts.emplace_back().mutable_red_resumed();
  resumed.set_plan_id(plan.plan_id());
  resumed.set_period(MonthText(episode.begin));
  *resumed.mutable_resumed_time() = clock::ToProto(given.now);
  *resumed.mutable_review() = NextReview(plan, "resumed_time", given);
  if (!IsSetOut(plan)) CallAttention(plan, kRedAttention, plan.attentions() + 1, "KPI_RED", facts);
}

absl::Status NoSuchPlan() {
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such plan",
               {{"plan_id", "names no action plan of this agency"}});
}

absl::StatusOr<const ActionPlan*> OpenPlan(const ActionPlanFile& file, const std::string& plan_id) {
  const ActionPlan* plan = FindPlan(file, plan_id);
  if (plan == nullptr) return NoSuchPlan();
  if (!IsOpen(*plan)) {
    return Error(absl::StatusCode::kFailedPrecondition, "PLAN_ENDED", "the plan has ended");
  }
  return plan;
}

}  // namespace

Facts Judge(const ActionPlanFile& file, absl::string_view code,
            absl::string_view definition_version, const std::vector<MonthStanding>& months,
            const Given& given) {
  Facts facts;
  if (months.empty()) return facts;
  const ActionPlan* last = file.plans().empty() ? nullptr : &file.plans(file.plans_size() - 1);
  std::optional<absl::CivilMonth> open_since;
  if (last != nullptr && IsOpen(*last)) open_since = MonthOf(last->first_red_period());
  const std::vector<Episode> episodes = EpisodesOf(months, open_since);
  const Episode* now_open = !episodes.empty() && !episodes.back().end ? &episodes.back() : nullptr;
  // The month until which the last plan is known to have done its work.
  std::optional<absl::CivilMonth> last_end;
  if (last != nullptr && !IsOpen(*last)) last_end = MonthOf(last->ended_period());
  if (last != nullptr && IsOpen(*last)) {
    const auto its = std::find_if(episodes.begin(), episodes.end(), [&](const Episode& each) {
      return !each.end || !open_since || *each.end >= *open_since;
    });
    if (its == episodes.end()) {
      End(*last, ActionPlan::ENDING_NEVER_RED, months.back().month, given, facts);
    } else if (its->end) {
      End(*last, ActionPlan::ENDING_GREEN_MONTH, *its->end, given, facts);
      last_end = its->end;
    } else {
      return facts;
    }
    if (its == episodes.end()) return WithSettled(file, std::move(facts));
  }
  if (now_open != nullptr) {
    if (last_end && *last_end >= now_open->begin) {
      Resume(*last, *now_open, given, facts);
    } else {
      Open(file.plans_size() + 1, code, definition_version, months, *now_open, given, facts);
    }
  }
  return WithSettled(file, std::move(facts));
}

absl::StatusOr<Facts> NameOwner(const ActionPlanFile& file, const v1::NamePlanOwnerRequest& request,
                                absl::string_view person_id, const Given& given) {
  FieldCheck check;
  check.Require("owner_id", request.owner_id(), kMaxName);
  RETURN_IF_ERROR(check.ToStatus());
  ASSIGN_OR_RETURN(const ActionPlan* plan, OpenPlan(file, request.plan_id()));
  if (plan->owner_id() == request.owner_id()) return Facts{};
  Facts facts(1);
  auto& named = *facts[0].mutable_plan_owner_named();
  named.set_plan_id(plan->plan_id());
  named.set_owner_id(request.owner_id());
  named.set_named_by(std::string(person_id));
  *named.mutable_named_time() = clock::ToProto(given.now);
  return WithSettled(file, std::move(facts));
}

absl::StatusOr<Facts> AddAction(const ActionPlanFile& file, const v1::AddActionRequest& request,
                                absl::string_view action_id, const Given& given) {
  if (request.has_due_time() && !clock::IsValid(request.due_time())) {
    return InvalidField("due_time", "INVALID_TIME", "is no moment");
  }
  ASSIGN_OR_RETURN(const type::v1::Action action,
                   actions::Add(action_id, request.description(), request.owner_id(),
                                request.has_due_time() ? clock::FromProto(request.due_time())
                                                       : absl::InfinitePast(),
                                given.now));
  ASSIGN_OR_RETURN(const ActionPlan* plan, OpenPlan(file, request.plan_id()));
  Facts facts(1);
  auto& added = *facts[0].mutable_plan_action_added();
  added.set_plan_id(plan->plan_id());
  *added.mutable_action() = action;
  *added.mutable_added_time() = clock::ToProto(given.now);
  return WithSettled(file, std::move(facts));
}

absl::StatusOr<Facts> FinishAction(const ActionPlanFile& file,
                                   const v1::FinishActionRequest& request,
                                   absl::string_view person_id, const Given& given) {
  const ActionPlan* plan = FindPlan(file, request.plan_id());
  if (plan == nullptr) return NoSuchPlan();
  const auto action =
      std::find_if(plan->actions().begin(), plan->actions().end(),
                   [&](const auto& each) { return each.action_id() == request.action_id(); });
  if (action == plan->actions().end()) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such action",
                 {{"action_id", "names no action of this plan"}});
  }
  ASSIGN_OR_RETURN(
      type::v1::Action closed,
      actions::Close(*action, request.dropped(), request.evidence(), person_id, given.now));
  Facts facts(1);
  facts[0].mutable_plan_action_closed()->set_plan_id(plan->plan_id());
  *facts[0].mutable_plan_action_closed()->mutable_action() = std::move(closed);
  return WithSettled(file, std::move(facts));
}

absl::StatusOr<Facts> Review(const ActionPlanFile& file, const v1::ReviewPlanRequest& request,
                             absl::string_view review_id, absl::string_view person_id,
                             const Given& given) {
  FieldCheck check;
  check.Require("note", request.note(), kMaxReason);
  if (request.has_next_review_time()) {
    if (!clock::IsValid(request.next_review_time())) {
      check.Refuse("next_review_time", "INVALID_TIME", "is no moment");
    } else if (clock::FromProto(request.next_review_time()) <= given.now) {
      check.Refuse("next_review_time", "DUE_IN_THE_PAST", "is not after now");
    }
  }
  RETURN_IF_ERROR(check.ToStatus());
  ASSIGN_OR_RETURN(const ActionPlan* plan, OpenPlan(file, request.plan_id()));
  Facts facts(1);
  auto& reviewed = *facts[0].mutable_plan_reviewed();
  reviewed.set_plan_id(plan->plan_id());
  auto& review = *reviewed.mutable_review();
  review.set_review_id(std::string(review_id));
  *review.mutable_reviewed_time() = clock::ToProto(given.now);
  review.set_reviewed_by(std::string(person_id));
  review.set_note(request.note());
  *reviewed.mutable_next_review() = NextReview(*plan, "reviewed_time", given);
  if (request.has_next_review_time()) {
    // A person has set it.
    reviewed.mutable_next_review()->clear_explanation();
    *reviewed.mutable_next_review()->mutable_due_time() = request.next_review_time();
  }
  return WithSettled(file, std::move(facts));
}

std::optional<absl::Time> NextOverdue(const ActionPlanFile& file) {
  std::optional<absl::Time> next;
  for (const ActionPlan& plan : file.plans()) {
    if (!IsOpen(plan)) continue;
    for (const Duty& duty : plan.duties()) {
      if (duty.done() || duty.attention_open()) continue;
      const absl::Time due = clock::FromProto(duty.due_time());
      if (!next || due < *next) next = due;
    }
  }
  return next;
}

Facts RecordOverdue(const ActionPlanFile& file, absl::Time now) {
  Facts facts;
  for (const ActionPlan& plan : file.plans()) {
    if (!IsOpen(plan)) continue;
    for (const Duty& duty : plan.duties()) {
      if (duty.done() || duty.attention_open() || now < clock::FromProto(duty.due_time())) continue;
      const bool set_out = duty.kind() == Duty::KIND_SET_OUT;
      CallAttention(plan, duty.duty_id(), duty.attentions() + 1,
                    set_out                            ? "ACTION_PLAN_NOT_SET_OUT"
                    : duty.kind() == Duty::KIND_REVIEW ? "ACTION_PLAN_REVIEW_OVERDUE"
                                                       : "ACTION_PLAN_ACTION_OVERDUE",
                    facts);
      *facts.back().mutable_attention_needed()->mutable_due_time() = duty.due_time();
      // What the agency has set itself waits for the day's digest; that nobody has taken a red KPI
      // in hand does not.
      facts.back().mutable_attention_needed()->set_in_digest(!set_out);
    }
  }
  return facts;
}

const ActionPlan* FindPlan(const ActionPlanFile& file, absl::string_view plan_id) {
  for (const ActionPlan& plan : file.plans()) {
    if (plan.plan_id() == plan_id) return &plan;
  }
  return nullptr;
}

std::string CodeOfPlan(absl::string_view plan_id) {
  const size_t dash = plan_id.rfind('-');
  int number = 0;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(plan_id.substr(dash + 1), &number)) {
    return "";
  }
  return std::string(plan_id.substr(0, dash));
}

}  // namespace fosterwatch::kpis::domain
