#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using directory::v1::Body;

constexpr char kArea[] = "directory";
constexpr char kService[] = "DirectoryService";

struct Told {
  std::string body_id, url, request_id, kind, name, police, health;
  std::vector<std::string> contacts;
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

std::string TextOf(const google::protobuf::RepeatedPtrField<Body>& bodies) {
  Table table({"BODY", "KIND", "NAME", "POLICE", "HEALTH BODY", "CONTACTS"});
  for (const Body& body : bodies) {
    std::string contacts;
    for (const Body::Contact& contact : body.contacts()) {
      absl::StrAppend(&contacts, contacts.empty() ? "" : ", ",
                      Word(type::v1::Channel_Name(contact.channel()), "CHANNEL_"), " ",
                      contact.address(), contact.released_by_person() ? " (by a person)" : "");
    }
    table.Add({body.body_id(), Word(Body::Kind_Name(body.kind()), "KIND_"), body.name(),
               body.police_body_id().empty() ? "-" : body.police_body_id(),
               body.health_body_id().empty() ? "-" : body.health_body_id(), contacts});
  }
  return table.empty() ? "No bodies.\n" : table.Text();
}

// "email:duty@northshire.example", "telephone:01632 960000", "online-form:https://...".
absl::Status AddContact(const std::string& text, Body& body) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  ASSIGN_OR_RETURN(const auto channel,
                   ParseEnum<type::v1::Channel>("CHANNEL_", parts.first, "contact"));
  Body::Contact* contact = body.add_contacts();
  contact->set_channel(channel);
  contact->set_address(parts.second);
  contact->set_released_by_person(channel == type::v1::CHANNEL_TELEPHONE ||
                                  channel == type::v1::CHANNEL_ONLINE_FORM);
  return absl::OkStatus();
}

absl::Status List(const Context& context, const Told& told) {
  directory::v1::ListBodiesRequest request;
  if (!told.kind.empty()) {
    ASSIGN_OR_RETURN(const auto kind, ParseEnum<Body::Kind>("KIND_", told.kind, "kind"));
    request.set_kind(kind);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<directory::v1::ListBodiesResponse>(
                                            kArea, kService, "ListBodies", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::fputs(TextOf(response.bodies()).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Record(const Context& context, const Told& told) {
  directory::v1::RecordBodyRequest request;
  request.set_request_id(RequestId(told.request_id));
  Body& body = *request.mutable_body();
  body.set_body_id(told.body_id);
  ASSIGN_OR_RETURN(const auto kind, ParseEnum<Body::Kind>("KIND_", told.kind, "kind"));
  body.set_kind(kind);
  body.set_name(told.name);
  body.set_police_body_id(told.police);
  body.set_health_body_id(told.health);
  for (const std::string& contact : told.contacts) RETURN_IF_ERROR(AddContact(contact, body));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const Body recorded, remote->Call<Body>(kArea, kService, "RecordBody", request));
  if (context.json) {
    PrintJson(recorded);
    return absl::OkStatus();
  }
  google::protobuf::RepeatedPtrField<Body> one;
  *one.Add() = recorded;
  std::fputs(TextOf(one).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddBody(CLI::App& app, Context* context) {
  CLI::App* body = app.add_subcommand("body", "The bodies that notices are given to");
  body->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add_to_body = [&](const char* name, const char* help,
                               absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = body->add_subcommand(name, help);
    AddRemoteOptions(command, context);
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* list = add_to_body("list", "List bodies and how they are reached", List);
  list->add_option("--kind", told->kind, "such as local-authority");
  CLI::App* record =
      add_to_body("record", "Record a body as it now is, all of it [as administrator]", Record);
  record->add_option("body", told->body_id, "the body's id")->required();
  record->add_option("--kind", told->kind, "such as local-authority")->required();
  record->add_option("--name", told->name, "as people call it")->required();
  record->add_option("--contact", told->contacts, "CHANNEL:ADDRESS, best first; may be repeated")
      ->required();
  record->add_option("--police", told->police, "of a local authority: who polices its area");
  record->add_option("--health-body", told->health, "of a local authority: who serves its area");
  record->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  record->footer(
      "  fosterwatch body record northshire --kind local-authority --name Northshire \\\n"
      "      --contact email:duty@northshire.example --contact \"telephone:01632 960001\" \\\n"
      "      --police north-march-police --health-body northshire-icb\n");
  CLI::App* webhook = body->add_subcommand("webhook", "How a body's own system is told");
  webhook->require_subcommand(1);
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
