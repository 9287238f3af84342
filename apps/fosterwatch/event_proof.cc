// event proof: how each notice of an event was given, put together from the register and from what
// the notifications sent.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <nlohmann/json.hpp>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace events = notifiable_events::v1;

constexpr char kRole[] = "registered_manager";

struct Told {
  std::string event_id;
};

using notifications::v1::Send;
// One message that left or was tried, with what it said where that is kept.
using Message = notifications::v1::GetSendResponse;

// Of one notice: its own message, else all that went to its body.
std::vector<Message> MessagesOf(const events::Notice& notice,
                                const std::vector<Message>& messages) {
  std::vector<Message> own, to_body;
  for (const Message& message : messages) {
    const Send& send = message.send();
    if (!notice.given_reference().empty() && send.message_id() == notice.given_reference()) {
      own.push_back(message);
    } else if (!notice.body_id().empty() && send.body_id() == notice.body_id()) {
      to_body.push_back(message);
    }
  }
  return own.empty() ? to_body : own;
}

// Oldest first; alerts are no notices.
absl::StatusOr<std::vector<Message>> AllMessages(Remote& remote, const std::string& event_id) {
  notifications::v1::ListSendsRequest request;
  request.set_event_id(event_id);
  request.set_page_size(200);
  std::vector<Message> messages;
  do {
    ASSIGN_OR_RETURN(const auto page,
                     remote.Call<notifications::v1::ListSendsResponse>(
                         "notifications", "NotificationsService", "ListSends", request));
    for (const Send& send : page.sends()) {
      if (!send.alert_id().empty()) continue;
      Message& message = messages.emplace_back();
      *message.mutable_send() = send;
      if (send.content_sha256().empty()) continue;
      notifications::v1::GetSendRequest get;
      get.set_send_id(send.send_id());
      ASSIGN_OR_RETURN(
          message, remote.Call<Message>("notifications", "NotificationsService", "GetSend", get));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::stable_sort(messages.begin(), messages.end(), [](const Message& a, const Message& b) {
    return clock::FromProto(a.send().send_time()) < clock::FromProto(b.send().send_time());
  });
  return messages;
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string ChannelOf(type::v1::Channel channel) {
  return channel == type::v1::CHANNEL_UNSPECIFIED
             ? "-"
             : Word(type::v1::Channel_Name(channel), "CHANNEL_");
}

nlohmann::ordered_json ProofOf(const events::Notice& notice, const std::vector<Message>& messages) {
  using Json = nlohmann::ordered_json;
  const auto moment = [](const google::protobuf::Timestamp& time, bool present) {
    return present ? Json(IsoTime(time, true)) : Json(nullptr);
  };
  Json proof = {
      {"noticeId", notice.notice_id()},
      {"kind", events::EventKind_Name(notice.kind())},
      {"recipient", events::Recipient_Name(notice.recipient())},
      {"bodyId", notice.body_id()},
      {"moment", events::Moment_Name(notice.moment())},
      {"state", events::Notice::State_Name(notice.state())},
      {"dueTime", moment(notice.due_time(), true)},
      {"givenTime", moment(notice.given_time(), notice.has_given_time())},
      {"inTime", notice.has_given_time() ? Json(clock::FromProto(notice.given_time()) <=
                                                clock::FromProto(notice.in_time_until()))
                                         : Json(nullptr)},
      {"givenBy", notice.given_by()},
      {"channel", type::v1::Channel_Name(notice.given_channel())},
      {"reference", notice.given_reference()},
      {"attempts", Json::array()},
      {"acknowledgedTime", moment(notice.acknowledged_time(), notice.has_acknowledged_time())},
      {"acknowledgementReference", notice.acknowledgement_reference()}};
  for (const auto& attempt : notice.attempts()) {
    proof["attempts"].push_back({{"time", moment(attempt.attempt_time(), true)},
                                 {"channel", type::v1::Channel_Name(attempt.channel())},
                                 {"succeeded", attempt.succeeded()},
                                 {"resultCode", attempt.result_code()}});
  }
  if (notice.has_written_confirmation()) {
    const auto& written = notice.written_confirmation();
    proof["writtenConfirmation"] = {
        {"dueTime", moment(written.due_time(), true)},
        {"confirmedTime", moment(written.confirmed_time(), written.has_confirmed_time())},
        {"confirmedBy", written.confirmed_by()},
        {"reference", written.reference()}};
  }
  proof["messages"] = Json::array();
  for (const Message& message : messages) {
    const Send& send = message.send();
    proof["messages"].push_back({{"sendId", send.send_id()},
                                 {"time", moment(send.send_time(), true)},
                                 {"channel", type::v1::Channel_Name(send.channel())},
                                 {"result", Send::Result_Name(send.result())},
                                 {"resultCode", send.result_code()},
                                 {"messageId", send.message_id()},
                                 {"template", send.template_()},
                                 {"templateVersion", send.template_version()},
                                 {"sha256", send.content_sha256()},
                                 {"subject", send.subject()},
                                 {"textKept", message.text_kept()},
                                 {"hashAgrees", message.hash_agrees()},
                                 {"text", send.text()}});
  }
  return proof;
}

std::string ProofText(const events::Notice& notice, const std::vector<Message>& messages) {
  std::string text =
      absl::StrCat("notice ", notice.notice_id(), "\n  ",
                   Word(events::EventKind_Name(notice.kind()), "EVENT_KIND_"), ", ",
                   Word(events::Recipient_Name(notice.recipient()), "RECIPIENT_"), " ",
                   notice.body_id().empty() ? "(to be named)" : notice.body_id(), "\n  due       ",
                   IsoTime(notice.due_time(), true), "\n");
  const auto line = [&text](const char* name, const std::string& value) {
    absl::StrAppend(&text, "  ", name, std::string(10 - strlen(name), ' '), value, "\n");
  };
  if (notice.has_given_time()) {
    const bool in_time =
        clock::FromProto(notice.given_time()) <= clock::FromProto(notice.in_time_until());
    line("given", absl::StrCat(IsoTime(notice.given_time(), true), in_time ? "" : " (late)", " by ",
                               notice.given_by(), ", ", ChannelOf(notice.given_channel()),
                               ", reference ", OrDash(notice.given_reference())));
  } else {
    line("given", notice.state() == events::Notice::STATE_FALLEN_AWAY ? "fell away" : "not yet");
  }
  for (const auto& attempt : notice.attempts()) {
    line("attempt",
         absl::StrCat(IsoTime(attempt.attempt_time(), true), ", ", ChannelOf(attempt.channel()),
                      ", ", attempt.succeeded() ? "succeeded" : "failed", ", ",
                      OrDash(attempt.result_code())));
  }
  line("confirmed", notice.has_acknowledged_time()
                        ? absl::StrCat(IsoTime(notice.acknowledged_time(), true), ", reference ",
                                       OrDash(notice.acknowledgement_reference()))
                        : "by nobody yet");
  if (notice.has_written_confirmation()) {
    const auto& written = notice.written_confirmation();
    line("written",
         written.has_confirmed_time()
             ? absl::StrCat(IsoTime(written.confirmed_time(), true), " by ", written.confirmed_by(),
                            ", reference ", OrDash(written.reference()))
             : absl::StrCat("not yet; due ", IsoTime(written.due_time(), true)));
  }
  for (const Message& message : messages) {
    const Send& send = message.send();
    line("message", absl::StrCat(IsoTime(send.send_time(), true), ", ", ChannelOf(send.channel()),
                                 ", ", Word(Send::Result_Name(send.result()), "RESULT_"), " ",
                                 OrDash(send.result_code()), ", ", OrDash(send.message_id())));
    if (send.content_sha256().empty()) continue;
    line("", absl::StrCat("template ", send.template_(), " ", send.template_version(), ", SHA-256 ",
                          send.content_sha256()));
    if (send.text().empty()) continue;
    absl::StrAppend(
        &text, "    | ", send.subject(), "\n    |\n    | ",
        absl::StrReplaceAll(absl::StripTrailingAsciiWhitespace(send.text()), {{"\n", "\n    | "}}),
        "\n");
  }
  return text;
}

absl::Status Prove(const Context& context, const Told& told) {
  events::GetEventRequest request;
  request.set_event_id(told.event_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const auto event,
                   remote->Call<events::NotifiableEvent>(
                       "notifiable_events", "NotifiableEventService", "GetEvent", request));
  ASSIGN_OR_RETURN(const std::vector<Message> messages, AllMessages(*remote, told.event_id));
  nlohmann::ordered_json proofs = nlohmann::ordered_json::array();
  std::string text;
  for (const events::Notice& notice : event.notices()) {
    const std::vector<Message> of_notice = MessagesOf(notice, messages);
    proofs.push_back(ProofOf(notice, of_notice));
    absl::StrAppend(&text, text.empty() ? "" : "\n", ProofText(notice, of_notice));
  }
  if (context.json) {
    std::puts(
        nlohmann::ordered_json{{"eventId", event.event_id()}, {"notices", proofs}}.dump(2).c_str());
  } else {
    std::fputs(text.empty() ? "The event has no notices.\n" : text.c_str(), stdout);
  }
  return absl::OkStatus();
}

}  // namespace

void AddEventProof(CLI::App& app, Context* context) {
  CLI::App* proof = app.get_subcommand("event")->add_subcommand(
      "proof", "Show how each notice of an event was given, and what it said");
  AddRemoteOptions(proof, context);
  auto told = std::make_shared<Told>();
  proof->add_option("event", told->event_id, "the event's id")->required();
  proof->footer(
      "It shows what left, which is personal data.\n\n  fosterwatch event proof EVENT --json\n");
  proof->callback(
      [context, told] { context->run = [context, told] { return Prove(*context, *told); }; });
}

}  // namespace fosterwatch::app
