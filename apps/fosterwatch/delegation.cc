#include <cstdio>
#include <memory>
#include <string>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using directory::v1::Delegation;

constexpr char kArea[] = "directory";
constexpr char kService[] = "DirectoryService";

struct Told {
  std::string id, from_person, to_person, from = "now", until, reason, at, request_id;
  bool planned = false;
};

std::string TextOf(const google::protobuf::RepeatedPtrField<Delegation>& delegations) {
  Table table({"DELEGATION", "OF", "FROM", "TO", "BEGINS", "ENDS", "TAKEN BACK", "RECORDED BY"});
  for (const Delegation& delegation : delegations) {
    table.Add(
        {delegation.delegation_id(), Word(Delegation::Scope_Name(delegation.scope()), "SCOPE_"),
         delegation.from_person_id(), delegation.to_person_id(), ShowTime(delegation.from_time()),
         ShowTime(delegation.until_time()),
         ShowTime(delegation.ended_time(), delegation.has_ended_time()), delegation.recorded_by()});
  }
  return table.empty() ? "No delegations.\n" : table.Text();
}

absl::Status Show(const Context& context, const Delegation& delegation) {
  if (context.json) {
    PrintJson(delegation);
    return absl::OkStatus();
  }
  google::protobuf::RepeatedPtrField<Delegation> one;
  *one.Add() = delegation;
  std::fputs(TextOf(one).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Record(const Context& context, const Told& told) {
  directory::v1::RecordDelegationRequest request;
  request.set_request_id(RequestId(told.request_id));
  Delegation* delegation = request.mutable_delegation();
  delegation->set_from_person_id(told.from_person);
  delegation->set_to_person_id(told.to_person);
  delegation->set_scope(Delegation::SCOPE_SIGN_OFF);
  delegation->set_reason(told.reason);
  if (told.from != "now") {
    ASSIGN_OR_RETURN(*delegation->mutable_from_time(), ParseMoment(told.from, "from"));
  }
  ASSIGN_OR_RETURN(*delegation->mutable_until_time(), ParseMoment(told.until, "until"));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const Delegation recorded,
                   remote->Call<Delegation>(kArea, kService, "RecordDelegation", request));
  return Show(context, recorded);
}

absl::Status End(const Context& context, const Told& told) {
  directory::v1::EndDelegationRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_delegation_id(told.id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const Delegation ended,
                   remote->Call<Delegation>(kArea, kService, "EndDelegation", request));
  return Show(context, ended);
}

absl::Status List(const Context& context, const Told& told) {
  directory::v1::ListDelegationsRequest request;
  request.set_to_person_id(told.to_person);
  request.set_also_planned(told.planned);
  if (!told.at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_at_time(), ParseMoment(told.at, "at"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<directory::v1::ListDelegationsResponse>(
                                            kArea, kService, "ListDelegations", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::fputs(TextOf(response.delegations()).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddDelegation(CLI::App& app, Context* context) {
  CLI::App* delegation =
      app.add_subcommand("delegation", "Who may sign off in the registered manager's place");
  delegation->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* help,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = delegation->add_subcommand(name, help);
    AddRemoteOptions(command, context);
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* record = add("record", "Give one, with its dates [as registered_manager]", Record);
  record->add_option("--from-person", told->from_person, "the registered manager who gives it")
      ->required();
  record->add_option("--to-person", told->to_person, "the deputy or team manager who gets it")
      ->required();
  record->add_option("--from", told->from, "when it begins")->capture_default_str();
  record->add_option("--until", told->until, "when it ends")->required();
  record->add_option("--reason", told->reason, "why")->required();
  record->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  record->footer(
      "  fosterwatch delegation record --from-person registered-manager-1 \\\n"
      "      --to-person deputy-manager-1 --until \"2026-12-07 09:00\" --reason \"annual "
      "leave\"\n");
  CLI::App* end = add("end", "Take one back from now on [as registered_manager]", End);
  end->add_option("delegation", told->id, "the delegation's id")->required();
  end->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  CLI::App* list = add("list", "List those that may be used", List);
  list->add_option("--to-person", told->to_person, "to this person");
  list->add_option("--at", told->at, "at this moment [now]");
  list->add_flag("--also-planned", told->planned, "also those that may not be used yet");
}

}  // namespace fosterwatch::app
