#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using directory::v1::Body;
using directory::v1::DirectoryCheck;
using directory::v1::Finding;

// "northshire, police" or "registered-manager, registered-manager-1".
std::string AboutOf(const Finding& finding) {
  std::string about;
  const auto add = [&about](const std::string& text) {
    absl::StrAppend(&about, about.empty() ? "" : ", ", text);
  };
  if (finding.role() != 0) add(Word(options::v1::Role_Name(finding.role()), "ROLE_"));
  if (!finding.person_id().empty()) add(finding.person_id());
  if (!finding.body_id().empty()) add(finding.body_id());
  if (finding.body_kind() != 0) add(Word(Body::Kind_Name(finding.body_kind()), "KIND_"));
  if (finding.contact() != 0) add(absl::StrCat("contact ", finding.contact()));
  if (!finding.absence_id().empty()) add("absence " + finding.absence_id());
  if (!finding.delegation_id().empty()) add("delegation " + finding.delegation_id());
  return about;
}

std::string TextOf(const DirectoryCheck& check) {
  Table table({"SEVERITY", "FINDING", "ABOUT", "FROM"});
  for (const Finding& finding : check.findings()) {
    table.Add({Word(Finding::Severity_Name(finding.severity()), "SEVERITY_"),
               Word(Finding::Code_Name(finding.code()), "CODE_"), AboutOf(finding),
               finding.has_at_time() ? ShowTime(finding.at_time()) : "now"});
  }
  std::string text =
      table.empty() ? "Everybody who has to be told can be reached.\n" : table.Text();
  if (check.findings_count() > check.findings_size()) {
    absl::StrAppend(&text, "and ", check.findings_count() - check.findings_size(), " more\n");
  }
  absl::StrAppend(&text, "\nChecked ", ShowTime(check.checked_time()), "; by itself again ",
                  ShowTime(check.next_check_time()), ".\n");
  return text;
}

absl::Status Check(const Context& context, const std::string& request_id) {
  directory::v1::CheckDirectoryRequest request;
  request.set_request_id(RequestId(request_id));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto check, remote->Call<DirectoryCheck>("directory", "DirectoryService",
                                                                  "CheckDirectory", request));
  if (context.json) {
    PrintJson(check);
  } else {
    std::fputs(TextOf(check).c_str(), stdout);
  }
  if (check.unreachable_count() == 0) return absl::OkStatus();
  return Error(
      absl::StatusCode::kFailedPrecondition, "UNREACHABLE",
      absl::StrCat("somebody who has to be told cannot be reached: ", check.unreachable_count(),
                   " of ", check.findings_count(), " findings"));
}

}  // namespace

void AddDirectory(CLI::App& app, Context* context) {
  CLI::App* directory = app.add_subcommand("directory", "Who can be reached, and how");
  directory->require_subcommand(1);
  auto request_id = std::make_shared<std::string>();
  CLI::App* check = directory->add_subcommand(
      "check", "Say whom nobody could reach if something happened now [as registered_manager]");
  AddRemoteOptions(check, context);
  check->add_option("--request-id", *request_id, "makes a repetition safe [a new one]");
  check->footer(
      "Exit code 4 where somebody who has to be told cannot be reached now; 0 with findings that\n"
      "are only coming, or warnings.\n");
  check->callback([context, request_id] {
    context->run = [context, request_id] { return Check(*context, *request_id); };
  });
}

}  // namespace fosterwatch::app
