#include "apps/fosterwatch/event.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using notifiable_events::v1::EventKind;
using notifiable_events::v1::EventReport;
using notifiable_events::v1::EventSummary;
using notifiable_events::v1::Notice;
using notifiable_events::v1::NotifiableEvent;
using notifiable_events::v1::RepeatQuestion;
using notifiable_events::v1::SignOff;

constexpr char kArea[] = "notifiable_events";
constexpr char kService[] = "NotifiableEventService";

// --- words --------------------------------------------------------------------------------------

std::string WordOf(EventKind kind) {
  return Word(notifiable_events::v1::EventKind_Name(kind), "EVENT_KIND_");
}

std::string WordOf(notifiable_events::v1::Recipient recipient) {
  return Word(notifiable_events::v1::Recipient_Name(recipient), "RECIPIENT_");
}

std::string WordOf(type::v1::Channel channel) {
  return channel == type::v1::CHANNEL_UNSPECIFIED
             ? "-"
             : Word(type::v1::Channel_Name(channel), "CHANNEL_");
}

std::string WordOf(SignOff::Stage stage) { return Word(SignOff::Stage_Name(stage), "STAGE_"); }

std::string WordOf(NotifiableEvent::State state) {
  return Word(NotifiableEvent::State_Name(state), "STATE_");
}

std::string WordOf(Notice::State state) { return Word(Notice::State_Name(state), "STATE_"); }

template <typename Kinds>
std::string KindsOf(const Kinds& kinds) {
  return absl::StrJoin(kinds, " ", [](std::string* out, int kind) {
    absl::StrAppend(out, WordOf(static_cast<EventKind>(kind)));
  });
}

// --- text ---------------------------------------------------------------------------------------

void AppendLine(std::string* text, const std::string& name, const std::string& value) {
  if (!value.empty()) {
    absl::StrAppend(text, "  ", name, std::string(18 - std::min<size_t>(name.size(), 17), ' '),
                    value, "\n");
  }
}

// What an addition to the report says, in one line.
std::string Added(const EventReport& report) {
  std::vector<std::string> said;
  const auto say = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) said.push_back(absl::StrCat(name, " ", value));
  };
  say("kinds", KindsOf(report.kinds()));
  say("child", report.child_id());
  say("carer", report.carer_id());
  if (report.has_occurred_time()) say("occurred", ShowTime(report.occurred_time()));
  if (report.has_became_aware_time()) say("became aware", ShowTime(report.became_aware_time()));
  say("place", report.place());
  say("summary", report.summary());
  say("at once", report.immediate_actions());
  return absl::StrJoin(said, "; ");
}

// The law's own recipients need no word.
std::string BasisNote(const Notice& notice) {
  switch (notice.basis()) {
    case notifiable_events::v1::BASIS_STANDARD:
      return " (standard)";
    case notifiable_events::v1::BASIS_POLICY:
      return " (policy)";
    default:
      return "";
  }
}

std::string NoticesOf(const NotifiableEvent& event) {
  Table table({"NOTICE", "KIND", "RECIPIENT", "BODY", "CHANNEL", "DUE", "STATE", "GIVEN"});
  for (const Notice& notice : event.notices()) {
    table.Add({notice.notice_id(), WordOf(notice.kind()),
               WordOf(notice.recipient()) + BasisNote(notice),
               notice.body_id().empty() ? "(to be named)" : notice.body_id(),
               WordOf(notice.channel()) + (notice.released_by_person() ? " (by a person)" : ""),
               ShowTime(notice.due_time()), WordOf(notice.state()),
               ShowTime(notice.given_time(), notice.has_given_time())});
  }
  return table.Text();
}

std::string TextOf(const NotifiableEvent& event) {
  const EventReport& report = event.report();
  std::string text = absl::StrCat("event ", event.event_id(), "\n");
  AppendLine(&text, "kinds", KindsOf(event.kinds()));
  AppendLine(&text, "state", WordOf(event.state()));
  AppendLine(&text, "child", report.child_id());
  AppendLine(&text, "carer", report.carer_id());
  AppendLine(&text, "occurred", ShowTime(report.occurred_time()));
  AppendLine(&text, "became aware", ShowTime(report.became_aware_time()));
  AppendLine(&text, "recorded", ShowTime(event.recorded_time()));
  AppendLine(&text, "reporter", event.reporter_id());
  AppendLine(&text, "source", event.source());
  AppendLine(&text, "place", report.place());
  AppendLine(&text, "summary", report.summary());
  AppendLine(&text, "at once", report.immediate_actions());
  if (event.has_provisional()) {
    const auto& provisional = event.provisional();
    AppendLine(&text, "provisional",
               provisional.has_completed_time()
                   ? absl::StrCat("completed ", ShowTime(provisional.completed_time()), " by ",
                                  provisional.completed_by())
                   : absl::StrCat("to be completed by ", ShowTime(provisional.due_time())));
  }
  for (const auto& correction : event.corrections()) {
    AppendLine(&text, "later said",
               absl::StrCat(ShowTime(correction.corrected_time()), " by ",
                            correction.corrected_by(), ": ", Added(correction.report()),
                            correction.reason().empty() ? "" : " because ", correction.reason()));
  }
  if (!event.possible_repeats().event_ids().empty()) {
    const auto& question = event.possible_repeats();
    const std::string answer = question.answer() == RepeatQuestion::ANSWER_NEW ? "no, a new event"
                               : question.answer() == RepeatQuestion::ANSWER_SAME ? "yes"
                                                                                  : "to be decided";
    AppendLine(&text, "repeats",
               absl::StrCat(absl::StrJoin(question.event_ids(), " "), ": ", answer));
  }
  if (event.has_withdrawal()) {
    AppendLine(&text, "withdrawn",
               absl::StrCat(ShowTime(event.withdrawal().withdrawn_time()), " by ",
                            event.withdrawal().withdrawn_by(), ": ", event.withdrawal().reason()));
  }
  for (const auto& evidence : event.evidence()) {
    AppendLine(&text, "evidence",
               absl::StrCat(ShowTime(evidence.added_time()), " by ", evidence.added_by(), ": ",
                            evidence.text(), evidence.reference().empty() ? "" : ", ",
                            evidence.reference()));
  }
  AppendLine(&text, "not notified first", event.from_decision_id());
  AppendLine(&text, "form", report.form_version());
  AppendLine(&text, "not answered", absl::StrJoin(event.unanswered(), " "));
  if (event.has_child_return()) {
    AppendLine(&text, "child back", ShowTime(event.child_return().returned_time()));
  }
  if (event.discussion().has_discussed_time()) {
    AppendLine(
        &text, "discussed",
        absl::StrCat(ShowTime(event.discussion().discussed_time()), " with ",
                     event.discussion().discussed_with(), ": ", event.discussion().agreed()));
  }
  if (event.has_enquiry_outcome()) {
    AppendLine(&text, "enquiry ended", ShowTime(event.enquiry_outcome().outcome_time()));
  }
  if (event.has_conclusion()) {
    AppendLine(&text, "concluded", ShowTime(event.conclusion().concluded_time()));
  }
  if (event.has_outcome() || event.has_conclusion()) {
    AppendLine(&text, "outcome",
               event.has_outcome() ? event.outcome().outcome() : event.conclusion().outcome());
  }
  absl::StrAppend(&text, "\n", NoticesOf(event));

  Table sign_offs({"SIGN-OFF", "DUE", "SIGNED", "BY"});
  for (const SignOff& sign_off : event.sign_offs()) {
    sign_offs.Add({WordOf(sign_off.stage()), ShowTime(sign_off.due_time()),
                   ShowTime(sign_off.signed_time(), sign_off.has_signed_time()),
                   sign_off.signed_by().empty() ? "-" : sign_off.signed_by()});
  }
  if (!sign_offs.empty()) absl::StrAppend(&text, "\n", sign_offs.Text());

  absl::StrAppend(&text, DutiesText(event));

  Table timeline({"RECORDED", "FACT", "BY", "ABOUT"});
  for (const auto& entry : event.timeline()) {
    timeline.Add({ShowTime(entry.recorded_time()), entry.fact(), entry.actor(), entry.subject()});
  }
  if (!timeline.empty()) absl::StrAppend(&text, "\n", timeline.Text());
  return text;
}

std::string StepWords(const type::v1::ExplanationStep& step) {
  using Step = type::v1::ExplanationStep;
  switch (step.operation()) {
    case Step::OPERATION_ADD_ELAPSED_SECONDS:
      return absl::FormatDuration(absl::Seconds(step.amount()));
    case Step::OPERATION_ADD_CALENDAR_MONTHS:
      return absl::StrCat(step.amount(), " calendar months, the end of that day");
    case Step::OPERATION_ADD_CALENDAR_DAYS:
      return absl::StrCat(step.amount(), " days, the end of that day");
    default:
      return absl::StrCat(step.amount(), " working days");
  }
}

// --- commands -----------------------------------------------------------------------------------

// What any of the commands was told.
struct Told {
  std::string event_id, notice_id, request_id;
  std::vector<std::string> kinds;
  std::string child, carer, occurred, aware, place, summary, immediate_actions, file;
  std::vector<std::string> new_besides, answers;
  std::string from_decision;
  std::string state, kind, page_token;
  bool overdue = false;
  bool all = false;
  bool silent = false;
  bool no_update = false;
  int page_size = 50;
  std::string channel, at, reference, stage, comment, note, outcome, regulator_reference, duty_id,
      reason;
};

absl::StatusOr<EventReport> ReadReport(const Told& told) {
  EventReport report;
  if (!told.file.empty()) {
    std::stringstream text;
    std::ifstream file(told.file);
    if (told.file != "-" && !file) {
      return UsageError("file", "cannot be read");
    }
    text << (told.file == "-" ? std::cin.rdbuf() : file.rdbuf());
    RETURN_IF_ERROR(json::TextToMessage(text.str(), report));
  }
  for (const std::string& word : told.kinds) {
    ASSIGN_OR_RETURN(const EventKind kind, ParseEnum<EventKind>("EVENT_KIND_", word, "kind"));
    report.add_kinds(kind);
  }
  if (!told.child.empty()) report.set_child_id(told.child);
  if (!told.carer.empty()) report.set_carer_id(told.carer);
  if (!told.place.empty()) report.set_place(told.place);
  if (!told.summary.empty()) report.set_summary(told.summary);
  if (!told.immediate_actions.empty()) report.set_immediate_actions(told.immediate_actions);
  RETURN_IF_ERROR(TakeAnswers(told.answers, report));
  if (!told.aware.empty() || !report.has_became_aware_time()) {
    ASSIGN_OR_RETURN(*report.mutable_became_aware_time(),
                     ParseMoment(told.aware.empty() ? "now" : told.aware, "aware"));
  }
  if (!told.occurred.empty()) {
    ASSIGN_OR_RETURN(*report.mutable_occurred_time(), ParseMoment(told.occurred, "occurred"));
  } else if (!report.has_occurred_time()) {
    *report.mutable_occurred_time() = report.became_aware_time();
  }
  return report;
}

absl::Status Report(const Context& context, const Told& told) {
  notifiable_events::v1::ReportEventRequest request;
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(*request.mutable_report(), ReadReport(told));
  for (const std::string& id : told.new_besides) request.add_new_besides_event_ids(id);
  request.set_from_decision_id(told.from_decision);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowEvent(context, remote->Call<NotifiableEvent>(kArea, kService, "ReportEvent", request));
}

absl::Status List(const Context& context, const Told& told) {
  notifiable_events::v1::ListEventsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_child_id(told.child);
  request.set_overdue_only(told.overdue);
  request.set_silent_only(told.silent);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state,
                     ParseEnum<NotifiableEvent::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  if (!told.kind.empty()) {
    ASSIGN_OR_RETURN(const auto kind, ParseEnum<EventKind>("EVENT_KIND_", told.kind, "kind"));
    request.set_kind(kind);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  using Response = notifiable_events::v1::ListEventsResponse;
  ASSIGN_OR_RETURN(Response response,
                   remote->Call<Response>(kArea, kService, "ListEvents", request));
  while (told.all && !response.next_page_token().empty()) {
    request.set_page_token(response.next_page_token());
    ASSIGN_OR_RETURN(const Response more,
                     remote->Call<Response>(kArea, kService, "ListEvents", request));
    response.clear_next_page_token();
    response.MergeFrom(more);
  }
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table(
      {"EVENT", "KINDS", "CHILD", "STATE", "BECAME AWARE", "NOTICES", "OVERDUE", "NEXT DUE"});
  for (const EventSummary& event : response.events()) {
    table.Add({event.event_id(), KindsOf(event.kinds()),
               event.child_id().empty() ? "-" : event.child_id(), WordOf(event.state()),
               ShowTime(event.became_aware_time()),
               absl::StrCat(event.notices_given(), "/", event.notice_count()),
               absl::StrCat(event.notices_overdue()),
               ShowTime(event.next_due_time(), event.has_next_due_time())});
  }
  std::fputs(table.empty() ? "No events.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    // Events are counted up to 10,000.
    const bool more = response.total_size() > 10'000;
    std::printf("\n%d of %s%lld; go on with --page-token %s, or --all\n", response.events_size(),
                more ? "more than " : "", static_cast<long long>(response.total_size() - more),
                response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

absl::Status Get(const Context& context, const Told& told) {
  notifiable_events::v1::GetEventRequest request;
  request.set_event_id(told.event_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowEvent(context, remote->Call<NotifiableEvent>(kArea, kService, "GetEvent", request));
}

absl::Status Explain(const Context& context, const Told& told) {
  notifiable_events::v1::ExplainDueTimeRequest request;
  request.set_event_id(told.event_id);
  request.set_duty_id(told.duty_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  ASSIGN_OR_RETURN(const type::v1::Explanation explanation,
                   remote->Call<type::v1::Explanation>(kArea, kService, "ExplainDueTime", request));
  if (context.json) {
    PrintJson(explanation);
    return absl::OkStatus();
  }
  std::string text = absl::StrCat("due ", ShowTime(explanation.due_time()), "\n");
  AppendLine(&text, "rule", absl::StrCat(explanation.rule(), ", ", explanation.rule_version()));
  AppendLine(&text, "source", explanation.source());
  AppendLine(&text, "confidence", explanation.confidence());
  AppendLine(&text, explanation.trigger(), ShowTime(explanation.trigger_time()));
  for (const auto& step : explanation.steps()) {
    AppendLine(&text, "then", absl::StrCat(StepWords(step), " to ", ShowTime(step.to_time())));
    for (const std::string& day : step.skipped()) AppendLine(&text, "not counted", day);
  }
  AppendLine(&text, "calendar", explanation.calendar_version());
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Give(const Context& context, const Told& told) {
  notifiable_events::v1::GiveNoticeRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_notice_id(told.notice_id);
  request.set_reference(told.reference);
  ASSIGN_OR_RETURN(const auto channel,
                   ParseEnum<type::v1::Channel>("CHANNEL_", told.channel, "channel"));
  request.set_channel(channel);
  if (!told.at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_given_time(), ParseMoment(told.at, "at"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowEvent(context, remote->Call<NotifiableEvent>(kArea, kService, "GiveNotice", request));
}

absl::Status Acknowledge(const Context& context, const Told& told) {
  notifiable_events::v1::AcknowledgeNoticeRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_notice_id(told.notice_id);
  request.set_reference(told.reference);
  ASSIGN_OR_RETURN(*request.mutable_acknowledged_time(),
                   ParseMoment(told.at.empty() ? "now" : told.at, "at"));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowEvent(context,
                   remote->Call<NotifiableEvent>(kArea, kService, "AcknowledgeNotice", request));
}

absl::Status Return(const Context& context, const Told& told) {
  notifiable_events::v1::RecordChildReturnRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_note(told.note);
  ASSIGN_OR_RETURN(*request.mutable_returned_time(),
                   ParseMoment(told.at.empty() ? "now" : told.at, "at"));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowEvent(context,
                   remote->Call<NotifiableEvent>(kArea, kService, "RecordChildReturn", request));
}

absl::Status Outcome(const Context& context, const Told& told) {
  notifiable_events::v1::RecordEnquiryOutcomeRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_outcome(told.outcome);
  ASSIGN_OR_RETURN(*request.mutable_outcome_time(),
                   ParseMoment(told.at.empty() ? "now" : told.at, "at"));
  if (told.aware.empty()) {
    *request.mutable_became_aware_time() = request.outcome_time();
  } else {
    ASSIGN_OR_RETURN(*request.mutable_became_aware_time(), ParseMoment(told.aware, "aware"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowEvent(context,
                   remote->Call<NotifiableEvent>(kArea, kService, "RecordEnquiryOutcome", request));
}

absl::Status Sign(const Context& context, const Told& told) {
  notifiable_events::v1::SignOffEventRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_comment(told.comment);
  ASSIGN_OR_RETURN(const auto stage, ParseEnum<SignOff::Stage>("STAGE_", told.stage, "stage"));
  request.set_stage(stage);
  ASSIGN_OR_RETURN(const auto remote,
                   Remote::Open(context, stage == SignOff::STAGE_MANAGER ? "team_manager"
                                                                         : "registered_manager"));
  return ShowEvent(context,
                   remote->Call<NotifiableEvent>(kArea, kService, "SignOffEvent", request));
}

absl::Status Conclude(const Context& context, const Told& told) {
  notifiable_events::v1::ConcludeEventRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_event_id(told.event_id);
  request.set_outcome(told.outcome);
  request.set_regulator_reference(told.regulator_reference);
  request.set_reason(told.reason);
  if (told.no_update) {
    request.set_regulator_update(notifiable_events::v1::REGULATOR_UPDATE_NOT_NEEDED);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  return ShowEvent(context,
                   remote->Call<NotifiableEvent>(kArea, kService, "ConcludeEvent", request));
}

// --- the command line ---------------------------------------------------------------------------

using Action = absl::Status (*)(const Context&, const Told&);

CLI::App* Add(CLI::App* parent, Context* context, const std::shared_ptr<Told>& told,
              const std::string& name, const std::string& what, Action action) {
  CLI::App* command = parent->add_subcommand(name, what);
  AddRemoteOptions(command, context);
  command->callback([context, told, action] {
    context->run = [context, told, action] { return action(*context, *told); };
  });
  return command;
}

void AddEventId(CLI::App* command, Told& told) {
  command->add_option("event", told.event_id, "the event's id")->required();
}

void AddRequestId(CLI::App* command, Told& told) {
  command->add_option("--request-id", told.request_id,
                      "makes a repetition safe: the same id gives the first answer [a new one]");
}

}  // namespace

absl::Status ShowEvent(const Context& context, const absl::StatusOr<NotifiableEvent>& event) {
  RETURN_IF_ERROR(event.status());
  if (context.json) {
    PrintJson(*event);
  } else {
    std::fputs(TextOf(*event).c_str(), stdout);
  }
  return absl::OkStatus();
}

void AddEvent(CLI::App& app, Context* context) {
  CLI::App* event = app.add_subcommand("event", "Schedule 7 events: report, follow, conclude");
  event->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  constexpr char kMoments[] =
      "Moments: now, now-90m, '2026-11-22 06:49' (London) or 2026-11-22T06:49:00Z.\n";

  CLI::App* report = Add(event, context, told, "report", "Report an event [as caseworker]", Report);
  report
      ->add_option("--kind", t.kinds,
                   "child-death, dbs-referral, serious-illness-accident, infectious-disease, "
                   "child-serious-offence, sexual-exploitation, police-called-serious-incident, "
                   "child-missing, serious-complaint or child-protection-enquiry; may be given "
                   "again")
      ->allow_extra_args(false);
  report->add_option("--child", t.child, "the child's id");
  report->add_option("--carer", t.carer, "the foster carer's id");
  report->add_option("--occurred", t.occurred, "when it happened [when the agency knew]");
  report->add_option("--aware", t.aware, "when the agency came to know [now]");
  report->add_option("--place", t.place, "where");
  report->add_option("--summary", t.summary, "what happened");
  report->add_option("--immediate-actions", t.immediate_actions, "what was done at once");
  report
      ->add_option("--answer", t.answers,
                   "an answer to a question of the form, as question=answer; the questions: "
                   "fosterwatch form list; may be given again")
      ->allow_extra_args(false);
  report->add_option("--file", t.file,
                     "an EventReport as JSON ('-': standard input); other "
                     "options win over it");
  report
      ->add_option("--new-besides", t.new_besides,
                   "an event that it looks like and is not; may be given again")
      ->allow_extra_args(false);
  report->add_option("--from-decision", t.from_decision,
                     "the decision not to notify that it reverses");
  AddRequestId(report, t);
  report->footer(std::string(kMoments) +
                 "\n  fosterwatch event report --kind child-missing --child C-0001 \\\n"
                 "    --occurred now-2h --summary \"Did not come back from school\"\n");

  CLI::App* list = Add(event, context, told, "list", "List events, newest first", List);
  list->add_option("--state", t.state, "open, concluded or withdrawn");
  list->add_option("--kind", t.kind, "of this kind");
  list->add_option("--child", t.child, "about this child");
  list->add_flag("--overdue", t.overdue, "with a notice past its due time");
  list->add_flag("--silent", t.silent,
                 "with a known outcome, neither concluded nor told to the regulator");
  list->add_option("--page-size", t.page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", t.page_token, "from the list before");
  list->add_flag("--all", t.all, "all pages");
  list->footer("  fosterwatch event list --state open --overdue\n");

  CLI::App* show = Add(event, context, told, "show", "Show one event with its notices", Get);
  AddEventId(show, t);

  CLI::App* explain = Add(event, context, told, "explain",
                          "Say why a notice or sign-off is due when it is", Explain);
  AddEventId(explain, t);
  explain->add_option("duty", t.duty_id, "the id of a notice or sign-off")->required();

  CLI::App* give =
      Add(event, context, told, "give", "Record that a person gave a notice [as caseworker]", Give);
  AddEventId(give, t);
  give->add_option("notice", t.notice_id, "the notice's id")->required();
  give->add_option("--channel", t.channel, "email, telephone or online-form")->required();
  give->add_option("--at", t.at, "when it was given [now]");
  give->add_option("--reference", t.reference, "the recipient's reference, or who took the call");
  AddRequestId(give, t);
  give->footer(std::string(kMoments) +
               "\n  fosterwatch event give EVENT NOTICE --channel online-form --reference 4711\n");

  CLI::App* acknowledge = Add(event, context, told, "acknowledge",
                              "Record that a recipient confirmed a notice", Acknowledge);
  AddEventId(acknowledge, t);
  acknowledge->add_option("notice", t.notice_id, "the notice's id")->required();
  acknowledge->add_option("--at", t.at, "when it was confirmed [now]");
  acknowledge->add_option("--reference", t.reference, "the recipient's reference");
  AddRequestId(acknowledge, t);

  CLI::App* back =
      Add(event, context, told, "return", "Record that a missing child is back", Return);
  AddEventId(back, t);
  back->add_option("--at", t.at, "when the child came back [now]");
  back->add_option("--note", t.note, "what is known");
  AddRequestId(back, t);

  CLI::App* outcome = Add(event, context, told, "enquiry-outcome",
                          "Record the outcome of a child protection enquiry", Outcome);
  AddEventId(outcome, t);
  outcome->add_option("--outcome", t.outcome, "what came of it")->required();
  outcome->add_option("--at", t.at, "when the enquiry ended [now]");
  outcome->add_option("--aware", t.aware, "when the agency came to know [--at]");
  AddRequestId(outcome, t);

  CLI::App* sign = Add(event, context, told, "sign-off",
                       "Sign the record off: a manager, then the registered manager", Sign);
  AddEventId(sign, t);
  sign->add_option("--stage", t.stage, "manager or registered-manager")->required();
  sign->add_option("--comment", t.comment, "a remark");
  AddRequestId(sign, t);

  CLI::App* conclude =
      Add(event, context, told, "conclude", "Conclude an event [as registered_manager]", Conclude);
  AddEventId(conclude, t);
  conclude->add_option("--outcome", t.outcome, "how it ended, unless it is recorded already");
  conclude->add_option("--regulator-reference", t.regulator_reference,
                       "the regulator's own reference");
  conclude->add_flag("--no-update", t.no_update,
                     "the Chief Inspector, who was told of the event, needs no update");
  conclude->add_option("--reason", t.reason, "why not");
  AddRequestId(conclude, t);
}

}  // namespace fosterwatch::app
