// Action plans of KPIs that are red.
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/kpi.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = kpis::v1;

constexpr char kPlans[] = "ActionPlansService";

struct Told {
  std::string plan, action, owner, text, due, state, code, page_token, request_id;
  bool dropped = false;
};

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

void Show(const Context& context, const v1::ActionPlan& plan) {
  if (context.json) return PrintJson(plan);
  std::printf(
      "%s  %s, red since %s; %s\n", plan.plan_id().c_str(), plan.code().c_str(),
      plan.first_red_period().c_str(),
      plan.state() == v1::ActionPlan::STATE_OPEN
          ? "open"
          : absl::StrCat("ended by ", Word(v1::ActionPlan::Ending_Name(plan.ending()), "ENDING_"),
                         " ", plan.ended_period())
                .c_str());
  std::printf("Owner: %s\n\n", OrDash(plan.owner_id()).c_str());
  Table actions({"ACTION", "WHAT", "OWNER", "DUE", "STATE", "EVIDENCE"});
  for (const auto& action : plan.actions()) {
    actions.Add(
        {action.action_id(), action.description(), action.owner_id(), ShowTime(action.due_time()),
         Word(type::v1::Action::State_Name(action.state()), "STATE_"), OrDash(action.evidence())});
  }
  std::fputs(actions.empty() ? "No actions so far.\n" : actions.Text().c_str(), stdout);
  Table duties({"DUE", "WHAT", "STATE"});
  for (const auto& duty : plan.duties()) {
    duties.Add({ShowTime(duty.due_time()), duty.duty_id(),
                duty.done()             ? "done"
                : duty.attention_open() ? "overdue"
                                        : "open"});
  }
  std::printf("\n%s", duties.Text().c_str());
  for (const auto& review : plan.reviews()) {
    std::printf("\nReviewed %s by %s: %s\n", ShowTime(review.reviewed_time()).c_str(),
                review.reviewed_by().c_str(), review.note().c_str());
  }
}

template <typename Request>
absl::Status Act(const Context& context, const std::string& method, const Request& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto plan,
                   remote->Call<v1::ActionPlan>(kKpisArea, kPlans, method, request));
  Show(context, plan);
  return absl::OkStatus();
}

template <typename Request>
Request Begin(const Told& told) {
  Request request;
  request.set_request_id(RequestId(told.request_id));
  request.set_plan_id(told.plan);
  return request;
}

absl::Status List(const Context& context, const Told& told) {
  v1::ListPlansRequest request;
  request.set_page_token(told.page_token);
  request.set_code(told.code);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state,
                     ParseEnum<v1::ActionPlan::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<v1::ListPlansResponse>(kKpisArea, kPlans, "ListPlans", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"ID", "CODE", "RED SINCE", "STATE", "OWNER", "ACTIONS", "OPENED", "ENDED"});
  for (const v1::ActionPlan& plan : response.plans()) {
    table.Add({plan.plan_id(), plan.code(), plan.first_red_period(),
               Word(v1::ActionPlan::State_Name(plan.state()), "STATE_"), OrDash(plan.owner_id()),
               absl::StrCat(plan.actions_size()), ShowTime(plan.opened_time()),
               OrDash(plan.ended_period())});
  }
  std::fputs(table.empty() ? "None.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

absl::Status ShowOne(const Context& context, const Told& told) {
  v1::GetPlanRequest request;
  request.set_plan_id(told.plan);
  return Act(context, "GetPlan", request);
}

absl::Status Own(const Context& context, const Told& told) {
  auto request = Begin<v1::NamePlanOwnerRequest>(told);
  request.set_owner_id(told.owner);
  return Act(context, "NamePlanOwner", request);
}

absl::Status AddOne(const Context& context, const Told& told) {
  auto request = Begin<v1::AddActionRequest>(told);
  request.set_description(told.text);
  request.set_owner_id(told.owner);
  ASSIGN_OR_RETURN(*request.mutable_due_time(), ParseMoment(told.due, "due"));
  return Act(context, "AddAction", request);
}

absl::Status Finish(const Context& context, const Told& told) {
  auto request = Begin<v1::FinishActionRequest>(told);
  request.set_action_id(told.action);
  request.set_evidence(told.text);
  request.set_dropped(told.dropped);
  return Act(context, "FinishAction", request);
}

absl::Status Review(const Context& context, const Told& told) {
  auto request = Begin<v1::ReviewPlanRequest>(told);
  request.set_note(told.text);
  if (!told.due.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_next_review_time(), ParseMoment(told.due, "next"));
  }
  return Act(context, "ReviewPlan", request);
}

}  // namespace

void AddKpiPlans(CLI::App* kpi, Context* context) {
  CLI::App* plan = kpi->add_subcommand("plan", "What is done about KPIs that are red");
  plan->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* what,
                       absl::Status (*run)(const Context&, const Told&), bool of_plan = true) {
    CLI::App* command = plan->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    if (of_plan) {
      command->add_option("plan", told->plan, "its id, such as SC5-1")->required();
    }
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  const auto write = [&](const char* name, const char* what,
                         absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = add(name, what, run);
    command->add_option("--request-id", told->request_id, "the same for the same request [new]");
    return command;
  };
  CLI::App* list = add("list", "List plans, open ones first", List, false);
  list->add_option("--state", told->state, "open or ended [all]");
  list->add_option("--code", told->code, "of this KPI [all]");
  list->add_option("--page-token", told->page_token, "of the page before");
  add("show", "Show a plan", ShowOne);
  write("owner", "Say who answers for a plan", Own)
      ->add_option("owner", told->owner, "the person's id")
      ->required();
  CLI::App* action = write("add-action", "Add what somebody will do", AddOne);
  action->add_option("--what", told->text, "what is to be done")->required();
  action->add_option("--owner", told->owner, "the person's id")->required();
  action->add_option("--due", told->due, "until when, such as '2026-12-01 17:00'")->required();
  CLI::App* finish = write("finish", "An action is done, or dropped", Finish);
  finish->add_option("action", told->action, "the action's id")->required();
  finish->add_option("--evidence", told->text, "what shows it, or why it was dropped")->required();
  finish->add_flag("--dropped", told->dropped, "it will not be done");
  CLI::App* review = write("review", "Say how a plan stands", Review);
  review->add_option("--note", told->text, "how it stands")->required();
  review->add_option("--next", told->due, "the next review [by policy]");
}

}  // namespace fosterwatch::app
