// allegation receive, and what moves one on: amend, link, refer, ... close, reopen.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

#include "apps/fosterwatch/allegation.h"
#include "apps/fosterwatch/commands.h"
#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using allegations::v1::Allegation;

struct Told {
  std::string allegation_id, request_id, carer, person, child, informant, occurred, aware, summary,
      immediate, reason, text, at, body, officer, channel, reference, late_reason, outcome, item,
      owner, party, lead;
  std::vector<std::string> grounds, links, kinds;
  bool dropped = false, not_told = false, corrects = false;
};

// One write of an allegation, as `role`.
template <typename Request>
absl::Status Write(const Context& context, const Told& told, const char* role, const char* method,
                   Request request) {
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, role));
  return ShowAllegation(
      context, remote->Call<Allegation>(kAllegationsArea, kAllegationsService, method, request));
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
  request.set_corrects_subject(told.corrects);
  return Write(context, told, told.corrects ? "team_manager" : "caseworker", "AmendAllegation",
               request);
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
  request.set_action(told.reason);
  request.set_action_owner_id(told.owner);
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

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddAllegationActs(CLI::App* allegation, Context* context) {
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

  CLI::App* amend = changes("amend", "Add to what was said [as caseworker]", Amend);
  subject(amend);
  amend->add_option("--addition", t.text, "what is said now");
  amend->add_option("--reason", t.reason, "why it is added")->required();
  amend->add_flag("--correct-subject", t.corrects,
                  "--carer or --staff is whom it is about, not who was recorded [as team_manager]");
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

  CLI::App* learn =
      changes("learn", "Record what the agency learns from it [as team_manager]", Learn);
  learn->add_option("--learning", t.text, "what is learnt")->required();
  learn->add_option("--action", t.reason, "what will be done about it; needed before it is closed");
  learn->add_option("--owner", t.owner, "who will do that");
  changes("close", "Close it; names what is missing [as registered_manager]", Close)
      ->add_option("--summary", t.summary, "for the confidential file")
      ->required();
  changes("reopen", "Open it again on new evidence [as registered_manager]", Reopen)
      ->add_option("--reason", t.reason, "the new evidence")
      ->required();
}

}  // namespace fosterwatch::app
