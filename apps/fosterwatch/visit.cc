// visit record, list, close-action.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "apps/fosterwatch/carer.h"
#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using carers::v1::Carer;
using carers::v1::Visit;

constexpr char kArea[] = "carers";
constexpr char kService[] = "CarerDutiesService";

struct Told {
  std::string carer_id, request_id, visited, visitor, notes, child, page_token;
  std::vector<std::string> saw_foster_parents, saw_children, saw, findings;
  bool unannounced = false, supervision = false, home_safety = false;
  int page_size = 50;
};

// "C-1:alone".
std::pair<std::string, bool> Alone(const std::string& told) {
  constexpr absl::string_view kAlone = ":alone";
  const absl::string_view text = told;
  if (text.size() > kAlone.size() && text.substr(text.size() - kAlone.size()) == kAlone) {
    return {told.substr(0, told.size() - kAlone.size()), true};
  }
  return {told, false};
}

absl::Status Record(const Context& context, const Told& told) {
  carers::v1::RecordVisitRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_carer_id(told.carer_id);
  ASSIGN_OR_RETURN(*request.mutable_visited_time(),
                   ParseMoment(told.visited.empty() ? "now" : told.visited, "visited"));
  request.set_visitor_id(told.visitor);
  request.set_unannounced(told.unannounced);
  request.set_supervision(told.supervision);
  request.set_home_safety(told.home_safety);
  request.set_notes(told.notes);
  const auto see = [&](const std::vector<std::string>& people,
                       void (*set)(Visit::Seen&, const std::string&)) {
    for (const std::string& person : people) {
      const auto [who, alone] = Alone(person);
      Visit::Seen* seen = request.add_seen();
      set(*seen, who);
      seen->set_alone(alone);
    }
  };
  see(told.saw_foster_parents,
      [](Visit::Seen& seen, const std::string& who) { seen.set_foster_parent_id(who); });
  see(told.saw_children, [](Visit::Seen& seen, const std::string& who) { seen.set_child_id(who); });
  see(told.saw, [](Visit::Seen& seen, const std::string& who) { seen.set_other(who); });
  for (const std::string& finding : told.findings) {
    const std::vector<std::string> parts = absl::StrSplit(finding, absl::MaxSplits('=', 1));
    if (parts.size() != 2) return UsageError("finding", "is not OWNER=TEXT");
    auto* added = request.add_findings();
    added->set_owner_id(parts[0]);
    added->set_description(parts[1]);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowCarer(context, remote->Call<Carer>(kArea, kService, "RecordVisit", request));
}

std::string SeenOn(const Visit& visit) {
  return absl::StrJoin(visit.seen(), ", ", [](std::string* out, const Visit::Seen& seen) {
    absl::StrAppend(out, seen.foster_parent_id(), seen.child_id(), seen.other(),
                    seen.alone() ? " alone" : "");
  });
}

absl::Status List(const Context& context, const Told& told) {
  carers::v1::ListVisitsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_carer_id(told.carer_id);
  request.set_child_id(told.child);
  request.set_unannounced(told.unannounced);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = carers::v1::ListVisitsResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, kService, "ListVisits", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table(
      {"VISIT", "CARER", "WHEN", "BY", "UNANNOUNCED", "SUPERVISION", "HOME SAFETY", "SEEN"});
  const auto yes = [](bool value) { return std::string(value ? "yes" : "-"); };
  for (const auto& item : response.items()) {
    const Visit& visit = item.visit();
    table.Add({visit.visit_id(), item.carer_id(), ShowTime(visit.visited_time()),
               visit.visitor_id().empty() ? "-" : visit.visitor_id(), yes(visit.unannounced()),
               yes(visit.supervision()), yes(visit.home_safety()), SeenOn(visit)});
  }
  std::fputs(table.empty() ? "No visits.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddVisit(CLI::App& app, Context* context) {
  CLI::App* visit = app.add_subcommand("visit", "Visits to foster homes");
  visit->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = visit->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };

  CLI::App* record = add("record", "Record a visit [as caseworker]", Record);
  record->add_option("carer", t.carer_id, "the carer's id")->required();
  record->add_option("--visited", t.visited, "when it was [now]");
  record->add_option("--visitor", t.visitor, "who went [the caller]");
  record->add_flag("--unannounced", t.unannounced, "nobody there knew of it before");
  record->add_flag("--supervision", t.supervision, "supervision took place");
  record->add_flag("--home-safety", t.home_safety, "the home was inspected for health and safety");
  const auto several = [&](const char* name, std::vector<std::string>& values, const char* what) {
    record->add_option(name, values, what)->allow_extra_args(false);
  };
  several("--saw-foster-parent", t.saw_foster_parents, "id, or id:alone; may be given again");
  several("--saw-child", t.saw_children, "id, or id:alone; may be given again");
  several("--saw", t.saw, "anybody else, in words; may be given again");
  record->add_option("--notes", t.notes, "what there is to say");
  several("--finding", t.findings, "OWNER=TEXT: becomes an action; may be given again");
  record->add_option("--request-id", t.request_id,
                     "makes a repetition safe: the same id gives the first answer [a new one]");
  record->footer(
      "  fosterwatch visit record F-0031 --unannounced --saw-child C-0002:alone \\\n"
      "    --finding \"worker-1=no lock on the medicine box\"\n");

  CLI::App* list = add("list", "List visits, newest first", List);
  list->add_option("--carer", t.carer_id, "to this carer");
  list->add_option("--child", t.child, "on which this child was seen");
  list->add_flag("--unannounced", t.unannounced, "unannounced ones only");
  list->add_option("--page-size", t.page_size, "1 to 1000")->capture_default_str();
  list->add_option("--page-token", t.page_token, "from the list before");

  AddCarerAct(visit, context, "close-action", kService, "CloseCarerAction", "caseworker",
              "An action that a visit found is done, or dropped");
}

}  // namespace fosterwatch::app
