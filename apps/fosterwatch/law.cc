// law show, try, adopt, policy; form list, show.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace events = notifiable_events::v1;

constexpr char kArea[] = "notifiable_events";
constexpr char kService[] = "LawService";

// What any of the commands was told.
struct Told {
  std::string file, day, reason, kind, recipient, request_id;
  bool on = false;
};

std::string WordOf(events::EventKind kind) {
  return Word(events::EventKind_Name(kind), "EVENT_KIND_");
}
std::string WordOf(events::Recipient recipient) {
  return Word(events::Recipient_Name(recipient), "RECIPIENT_");
}
std::string WordOf(events::Basis basis) {
  return basis == events::BASIS_UNSPECIFIED ? "-" : Word(events::Basis_Name(basis), "BASIS_");
}

absl::StatusOr<std::string> TextOf(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream in(file, std::ios::binary);
    if (!in || !(text << in.rdbuf())) return UsageError("FILE", "cannot be read");
  }
  return text.str();
}

template <typename Response>
absl::StatusOr<Response> Ask(const Context& context, const std::string& method,
                             const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  return remote->Call<Response>(kArea, kService, method, request);
}

std::string Adoptions(const events::AgencyLaw& agency) {
  Table table({"ADOPTED", "FROM", "BY", "RECORDED", "REASON"});
  for (const auto& adoption : agency.adoptions()) {
    table.Add({adoption.version(), adoption.effective_from(), adoption.adopted_by(),
               ShowTime(adoption.adopted_time()), adoption.reason()});
  }
  Table switches({"POLICY", "TELLS", "SWITCHED", "FROM", "BY", "REASON"});
  for (const auto& one : agency.policy_switches()) {
    switches.Add({WordOf(one.kind()), WordOf(one.recipient()), one.on() ? "on" : "off",
                  one.effective_from(), one.switched_by(), one.reason()});
  }
  return absl::StrCat(table.empty() ? "" : absl::StrCat("\n", table.Text()),
                      switches.empty() ? "" : absl::StrCat("\n", switches.Text()));
}

absl::Status ShowLaw(const Context& context, const Told& told) {
  events::GetLawRequest request;
  request.set_day(told.day);
  ASSIGN_OR_RETURN(const auto response, Ask<events::LawInForce>(context, "GetLaw", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::printf("law %s, %s since %s\n\n", response.law().version().c_str(),
              response.adopted() ? "adopted by the agency, in force" : "shipped, in force",
              response.effective_from().c_str());
  Table table({"KIND", "TELLS", "BASIS", "FROM", "UNTIL", "CONFIDENCE", "SOURCE"});
  for (const auto& row : response.law().rows()) {
    if (!row.required()) continue;
    table.Add({WordOf(row.kind()), WordOf(row.recipient()),
               row.basis() == events::BASIS_UNSPECIFIED ? "statutory" : WordOf(row.basis()),
               row.effective_from(), row.effective_until().empty() ? "-" : row.effective_until(),
               Word(events::Confidence_Name(row.confidence()), "CONFIDENCE_"), row.source()});
  }
  for (const auto& row : response.policy()) {
    table.Add({WordOf(row.kind()), WordOf(row.recipient()),
               absl::StrCat("policy, ", row.on() ? "on" : "off"), row.effective_from(),
               row.effective_until().empty() ? "-" : row.effective_until(),
               Word(events::Confidence_Name(row.confidence()), "CONFIDENCE_"), row.source()});
  }
  std::fputs(absl::StrCat(table.Text(), Adoptions(response.agency())).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status TryLaw(const Context& context, const Told& told) {
  events::TryLawRequest request;
  ASSIGN_OR_RETURN(*request.mutable_law_json(), TextOf(told.file));
  request.set_effective_from(told.day);
  ASSIGN_OR_RETURN(const auto response, Ask<events::TryLawResponse>(context, "TryLaw", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::printf(
      "law %s: of %lld events %lld would differ: %lld notices more, %lld fewer, %lld "
      "changed\n",
      response.version().c_str(), static_cast<long long>(response.events_tried()),
      static_cast<long long>(response.events_different()),
      static_cast<long long>(response.notices_added()),
      static_cast<long long>(response.notices_dropped()),
      static_cast<long long>(response.notices_changed()));
  Table table({"EVENT", "NOTICE", "KIND", "RECIPIENT", "BODY", "DUE", "WOULD BE", "BASIS"});
  for (const auto& difference : response.differences()) {
    for (const auto& notice : difference.notices()) {
      const auto basis = notice.change() == events::NoticeDifference::CHANGE_DROPPED
                             ? notice.basis_before()
                             : notice.basis_after();
      table.Add({difference.event_id(),
                 Word(events::NoticeDifference::Change_Name(notice.change()), "CHANGE_"),
                 WordOf(notice.kind()), WordOf(notice.recipient()),
                 notice.body_id().empty() ? "(to be named)" : notice.body_id(),
                 ShowTime(notice.due_time_before(), notice.has_due_time_before()),
                 ShowTime(notice.due_time_after(), notice.has_due_time_after()), WordOf(basis)});
    }
  }
  if (!table.empty()) std::fputs(absl::StrCat("\n", table.Text()).c_str(), stdout);
  if (response.differences_size() < response.events_different()) {
    std::printf("\nShown are the newest %d.\n", response.differences_size());
  }
  return absl::OkStatus();
}

absl::Status ShowAgency(const Context& context, const absl::StatusOr<events::AgencyLaw>& agency) {
  RETURN_IF_ERROR(agency.status());
  if (context.json) {
    PrintJson(*agency);
  } else {
    std::fputs(Adoptions(*agency).c_str(), stdout);
  }
  return absl::OkStatus();
}

absl::Status AdoptLaw(const Context& context, const Told& told) {
  events::AdoptLawRequest request;
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(*request.mutable_law_json(), TextOf(told.file));
  request.set_effective_from(told.day);
  request.set_reason(told.reason);
  return ShowAgency(context, Ask<events::AgencyLaw>(context, "AdoptLaw", request));
}

absl::Status SwitchPolicy(const Context& context, const Told& told) {
  events::SwitchPolicyRecipientRequest request;
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(const auto kind, ParseEnum<events::EventKind>("EVENT_KIND_", told.kind, "kind"));
  ASSIGN_OR_RETURN(const auto recipient,
                   ParseEnum<events::Recipient>("RECIPIENT_", told.recipient, "recipient"));
  request.set_kind(kind);
  request.set_recipient(recipient);
  request.set_on(told.on);
  request.set_effective_from(told.day);
  request.set_reason(told.reason);
  return ShowAgency(context, Ask<events::AgencyLaw>(context, "SwitchPolicyRecipient", request));
}

absl::StatusOr<events::ListFormsResponse> Forms(const Context& context, const Told& told) {
  events::ListFormsRequest request;
  request.set_day(told.day);
  if (!told.kind.empty()) {
    ASSIGN_OR_RETURN(const auto kind,
                     ParseEnum<events::EventKind>("EVENT_KIND_", told.kind, "kind"));
    request.set_kind(kind);
  }
  return Ask<events::ListFormsResponse>(context, "ListForms", request);
}

absl::Status ListForms(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto response, Forms(context, told));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"KIND", "VERSION", "FROM", "QUESTIONS", "REQUIRED"});
  for (const auto& form : response.forms()) {
    int required = 0;
    for (const auto& question : form.questions()) required += question.required() ? 1 : 0;
    table.Add({WordOf(form.kind()), form.version(), form.effective_from(),
               absl::StrCat(form.questions_size()), absl::StrCat(required)});
  }
  std::fputs(table.empty() ? "There is no form for that day.\n" : table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status ShowForm(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto response, Forms(context, told));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const auto& form : response.forms()) {
    std::printf("form %s, %s since %s\n%s\n\n", WordOf(form.kind()).c_str(), form.version().c_str(),
                form.effective_from().c_str(), form.source().c_str());
    Table table({"QUESTION", "REQUIRED", "ANSWERED IN", "FEEDS", "LABEL"});
    for (const auto& question : form.questions()) {
      table.Add({question.question_id(), question.required() ? "yes" : "no",
                 question.report_field().empty() ? "answers" : question.report_field(),
                 question.export_field(), question.label()});
    }
    std::fputs(table.Text().c_str(), stdout);
  }
  if (response.forms().empty()) std::fputs("There is no form for that day.\n", stdout);
  return absl::OkStatus();
}

}  // namespace

void AddLaw(CLI::App& app, Context* context) {
  auto told = std::make_shared<Told>();
  const auto command = [context, told](CLI::App* parent, const std::string& name,
                                       const std::string& about,
                                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* added = parent->add_subcommand(name, about);
    AddRemoteOptions(added, context);
    added->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return added;
  };
  constexpr char kDay[] = "a day such as 2026-11-23 of London [today]";

  CLI::App* law = app.add_subcommand("law", "Who must be told of what, and trying another edition");
  law->require_subcommand(1);
  CLI::App* show = command(law, "show", "Show what governs events of a day", ShowLaw);
  show->add_option("--day", told->day, kDay);
  CLI::App* tried = command(law, "try", "Show what an edition would have changed", TryLaw);
  tried
      ->add_option("FILE", told->file,
                   "the edition, as schedule7.json; - reads it from standard "
                   "input")
      ->required();
  tried->add_option("--from", told->day, kDay);
  CLI::App* adopt = command(law, "adopt", "Have an edition govern events from a day on", AdoptLaw);
  adopt->add_option("FILE", told->file, "as for try")->required();
  adopt->add_option("--from", told->day, "a day such as 2026-11-23 of London")->required();
  adopt->add_option("--reason", told->reason, "why")->required();
  adopt->add_option("--request-id", told->request_id, "the same id is the same request");
  CLI::App* policy =
      command(law, "policy", "Switch a recipient of the agency's policy on or off", SwitchPolicy);
  policy->add_option("kind", told->kind, "such as child-missing")->required();
  policy->add_option("recipient", told->recipient, "such as police")->required();
  policy->add_flag("--on,!--off", told->on, "whether it is told")->required();
  policy->add_option("--from", told->day, kDay);
  policy->add_option("--reason", told->reason, "why")->required();
  policy->add_option("--request-id", told->request_id, "the same id is the same request");
  law->footer(
      "  fosterwatch law show --json | jq .law > edition.json\n"
      "  fosterwatch law try edition.json --from 2026-11-23\n"
      "  fosterwatch law adopt edition.json --from 2026-11-23 --reason \"SI 2026/1\"\n"
      "  fosterwatch law policy child-missing police --off --reason \"the council tells them\"\n");

  CLI::App* form = app.add_subcommand("form", "What a report of each kind is asked");
  form->require_subcommand(1);
  CLI::App* list = command(form, "list", "List the forms of a day", ListForms);
  list->add_option("--day", told->day, kDay);
  CLI::App* one = command(form, "show", "Show the questions of one kind's form", ShowForm);
  one->add_option("kind", told->kind, "such as child-missing")->required();
  one->add_option("--day", told->day, kDay);
}

}  // namespace fosterwatch::app
