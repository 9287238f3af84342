// allegation list, show, explain; what moves one on is in allegation_acts.cc, audits in audit.cc.
#include "apps/fosterwatch/allegation.h"

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

struct Told {
  std::string allegation_id, carer, person, child, state, page_token, duty;
  bool overdue = false, open = false;
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

// Text of a message that may be sealed in part: what is sealed never looks as if there were
// nothing.
template <typename Message>
std::string Said(const Message& message, const std::string& text) {
  return text.empty() && !message.sealed_sections().empty() ? "sealed: your role does not open this"
                                                            : text;
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
  line("what was said", Said(report, report.summary()));
  line("at once", Said(report, report.immediate_actions()));
  for (const auto& amendment : allegation.amendments()) {
    line("later said",
         absl::StrCat(ShowTime(amendment.amended_time()), " by ", amendment.amended_by(), ": ",
                      Said(amendment, amendment.addition())));
    if (!amendment.corrects_subject()) continue;
    line("corrected",
         absl::StrCat("not about ", amendment.former_carer_id(), amendment.former_person_id(), ": ",
                      Said(amendment, amendment.reason())));
  }
  for (const auto& link : allegation.links()) {
    line("linked to", absl::StrCat(Word(allegations::v1::Link::Kind_Name(link.kind()), "KIND_"),
                                   " ", link.id()));
  }
  if (allegation.has_referral()) {
    line("referred", absl::StrCat(ShowTime(allegation.referral().referred_time()), " to ",
                                  Said(allegation.referral(), allegation.referral().officer_name()),
                                  allegation.referral().late() ? " (late)" : ""));
  }
  for (const auto& meeting : allegation.strategy_meetings()) {
    line("meeting",
         absl::StrCat(ShowTime(meeting.held_time()), ": ", Said(meeting, meeting.decisions())));
  }
  if (allegation.has_investigation()) {
    line("investigation", ShowTime(allegation.investigation().started_time()));
  }
  if (allegation.has_conclusion()) {
    line("concluded", absl::StrCat(ShowTime(allegation.conclusion().concluded_time()), " ",
                                   WordOf(allegation.conclusion().outcome())));
  }
  line("learning", Said(allegation.learning(), allegation.learning().learning()));
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
                  telling.not_told() ? "not told: " + Said(telling, telling.reason())
                                     : ShowTime(telling.told_time(), telling.has_told_time())});
  }
  if (!tellings.empty()) absl::StrAppend(&text, "\n", tellings.Text());
  return text;
}

template <typename Request>
Request Of(const Told& told) {
  Request request;
  request.set_allegation_id(told.allegation_id);
  return request;
}

absl::Status Get(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowAllegation(
      context, remote->Call<Allegation>(kAllegationsArea, kAllegationsService, "GetAllegation",
                                        Of<allegations::v1::GetAllegationRequest>(told)));
}

absl::Status Explain(const Context& context, const Told& told) {
  auto request = Of<allegations::v1::ExplainDueTimeRequest>(told);
  request.set_duty_id(told.duty);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  ASSIGN_OR_RETURN(const auto why,
                   remote->Call<type::v1::Explanation>(kAllegationsArea, kAllegationsService,
                                                       "ExplainDueTime", request));
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
  ASSIGN_OR_RETURN(
      const Response response,
      remote->Call<Response>(kAllegationsArea, kAllegationsService, "ListAllegations", request));
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

absl::Status ShowAllegation(const Context& context, const absl::StatusOr<Allegation>& allegation) {
  RETURN_IF_ERROR(allegation.status());
  if (context.json) {
    PrintJson(*allegation);
  } else {
    std::fputs(TextOf(*allegation).c_str(), stdout);
  }
  return absl::OkStatus();
}

void AddAllegation(CLI::App& app, Context* context) {
  CLI::App* allegation = app.add_subcommand("allegation", "Allegations against carers and staff");
  allegation->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = allegation->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  const auto subject = [&](CLI::App* command) {
    command->add_option("--carer", t.carer, "the foster carer whom it is about");
    command->add_option("--staff", t.person, "the member of staff whom it is about");
    command->add_option("--child", t.child, "the child concerned");
  };
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

  AddAllegationActs(allegation, context);
}

}  // namespace fosterwatch::app
