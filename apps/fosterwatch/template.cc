#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

constexpr char kArea[] = "notifications";
constexpr char kService[] = "NotificationsService";

struct Told {
  std::string name, version;
};

absl::Status List(const Context& context) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<notifications::v1::ListTemplatesResponse>(
                                            kArea, kService, "ListTemplates",
                                            notifications::v1::ListTemplatesRequest()));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"TEMPLATE", "VERSION", "FROM", "SUBJECT"});
  for (const notifications::v1::TemplateEdition& edition : response.editions()) {
    for (const notifications::v1::Template& entry : edition.templates()) {
      if (entry.subject().empty()) continue;  // a line that mails share
      table.Add({entry.name(),
                 absl::StrCat(edition.version(),
                              edition.version() == response.version_in_force() ? " (now)" : ""),
                 edition.effective_from(), entry.subject()});
    }
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Preview(const Context& context, const Told& told) {
  notifications::v1::PreviewTemplateRequest request;
  request.set_name(told.name);
  request.set_version(told.version);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<notifications::v1::PreviewTemplateResponse>(
                                            kArea, kService, "PreviewTemplate", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::printf("%s, version %s, with made-up data\n\nSubject: %s\n\n%s", response.name().c_str(),
              response.version().c_str(), response.subject().c_str(), response.text().c_str());
  return absl::OkStatus();
}

}  // namespace

void AddTemplate(CLI::App& app, Context* context) {
  CLI::App* entry = app.add_subcommand("template", "The words of alerts and digests");
  entry->require_subcommand(1);
  auto told = std::make_shared<Told>();

  CLI::App* list = entry->add_subcommand("list", "The mails there are, in every version");
  AddRemoteOptions(list, context);
  list->callback([context] { context->run = [context] { return List(*context); }; });

  CLI::App* preview = entry->add_subcommand("preview", "What a mail would say, with made-up data");
  AddRemoteOptions(preview, context);
  preview->add_option("template", told->name, "its name, from template list")->required();
  preview->add_option("--template-version", told->version, "the one by which mails leave now");
  preview->footer("  fosterwatch template preview alert_notice_failed\n");
  preview->callback(
      [context, told] { context->run = [context, told] { return Preview(*context, *told); }; });
}

}  // namespace fosterwatch::app
