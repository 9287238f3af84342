// carer open-in-emergency, emergencies: a household that is not in somebody's caseload.
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/carer.h"
#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

absl::Status Open(const Context& context, const carers::v1::OpenInEmergencyRequest& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "supervising_social_worker"));
  return ShowCarer(context, remote->Call<carers::v1::Carer>("carers", "CarersService",
                                                            "OpenInEmergency", request));
}

absl::Status List(const Context& context, const carers::v1::ListEmergenciesRequest& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  using Response = carers::v1::ListEmergenciesResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>("carers", "CarersService", "ListEmergencies", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table(
      {"CARER", "NAME", "OPENED BY", "FROM", "TO", "NOW", "LOOKED AT BY", "EMERGENCY", "REASON"});
  for (const auto& item : response.items()) {
    const auto& emergency = item.emergency();
    table.Add({item.carer_id(), OrDash(item.carer_name()), emergency.person_id(),
               ShowTime(emergency.from_time()), ShowTime(emergency.until_time()),
               item.open() ? "OPEN" : "over", OrDash(emergency.reviewed_by()),
               emergency.emergency_id(), emergency.reason()});
  }
  std::fputs(table.empty() ? "Nothing was opened in an emergency.\n" : table.Text().c_str(),
             stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddCarerEmergencies(CLI::App* carer, Context* context) {
  auto open = std::make_shared<carers::v1::OpenInEmergencyRequest>();
  CLI::App* command = carer->add_subcommand(
      "open-in-emergency",
      "Open a household that is not in one's caseload [as supervising social worker]");
  AddRemoteOptions(command, context);
  const auto text = [](CLI::App* of, const std::string& name, const std::string& help, auto set) {
    return of->add_option_function<std::string>(name, set, help);
  };
  text(command, "carer", "the carer's id; or --child",
       [open](const std::string& id) { open->set_carer_id(id); });
  text(command, "--child", "a child who lives there",
       [open](const std::string& id) { open->set_child_id(id); });
  text(command, "--reason", "why it cannot wait", [open](const std::string& reason) {
    open->set_reason(reason);
  })->required();
  text(command, "--request-id",
       "makes a repetition safe: the same id gives the first answer [a new one]",
       [open](const std::string& id) { open->set_request_id(id); });
  command->footer(
      "  fosterwatch carer open-in-emergency --child C-0040 --reason \"rang at night, afraid\"\n"
      "The registered manager is told at once, and everything that is looked at stays on "
      "record.\n");
  command->callback([context, open] {
    context->run = [context, open] {
      open->set_request_id(RequestId(open->request_id()));
      return Open(*context, *open);
    };
  });

  auto list = std::make_shared<carers::v1::ListEmergenciesRequest>();
  list->set_page_size(50);
  command = carer->add_subcommand(
      "emergencies", "What was opened in an emergency, newest first [as registered manager]");
  AddRemoteOptions(command, context);
  text(command, "--carer", "of this carer",
       [list](const std::string& id) { list->set_carer_id(id); });
  text(command, "--person", "by this person",
       [list](const std::string& id) { list->set_person_id(id); });
  command->add_flag_callback(
      "--not-reviewed", [list] { list->set_not_reviewed(true); },
      "at which no manager has looked yet");
  command->add_option_function<int>(
      "--page-size", [list](int size) { list->set_page_size(size); }, "1 to 1000 [50]");
  text(command, "--page-token", "from the list before",
       [list](const std::string& token) { list->set_page_token(token); });
  command->footer(
      "  fosterwatch carer review-emergency F-0040 --emergency-id ID --note \"rightly so\" "
      "[--end]\n");
  command->callback(
      [context, list] { context->run = [context, list] { return List(*context, *list); }; });
}

}  // namespace fosterwatch::app
