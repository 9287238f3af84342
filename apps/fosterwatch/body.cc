#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

constexpr char kArea[] = "directory";
constexpr char kService[] = "DirectoryService";

struct Told {
  std::string body_id, url, request_id;
};

absl::Status Show(const Context& context, const directory::v1::WebhookSecret& secret) {
  if (context.json) {
    PrintJson(secret);
    return absl::OkStatus();
  }
  std::printf("Webhook of %s: %s\n\n  %s\n\n", secret.body_id().c_str(), secret.url().c_str(),
              secret.secret().c_str());
  std::fputs(
      "This secret is shown this once: give it to the receiver, over a way that nobody else "
      "reads.\n",
      stdout);
  if (secret.has_earlier_until_time()) {
    std::printf("The one before it is valid too until %s.\n",
                ShowTime(secret.earlier_until_time()).c_str());
  }
  return absl::OkStatus();
}

absl::Status Set(const Context& context, const Told& told) {
  directory::v1::SetWebhookRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_body_id(told.body_id);
  request.set_url(told.url);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const auto secret, remote->Call<directory::v1::WebhookSecret>(
                                          kArea, kService, "SetWebhook", request));
  return Show(context, secret);
}

absl::Status Rotate(const Context& context, const Told& told) {
  directory::v1::RotateWebhookSecretRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_body_id(told.body_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const auto secret, remote->Call<directory::v1::WebhookSecret>(
                                          kArea, kService, "RotateWebhookSecret", request));
  return Show(context, secret);
}

absl::Status Test(const Context& context, const Told& told) {
  notifications::v1::TestWebhookRequest request;
  request.set_body_id(told.body_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<notifications::v1::TestWebhookResponse>(
                       "notifications", "NotificationsService", "TestWebhook", request));
  if (context.json) PrintJson(response);
  if (!response.taken()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_TAKEN",
                 absl::StrCat("the webhook did not take the ping: ", response.result_code()));
  }
  if (!context.json) std::printf("Taken: %s\n", response.result_code().c_str());
  return absl::OkStatus();
}

}  // namespace

void AddBody(CLI::App& app, Context* context) {
  CLI::App* body = app.add_subcommand("body", "The bodies that notices are given to");
  body->require_subcommand(1);
  CLI::App* webhook = body->add_subcommand("webhook", "How a body's own system is told");
  webhook->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* help,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = webhook->add_subcommand(name, help);
    AddRemoteOptions(command, context);
    command->add_option("body", told->body_id, "the body's id")->required();
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* set = add("set",
                      "From now on tell the body by posts to this URL, and make its secret "
                      "[as administrator]",
                      Set);
  set->add_option("url", told->url, "https://HOST/PATH")->required();
  set->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  set->footer(
      "  fosterwatch body webhook set northshire https://case.northshire.example/notices\n");
  CLI::App* rotate =
      add("rotate", "Make a new secret; the one before it stays valid for a time", Rotate);
  rotate->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  add("test", "Post a ping, signed as a notice is; nothing is recorded", Test);
}

}  // namespace fosterwatch::app
