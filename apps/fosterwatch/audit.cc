// audit start, list, show, form, grade, close-finding, complete.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using allegations::v1::Audit;
using allegations::v1::AuditedRecord;

constexpr char kArea[] = "allegations";
constexpr char kService[] = "AuditsService";

struct Told {
  std::string audit_id, request_id, scope, kind, record_id, action_id, text, version, page_token,
      from, until;
  std::vector<std::string> answers, findings;
  bool dropped = false;
  int page_size = 50;
};

absl::Status Show(const Context& context, const absl::StatusOr<Audit>& audit) {
  RETURN_IF_ERROR(audit.status());
  if (context.json) {
    PrintJson(*audit);
    return absl::OkStatus();
  }
  Table table({"AUDIT", audit->audit_id()});
  table.Add({"state", Word(Audit::State_Name(audit->state()), "STATE_")});
  table.Add({"scope", Word(Audit::Scope_Name(audit->scope()), "SCOPE_")});
  table.Add(
      {"started", absl::StrCat(ShowTime(audit->started_time()), " by ", audit->started_by())});
  table.Add({"form", audit->form_version()});
  table.Add({"graded", absl::StrCat(audit->graded_count(), " of ", audit->records_size())});
  std::string text = table.Text();
  Table records({"KIND", "RECORD", "GRADED", "BY"});
  Table actions({"ACTION", "RECORD", "OWNER", "DUE", "STATE"});
  for (const auto& record : audit->records()) {
    records.Add({Word(AuditedRecord::Kind_Name(record.kind()), "KIND_"), record.record_id(),
                 ShowTime(record.graded_time(), record.has_graded_time()),
                 record.graded_by().empty() ? "-" : record.graded_by()});
    for (const auto& finding : record.findings()) {
      const auto& action = finding.action();
      actions.Add({action.action_id(), record.record_id(), action.owner_id(),
                   ShowTime(action.due_time()),
                   Word(type::v1::Action::State_Name(action.state()), "STATE_")});
    }
  }
  absl::StrAppend(&text, "\n", records.Text());
  if (!actions.empty()) absl::StrAppend(&text, "\n", actions.Text());
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

template <typename Request>
absl::Status Write(const Context& context, const Told& told, const char* role, const char* method,
                   Request request) {
  request.set_request_id(RequestId(told.request_id));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, role));
  return Show(context, remote->Call<Audit>(kArea, kService, method, request));
}

absl::Status Start(const Context& context, const Told& told) {
  allegations::v1::StartAuditRequest request;
  ASSIGN_OR_RETURN(const auto scope, ParseEnum<Audit::Scope>("SCOPE_", told.scope, "scope"));
  request.set_scope(scope);
  if (!told.kind.empty()) {
    ASSIGN_OR_RETURN(const auto kind, ParseEnum<AuditedRecord::Kind>("KIND_", told.kind, "kind"));
    request.set_kind(kind);
  }
  if (!told.from.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_recorded_from_time(), ParseMoment(told.from, "from"));
  }
  if (!told.until.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_recorded_until_time(), ParseMoment(told.until, "until"));
  }
  return Write(context, told, "team_manager", "StartAudit", request);
}

absl::Status Grade(const Context& context, const Told& told) {
  allegations::v1::GradeRecordRequest request;
  request.set_audit_id(told.audit_id);
  ASSIGN_OR_RETURN(const auto kind, ParseEnum<AuditedRecord::Kind>("KIND_", told.kind, "kind"));
  request.set_kind(kind);
  request.set_record_id(told.record_id);
  for (const std::string& text : told.answers) {
    const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (parts.size() != 2)
      return UsageError("answer", "is not QUESTION=GRADE or QUESTION=GRADE:WHY");
    const std::vector<std::string> said = absl::StrSplit(parts[1], absl::MaxSplits(':', 1));
    auto* answer = request.add_answers();
    answer->set_question_id(parts[0]);
    answer->set_grade(said[0]);
    if (said.size() == 2) answer->set_comment(said[1]);
  }
  for (const std::string& text : told.findings) {
    const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (parts.size() != 2) {
      return UsageError("finding", "is not OWNER=WHAT IS TO BE DONE or QUESTION:OWNER=WHAT");
    }
    auto* finding = request.add_findings();
    const std::vector<std::string> whose = absl::StrSplit(parts[0], absl::MaxSplits(':', 1));
    finding->set_owner_id(whose.back());
    if (whose.size() == 2) finding->set_question_id(whose.front());
    finding->set_description(parts[1]);
  }
  return Write(context, told, "team_manager", "GradeRecord", request);
}

absl::Status CloseFinding(const Context& context, const Told& told) {
  allegations::v1::CloseFindingRequest request;
  request.set_audit_id(told.audit_id);
  request.set_action_id(told.action_id);
  request.set_dropped(told.dropped);
  request.set_evidence(told.text);
  return Write(context, told, "team_manager", "CloseFinding", request);
}

absl::Status Complete(const Context& context, const Told& told) {
  allegations::v1::CompleteAuditRequest request;
  request.set_audit_id(told.audit_id);
  request.set_summary(told.text);
  return Write(context, told, "registered_manager", "CompleteAudit", request);
}

absl::Status Get(const Context& context, const Told& told) {
  allegations::v1::GetAuditRequest request;
  request.set_audit_id(told.audit_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  return Show(context, remote->Call<Audit>(kArea, kService, "GetAudit", request));
}

absl::Status Form(const Context& context, const Told& told) {
  allegations::v1::GetAuditFormRequest request;
  request.set_version(told.version);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using AuditForm = allegations::v1::AuditForm;
  ASSIGN_OR_RETURN(const AuditForm form,
                   remote->Call<AuditForm>(kArea, kService, "GetAuditForm", request));
  if (context.json) {
    PrintJson(form);
    return absl::OkStatus();
  }
  Table questions({"QUESTION", "ASKS", "OF"});
  for (const auto& question : form.questions()) {
    questions.Add(
        {question.question_id(), question.text(),
         question.kinds().empty()
             ? "all"
             : absl::StrJoin(question.kinds(), ", ", [](std::string* out, int kind) {
                 out->append(Word(AuditedRecord::Kind_Name(static_cast<AuditedRecord::Kind>(kind)),
                                  "KIND_"));
               })});
  }
  Table grades({"GRADE", "MEANS", "COMMENT"});
  for (const auto& grade : form.grades()) {
    grades.Add({grade.code(), grade.title(),
                grade.needs_finding() ? "required, with a finding"
                : grade.wanting()     ? "required"
                                      : "-"});
  }
  std::printf("form %s\n\n%s\n%s", form.version().c_str(), questions.Text().c_str(),
              grades.Text().c_str());
  return absl::OkStatus();
}

absl::Status List(const Context& context, const Told& told) {
  allegations::v1::ListAuditsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = allegations::v1::ListAuditsResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, kService, "ListAudits", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"AUDIT", "STATE", "SCOPE", "STARTED", "BY", "GRADED", "OPEN ACTIONS"});
  for (const auto& audit : response.audits()) {
    table.Add({audit.audit_id(), Word(Audit::State_Name(audit.state()), "STATE_"),
               Word(Audit::Scope_Name(audit.scope()), "SCOPE_"), ShowTime(audit.started_time()),
               audit.started_by(), absl::StrCat(audit.graded_count(), " of ", audit.record_count()),
               absl::StrCat(audit.open_action_count())});
  }
  std::fputs(table.empty() ? "No audits.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddAudit(CLI::App& app, Context* context) {
  CLI::App* audit = app.add_subcommand("audit", "Audits of allegations and notifiable events");
  audit->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = audit->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  const auto writes = [&](CLI::App* command) {
    command->add_option("--request-id", t.request_id,
                        "makes a repetition safe: the same id gives the first answer [a new one]");
  };
  const auto of_audit = [&](CLI::App* command) {
    command->add_option("audit", t.audit_id, "the audit's id")->required();
  };

  CLI::App* start = add("start", "Start an audit [as team_manager]", Start);
  start->add_option("--scope", t.scope, "active or last-12-months")->required();
  start->add_option("--kind", t.kind, "a part of it: allegation, event or complaint alone");
  start->add_option("--from", t.from, "a part of it: recorded then or later");
  start->add_option("--until", t.until, "a part of it: recorded before then");
  writes(start);
  CLI::App* list = add("list", "List audits, newest first", List);
  list->add_option("--page-size", t.page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", t.page_token, "from the list before");
  of_audit(add("show", "Show an audit with its records and actions", Get));
  add("form", "Show the form that records are graded on", Form)
      ->add_option("--version", t.version, "of that version [the one in use]");
  CLI::App* grade = add("grade", "Grade one record [as team_manager]", Grade);
  of_audit(grade);
  grade->add_option("--kind", t.kind, "allegation, event or complaint")->required();
  grade->add_option("--record", t.record_id, "the record's id")->required();
  grade->add_option("--answer", t.answers, "QUESTION=GRADE or QUESTION=GRADE:WHY; one for each")
      ->required()
      ->allow_extra_args(false);
  grade
      ->add_option("--finding", t.findings,
                   "OWNER=WHAT IS TO BE DONE, or QUESTION:OWNER=WHAT; may be given again")
      ->allow_extra_args(false);
  writes(grade);
  CLI::App* close =
      add("close-finding", "Close a finding's action [as team_manager]", CloseFinding);
  of_audit(close);
  close->add_option("action", t.action_id, "the action's id")->required();
  close->add_option("--evidence", t.text, "what shows that it was done, or why it is dropped")
      ->required();
  close->add_flag("--dropped", t.dropped, "it is not done");
  writes(close);
  CLI::App* complete =
      add("complete", "Complete an audit of which every record is graded [as registered_manager]",
          Complete);
  of_audit(complete);
  complete->add_option("--summary", t.text, "what the audit found")->required();
  writes(complete);
}

}  // namespace fosterwatch::app
