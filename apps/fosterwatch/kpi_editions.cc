// Editions, restatements and data quality of KPIs.
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/kpi.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/kpis/v1/data_quality_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = kpis::v1;

constexpr char kEditions[] = "EditionsService";

struct Told {
  std::string id, set = "board", of_set, period, reason, state, code, page_token, request_id;
  bool all = false;
};

void SayPage(const std::string& next) {
  if (!next.empty()) std::printf("\ngo on with --page-token %s\n", next.c_str());
}

// " (29/31)"; nothing where it is no share of anything, or nobody knows of what.
std::string PartsText(const v1::StatedFigure& figure) {
  if (figure.denominator() == 0) return "";
  return absl::StrCat(" (", figure.numerator(), "/", figure.denominator(), ")");
}

std::string FigureText(v1::KpiDefinition::Unit unit, const v1::StatedFigure& figure) {
  return ValueText(unit, figure.has_value(), figure.value()) + PartsText(figure);
}

void ShowRestatements(const google::protobuf::RepeatedPtrField<v1::Restatement>& restatements) {
  Table table({"ID", "CODE", "MONTH", "STATED", "NOW", "STATE", "NOTICED", "AFTER FACT", "REASON"});
  for (const v1::Restatement& each : restatements) {
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    // Of a figure in any unit: no more digits than a person reads.
    const auto unit = v1::KpiDefinition::UNIT_HOURS;
    const auto number = [&](const v1::StatedFigure& figure) {
      std::string text = ValueText(unit, figure.has_value(), figure.value());
      if (figure.has_value()) text.resize(text.size() - 2);
      return text + PartsText(figure);
    };
    table.Add({each.restatement_id(), each.code(), each.before().period(), number(each.before()),
               number(each.after()), Word(v1::Restatement::State_Name(each.state()), "STATE_"),
               ShowTime(each.noticed_time()), or_dash(each.cause_fact_id()),
               or_dash(each.reason())});
  }
  std::fputs(table.empty() ? "None.\n" : table.Text().c_str(), stdout);
}

void ShowEdition(const v1::Edition& edition) {
  std::printf("%s  frozen %s by %s\nSHA-256 %s\n\n", edition.edition_id().c_str(),
              ShowTime(edition.frozen_time()).c_str(), edition.frozen_by().c_str(),
              edition.hash().c_str());
  Table table({"CODE", "TITLE", "FIGURE", "TARGET", "STATUS"});
  for (const v1::StatedKpi& kpi : edition.kpis()) {
    table.Add({kpi.code(), kpi.title(), FigureText(kpi.unit(), kpi.figure()),
               ValueText(kpi.unit(), kpi.figure().has_target(), kpi.figure().target()),
               StatusText(kpi.figure().status(), kpi.figure().red_not_ruled_out())});
  }
  std::fputs(table.Text().c_str(), stdout);
}

absl::Status Freeze(const Context& context, const Told& told) {
  v1::FreezeEditionRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_set(told.set);
  request.set_period(told.period);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto edition,
                   remote->Call<v1::Edition>(kKpisArea, kEditions, "FreezeEdition", request));
  if (context.json) {
    PrintJson(edition);
  } else {
    ShowEdition(edition);
  }
  return absl::OkStatus();
}

absl::Status ListAll(const Context& context, const Told& told) {
  v1::ListEditionsRequest request;
  request.set_page_token(told.page_token);
  request.set_set(told.of_set);
  request.set_period(told.period);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<v1::ListEditionsResponse>(
                                            kKpisArea, kEditions, "ListEditions", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"ID", "SET", "MONTH", "NUMBER", "FROZEN", "BY", "SHA-256"});
  for (const v1::Edition& edition : response.editions()) {
    table.Add({edition.edition_id(), edition.set(), edition.period(),
               absl::StrCat(edition.number()), ShowTime(edition.frozen_time()), edition.frozen_by(),
               edition.hash().substr(0, 16)});
  }
  std::fputs(table.empty() ? "None.\n" : table.Text().c_str(), stdout);
  SayPage(response.next_page_token());
  return absl::OkStatus();
}

absl::Status ShowOne(const Context& context, const Told& told) {
  v1::GetEditionRequest request;
  request.set_edition_id(told.id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<v1::GetEditionResponse>(
                                            kKpisArea, kEditions, "GetEdition", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  ShowEdition(response.edition());
  if (response.restatements().empty()) return absl::OkStatus();
  std::printf("\nRestated since:\n");
  ShowRestatements(response.restatements());
  return absl::OkStatus();
}

absl::Status ListRestatements(const Context& context, const Told& told) {
  v1::ListRestatementsRequest request;
  request.set_page_token(told.page_token);
  request.set_code(told.code);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state,
                     ParseEnum<v1::Restatement::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<v1::ListRestatementsResponse>(
                                            kKpisArea, kEditions, "ListRestatements", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  ShowRestatements(response.restatements());
  SayPage(response.next_page_token());
  return absl::OkStatus();
}

absl::Status Accept(const Context& context, const Told& told) {
  v1::AcceptRestatementRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_restatement_id(told.id);
  request.set_reason(told.reason);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  v1::ListRestatementsResponse shown;
  ASSIGN_OR_RETURN(
      *shown.add_restatements(),
      remote->Call<v1::Restatement>(kKpisArea, kEditions, "AcceptRestatement", request));
  if (context.json) {
    PrintJson(shown.restatements(0));
  } else {
    ShowRestatements(shown.restatements());
  }
  return absl::OkStatus();
}

absl::Status Quality(const Context& context, const Told& told) {
  v1::ListFindingsRequest request;
  request.set_page_token(told.page_token);
  request.set_code(told.code);
  if (!told.all) request.set_state(v1::Finding::STATE_OPEN);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<v1::ListFindingsResponse>(kKpisArea, "DataQualityService",
                                                          "ListFindings", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table findings({"CODE", "MONTH", "WHAT", "STATE", "FOUND", "EXPECTED"});
  for (const v1::Finding& each : response.findings()) {
    findings.Add({each.code(), each.period(), Word(v1::Finding::Kind_Name(each.kind()), "KIND_"),
                  Word(v1::Finding::State_Name(each.state()), "STATE_"),
                  ShowTime(each.found_time()), ShowTime(each.due_time(), each.has_due_time())});
  }
  std::fputs(findings.empty() ? "Nothing was found.\n" : findings.Text().c_str(), stdout);
  Table coverage({"CODE", "FROM", "TO", "MONTHS", "WITH A FIGURE", "FINDINGS"});
  for (const v1::Coverage& each : response.coverage()) {
    coverage.Add({each.code(), each.first_period(), each.last_period(), absl::StrCat(each.months()),
                  absl::StrCat(each.months_with_figure()), absl::StrCat(each.open_findings())});
  }
  if (!coverage.empty()) std::printf("\n%s", coverage.Text().c_str());
  SayPage(response.next_page_token());
  return absl::OkStatus();
}

}  // namespace

void AddKpiEditions(CLI::App* kpi, Context* context) {
  auto told = std::make_shared<Told>();
  const auto add = [context, told](CLI::App* of, const char* name, const char* what,
                                   absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = of->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* edition = kpi->add_subcommand("edition", "Figures as they were stated");
  edition->require_subcommand(1);
  CLI::App* freeze =
      add(edition, "freeze", "Freeze a set's figures of a month that is over", Freeze);
  freeze->add_option("period", told->period, "the month, such as 2026-10")->required();
  freeze->add_option("--set", told->set, "the set of figures [board]");
  freeze->add_option("--request-id", told->request_id, "the same for the same request [new]");
  freeze->footer("  fosterwatch kpi edition freeze 2026-10 --set board\n");
  CLI::App* list = add(edition, "list", "List editions, the newest month first", ListAll);
  list->add_option("--set", told->of_set, "of this set [all]");
  list->add_option("--period", told->period, "of this month [all]");
  list->add_option("--page-token", told->page_token, "of the page before");
  add(edition, "show", "Show an edition and what was restated since", ShowOne)
      ->add_option("edition", told->id, "its id, such as board-2026-10-1")
      ->required();

  CLI::App* restatement =
      kpi->add_subcommand("restatement", "Figures that are no longer what an edition states");
  restatement->require_subcommand(1);
  CLI::App* listed = add(restatement, "list", "List them, those that wait first", ListRestatements);
  listed->add_option("--state", told->state, "waiting, accepted or fallen-away [all]");
  listed->add_option("--code", told->code, "of this KPI [all]");
  listed->add_option("--page-token", told->page_token, "of the page before");
  CLI::App* accept = add(restatement, "accept", "Say that the new figure is the one", Accept);
  accept->add_option("restatement", told->id, "its id, such as board-2026-10-r1")->required();
  accept->add_option("--reason", told->reason, "why the figure changed")->required();
  accept->add_option("--request-id", told->request_id, "the same for the same request [new]");

  CLI::App* quality =
      add(kpi, "quality", "Show what is missing, doubled or impossible in the data", Quality);
  quality->add_option("--code", told->code, "of this KPI [all]");
  quality->add_flag("--all", told->all, "also what is settled");
  quality->add_option("--page-token", told->page_token, "of the page before");
}

}  // namespace fosterwatch::app
