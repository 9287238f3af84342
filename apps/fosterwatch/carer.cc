// carer list, show, count, duties, take-over and each act on one carer.
#include "apps/fosterwatch/carer.h"

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/json/to_message.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using carers::v1::Carer;
using carers::v1::CarerDuty;
using carers::v1::DutyKind;
using carers::v1::Terms;

constexpr char kArea[] = "carers";
constexpr char kService[] = "CarersService";

struct Told {
  std::string carer_id, request_id, kind, status, duty, retention_over_by, supervisor;
  std::string page_token, file, before;
  bool overdue = false, dry_run = false, unsupervised = false;
  int page_size = 50;
};

std::string WordOf(Carer::Kind kind) { return Word(Carer::Kind_Name(kind), "KIND_"); }
std::string WordOf(Carer::Status status) { return Word(Carer::Status_Name(status), "STATUS_"); }
std::string WordOf(DutyKind kind) { return Word(carers::v1::DutyKind_Name(kind), "DUTY_KIND_"); }

void AddDuty(const CarerDuty& duty, std::vector<std::string> row, Table& table) {
  row.insert(
      row.end(),
      {WordOf(duty.kind()) + (duty.about_id().empty() ? "" : " ") + duty.about_id(),
       OrDash(duty.last_done_date()), ShowTime(duty.due_time()), duty.overdue() ? "OVERDUE" : "-",
       Word(carers::v1::DutyBasis_Name(duty.basis()), "DUTY_BASIS_"), duty.explanation().source()});
  table.Add(std::move(row));
}

absl::StatusOr<Carer> GetCarer(const Context& context, const std::string& carer_id) {
  carers::v1::GetCarerRequest request;
  request.set_carer_id(carer_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  return remote->Call<Carer>(kArea, kService, "GetCarer", request);
}

absl::Status Show(const Context& context, const Told& told) {
  return ShowCarer(context, GetCarer(context, told.carer_id));
}

void GoOn(const std::string& token) {
  if (!token.empty()) std::printf("\ngo on with --page-token %s\n", token.c_str());
}

absl::Status List(const Context& context, const Told& told) {
  carers::v1::ListCarersRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_overdue(told.overdue);
  request.set_retention_over_by_date(told.retention_over_by);
  request.set_supervisor_id(told.supervisor);
  request.set_unsupervised(told.unsupervised);
  if (!told.kind.empty()) {
    ASSIGN_OR_RETURN(const auto kind, ParseEnum<Carer::Kind>("KIND_", told.kind, "kind"));
    request.set_kind(kind);
  }
  if (!told.status.empty()) {
    ASSIGN_OR_RETURN(const auto status, ParseEnum<Carer::Status>("STATUS_", told.status, "status"));
    request.set_status(status);
  }
  if (!told.duty.empty()) {
    ASSIGN_OR_RETURN(const auto duty, ParseEnum<DutyKind>("DUTY_KIND_", told.duty, "overdue-duty"));
    request.set_overdue_duty(duty);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = carers::v1::ListCarersResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, kService, "ListCarers", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CARER", "NAME", "KIND", "STATUS", "APPROVED", "TERMS", "SUPERVISED BY", "NEXT DUE",
               "OVERDUE"});
  for (const Carer& carer : response.carers()) {
    int overdue = 0;
    for (const CarerDuty& duty : carer.duties()) overdue += duty.overdue() ? 1 : 0;
    table.Add({carer.carer_id(), OrDash(carer.name()), WordOf(carer.kind()), WordOf(carer.status()),
               OrDash(carer.approved_date()),
               carer.terms().empty() ? "-" : TermsInWords(carer.terms(0).terms()),
               OrDash(carer.supervisor_id()),
               carer.duties().empty() ? "-" : ShowTime(carer.duties(0).due_time()),
               overdue == 0 ? "-" : absl::StrCat(overdue)});
  }
  std::fputs(table.empty() ? "No carers.\n" : table.Text().c_str(), stdout);
  GoOn(response.next_page_token());
  return absl::OkStatus();
}

absl::Status Duties(const Context& context, const Told& told) {
  carers::v1::ListDutiesRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  request.set_carer_id(told.carer_id);
  request.set_overdue(told.overdue);
  if (!told.duty.empty()) {
    ASSIGN_OR_RETURN(const auto kind, ParseEnum<DutyKind>("DUTY_KIND_", told.duty, "kind"));
    request.set_kind(kind);
  }
  if (!told.before.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_due_before_time(), ParseMoment(told.before, "before"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = carers::v1::ListDutiesResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, "CarerDutiesService", "ListDuties", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CARER", "NAME", "DUTY", "LAST DONE", "DUE", "STATE", "BASIS", "SOURCE"});
  for (const auto& item : response.items()) {
    AddDuty(item.duty(), {item.carer_id(), OrDash(item.carer_name())}, table);
  }
  std::fputs(table.empty() ? "Nothing is owed.\n" : table.Text().c_str(), stdout);
  GoOn(response.next_page_token());
  return absl::OkStatus();
}

absl::Status Count(const Context& context, const Told&) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  ASSIGN_OR_RETURN(const auto counts,
                   remote->Call<carers::v1::CarerCounts>(kArea, kService, "CountCarers",
                                                         carers::v1::CountCarersRequest()));
  if (context.json) {
    PrintJson(counts);
    return absl::OkStatus();
  }
  Table statuses({"STATUS", "MAINSTREAM", "CONNECTED"});
  for (const auto& of : counts.statuses()) {
    statuses.Add(
        {WordOf(of.status()), absl::StrCat(of.mainstream()), absl::StrCat(of.connected())});
  }
  Table duties({"DUTY", "OWED", "OVERDUE"});
  for (const auto& of : counts.duties()) {
    duties.Add({WordOf(of.kind()), absl::StrCat(of.owed()), absl::StrCat(of.overdue())});
  }
  std::printf("%s\n%s", statuses.Text().c_str(), duties.Text().c_str());
  return absl::OkStatus();
}

absl::Status TakeOver(const Context& context, const Told& told) {
  std::ifstream file(told.file, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return UsageError("file", "cannot be read");
  carers::v1::TakeOverCarerRequest request;
  RETURN_IF_ERROR(json::TextToMessage(text.str(), request));
  request.set_request_id(RequestId(told.request_id));
  request.set_dry_run(told.dry_run);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  return ShowCarer(context, remote->Call<Carer>(kArea, kService, "TakeOverCarer", request));
}

void AddActs(CLI::App* carer, Context* context) {
  constexpr char kApproval[] = "CarerApprovalService";
  constexpr char kDuties[] = "CarerDutiesService";
  const struct {
    const char *name, *service, *method, *role, *what;
  } acts[] = {
      {"particulars", kService, "RecordParticulars", "caseworker", "The household changes"},
      {"correct", kService, "CorrectRegister", "team_manager", "Correct a line of the register"},
      {"hold", kService, "PlaceLegalHold", "registered_manager",
       "Keep the record whatever its time"},
      {"lift-hold", kService, "LiftLegalHold", "registered_manager", "Lift the legal hold"},
      {"access", kService, "RecordAccessRequest", "caseworker",
       "Another service asks for the record"},
      {"answer-access", kService, "AnswerAccessRequest", "team_manager", "Answer such a request"},
      {"apply", kApproval, "RecordApplication", "caseworker", "A household applies to foster"},
      {"information", kApproval, "RecordInformation", "caseworker",
       "An item of Schedule 3 is there"},
      {"stage-two", kApproval, "BeginStageTwo", "caseworker", "Begin stage 2 of the assessment"},
      {"end-stage-one", kApproval, "EndStageOne", "team_manager", "Not suitable, after stage 1"},
      {"withdraw", kApproval, "WithdrawApplication", "caseworker", "The application is withdrawn"},
      {"recommend", kApproval, "RecordRecommendation", "caseworker", "What the panel recommends"},
      {"decide", kApproval, "RecordDecision", "registered_manager",
       "What the decision maker decides"},
      {"tell", kApproval, "GiveDecisionNotice", "caseworker", "The decision was told"},
      {"answer", kApproval, "RecordDecisionAnswer", "caseworker", "The answer to a proposal"},
      {"send-papers", kApproval, "SendReviewPapers", "caseworker", "Papers went to the review"},
      {"approve-temporarily", kApproval, "ApproveTemporarily", "registered_manager",
       "Approve a connected person for some weeks"},
      {"extend", kApproval, "ExtendTemporaryApproval", "registered_manager", "Extend those weeks"},
      {"terms", kApproval, "ChangeTerms", "team_manager", "Other terms, agreed to in writing"},
      {"exempt", kApproval, "GrantExemption", "team_manager", "Exempt from the usual limit"},
      {"suspend", kApproval, "SuspendApproval", "registered_manager", "Suspend the approval"},
      {"lift-suspension", kApproval, "LiftSuspension", "registered_manager", "Lift the suspension"},
      {"resign", kApproval, "RecordResignation", "caseworker", "The carer resigns"},
      {"died", kApproval, "RecordDeath", "team_manager", "The only foster parent has died"},
      {"assign-ending-review", kDuties, "AssignEndingReview", "team_manager",
       "Somebody will see to the review of an unplanned ending"},
      {"ending-review", kDuties, "RecordEndingReview", "team_manager",
       "The review of a placement that ended without a plan was held"},
      {"supervisor", kService, "AssignSupervisor", "team_manager",
       "Who supervises the household from a day on"},
      {"review-emergency", kService, "ReviewEmergency", "registered_manager",
       "A manager has looked at what was opened in an emergency"},
      {"merge", kService, "MergeCarers", "team_manager",
       "Two records are of one household, which goes on in the other"},
      {"undo-merge", kService, "UndoMerge", "team_manager", "They are two after all"},
      {"keep-apart", kService, "KeepCarersApart", "caseworker",
       "Two records are of two households: not proposed again"},
      {"issue-agreement", kDuties, "IssueAgreement", "caseworker", "The agreement was issued"},
      {"agreement-returned", kDuties, "RecordAgreementReturned", "caseworker",
       "It came back signed"},
      {"check", kDuties, "RecordCheck", "caseworker", "A check or certificate was obtained"},
  };
  for (const auto& act : acts) {
    AddCarerAct(carer, context, act.name, act.service, act.method, act.role, act.what);
  }
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string PlacementKinds(const Terms& terms, const char* between) {
  return absl::StrJoin(terms.placement_kinds(), between, [](std::string* out, int kind) {
    const auto value = static_cast<carers::v1::PlacementKind>(kind);
    absl::StrAppend(out, Word(carers::v1::PlacementKind_Name(value), "PLACEMENT_KIND_"));
  });
}

std::string TermsInWords(const Terms& terms) {
  std::vector<std::string> said;
  if (terms.max_children() > 0) said.push_back(absl::StrCat(terms.max_children(), " children"));
  if (terms.max_age() > 0) {
    said.push_back(absl::StrCat("aged ", terms.min_age(), " to ", terms.max_age()));
  }
  if (!terms.placement_kinds().empty()) said.push_back(PlacementKinds(terms, ", "));
  if (!terms.named_child_ids().empty()) {
    said.push_back(absl::StrCat("only ", absl::StrJoin(terms.named_child_ids(), ", ")));
  }
  if (!terms.note().empty()) said.push_back(terms.note());
  return said.empty() ? "none" : absl::StrJoin(said, "; ");
}

absl::Status ShowCarer(const Context& context, const absl::StatusOr<Carer>& carer) {
  RETURN_IF_ERROR(carer.status());
  if (context.json) {
    PrintJson(*carer);
    return absl::OkStatus();
  }
  Table table({"CARER", carer->carer_id()});
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.Add({name, value});
  };
  line("name", carer->name());
  line("address", carer->address());
  line("kind", WordOf(carer->kind()));
  line("status", WordOf(carer->status()));
  line("approved", carer->approved_date());
  line("ended", carer->ended_date());
  for (const auto& supervision : carer->supervisions()) {
    line(absl::StrCat("supervised from ", supervision.from_date()),
         supervision.supervisor_id().empty() ? "by nobody" : supervision.supervisor_id());
  }
  for (const auto& emergency : carer->emergencies()) {
    line(absl::StrCat("emergency ", emergency.emergency_id()),
         absl::StrCat(emergency.person_id(), ", from ", ShowTime(emergency.from_time()), " to ",
                      ShowTime(emergency.until_time()), ": ", emergency.reason(),
                      emergency.reviewed_by().empty()
                          ? "; nobody has looked at it"
                          : absl::StrCat("; looked at by ", emergency.reviewed_by())));
  }
  for (const auto& terms : carer->terms()) {
    line(absl::StrCat("terms from ", terms.effective_date()), TermsInWords(terms.terms()));
  }
  if (carer->has_resignation() && carer->ended_date().empty()) {
    line("ends by resignation", ShowTime(carer->resignation().ends_time()));
  }
  if (carer->application().state() == carers::v1::Application::STATE_OPEN) {
    line("still missing", absl::StrJoin(carer->application().missing(), " "));
  }
  for (const auto& decision : carer->decisions()) {
    line(absl::StrCat("decision ", decision.decision_id()),
         absl::StrCat(Word(carers::v1::Decision::Outcome_Name(decision.outcome()), "OUTCOME_"), " ",
                      ShowTime(decision.decided_time())));
  }
  if (carer->retention().has_keep_until_time()) {
    line("keep until", absl::StrCat(ShowTime(carer->retention().keep_until_time()),
                                    carer->retention().on_hold() ? ", on hold" : ""));
  }
  if (!carer->merged_into_carer_id().empty()) {
    line("goes on in", carer->merged_into_carer_id());
  }
  for (const std::string& merged : carer->merged_carer_ids()) line("also recorded as", merged);
  for (const auto& review : carer->ending_reviews()) {
    line(absl::StrCat("ending of ", review.placement_id()),
         absl::StrCat(review.child_id(), " ", review.end_date(), " ", review.reason_code(),
                      ", review ",
                      Word(carers::v1::EndingReview::State_Name(review.state()), "STATE_"),
                      review.owner_id().empty() ? "" : absl::StrCat(" (", review.owner_id(), ")")));
  }
  for (const auto& unknown : carer->unknown_references()) {
    line(absl::StrCat("unknown ",
                      Word(carers::v1::UnknownReference::Kind_Name(unknown.kind()), "KIND_")),
         absl::StrCat(unknown.id(), ", named by ",
                      Word(carers::v1::UnknownReference::Place_Name(unknown.place()), "PLACE_")));
  }
  for (const auto& action : carer->actions()) {
    if (action.state() != type::v1::Action::STATE_OPEN) continue;
    line(absl::StrCat("action ", action.action_id()),
         absl::StrCat(action.description(), " (", action.owner_id(), ")"));
  }
  std::printf("%s\n", table.Text().c_str());
  Table duties({"DUTY", "LAST DONE", "DUE", "STATE", "BASIS", "SOURCE"});
  for (const CarerDuty& duty : carer->duties()) AddDuty(duty, {}, duties);
  if (!duties.empty()) std::fputs(duties.Text().c_str(), stdout);
  return absl::OkStatus();
}

void AddCarer(CLI::App& app, Context* context) {
  CLI::App* carer = app.add_subcommand("carer", "The register of foster carers");
  carer->require_subcommand(1);
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = carer->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  const auto pages = [&](CLI::App* command) {
    command->add_option("--page-size", t.page_size, "1 to 1000")->capture_default_str();
    command->add_option("--page-token", t.page_token, "from the list before");
  };

  CLI::App* list = add("list", "List carers by id", List);
  list->add_option("--kind", t.kind, "mainstream or connected");
  list->add_option("--status", t.status, "approved, suspended, applicant, ended, ...");
  list->add_flag("--overdue", t.overdue, "with any duty overdue");
  list->add_option("--overdue-duty", t.duty, "with this duty overdue: annual-review, ...");
  list->add_option("--retention-over-by", t.retention_over_by,
                   "whose record may be destroyed by this day");
  list->add_option("--supervisor", t.supervisor, "whom this person supervises today");
  list->add_flag("--unsupervised", t.unsupervised, "approved, and nobody supervises them today");
  pages(list);

  CLI::App* show = add("show", "Show one carer with what is owed", Show);
  show->add_option("carer", t.carer_id, "the carer's id")->required();

  add("count", "How many carers there are, and how many of their duties are overdue", Count);

  CLI::App* duties = add("duties", "What is owed on carers, by due time", Duties);
  duties->add_option("--carer", t.carer_id, "on this carer");
  duties->add_option("--kind", t.duty, "first-review, unannounced-visit, ...");
  duties->add_flag("--overdue", t.overdue, "overdue now");
  duties->add_option("--before", t.before, "due before this moment");
  pages(duties);

  CLI::App* take =
      add("take-over", "Take a whole carer from another register [as administrator]", TakeOver);
  take->add_option("--file", t.file, "a TakeOverCarerRequest as JSON")->required();
  take->add_flag("--dry-run", t.dry_run, "say only whether it would be taken, and as what");
  take->add_option("--request-id", t.request_id,
                   "makes a repetition safe: the same id gives the first answer [a new one]");

  AddCarerRegister(carer, context);
  AddCarerReview(carer, context);
  AddCarerDuplicates(carer, context);
  AddCarerEmergencies(carer, context);
  AddActs(carer, context);
}

}  // namespace fosterwatch::app
