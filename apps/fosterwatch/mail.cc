#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

absl::Status Returned(const Context& context) {
  std::cin >> std::noskipws;
  notifications::v1::TakeReturnedMailRequest request;
  request.set_mail(std::string(std::istreambuf_iterator<char>(std::cin), {}));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<notifications::v1::TakeReturnedMailResponse>(
                       "notifications", "NotificationsService", "TakeReturnedMail", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const notifications::v1::Returned& returned : response.taken()) {
    std::printf("%s %s %s\n", returned.message_id().c_str(),
                Word(notifications::v1::Returned::Kind_Name(returned.kind()), "KIND_").c_str(),
                returned.status_code().c_str());
  }
  if (response.taken().empty()) std::fputs("It belongs to no mail that has left here.\n", stdout);
  return absl::OkStatus();
}

}  // namespace

void AddMail(CLI::App& app, Context* context) {
  CLI::App* mail = app.add_subcommand("mail", "Mails that come back");
  mail->require_subcommand(1);
  CLI::App* returned = mail->add_subcommand(
      "returned", "Take in a bounce or a machine's answer, from standard input [as administrator]");
  AddRemoteOptions(returned, context);
  returned->footer(
      "  fosterwatch mail returned < message\n\n"
      "For whatever hands over what comes to FOSTERWATCH_MAIL_FROM: fetchmail, Postfix\n"
      "(docs/operations.md, Mails that come back). 4: it is a person's letter.\n");
  returned->callback([context] { context->run = [context] { return Returned(*context); }; });
}

}  // namespace fosterwatch::app
