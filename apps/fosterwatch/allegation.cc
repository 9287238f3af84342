// allegation receive, list, show, explain, and what moves one on; audits are in audit.cc.
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using allegations::v1::Allegation;

constexpr char kArea[] = "allegations";
constexpr char kService[] = "AllegationsService";

struct Told {
  std::string allegation_id, request_id, carer, person, child, informant, occurred, aware, summary,
      immediate, reason, state, page_token, duty, text, at, body, officer, channel, reference,
      late_reason, outcome, item, owner, party, lead;
  std::vector<std::string> grounds, links, kinds;
  bool overdue = false, open = false, dropped = false, not_told = false;
  int page_size = 50;
};

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string WordOf(Allegation::State state) {
  return Word(Allegation::State_Name(state), "STATE_");
}

std::string WordOf(allegations::v1::Outcome outcome) {
  return outcome == allegations::v1::OUTCOME_UNSPECIFIED
             ? "-"
             : Word(allegations::v1::Outcome_Name(outcome), "OUTCOME_");
}

std::string WordOf(type::v1::Action::State state) {
  return Word(type::v1::Action::State_Name(state), "STATE_");
}

std::string TextOf(const Allegation& allegation) {
  const auto& report = allegation.report();
  Table table({"ALLEGATION", allegation.allegation_id()});
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.Add({name, value});
  };
  line("state", WordOf(allegation.state()));
  line("carer", allegation.carer_id());
  line("member of staff", allegation.person_id());
  line("child", allegation.child_id());
  line("from complaint", allegation.complaint_id());
  line("became aware", ShowTime(report.became_aware_time()));
  line("received",
       absl::StrCat(ShowTime(allegation.received_time()), " by ", allegation.received_by()));
  line("what was said", report.summary());
  line("at once", report.immediate_actions());
  for (const auto& amendment : allegation.amendments()) {
    line("later said", absl::StrCat(ShowTime(amendment.amended_time()), " by ",
                                    amendment.amended_by(), ": ", amendment.addition()));
  }
  for (const auto& link : allegation.links()) {
    line("linked to", absl::StrCat(Word(allegations::v1::Link::Kind_Name(link.kind()), "KIND_"),
                                   " ", link.id()));
  }
  if (allegation.has_referral()) {
    line("referred", absl::StrCat(ShowTime(allegation.referral().referred_time()), " to ",
                                  allegation.referral().officer_name(),
                                  allegation.referral().late() ? " (late)" : ""));
  }
  for (const auto& meeting : allegation.strategy_meetings()) {
    line("meeting", absl::StrCat(ShowTime(meeting.held_time()), ": ", meeting.decisions()));
  }
  if (allegation.has_investigation()) {
    line("investigation", ShowTime(allegation.investigation().started_time()));
  }
  if (allegation.has_conclusion()) {
    line("concluded", absl::StrCat(ShowTime(allegation.conclusion().concluded_time()), " ",
                                   WordOf(allegation.conclusion().outcome())));
  }
  line("learning", allegation.learning().learning());
  if (allegation.has_closure()) {
    line("closed", absl::StrCat(ShowTime(allegation.closure().closed_time()), " by ",
                                allegation.closure().closed_by()));
  }
  std::string text = table.Text();
  Table duties({"DUTY", "DUE", "DONE", "ID"});
  for (const auto& duty : allegation.duties()) {
    duties.Add({duty.code(), ShowTime(duty.due_time()),
                ShowTime(duty.done_time(), duty.has_done_time()), duty.duty_id()});
  }
  if (!duties.empty()) absl::StrAppend(&text, "\n", duties.Text());
  Table items({"CHECKLIST", "OWNER", "DUE", "STATE", "ITEM"});
  for (const auto& item : allegation.checklist()) {
    items.Add({item.code(), item.action().owner_id(), ShowTime(item.action().due_time()),
               WordOf(item.action().state()), item.action().action_id()});
  }
  if (!items.empty()) absl::StrAppend(&text, "\n", items.Text());
  Table tellings({"TO BE TOLD", "DUE", "TOLD"});
  for (const auto& telling : allegation.tellings()) {
    tellings.Add({telling.party(), ShowTime(telling.due_time()),
                  telling.not_told() ? "not told: " + telling.reason()
                                     : ShowTime(telling.told_time(), telling.has_told_time())});
  }
  if (!tellings.empty()) absl::StrAppend(&text, "\n", tellings.Text());
  return text;
}

absl::Status Show(const Context& context, const absl::StatusOr<Allegation>& allegation) {
  RETURN_IF_ERROR(allegation.status());
  if (context.json) {
    PrintJson(*allegation);
  } else {
    std::fputs(TextOf(*allegation).c_str(), stdout);
  }
  return absl::OkStatus();
}

// One write of an allegation, as `role`.
template <typename Request>
absl::Status Write(const Context& context, const Told& told, const char* role, const char* method,
                   Request request) {
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, role));
  return Show(context, remote->Call<Allegation>(kArea, kService, method, request));
}

template <typename Request>
Request Of(const Told& told) {
  Request request;
  request.set_allegation_id(told.allegation_id);
  return request;
}

// "event=ID", "complaint=ID", "carer-review=ID" or "placement=ID".
absl::StatusOr<allegations::v1::Link> LinkOf(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.size() != 2) return UsageError("link", "is not a kind and an id such as event=E-1");
  allegations::v1::Link link;
  ASSIGN_OR_RETURN(const auto kind,
                   ParseEnum<allegations::v1::Link::Kind>("KIND_", parts[0], "link"));
  link.set_kind(kind);
  link.set_id(parts[1]);
  return link;
}

absl::Status Receive(const Context& context, const Told& told) {
  allegations::v1::ReceiveAllegationRequest request;
  auto& report = *request.mutable_report();
  report.set_carer_id(told.carer);
  report.set_person_id(told.person);
  report.set_child_id(told.child);
  for (const std::string& word : told.grounds) {
    ASSIGN_OR_RETURN(const auto ground,
                     ParseEnum<allegations::v1::Ground>("GROUND_", word, "ground"));
    report.add_grounds(ground);
  }
  ASSIGN_OR_RETURN(const auto informant, ParseEnum<allegations::v1::Informant>(
                                             "INFORMANT_", told.informant, "informant"));
  report.set_informant(informant);
  ASSIGN_OR_RETURN(*report.mutable_became_aware_time(), ParseMoment(told.aware, "aware"));
  if (!told.occurred.empty()) {
    ASSIGN_OR_RETURN(*report.mutable_occurred_time(), ParseMoment(told.occurred, "occurred"));
  }
  report.set_summary(told.summary);
  report.set_immediate_actions(told.immediate);
  for (const std::string& text : told.links) {
    ASSIGN_OR_RETURN(*request.add_links(), LinkOf(text));
  }
  return Write(context, told, "caseworker", "ReceiveAllegation", request);
}

absl::Status Amend(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::AmendAllegationRequest>(told);
  request.set_reason(told.reason);
  request.set_carer_id(told.carer);
  request.set_person_id(told.person);
  request.set_child_id(told.child);
  request.set_addition(told.text);
  return Write(context, told, "caseworker", "AmendAllegation", request);
}

absl::Status LinkTo(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::LinkAllegationRequest>(told);
  ASSIGN_OR_RETURN(*request.mutable_link(), LinkOf(told.text));
  return Write(context, told, "caseworker", "LinkAllegation", request);
}

absl::Status Refer(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::ReferAllegationRequest>(told);
  ASSIGN_OR_RETURN(*request.mutable_referred_time(), ParseMoment(told.at, "at"));
  request.set_body_id(told.body);
  request.set_officer_name(told.officer);
  ASSIGN_OR_RETURN(const auto channel,
                   ParseEnum<type::v1::Channel>("CHANNEL_", told.channel, "channel"));
  request.set_channel(channel);
  request.set_reference(told.reference);
  request.set_advice(told.text);
  request.set_late_reason(told.late_reason);
  return Write(context, told, "team_manager", "ReferAllegation", request);
}

absl::Status Meeting(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::RecordStrategyMeetingRequest>(told);
  ASSIGN_OR_RETURN(*request.mutable_held_time(), ParseMoment(told.at, "at"));
  request.set_decisions(told.text);
  return Write(context, told, "team_manager", "RecordStrategyMeeting", request);
}

absl::Status Investigate(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::StartInvestigationRequest>(told);
  for (const std::string& word : told.kinds) {
    ASSIGN_OR_RETURN(const auto kind,
                     ParseEnum<allegations::v1::Investigation::Kind>("KIND_", word, "kind"));
    request.add_kinds(kind);
  }
  ASSIGN_OR_RETURN(*request.mutable_started_time(), ParseMoment(told.at, "at"));
  request.set_lead(told.lead);
  return Write(context, told, "team_manager", "StartInvestigation", request);
}

absl::Status Conclude(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::RecordOfficerConclusionRequest>(told);
  ASSIGN_OR_RETURN(const auto outcome,
                   ParseEnum<allegations::v1::Outcome>("OUTCOME_", told.outcome, "outcome"));
  request.set_outcome(outcome);
  ASSIGN_OR_RETURN(*request.mutable_concluded_time(), ParseMoment(told.at, "at"));
  request.set_reasons(told.reason);
  return Write(context, told, "team_manager", "RecordOfficerConclusion", request);
}

absl::Status Review(const Context& context, const Told& told) {
  return Write(context, told, "team_manager", "StartAgencyReview",
               Of<allegations::v1::StartAgencyReviewRequest>(told));
}

absl::Status CloseItem(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::CloseChecklistItemRequest>(told);
  request.set_item_id(told.item);
  request.set_dropped(told.dropped);
  request.set_evidence(told.text);
  return Write(context, told, "team_manager", "CloseChecklistItem", request);
}

absl::Status AssignItem(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::AssignChecklistItemRequest>(told);
  request.set_item_id(told.item);
  request.set_owner_id(told.owner);
  return Write(context, told, "team_manager", "AssignChecklistItem", request);
}

absl::Status AddItem(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::AddChecklistItemRequest>(told);
  request.set_description(told.text);
  request.set_owner_id(told.owner);
  return Write(context, told, "team_manager", "AddChecklistItem", request);
}

absl::Status Tell(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::RecordOutcomeToldRequest>(told);
  request.set_party(told.party);
  request.set_reason(told.reason);
  request.set_not_told(told.not_told);
  if (!told.not_told) {
    ASSIGN_OR_RETURN(*request.mutable_told_time(), ParseMoment(told.at, "at"));
    ASSIGN_OR_RETURN(const auto channel,
                     ParseEnum<type::v1::Channel>("CHANNEL_", told.channel, "channel"));
    request.set_channel(channel);
  }
  return Write(context, told, "team_manager", "RecordOutcomeTold", request);
}

absl::Status Learn(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::RecordLearningRequest>(told);
  request.set_learning(told.text);
  return Write(context, told, "team_manager", "RecordLearning", request);
}

absl::Status Close(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::CloseAllegationRequest>(told);
  request.set_summary(told.summary);
  return Write(context, told, "registered_manager", "CloseAllegation", request);
}

absl::Status Reopen(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::ReopenAllegationRequest>(told);
  request.set_reason(told.reason);
  return Write(context, told, "registered_manager", "ReopenAllegation", request);
}

absl::Status Get(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return Show(context, remote->Call<Allegation>(kArea, kService, "GetAllegation",
                                                Of<allegations::v1::GetAllegationRequest>(told)));
}

absl::Status Explain(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::ExplainDueTimeRequest>(told);
  request.set_duty_id(told.duty);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  ASSIGN_OR_RETURN(const auto why,
                   remote->Call<type::v1::Explanation>(kArea, kService, "ExplainDueTime", request));
  if (context.json) {
    PrintJson(why);
    return absl::OkStatus();
  }
  Table table({"DUE", ShowTime(why.due_time(), why.has_due_time())});
  table.Add({"from", absl::StrCat(why.trigger(), " ", ShowTime(why.trigger_time()))});
  table.Add({"rule", absl::StrCat(why.rule(), ", ", why.rule_version())});
  table.Add({"source", absl::StrCat(why.source(), " (", why.confidence(), ")")});
  for (const auto& step : why.steps()) {
    for (const std::string& day : step.skipped()) table.Add({"no working day", day});
  }
  for (const std::string& warning : why.warnings()) table.Add({"warning", warning});
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status List(const Context& context, const Told& told) {
  allegations::v1::ListAllegationsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_carer_id(told.carer);
  request.set_person_id(told.person);
  request.set_child_id(told.child);
  request.set_overdue_only(told.overdue);
  request.set_open_only(told.open);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state, ParseEnum<Allegation::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  using Response = allegations::v1::ListAllegationsResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, kService, "ListAllegations", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"ALLEGATION", "STATE", "CARER", "STAFF", "CHILD", "AWARE", "NEXT DUE", "CHECKLIST",
               "OUTCOME"});
  for (const auto& one : response.allegations()) {
    table.Add({one.allegation_id(), WordOf(one.state()), OrDash(one.carer_id()),
               OrDash(one.person_id()), OrDash(one.child_id()), ShowTime(one.became_aware_time()),
               ShowTime(one.next_due_time(), one.has_next_due_time()) +
                   (one.overdue() ? " (overdue)" : ""),
               one.checklist_count() == 0
                   ? "-"
                   : absl::StrCat(one.checklist_open(), " of ", one.checklist_count(), " open"),
               WordOf(one.outcome())});
  }
  std::fputs(table.empty() ? "No allegations.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddAllegation(CLI::App& app, Context* context) {
  CLI::App* allegation = app.add_subcommand("allegation", "Allegations against carers and staff");
  allegation->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  t.aware = t.at = "now";
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = allegation->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  // A command that changes an allegation.
  const auto changes = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = add(name, what, action);
    command->add_option("allegation", t.allegation_id, "the allegation's id")->required();
    command->add_option("--request-id", t.request_id,
                        "makes a repetition safe: the same id gives the first answer [a new one]");
    return command;
  };
  const auto subject = [&](CLI::App* command) {
    command->add_option("--carer", t.carer, "the foster carer whom it is about");
    command->add_option("--staff", t.person, "the member of staff whom it is about");
    command->add_option("--child", t.child, "the child concerned");
  };
  const auto at = [&](CLI::App* command, const std::string& what) {
    command->add_option("--at", t.at, what)->capture_default_str();
  };

  CLI::App* receive = add("receive", "Record an allegation [as caseworker]", Receive);
  subject(receive);
  receive
      ->add_option("--ground", t.grounds,
                   "harm, offence, unsuitable or transferable-risk; may be given again")
      ->required()
      ->allow_extra_args(false);
  receive->add_option("--informant", t.informant, "who told: child, carer, parent, police ...")
      ->required();
  receive->add_option("--occurred", t.occurred, "when it happened, where that is known");
  receive->add_option("--aware", t.aware, "when the agency came to know")->capture_default_str();
  receive->add_option("--summary", t.summary, "what was said")->required();
  receive->add_option("--immediate", t.immediate, "what was done at once");
  receive->add_option("--link", t.links, "event=ID, complaint=ID, carer-review=ID, placement=ID")
      ->allow_extra_args(false);
  receive->add_option("--request-id", t.request_id,
                      "makes a repetition safe: the same id gives the first answer [a new one]");
  receive->footer(
      "  fosterwatch allegation receive --carer F-0001 --child C-0002 --ground harm \\\n"
      "    --informant child --summary \"What the child said\"\n\n"
      "It is to be referred to the designated officer within one working day.\n");

  CLI::App* list = add("list", "List allegations, newest first", List);
  subject(list);
  list->add_option("--state", t.state, "received, referred, strategy, investigation ...");
  list->add_flag("--overdue", t.overdue, "with something past its due time");
  list->add_flag("--open", t.open, "that are not closed");
  list->add_option("--page-size", t.page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", t.page_token, "from the list before");

  add("show", "Show one allegation with its checklist", Get)
      ->add_option("allegation", t.allegation_id, "the allegation's id")
      ->required();
  CLI::App* explain = add("explain", "Why something is due when it is", Explain);
  explain->add_option("allegation", t.allegation_id, "the allegation's id")->required();
  explain->add_option("duty", t.duty, "a duty, an item of the checklist, or who is to be told")
      ->required();

  CLI::App* amend = changes("amend", "Add to what was said [as caseworker]", Amend);
  subject(amend);
  amend->add_option("--addition", t.text, "what is said now");
  amend->add_option("--reason", t.reason, "why it is added")->required();
  changes("link", "Link a record of another register [as caseworker]", LinkTo)
      ->add_option("link", t.text, "event=ID, complaint=ID, carer-review=ID or placement=ID")
      ->required();

  CLI::App* refer =
      changes("refer", "Record the referral to the designated officer [as team_manager]", Refer);
  at(refer, "when it was referred");
  refer->add_option("--officer", t.officer, "the officer's name")->required();
  refer->add_option("--channel", t.channel, "telephone, email, online-form")->required();
  refer->add_option("--body", t.body, "the local authority, as the directory has it");
  refer->add_option("--reference", t.reference, "the officer's own reference");
  refer->add_option("--advice", t.text, "what the officer advised");
  refer->add_option("--late-reason", t.late_reason, "why it was late, where it was");

  CLI::App* meeting = changes("meeting", "Record a strategy meeting [as team_manager]", Meeting);
  at(meeting, "when it was held");
  meeting->add_option("--decisions", t.text, "what was decided")->required();

  CLI::App* investigate =
      changes("investigate", "Record that an investigation began [as team_manager]", Investigate);
  investigate
      ->add_option("--kind", t.kinds,
                   "child-protection-enquiry, police or agency; may be given again")
      ->required()
      ->allow_extra_args(false);
  at(investigate, "when it began");
  investigate->add_option("--lead", t.lead, "who leads it");

  CLI::App* conclude = changes(
      "conclude", "Record what the designated officer concluded [as team_manager]", Conclude);
  conclude
      ->add_option("--outcome", t.outcome,
                   "substantiated, unsubstantiated, false, malicious or unfounded")
      ->required();
  at(conclude, "when the officer concluded");
  conclude->add_option("--reasons", t.reason, "the reasons")->required();

  changes("review", "Begin the agency's own review [as team_manager]", Review);

  CLI::App* close_item =
      changes("close-item", "Close an item of the checklist [as team_manager]", CloseItem);
  close_item->add_option("item", t.item, "the item's id")->required();
  close_item->add_option("--evidence", t.text, "what shows that it was done, or why it is dropped")
      ->required();
  close_item->add_flag("--dropped", t.dropped, "it is not done");
  CLI::App* assign_item =
      changes("assign-item", "Hand an item to somebody else [as team_manager]", AssignItem);
  assign_item->add_option("item", t.item, "the item's id")->required();
  assign_item->add_option("--owner", t.owner, "who will do it")->required();
  CLI::App* add_item =
      changes("add-item", "Add an item to the checklist [as team_manager]", AddItem);
  add_item->add_option("--description", t.text, "what is to be done")->required();
  add_item->add_option("--owner", t.owner, "who will do it")->required();

  CLI::App* tell =
      changes("tell", "Record that somebody was told the outcome [as team_manager]", Tell);
  tell->add_option("party", t.party, "SUBJECT, CHILD, RESPONSIBLE_AUTHORITY")->required();
  at(tell, "when they were told");
  tell->add_option("--channel", t.channel, "telephone, email ...");
  tell->add_flag("--not-told", t.not_told, "they are not told; with --reason");
  tell->add_option("--reason", t.reason, "why they are not told");

  changes("learn", "Record what the agency learns from it [as team_manager]", Learn)
      ->add_option("--learning", t.text, "what is learnt")
      ->required();
  changes("close", "Close it; names what is missing [as registered_manager]", Close)
      ->add_option("--summary", t.summary, "for the confidential file")
      ->required();
  changes("reopen", "Open it again on new evidence [as registered_manager]", Reopen)
      ->add_option("--reason", t.reason, "the new evidence")
      ->required();
}

}  // namespace fosterwatch::app
