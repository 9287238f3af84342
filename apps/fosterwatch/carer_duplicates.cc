// carer duplicates: records that may be of one household.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/fosterwatch/carer.h"
#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

absl::Status List(const Context& context, const carers::v1::ListDuplicatesRequest& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = carers::v1::ListDuplicatesResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>("carers", "CarersService", "ListDuplicates", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CARER", "NAME", "OTHER", "NAME", "THE SAME"});
  for (const auto& pair : response.pairs()) {
    table.Add({pair.carer_id(), OrDash(pair.carer_name()), pair.other_carer_id(),
               OrDash(pair.other_carer_name()),
               pair.same_person() ? pair.same_household() ? "person, household" : "person"
                                  : "household"});
  }
  std::fputs(table.empty() ? "No two records look alike.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddCarerDuplicates(CLI::App* carer, Context* context) {
  struct Told {
    std::string carer_id, page_token;
    int page_size = 50;
  };
  auto told = std::make_shared<Told>();
  CLI::App* command =
      carer->add_subcommand("duplicates", "Records that may be of one household [as team manager]");
  AddRemoteOptions(command, context);
  command->add_option("--carer", told->carer_id, "of this carer");
  command->add_option("--page-size", told->page_size, "1 to 1000")->capture_default_str();
  command->add_option("--page-token", told->page_token, "from the list before");
  command->footer(
      "  fosterwatch carer merge F-0040 --into-carer-id F-0012 --reason \"taken over twice\"\n"
      "  fosterwatch carer undo-merge F-0040 --reason \"cousins of one name\"\n"
      "  fosterwatch carer keep-apart F-0040 --other-carer-id F-0012\n");
  command->callback([context, told] {
    context->run = [context, told] {
      carers::v1::ListDuplicatesRequest request;
      request.set_carer_id(told->carer_id);
      request.set_page_size(told->page_size);
      request.set_page_token(told->page_token);
      return List(*context, request);
    };
  });
}

}  // namespace fosterwatch::app
