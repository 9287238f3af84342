// event confirm, discuss, outcome, add-action, close-action: what an event asks for before it can
// be concluded.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/event.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace events = notifiable_events::v1;
using events::NotifiableEvent;

struct Told {
  std::string event_id, notice_id, action_id, request_id;
  std::string channel, at, reference, with, agreed, outcome, update, reason;
  std::string description, owner, due, evidence;
  bool dropped = false;
};

absl::Status Call(const Context& context, const std::string& role, const std::string& method,
                  const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, role));
  return ShowEvent(context, remote->Call<NotifiableEvent>(
                                "notifiable_events", "NotifiableEventService", method, request));
}

absl::Status Confirm(const Context& context, const Told& told) {
  events::ConfirmNoticeInWritingRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_notice_id(told.notice_id);
  request.set_reference(told.reference);
  ASSIGN_OR_RETURN(const auto channel,
                   ParseEnum<type::v1::Channel>("CHANNEL_", told.channel, "channel"));
  request.set_channel(channel);
  if (!told.at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_confirmed_time(), ParseMoment(told.at, "at"));
  }
  return Call(context, "caseworker", "ConfirmNoticeInWriting", request);
}

absl::Status Discuss(const Context& context, const Told& told) {
  events::RecordDiscussionRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_discussed_with(told.with);
  request.set_agreed(told.agreed);
  ASSIGN_OR_RETURN(*request.mutable_discussed_time(),
                   ParseMoment(told.at.empty() ? "now" : told.at, "at"));
  return Call(context, "caseworker", "RecordDiscussion", request);
}

absl::Status Outcome(const Context& context, const Told& told) {
  events::RecordOutcomeRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_outcome(told.outcome);
  request.set_reason(told.reason);
  ASSIGN_OR_RETURN(*request.mutable_outcome_time(),
                   ParseMoment(told.at.empty() ? "now" : told.at, "at"));
  if (!told.update.empty()) {
    ASSIGN_OR_RETURN(const auto update, ParseEnum<events::RegulatorUpdate>("REGULATOR_UPDATE_",
                                                                           told.update, "update"));
    request.set_regulator_update(update);
  }
  return Call(context, "team_manager", "RecordOutcome", request);
}

absl::Status AddOne(const Context& context, const Told& told) {
  events::AddActionRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_description(told.description);
  request.set_owner_id(told.owner);
  ASSIGN_OR_RETURN(*request.mutable_due_time(), ParseMoment(told.due, "due"));
  return Call(context, "caseworker", "AddAction", request);
}

absl::Status CloseOne(const Context& context, const Told& told) {
  events::CloseActionRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_action_id(told.action_id);
  request.set_evidence(told.evidence);
  request.set_dropped(told.dropped);
  return Call(context, "caseworker", "CloseAction", request);
}

std::string Done(const google::protobuf::Timestamp& time, bool done, const std::string& by) {
  return done ? absl::StrCat(ShowTime(time), by.empty() ? "" : " by ", by) : "-";
}

}  // namespace

std::string DutiesText(const NotifiableEvent& event) {
  std::string text;
  Table duties({"DUTY", "ID", "DUE", "DONE"});
  for (const auto& notice : event.notices()) {
    if (!notice.has_written_confirmation()) continue;
    const auto& confirmation = notice.written_confirmation();
    duties.Add({"written confirmation", confirmation.confirmation_id(),
                ShowTime(confirmation.due_time()),
                Done(confirmation.confirmed_time(), confirmation.has_confirmed_time(),
                     confirmation.confirmed_by())});
  }
  if (event.has_discussion()) {
    const auto& discussion = event.discussion();
    duties.Add({"discussion", discussion.discussion_id(), ShowTime(discussion.due_time()),
                Done(discussion.discussed_time(), discussion.has_discussed_time(),
                     discussion.recorded_by())});
  }
  for (const auto& action : event.actions()) {
    duties.Add({absl::StrCat("action of ", action.owner_id()), action.action_id(),
                ShowTime(action.due_time()),
                Done(action.closed_time(), action.has_closed_time(), action.closed_by())});
  }
  if (event.has_outcome() && !event.outcome().outcome_id().empty()) {
    duties.Add({"conclusion", event.outcome().outcome_id(), ShowTime(event.outcome().due_time()),
                Done(event.conclusion().concluded_time(), event.has_conclusion(),
                     event.conclusion().concluded_by())});
  }
  if (!duties.empty()) absl::StrAppend(&text, "\n", duties.Text());
  Table overdue({"OVERDUE", "ID", "SINCE", "SETTLED"});
  for (const auto& duty : event.overdue()) {
    overdue.Add({Word(events::OverdueDuty_Name(duty.kind()), "OVERDUE_DUTY_"), duty.duty_id(),
                 ShowTime(duty.due_time()),
                 ShowTime(duty.settled_time(), duty.has_settled_time())});
  }
  if (!overdue.empty()) absl::StrAppend(&text, "\n", overdue.Text());
  return text;
}

void AddEventDuties(CLI::App& app, Context* context) {
  CLI::App* event = app.get_subcommand("event");
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what,
                       absl::Status (*action)(const Context&, const Told&)) {
    CLI::App* command = event->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->add_option("event", t.event_id, "the event's id")->required();
    command->add_option("--request-id", t.request_id,
                        "makes a repetition safe: the same id gives the first answer [a new one]");
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };

  CLI::App* confirm =
      add("confirm", "Record that what was told by telephone was confirmed in writing", Confirm);
  confirm->add_option("notice", t.notice_id, "the notice's id")->required();
  confirm->add_option("--channel", t.channel, "email or online-form")->required();
  confirm->add_option("--at", t.at, "when it was confirmed [now]");
  confirm->add_option("--reference", t.reference, "the recipient's, or where the letter is kept");
  confirm->footer("  fosterwatch event confirm EVENT NOTICE --channel email --reference 4711\n");

  CLI::App* discuss = add(
      "discuss", "Record what was agreed with the child's social worker [as caseworker]", Discuss);
  discuss->add_option("--with", t.with, "who took part")->required();
  discuss->add_option("--agreed", t.agreed, "what is to be done")->required();
  discuss->add_option("--at", t.at, "when it was discussed [now]");
  discuss->footer(
      "  fosterwatch event discuss EVENT --with \"Ms Green\" --agreed \"A visit tomorrow\"\n");

  CLI::App* outcome = add("outcome", "Record what came of an event [as team_manager]", Outcome);
  outcome->add_option("--outcome", t.outcome, "what came of it")->required();
  outcome->add_option("--at", t.at, "when [now]");
  outcome->add_option("--update", t.update,
                      "give or not-needed: whether the Chief Inspector, who was told of the event, "
                      "is told of its outcome");
  outcome->add_option("--reason", t.reason, "why");
  outcome->footer(
      "  fosterwatch event outcome EVENT --outcome \"Well again\" --update not-needed \\\n"
      "    --reason \"All was said in the notice\"\n");

  CLI::App* add_action = add("add-action", "Add an action with its owner [as caseworker]", AddOne);
  add_action->add_option("--description", t.description, "what is to be done")->required();
  add_action->add_option("--owner", t.owner, "the person, who holds a role now")->required();
  add_action->add_option("--due", t.due, "by when")->required();

  CLI::App* close_action = add("close-action", "Close an action [as caseworker]", CloseOne);
  close_action->add_option("action", t.action_id, "the action's id")->required();
  close_action->add_option("--evidence", t.evidence, "what shows that it was done, or why not")
      ->required();
  close_action->add_flag("--dropped", t.dropped, "it was not done and will not be");
}

}  // namespace fosterwatch::app
