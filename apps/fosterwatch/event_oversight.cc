// event export, trend: what is shown to who oversees the agency.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace events = notifiable_events::v1;
using events::RegulatorExport;
using events::Trend;

constexpr char kArea[] = "notifiable_events";
constexpr char kService[] = "OversightService";
constexpr char kRole[] = "registered_manager";

struct Told {
  std::string event_id, urn, format = "text", by, until;
};

// --- export -------------------------------------------------------------------------------------

std::string WordOf(events::EventKind kind) {
  return Word(events::EventKind_Name(kind), "EVENT_KIND_");
}

std::string WordOf(options::v1::Role role) {
  return role == options::v1::ROLE_UNSPECIFIED ? "" : Word(options::v1::Role_Name(role), "ROLE_");
}

// By the name that the field has below.
std::string WordOf(RegulatorExport::Field field) {
  switch (field) {
    case RegulatorExport::FIELD_CHILD_REFERENCES:
      return "child_refs";
    case RegulatorExport::FIELD_IMMEDIATE_ACTIONS:
      return "actions_immediate";
    case RegulatorExport::FIELD_REGISTERED_MANAGER_SIGN_OFF:
      return "registered_manager_signoff";
    case RegulatorExport::FIELD_REGULATOR_REFERENCE:
      return "ofsted_reference";
    case RegulatorExport::FIELD_CLOSED_TIME:
      return "closed_at";
    default:
      return absl::StrReplaceAll(Word(RegulatorExport::Field_Name(field), "FIELD_"), {{"-", "_"}});
  }
}

std::string WordsOf(const RegulatorExport::Person& person) {
  const std::string role = WordOf(person.role());
  return absl::StrCat(person.initials(), person.initials().empty() || role.empty() ? "" : " ",
                      role);
}

std::string WordsOf(const RegulatorExport::Body& body) {
  std::string words = absl::StrCat(Word(events::Recipient_Name(body.recipient()), "RECIPIENT_"),
                                   body.body_id().empty() ? "" : absl::StrCat(" ", body.body_id()),
                                   " of ", WordOf(body.kind()));
  if (!body.has_given_time()) return words + ": not yet";
  absl::StrAppend(&words, ": ", IsoTime(body.given_time(), true));
  if (!body.given_by().initials().empty()) {
    absl::StrAppend(&words, " by ", body.given_by().initials());
  }
  if (!body.reference().empty()) absl::StrAppend(&words, ", reference ", body.reference());
  return words;
}

// The form's fields by the names of the regulator's minimum, in order.
std::vector<std::pair<std::string, std::string>> FieldsOf(const RegulatorExport& form) {
  std::vector<std::string> kinds, initials, roles, bodies, missing;
  for (const int kind : form.kinds()) {
    kinds.push_back(WordOf(static_cast<events::EventKind>(kind)));
  }
  for (const auto& person : form.staff()) {
    initials.push_back(person.initials().empty() ? "?" : person.initials());
    roles.push_back(WordOf(person.role()).empty() ? "?" : WordOf(person.role()));
  }
  for (const auto& body : form.other_bodies()) bodies.push_back(WordsOf(body));
  for (const int field : form.missing()) {
    missing.push_back(WordOf(static_cast<RegulatorExport::Field>(field)));
  }
  const bool signed_off = form.has_registered_manager_sign_off_time();
  return {
      {"urn", form.urn()},
      {"event_id", form.event_id()},
      {"event_code", absl::StrJoin(kinds, "; ")},
      {"incident_at", IsoTime(form.incident_time(), form.has_incident_time())},
      {"incident_place", form.incident_place()},
      {"narrative", form.narrative()},
      {"child_refs", absl::StrJoin(form.child_references(), "; ")},
      {"staff_initials", absl::StrJoin(initials, "; ")},
      {"staff_roles", absl::StrJoin(roles, "; ")},
      {"other_bodies_notified", absl::StrJoin(bodies, "; ")},
      {"actions_immediate", form.immediate_actions()},
      {"evaluation", form.evaluation()},
      {"prevention_plan", form.prevention_plan()},
      {"reporter", WordsOf(form.reporter())},
      {"registered_manager_signoff",
       signed_off ? absl::StrCat(IsoTime(form.registered_manager_sign_off_time(), true), " ",
                                 form.registered_manager().initials())
                  : ""},
      {"ofsted_reference", form.regulator_reference()},
      {"closed_at", IsoTime(form.closed_time(), form.has_closed_time())},
      {"outcome", form.outcome()},
      {"still_missing", absl::StrJoin(missing, "; ")},
  };
}

// RFC 4180.
std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvOf(const RegulatorExport& form) {
  std::vector<std::string> names, values;
  for (const auto& [name, value] : FieldsOf(form)) {
    names.push_back(Quoted(name));
    values.push_back(Quoted(value));
  }
  return absl::StrCat(absl::StrJoin(names, ","), "\r\n", absl::StrJoin(values, ","), "\r\n");
}

std::string TextOf(const RegulatorExport& form) {
  std::string text;
  for (const auto& [name, value] : FieldsOf(form)) {
    absl::StrAppend(&text, name, "\n  ",
                    value.empty() ? "-" : absl::StrReplaceAll(value, {{"\n", "\n  "}}), "\n");
  }
  if (form.state() == events::NotifiableEvent::STATE_WITHDRAWN) {
    text += "\nThe event was withdrawn.\n";
  } else if (form.provisional()) {
    text += "\nThe report is provisional: it still has to be completed.\n";
  }
  return text;
}

absl::Status Export(const Context& context, const Told& told) {
  const std::string format = context.json ? "json" : told.format;
  if (format != "text" && format != "json" && format != "csv") {
    return UsageError("format", "is none of text, json, csv");
  }
  events::ExportForRegulatorRequest request;
  request.set_event_id(told.event_id);
  request.set_urn(told.urn);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const RegulatorExport form,
                   remote->Call<RegulatorExport>(kArea, kService, "ExportForRegulator", request));
  if (format == "json") {
    PrintJson(form);
  } else {
    std::fputs((format == "csv" ? CsvOf(form) : TextOf(form)).c_str(), stdout);
  }
  return absl::OkStatus();
}

// --- trend --------------------------------------------------------------------------------------

std::string NameOf(const Trend::Row& row, events::GetTrendRequest::GroupBy by) {
  switch (by) {
    case events::GetTrendRequest::GROUP_BY_KIND:
      return WordOf(row.kind());
    case events::GetTrendRequest::GROUP_BY_CARER:
      return row.carer_id().empty() ? "(not known)" : row.carer_id();
    default:
      if (row.carer_id().empty()) return "(not known)";
      return absl::StrCat(row.child_id().empty() ? "(not known)" : row.child_id(), " with ",
                          row.carer_id());
  }
}

absl::Status ShowTrend(const Context& context, const Told& told) {
  events::GetTrendRequest request;
  request.set_until_month(told.until);
  ASSIGN_OR_RETURN(const auto by,
                   ParseEnum<events::GetTrendRequest::GroupBy>("GROUP_BY_", told.by, "by"));
  request.set_group_by(by);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const Trend trend, remote->Call<Trend>(kArea, kService, "GetTrend", request));
  if (context.json) {
    PrintJson(trend);
    return absl::OkStatus();
  }
  std::vector<std::string> header = {absl::AsciiStrToUpper(told.by)};
  header.insert(header.end(), trend.months().begin(), trend.months().end());
  header.push_back("TOTAL");
  Table table(header);
  const auto add = [&table](const std::string& name, const auto& counts, int total) {
    std::vector<std::string> cells = {name};
    for (const int count : counts) cells.push_back(absl::StrCat(count));
    cells.push_back(absl::StrCat(total));
    table.Add(std::move(cells));
  };
  for (const Trend::Row& row : trend.rows()) add(NameOf(row, by), row.counts(), row.total());
  add("n (events)", trend.n(), trend.total());
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddEventOversight(CLI::App& app, Context* context) {
  CLI::App* event = app.get_subcommand("event");
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const char* name, const char* what,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = event->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* exported =
      add("export", "Show an event as the regulator's form asks for it, without names", Export);
  exported->add_option("event", t.event_id, "the event's id")->required();
  exported->add_option("--urn", t.urn, "the agency's number with Ofsted");
  exported->add_option("--format", t.format, "text, json or csv")->capture_default_str();
  exported->footer("  fosterwatch event export EVENT --urn SC123456 --format csv\n");

  CLI::App* trend = add("trend", "Count the events of twelve months", ShowTrend);
  trend->add_option("--by", t.by, "kind, carer or placement")->required();
  trend->add_option("--until", t.until, "the last month, such as 2026-11 [the present one]");
  trend->footer("  fosterwatch event trend --by kind\n");
}

}  // namespace fosterwatch::app
