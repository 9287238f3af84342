// complaint record, list, show, why, procedures; compliment record, list.
#include "apps/fosterwatch/complaint.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = complaints::v1;
using v1::Complaint;

struct Told {
  std::string id, request_id, kind = "complaint", giver, giver_name, giver_id, contact,
                              on_behalf_of, on_behalf_of_id, about, carer, child, staff,
                              received_by, received, category, summary, wish, procedure = "reg18",
                              sighting, state, number, duty, page_token, happened;
  std::vector<std::string> points, managers;
  bool overdue = false;
  int page_size = 50;
};

absl::Status FillReport(const Told& told, v1::ComplaintReport& report) {
  ASSIGN_OR_RETURN(const auto giver, ParseEnum<v1::GiverKind>("GIVER_KIND_", told.giver, "giver"));
  report.mutable_giver()->set_kind(giver);
  report.mutable_giver()->set_name(told.giver_name);
  report.mutable_giver()->set_giver_id(told.giver_id);
  report.mutable_giver()->set_contact(told.contact);
  if (!told.on_behalf_of.empty()) {
    ASSIGN_OR_RETURN(const auto other,
                     ParseEnum<v1::GiverKind>("GIVER_KIND_", told.on_behalf_of, "on-behalf-of"));
    report.mutable_giver()->set_on_behalf_of(other);
    report.mutable_giver()->set_on_behalf_of_id(told.on_behalf_of_id);
  }
  ASSIGN_OR_RETURN(const auto about,
                   ParseEnum<v1::SubjectKind>("SUBJECT_KIND_", told.about, "about"));
  report.mutable_subject()->set_kind(about);
  report.mutable_subject()->set_carer_id(told.carer);
  report.mutable_subject()->set_child_id(told.child);
  report.mutable_subject()->set_staff_id(told.staff);
  for (const std::string& manager : told.managers) {
    report.mutable_subject()->add_line_manager_ids(manager);
  }
  ASSIGN_OR_RETURN(const auto by,
                   ParseEnum<v1::ReceivedBy>("RECEIVED_BY_", told.received_by, "received-by"));
  report.set_received_by(by);
  ASSIGN_OR_RETURN(*report.mutable_received_time(), ParseMoment(told.received, "received"));
  if (!told.happened.empty()) {
    ASSIGN_OR_RETURN(*report.mutable_happened_time(), ParseMoment(told.happened, "happened"));
  }
  report.set_category(told.category);
  report.set_summary(told.summary);
  report.set_wish(told.wish);
  return absl::OkStatus();
}

absl::Status Record(const Context& context, const Told& told) {
  v1::RecordComplaintRequest request;
  request.set_request_id(RequestId(told.request_id));
  RETURN_IF_ERROR(FillReport(told, *request.mutable_report()));
  ASSIGN_OR_RETURN(const auto kind,
                   ParseEnum<v1::ComplaintKind>("COMPLAINT_KIND_", told.kind, "kind"));
  request.mutable_report()->set_kind(kind);
  request.mutable_report()->set_procedure_id(told.procedure);
  for (const std::string& point : told.points) request.add_points(point);
  request.set_sighting_id(told.sighting);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowComplaint(context, remote->Call<Complaint>(kComplaintsArea, kComplaintsService,
                                                        "RecordComplaint", request));
}

absl::Status RecordCompliment(const Context& context, const Told& told) {
  v1::RecordComplimentRequest request;
  request.set_request_id(RequestId(told.request_id));
  RETURN_IF_ERROR(FillReport(told, *request.mutable_report()));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowComplaint(context, remote->Call<Complaint>(kComplaintsArea, kComplaintsService,
                                                        "RecordCompliment", request));
}

absl::Status ListOf(const Context& context, const Told& told, v1::ComplaintKind kind) {
  v1::ListComplaintsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_kind(kind);
  request.set_category(told.category);
  request.set_carer_id(told.carer);
  request.set_child_id(told.child);
  request.set_case_number(told.number);
  request.set_overdue_only(told.overdue);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state, ParseEnum<Complaint::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  using Response = v1::ListComplaintsResponse;
  ASSIGN_OR_RETURN(
      const Response response,
      remote->Call<Response>(kComplaintsArea, kComplaintsService, "ListComplaints", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CASE", "KIND", "STATE", "STAGE", "CATEGORY", "ABOUT", "CHILD", "RECEIVED",
               "NEXT DUE", "ID"});
  for (const v1::ComplaintSummary& complaint : response.complaints()) {
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    table.Add({complaint.case_number(),
               Word(v1::ComplaintKind_Name(complaint.kind()), "COMPLAINT_KIND_"),
               absl::StrCat(Word(Complaint::State_Name(complaint.state()), "STATE_"),
                            complaint.paused() ? ", paused" : "",
                            complaint.out_of_time_undecided() ? ", out of time" : "",
                            complaint.other_route() ? ", another way" : ""),
               or_dash(complaint.stage_id()), complaint.category(),
               complaint.carer_id().empty()
                   ? Word(v1::SubjectKind_Name(complaint.subject_kind()), "SUBJECT_KIND_")
                   : complaint.carer_id(),
               or_dash(complaint.child_id()), ShowTime(complaint.received_time()),
               absl::StrCat(ShowTime(complaint.next_due_time(), complaint.has_next_due_time()),
                            complaint.overdue() ? " OVERDUE" : ""),
               complaint.complaint_id()});
  }
  std::fputs(table.empty() ? "None.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

absl::Status List(const Context& context, const Told& told) {
  return ListOf(context, told, v1::COMPLAINT_KIND_UNSPECIFIED);
}

absl::Status ListCompliments(const Context& context, const Told& told) {
  return ListOf(context, told, v1::COMPLAINT_KIND_COMPLIMENT);
}

absl::Status Get(const Context& context, const Told& told) {
  v1::GetComplaintRequest request;
  request.set_complaint_id(told.id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  return ShowComplaint(context, remote->Call<Complaint>(kComplaintsArea, kComplaintsService,
                                                        "GetComplaint", request));
}

absl::Status Why(const Context& context, const Told& told) {
  v1::ExplainDueTimeRequest request;
  request.set_complaint_id(told.id);
  request.set_duty_id(told.duty);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  using type::v1::Explanation;
  ASSIGN_OR_RETURN(
      const Explanation why,
      remote->Call<Explanation>(kComplaintsArea, kComplaintsService, "ExplainDueTime", request));
  if (context.json) {
    PrintJson(why);
    return absl::OkStatus();
  }
  std::printf("due %s\n  %s: %s\n  %s (%s), confidence %s\n  from %s %s\n",
              ShowTime(why.due_time(), why.has_due_time()).c_str(), why.rule().c_str(),
              why.source().c_str(), why.rule_version().c_str(), why.calendar_version().c_str(),
              why.confidence().c_str(), why.trigger().c_str(),
              ShowTime(why.trigger_time()).c_str());
  for (const auto& step : why.steps()) {
    std::printf(
        "  %s %lld\n",
        Word(type::v1::ExplanationStep::Operation_Name(step.operation()), "OPERATION_").c_str(),
        static_cast<long long>(step.amount()));
    for (const std::string& day : step.skipped()) std::printf("    without %s\n", day.c_str());
    for (const auto& pause : step.pauses()) {
      std::printf("    paused from %s to %s\n", ShowTime(pause.from_time()).c_str(),
                  ShowTime(pause.until_time(), pause.has_until_time()).c_str());
    }
  }
  for (const std::string& warning : why.warnings()) std::printf("  note: %s\n", warning.c_str());
  return absl::OkStatus();
}

absl::Status Procedures(const Context& context, const Told&) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  using Response = v1::ListProceduresResponse;
  ASSIGN_OR_RETURN(const Response book,
                   remote->Call<Response>(kComplaintsArea, kComplaintsService, "ListProcedures",
                                          v1::ListProceduresRequest()));
  if (context.json) {
    PrintJson(book);
    return absl::OkStatus();
  }
  Table table({"PROCEDURE", "STAGE", "STEPS", "TITLE"});
  for (const auto& procedure : book.procedures()) {
    for (const auto& stage : procedure.stages()) {
      table.Add({procedure.procedure_id(), stage.stage_id(), absl::StrJoin(stage.steps(), " "),
                 stage.title()});
    }
  }
  Table categories({"CATEGORY", "TITLE"});
  for (const auto& category : book.categories()) {
    categories.Add({category.code(), category.title()});
  }
  std::printf("%s\n%s", table.Text().c_str(), categories.Text().c_str());
  return absl::OkStatus();
}

using Action = absl::Status (*)(const Context&, const Told&);

CLI::App* Add(CLI::App* under, Context* context, const std::shared_ptr<Told>& told,
              const std::string& name, const std::string& what, Action action) {
  CLI::App* command = under->add_subcommand(name, what);
  AddRemoteOptions(command, context);
  command->callback([context, told, action] {
    context->run = [context, told, action] { return action(*context, *told); };
  });
  return command;
}

void AddReport(CLI::App* command, Told& t) {
  command
      ->add_option("--giver", t.giver,
                   "child, carer, parent, professional, staff, other or anonymous")
      ->required();
  command->add_option("--giver-name", t.giver_name, "who gave it");
  command->add_option("--giver-id", t.giver_id, "their id, where they have one");
  command->add_option("--contact", t.contact, "where the answer goes");
  command->add_option("--on-behalf-of", t.on_behalf_of, "for whom, a kind as in --giver");
  command->add_option("--on-behalf-of-id", t.on_behalf_of_id, "their id");
  command->add_option("--about", t.about, "carer, staff, service, child, authority or other")
      ->required();
  command->add_option("--carer", t.carer, "the foster carer it is about");
  command->add_option("--child", t.child, "the child concerned");
  command->add_option("--staff", t.staff, "the member of staff it is about");
  command->add_option("--line-manager", t.managers, "who manages them; may be given again")
      ->allow_extra_args(false);
  command
      ->add_option("--received-by", t.received_by,
                   "in-person, telephone, letter, email, online-form or visit-or-review")
      ->required();
  command->add_option("--received", t.received, "when")->default_val("now");
  command->add_option("--happened", t.happened, "when that happened which it is about, if known");
  command->add_option("--category", t.category, "as 'complaint procedures' lists them")->required();
  command->add_option("--summary", t.summary, "what was said")->required();
  command->add_option("--request-id", t.request_id,
                      "makes a repetition safe: the same id gives the first answer [a new one]");
}

void AddFilter(CLI::App* command, Told& t) {
  command->add_option("--category", t.category, "of this category");
  command->add_option("--carer", t.carer, "about this carer");
  command->add_option("--child", t.child, "concerning this child");
  command->add_option("--case", t.number, "by its number, as 2026-0007");
  command->add_option("--page-size", t.page_size, "1 to 200")->capture_default_str();
  command->add_option("--page-token", t.page_token, "from the list before");
}

}  // namespace

void AddComplaint(CLI::App& app, Context* context) {
  CLI::App* complaint =
      app.add_subcommand("complaint", "Complaints and representations, and what becomes of them");
  complaint->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  CLI::App* record = Add(complaint, context, told, "record",
                         "Record a complaint or a representation [as caseworker]", Record);
  AddReport(record, t);
  record->add_option("--kind", t.kind, "complaint or representation")->capture_default_str();
  record->add_option("--procedure", t.procedure, "as 'complaint procedures' lists them")
      ->capture_default_str();
  record->add_option("--wish", t.wish, "what is to come of it");
  record->add_option("--point", t.points, "one thing complained of; may be given again")
      ->allow_extra_args(false);
  record->add_option("--seen", t.sighting, "the sighting that it is recorded because of");
  record->footer(
      "  fosterwatch complaint record --giver child --giver-id C-0002 --about carer \\\n"
      "    --carer F-0001 --child C-0002 --received-by telephone --category QUALITY_OF_CARE \\\n"
      "    --summary \"No pocket money for three weeks\"\n");

  CLI::App* list = Add(complaint, context, told, "list", "List complaints, newest first", List);
  AddFilter(list, t);
  list->add_option("--state", t.state, "open, closed, withdrawn or reclassified");
  list->add_flag("--overdue", t.overdue, "only with something past its due time");

  CLI::App* show = Add(complaint, context, told, "show", "Show one complaint", Get);
  show->add_option("complaint", t.id, "the complaint's id")->required();
  CLI::App* why = Add(complaint, context, told, "why", "Why something is due when it is", Why);
  why->add_option("complaint", t.id, "the complaint's id")->required();
  why->add_option("duty", t.duty, "the duty's id; request:STAGE for the next stage's window")
      ->required();
  Add(complaint, context, told, "procedures", "Procedures, stages and categories in force",
      Procedures);

  CLI::App* compliment = app.add_subcommand("compliment", "Compliments");
  compliment->require_subcommand(1);
  CLI::App* thanks =
      Add(compliment, context, told, "record", "Record one [as caseworker]", RecordCompliment);
  AddReport(thanks, t);
  CLI::App* all =
      Add(compliment, context, told, "list", "List compliments, newest first", ListCompliments);
  AddFilter(all, t);
}

}  // namespace fosterwatch::app
