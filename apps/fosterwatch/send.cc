#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using notifications::v1::Send;

struct Told {
  std::string event_id, send_id, page_token;
  int page_size = 50;
};

std::string ToWhom(const Send& send) {
  if (!send.body_id().empty()) return send.body_id();
  return send.person_id().empty() ? "-" : send.person_id();
}

std::string TextOf(const google::protobuf::RepeatedPtrField<Send>& sends) {
  Table table({"WHEN", "TO", "BY", "RESULT", "CODE", "WHY", "EVENT", "ALERT"});
  for (const Send& send : sends) {
    table.Add({ShowTime(send.send_time()), ToWhom(send),
               send.channel() == type::v1::CHANNEL_UNSPECIFIED
                   ? "-"
                   : Word(type::v1::Channel_Name(send.channel()), "CHANNEL_"),
               Word(Send::Result_Name(send.result()), "RESULT_") +
                   (send.possible_repeat() ? " (maybe again)" : ""),
               send.result_code().empty() ? "-" : send.result_code(),
               send.reason_code().empty() ? "-" : send.reason_code(),
               send.event_id().empty() ? "-" : send.event_id(),
               send.alert_id().empty() ? "-" : send.alert_id()});
  }
  return table.empty() ? "Nothing has left yet.\n" : table.Text();
}

absl::Status List(const Context& context, const Told& told) {
  notifications::v1::ListSendsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_event_id(told.event_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<notifications::v1::ListSendsResponse>(
                       "notifications", "NotificationsService", "ListSends", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::fputs(TextOf(response.sends()).c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\nGo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

// Lines of a text as they are, each after two spaces, and nothing that a terminal would obey.
std::string Quoted(const std::string& text) {
  std::string quoted = "  ";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\n  ";
    } else {
      quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return quoted;
}

absl::Status Show(const Context& context, const Told& told) {
  notifications::v1::GetSendRequest request;
  request.set_send_id(told.send_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<notifications::v1::GetSendResponse>(
                       "notifications", "NotificationsService", "GetSend", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  const Send& send = response.send();
  google::protobuf::RepeatedPtrField<Send> attempts = response.attempts();
  if (attempts.empty()) *attempts.Add() = send;  // a handing over has no Message-ID
  std::fputs(TextOf(attempts).c_str(), stdout);
  std::printf("\nReference  %s\nTemplate   %s %s\nSHA-256    %s\n", send.message_id().c_str(),
              send.template_().c_str(), send.template_version().c_str(),
              send.content_sha256().c_str());
  for (const notifications::v1::Returned& returned : response.returned()) {
    std::printf("Came back  %s %s %s\n", ShowTime(returned.returned_time()).c_str(),
                Word(notifications::v1::Returned::Kind_Name(returned.kind()), "KIND_").c_str(),
                returned.status_code().c_str());
  }
  if (!response.text_kept()) {
    std::fputs("\nWhat it said is not kept.\n", stdout);
    return absl::OkStatus();
  }
  std::printf("\nWhat it said (%s):\n\n  %s\n\n%s\n",
              response.hash_agrees() ? "its SHA-256 agrees with the log"
                                     : "ITS SHA-256 DOES NOT AGREE WITH THE LOG",
              send.subject().c_str(), Quoted(send.text()).c_str());
  return absl::OkStatus();
}

}  // namespace

void AddSend(CLI::App& app, Context* context) {
  CLI::App* send = app.add_subcommand("send", "What left, to whom, why, and how it went");
  send->require_subcommand(1);
  auto told = std::make_shared<Told>();

  CLI::App* list = send->add_subcommand(
      "list", "The delivery log, newest first: each mail, post and handing over to a person");
  AddRemoteOptions(list, context);
  list->add_option("--event", told->event_id, "about this event");
  list->add_option("--page-size", told->page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", told->page_token, "from the list before");
  list->footer("  fosterwatch send list --event EVENT\n");
  list->callback(
      [context, told] { context->run = [context, told] { return List(*context, *told); }; });

  CLI::App* show = send->add_subcommand(
      "show",
      "One send with what it said, its attempts and what came back [as registered_manager]");
  AddRemoteOptions(show, context);
  show->add_option("send", told->send_id, "the send's id, from send list --json")->required();
  show->callback(
      [context, told] { context->run = [context, told] { return Show(*context, *told); }; });
}

}  // namespace fosterwatch::app
