#include <algorithm>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using notifications::v1::Alert;
using notifications::v1::Send;

constexpr char kArea[] = "notifications";
constexpr char kService[] = "NotificationsService";

struct Told {
  std::string alert_id, comment, state, event_id, page_token, request_id;
  int page_size = 50;
};

// Those that a mail server took; of the last 20 attempts, which are those that an alert keeps.
int64_t MailsSent(const Alert& alert) {
  return std::count_if(alert.sends().begin(), alert.sends().end(),
                       [](const Send& send) { return send.result() == Send::RESULT_SENT; });
}

std::string TextOf(const google::protobuf::RepeatedPtrField<Alert>& alerts) {
  Table table({"ALERT", "ABOUT", "STATE", "EVENT", "RAISED", "RUNG", "MAILS", "ACKNOWLEDGED BY"});
  for (const Alert& alert : alerts) {
    table.Add({alert.alert_id(),
               Word(Alert::Kind_Name(alert.kind()), "KIND_") + (alert.urgent() ? " (urgent)" : ""),
               Word(Alert::State_Name(alert.state()), "STATE_"),
               alert.event_id().empty() ? "-" : alert.event_id(), ShowTime(alert.raised_time()),
               absl::StrCat(alert.rung()), absl::StrCat(MailsSent(alert)),
               alert.acknowledged_by().empty() ? "-" : alert.acknowledged_by()});
  }
  return table.empty() ? "No alerts.\n" : table.Text();
}

absl::Status List(const Context& context, const Told& told) {
  notifications::v1::ListAlertsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_event_id(told.event_id);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state, ParseEnum<Alert::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<notifications::v1::ListAlertsResponse>(
                                            kArea, kService, "ListAlerts", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::fputs(TextOf(response.alerts()).c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\nGo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

absl::Status Acknowledge(const Context& context, const Told& told) {
  notifications::v1::AcknowledgeAlertRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_alert_id(told.alert_id);
  request.set_comment(told.comment);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const Alert alert,
                   remote->Call<Alert>(kArea, kService, "AcknowledgeAlert", request));
  if (context.json) {
    PrintJson(alert);
    return absl::OkStatus();
  }
  google::protobuf::RepeatedPtrField<Alert> alerts;
  *alerts.Add() = alert;
  std::fputs(TextOf(alerts).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddAlert(CLI::App& app, Context* context) {
  CLI::App* alert = app.add_subcommand("alert", "What the agency's staff were alerted to");
  alert->require_subcommand(1);
  auto told = std::make_shared<Told>();

  CLI::App* list = alert->add_subcommand("list", "List alerts: open ones first, then newest first");
  AddRemoteOptions(list, context);
  list->add_option("--state", told->state, "open, acknowledged or cleared");
  list->add_option("--event", told->event_id, "about this event");
  list->add_option("--page-size", told->page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", told->page_token, "from the list before");
  list->footer("  fosterwatch alert list --state open\n");
  list->callback(
      [context, told] { context->run = [context, told] { return List(*context, *told); }; });

  CLI::App* ack = alert->add_subcommand(
      "ack", "Acknowledge an alert, which ends its climbing [as registered_manager]");
  AddRemoteOptions(ack, context);
  ack->add_option("alert", told->alert_id, "the alert's id")->required();
  ack->add_option("--comment", told->comment, "a remark");
  ack->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  ack->callback(
      [context, told] { context->run = [context, told] { return Acknowledge(*context, *told); }; });
}

}  // namespace fosterwatch::app
