// event provisional, complete, correct, decide-repeat, withdraw, evidence.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/event.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using notifiable_events::v1::EventKind;
using notifiable_events::v1::EventReport;
using notifiable_events::v1::NotifiableEvent;
using notifiable_events::v1::RepeatQuestion;

struct Told {
  std::string event_id, request_id, kind, child, carer, summary, aware, occurred, place, actions;
  std::string same_as, reason, text, reference;
  std::vector<std::string> kinds, new_besides, answers;
  bool is_new = false;
};

absl::Status Call(const Context& context, const std::string& role, const std::string& method,
                  const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, role));
  return ShowEvent(context, remote->Call<NotifiableEvent>(
                                "notifiable_events", "NotifiableEventService", method, request));
}

absl::Status Provisional(const Context& context, const Told& told) {
  notifiable_events::v1::ReportProvisionalEventRequest request;
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(const EventKind kind, ParseEnum<EventKind>("EVENT_KIND_", told.kind, "kind"));
  request.set_kind(kind);
  request.set_child_id(told.child);
  request.set_carer_id(told.carer);
  request.set_summary(told.summary);
  if (!told.aware.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_became_aware_time(), ParseMoment(told.aware, "aware"));
  }
  for (const std::string& id : told.new_besides) request.add_new_besides_event_ids(id);
  return Call(context, "caseworker", "ReportProvisionalEvent", request);
}

// What is to be added to a report; what was not told stays out.
absl::Status Add(const Told& told, EventReport& report) {
  for (const std::string& word : told.kinds) {
    ASSIGN_OR_RETURN(const EventKind kind, ParseEnum<EventKind>("EVENT_KIND_", word, "kind"));
    report.add_kinds(kind);
  }
  if (!told.occurred.empty()) {
    ASSIGN_OR_RETURN(*report.mutable_occurred_time(), ParseMoment(told.occurred, "occurred"));
  }
  if (!told.aware.empty()) {
    ASSIGN_OR_RETURN(*report.mutable_became_aware_time(), ParseMoment(told.aware, "aware"));
  }
  report.set_carer_id(told.carer);
  report.set_place(told.place);
  report.set_summary(told.summary);
  report.set_immediate_actions(told.actions);
  return TakeAnswers(told.answers, report);
}

absl::Status Complete(const Context& context, const Told& told) {
  notifiable_events::v1::CompleteReportRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  RETURN_IF_ERROR(Add(told, *request.mutable_report()));
  return Call(context, "caseworker", "CompleteReport", request);
}

absl::Status Correct(const Context& context, const Told& told) {
  notifiable_events::v1::CorrectEventRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_reason(told.reason);
  RETURN_IF_ERROR(Add(told, *request.mutable_report()));
  return Call(context, "caseworker", "CorrectEvent", request);
}

absl::Status DecideRepeat(const Context& context, const Told& told) {
  notifiable_events::v1::DecideRepeatRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  if (told.is_new == !told.same_as.empty()) {
    return UsageError("same-as", "give either --same-as or --new");
  }
  request.set_answer(told.is_new ? RepeatQuestion::ANSWER_NEW : RepeatQuestion::ANSWER_SAME);
  request.set_same_as_event_id(told.same_as);
  request.set_reason(told.reason);
  return Call(context, "team_manager", "DecideRepeat", request);
}

absl::Status Withdraw(const Context& context, const Told& told) {
  notifiable_events::v1::WithdrawEventRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_reason(told.reason);
  return Call(context, "team_manager", "WithdrawEvent", request);
}

absl::Status Evidence(const Context& context, const Told& told) {
  notifiable_events::v1::AddEvidenceRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_text(told.text);
  request.set_reference(told.reference);
  return Call(context, "caseworker", "AddEvidence", request);
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

absl::Status TakeAnswers(const std::vector<std::string>& answers, EventReport& report) {
  for (const std::string& answer : answers) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(answer, absl::MaxSplits('=', 1));
    if (parts.first.empty() || parts.second.empty()) {
      return UsageError("answer", "is not of the form question=answer");
    }
    auto* given = report.mutable_answers();
    const auto same = std::find_if(given->begin(), given->end(), [&](const auto& earlier) {
      return earlier.question_id() == parts.first;
    });
    auto& taken = same == given->end() ? *given->Add() : *same;
    taken.set_question_id(parts.first);
    taken.set_text(parts.second);
  }
  return absl::OkStatus();
}

void AddEventReporting(CLI::App& app, Context* context) {
  CLI::App* event = app.get_subcommand("event");
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = event->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    command->add_option("--request-id", t.request_id,
                        "makes a repetition safe: the same id gives the first answer [a new one]");
    return command;
  };
  const auto of_event = [&](CLI::App* command) {
    command->add_option("event", t.event_id, "the event's id")->required();
    return command;
  };

  CLI::App* provisional =
      add("provisional", "Report in a hurry: all notices at once, the rest later [as caseworker]",
          Provisional);
  provisional->add_option("--kind", t.kind, "as for event report")->required();
  provisional->add_option("--child", t.child, "the child's id");
  provisional->add_option("--carer", t.carer, "the foster carer's id");
  provisional->add_option("--summary", t.summary, "what happened")->required();
  provisional->add_option("--aware", t.aware, "when the agency came to know [now]");
  provisional
      ->add_option("--new-besides", t.new_besides,
                   "an event that it looks like and is not; may be given again")
      ->allow_extra_args(false);
  provisional->footer(
      "  fosterwatch event provisional --kind serious-illness-accident --child C-0002 \\\n"
      "    --summary \"Taken to hospital\"\n");

  const auto addition = [&](CLI::App* command) {
    command->add_option("--aware", t.aware, "when the agency came to know, if that was earlier");
    command->add_option("--kind", t.kinds, "a further kind; may be given again")
        ->allow_extra_args(false);
    command->add_option("--carer", t.carer, "the foster carer's id");
    command->add_option("--place", t.place, "where");
    command->add_option("--summary", t.summary, "what happened, as is now known");
    command->add_option("--immediate-actions", t.actions, "what was done at once");
    command
        ->add_option("--answer", t.answers,
                     "an answer to a question of the form, as question=answer; may be given again")
        ->allow_extra_args(false);
    return command->add_option("--occurred", t.occurred, "when it happened");
  };
  addition(of_event(add("complete", "Make a provisional report whole [as caseworker]", Complete)))
      ->required();

  CLI::App* correct =
      of_event(add("correct",
                   "Add to what was reported, or mend it; what was said first stays readable "
                   "[as caseworker]",
                   Correct));
  addition(correct);
  correct->add_option("--reason", t.reason, "why")->required();
  correct->footer(
      "  fosterwatch event correct EVENT --kind police-called-serious-incident \\\n"
      "    --reason \"The police were called after all\"\n");

  CLI::App* decide = of_event(
      add("decide-repeat",
          "Say whether a report repeats an event reported before [as team_manager]", DecideRepeat));
  decide->add_option("--same-as", t.same_as, "the event that it repeats: it is withdrawn");
  decide->add_flag("--new", t.is_new, "it is an event of its own");
  decide->add_option("--reason", t.reason, "why")->required();

  CLI::App* withdraw =
      of_event(add("withdraw", "Take back what was reported in error [as team_manager]", Withdraw));
  withdraw->add_option("--reason", t.reason, "why it is no event")->required();

  CLI::App* evidence = of_event(
      add("evidence", "Add what came to be known later, also once concluded [as caseworker]",
          Evidence));
  evidence->add_option("--text", t.text, "what is known now")->required();
  evidence->add_option("--reference", t.reference, "where the document lies");
}

}  // namespace fosterwatch::app
