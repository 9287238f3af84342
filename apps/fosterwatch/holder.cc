#include <cstdio>
#include <memory>
#include <string>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using directory::v1::HolderAway;
using directory::v1::RoleHolder;

constexpr char kArea[] = "directory";
constexpr char kService[] = "DirectoryService";

struct Told {
  std::string id, person, role, name, email, title, from = "now", until = "now", at, request_id;
};

std::string AwayText(const directory::v1::ListHoldersResponse& response, const RoleHolder& holder) {
  for (const HolderAway& away : response.away()) {
    if (away.holder_id() != holder.holder_id()) continue;
    return away.has_covered_by() ? "covered by " + away.covered_by().person_id() : "nobody covers";
  }
  return "-";
}

std::string TextOf(const directory::v1::ListHoldersResponse& response) {
  Table table({"HOLDER", "PERSON", "ROLE", "TITLE", "NAME", "FROM", "UNTIL", "AWAY"});
  for (const RoleHolder& holder : response.holders()) {
    table.Add({holder.holder_id(), holder.person_id(),
               Word(options::v1::Role_Name(holder.role()), "ROLE_"), holder.title(), holder.name(),
               ShowTime(holder.from_time()), ShowTime(holder.until_time(), holder.has_until_time()),
               AwayText(response, holder)});
  }
  return table.empty() ? "Nobody.\n" : table.Text();
}

absl::Status Show(const Context& context, const RoleHolder& holder) {
  if (context.json) {
    PrintJson(holder);
    return absl::OkStatus();
  }
  directory::v1::ListHoldersResponse one;
  *one.add_holders() = holder;
  std::fputs(TextOf(one).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Appoint(const Context& context, const Told& told) {
  directory::v1::AppointHolderRequest request;
  request.set_request_id(RequestId(told.request_id));
  RoleHolder* holder = request.mutable_holder();
  holder->set_holder_id(told.id);
  holder->set_person_id(told.person);
  ASSIGN_OR_RETURN(const auto role, ParseEnum<options::v1::Role>("ROLE_", told.role, "role"));
  holder->set_role(role);
  holder->set_name(told.name);
  holder->set_email(told.email);
  holder->set_title(told.title);
  ASSIGN_OR_RETURN(*holder->mutable_from_time(), ParseMoment(told.from, "from"));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const RoleHolder appointed,
                   remote->Call<RoleHolder>(kArea, kService, "AppointHolder", request));
  return Show(context, appointed);
}

absl::Status End(const Context& context, const Told& told) {
  directory::v1::EndHolderRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_holder_id(told.id);
  ASSIGN_OR_RETURN(*request.mutable_until_time(), ParseMoment(told.until, "until"));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const RoleHolder ended,
                   remote->Call<RoleHolder>(kArea, kService, "EndHolder", request));
  return Show(context, ended);
}

absl::Status List(const Context& context, const Told& told) {
  directory::v1::ListHoldersRequest request;
  if (!told.role.empty()) {
    ASSIGN_OR_RETURN(const auto role, ParseEnum<options::v1::Role>("ROLE_", told.role, "role"));
    request.set_role(role);
  }
  if (!told.at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_at_time(), ParseMoment(told.at, "at"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<directory::v1::ListHoldersResponse>(
                                            kArea, kService, "ListHolders", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::fputs(TextOf(response).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddHolder(CLI::App& app, Context* context) {
  CLI::App* holder = app.add_subcommand("holder", "Who holds which role in the agency");
  holder->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* help,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = holder->add_subcommand(name, help);
    AddRemoteOptions(command, context);
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* appoint = add("appoint", "Give somebody a role [as administrator]", Appoint);
  appoint->add_option("--person", told->person, "the person's id, as their token says it")
      ->required();
  appoint->add_option("--role", told->role, "such as registered-manager")->required();
  appoint->add_option("--name", told->name, "as people are called")->required();
  appoint->add_option("--email", told->email, "where alerts are mailed to")->required();
  appoint->add_option("--title", told->title, "as shown to people")->required();
  appoint->add_option("--from", told->from, "when it begins")->capture_default_str();
  appoint->add_option("--holder", told->id, "the holder's id [a new one]");
  appoint->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  appoint->footer(
      "  fosterwatch holder appoint --person deputy-manager-2 --role deputy-manager \\\n"
      "      --name \"Noah Quayle\" --email noah@agency.example --title \"Deputy manager\"\n");
  CLI::App* end = add("end", "Say until when somebody holds a role [as administrator]", End);
  end->add_option("holder", told->id, "the holder's id")->required();
  end->add_option("--until", told->until, "the moment")->capture_default_str();
  end->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  CLI::App* list = add("list", "List who holds roles, and who of them is away", List);
  list->add_option("--role", told->role, "of this role");
  list->add_option("--at", told->at, "at this moment [now]");
}

}  // namespace fosterwatch::app
