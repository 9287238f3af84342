// decision record, agree, list, show.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using notifiable_events::v1::Decision;
using notifiable_events::v1::EventKind;

constexpr char kArea[] = "notifiable_events";
constexpr char kService[] = "DecisionService";

struct Told {
  std::string decision_id, request_id, child, carer, occurred, aware, summary, reason, comment;
  std::string state, page_token;
  std::vector<std::string> kinds;
  bool overdue = false;
  int page_size = 50;
};

std::string KindsOf(const Decision& decision) {
  return absl::StrJoin(decision.kinds(), " ", [](std::string* out, int kind) {
    absl::StrAppend(out, Word(notifiable_events::v1::EventKind_Name(static_cast<EventKind>(kind)),
                              "EVENT_KIND_"));
  });
}

std::string WordOf(Decision::State state) { return Word(Decision::State_Name(state), "STATE_"); }

absl::Status Show(const Context& context, const absl::StatusOr<Decision>& decision) {
  RETURN_IF_ERROR(decision.status());
  if (context.json) {
    PrintJson(*decision);
    return absl::OkStatus();
  }
  Table table({"DECISION", decision->decision_id()});
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.Add({name, value});
  };
  line("state", WordOf(decision->state()));
  line("kinds considered", KindsOf(*decision));
  line("child", decision->child_id());
  line("carer", decision->carer_id());
  line("occurred", ShowTime(decision->occurred_time()));
  line("became aware", ShowTime(decision->became_aware_time()));
  line("what happened", decision->summary());
  line("why not notified", decision->reason());
  line("decided", absl::StrCat(ShowTime(decision->decided_time()), " by ", decision->decided_by()));
  line("to be agreed by", ShowTime(decision->agreement_due_time()));
  if (decision->has_agreed_time()) {
    line("agreed", absl::StrCat(ShowTime(decision->agreed_time()), " by ", decision->agreed_by()));
    line("comment", decision->comment());
  }
  if (decision->has_reversed_time()) {
    line("reversed",
         absl::StrCat(ShowTime(decision->reversed_time()), " by ", decision->reversed_by()));
    line("event", decision->event_id());
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Record(const Context& context, const Told& told) {
  notifiable_events::v1::RecordDecisionRequest request;
  request.set_request_id(RequestId(told.request_id));
  for (const std::string& word : told.kinds) {
    ASSIGN_OR_RETURN(const EventKind kind, ParseEnum<EventKind>("EVENT_KIND_", word, "kind"));
    request.add_kinds(kind);
  }
  request.set_child_id(told.child);
  request.set_carer_id(told.carer);
  ASSIGN_OR_RETURN(*request.mutable_became_aware_time(),
                   ParseMoment(told.aware.empty() ? "now" : told.aware, "aware"));
  if (told.occurred.empty()) {
    *request.mutable_occurred_time() = request.became_aware_time();
  } else {
    ASSIGN_OR_RETURN(*request.mutable_occurred_time(), ParseMoment(told.occurred, "occurred"));
  }
  request.set_summary(told.summary);
  request.set_reason(told.reason);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return Show(context, remote->Call<Decision>(kArea, kService, "RecordDecision", request));
}

absl::Status Agree(const Context& context, const Told& told) {
  notifiable_events::v1::AgreeDecisionRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_decision_id(told.decision_id);
  request.set_comment(told.comment);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  return Show(context, remote->Call<Decision>(kArea, kService, "AgreeDecision", request));
}

absl::Status Get(const Context& context, const Told& told) {
  notifiable_events::v1::GetDecisionRequest request;
  request.set_decision_id(told.decision_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return Show(context, remote->Call<Decision>(kArea, kService, "GetDecision", request));
}

absl::Status List(const Context& context, const Told& told) {
  notifiable_events::v1::ListDecisionsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_child_id(told.child);
  request.set_overdue_only(told.overdue);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state, ParseEnum<Decision::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  using Response = notifiable_events::v1::ListDecisionsResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, kService, "ListDecisions", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"DECISION", "KINDS", "CHILD", "STATE", "DECIDED", "BY", "TO BE AGREED BY", "EVENT"});
  for (const Decision& decision : response.decisions()) {
    table.Add({decision.decision_id(), KindsOf(decision),
               decision.child_id().empty() ? "-" : decision.child_id(), WordOf(decision.state()),
               ShowTime(decision.decided_time()), decision.decided_by(),
               ShowTime(decision.agreement_due_time()),
               decision.event_id().empty() ? "-" : decision.event_id()});
  }
  std::fputs(table.empty() ? "No decisions.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddDecision(CLI::App& app, Context* context) {
  CLI::App* decision = app.add_subcommand("decision", "Decisions not to notify");
  decision->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = decision->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  const auto writes = [&](CLI::App* command) {
    command->add_option("--request-id", t.request_id,
                        "makes a repetition safe: the same id gives the first answer [a new one]");
  };

  CLI::App* record =
      add("record", "Record that something need not be notified [as caseworker]", Record);
  record->add_option("--kind", t.kinds, "a kind that was considered; may be given again")
      ->required()
      ->allow_extra_args(false);
  record->add_option("--child", t.child, "the child's id");
  record->add_option("--carer", t.carer, "the foster carer's id");
  record->add_option("--occurred", t.occurred, "when it happened [when the agency knew]");
  record->add_option("--aware", t.aware, "when the agency came to know [now]");
  record->add_option("--summary", t.summary, "what happened")->required();
  record->add_option("--reason", t.reason, "why it need not be notified")->required();
  writes(record);
  record->footer(
      "  fosterwatch decision record --kind serious-illness-accident --child C-0002 \\\n"
      "    --summary \"A cut on the hand\" --reason \"Dressed at home, no hospital\"\n\n"
      "It is reversed by: fosterwatch event report --from-decision DECISION ...\n");

  CLI::App* agree =
      add("agree", "Agree to somebody else's decision [as registered_manager]", Agree);
  agree->add_option("decision", t.decision_id, "the decision's id")->required();
  agree->add_option("--comment", t.comment, "a remark");
  writes(agree);

  CLI::App* list = add("list", "List decisions, newest first", List);
  list->add_option("--state", t.state, "to-agree, agreed or reversed");
  list->add_option("--child", t.child, "about this child");
  list->add_flag("--overdue", t.overdue, "to be agreed to, and past the time for it");
  list->add_option("--page-size", t.page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", t.page_token, "from the list before");

  CLI::App* show = add("show", "Show one decision", Get);
  show->add_option("decision", t.decision_id, "the decision's id")->required();
}

}  // namespace fosterwatch::app
