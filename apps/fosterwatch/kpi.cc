#include "apps/fosterwatch/kpi.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using kpis::v1::Figure;
using kpis::v1::KpiDefinition;

constexpr char kService[] = "KpisService";

struct Told {
  std::string code, period, set, as_at, known_at;
  int months = 0;
  int periods = 12;
};

// The moments that a figure is asked for, where they were given.
template <typename Request>
absl::Status SetMoments(const Told& told, Request& request) {
  if (!told.as_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_as_at_time(), ParseMoment(told.as_at, "as-at"));
  }
  if (!told.known_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_known_at_time(), ParseMoment(told.known_at, "known-at"));
  }
  return absl::OkStatus();
}

std::string ValueOf(const KpiDefinition& definition, const Figure& figure) {
  return ValueText(definition.unit(), figure.has_value(), figure.value());
}

std::string TargetOf(const KpiDefinition& definition, const Figure& figure) {
  return ValueText(definition.unit(), figure.has_target(), figure.target());
}

// What was reported as a value alone has parts that nobody knows.
std::string PartsOf(const Figure& figure, const char* between = "/") {
  return figure.parts_unknown() ? "-"
                                : absl::StrCat(figure.numerator(), between, figure.denominator());
}

std::string StatusOf(const Figure& figure) {
  return StatusText(figure.status(), figure.red_not_ruled_out());
}

absl::Status ShowAll(const Context& context, const Told& told) {
  kpis::v1::ListKpisRequest request;
  request.set_period(told.period);
  request.set_history_months(told.months);
  request.set_set(told.set);
  RETURN_IF_ERROR(SetMoments(told, request));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<kpis::v1::ListKpisResponse>(
                                            kKpisArea, kService, "ListKpis", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CODE", "TITLE", "PERIOD", "VALUE", "OF", "TARGET", "STATUS"});
  for (const auto& kpi : response.kpis()) {
    const auto add = [&](const Figure& figure) {
      table.Add({kpi.definition().code(), kpi.definition().title(), figure.period(),
                 ValueOf(kpi.definition(), figure), PartsOf(figure),
                 TargetOf(kpi.definition(), figure), StatusOf(figure)});
    };
    for (const Figure& figure : kpi.history()) add(figure);
    add(kpi.current());
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status ShowOne(const Context& context, const Told& told) {
  kpis::v1::ExplainKpiRequest request;
  request.set_code(told.code);
  request.set_period(told.period);
  RETURN_IF_ERROR(SetMoments(told, request));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<kpis::v1::ExplainKpiResponse>(
                                            kKpisArea, kService, "ExplainKpi", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  const KpiDefinition& definition = response.definition();
  const Figure& figure = response.figure();
  std::printf("%s  %s\n%s\n%s: %s (%s); target %s: %s\n\n", definition.code().c_str(),
              definition.title().c_str(), definition.description().c_str(), figure.period().c_str(),
              ValueOf(definition, figure).c_str(), PartsOf(figure, " of ").c_str(),
              TargetOf(definition, figure).c_str(), StatusOf(figure).c_str());
  const auto& all = response.evidence();
  const bool reported = !all.empty() && all[0].has_reported();
  Table table(reported
                  ? std::vector<std::string>{"COUNTED", "MONTH", "NUMERATOR", "DENOMINATOR",
                                             "VALUE", "RECORDED", "FACT"}
                  : std::vector<std::string>{"COUNTED", "ID", "RECORD", "BEGAN", "DUE", "ENDED"});
  for (const auto& evidence : all) {
    if (reported) {
      const auto& said = evidence.reported();
      const auto number = [](bool there, double value) {
        return there ? absl::StrCat(value) : std::string("-");
      };
      table.Add({evidence.counted() ? "yes" : "no", said.period(),
                 number(said.has_numerator(), said.numerator()),
                 number(said.has_denominator(), said.denominator()),
                 number(said.has_value(), said.value()),
                 ShowTime(evidence.begin_recorded_time(), evidence.has_begin_recorded_time()),
                 evidence.begin_fact_id()});
      continue;
    }
    // What is covered is due when its cover is.
    const bool covered = evidence.has_cover();
    table.Add({evidence.counted() ? "yes" : "no", evidence.key(), evidence.aggregate_id(),
               ShowTime(evidence.begin_time(), evidence.has_begin_time()),
               ShowTime(covered ? evidence.cover().due_time() : evidence.due_time(),
                        covered || evidence.has_due_time()),
               ShowTime(evidence.end_time(), evidence.has_end_time())});
  }
  if (!table.empty()) std::fputs(table.Text().c_str(), stdout);
  if (response.withheld_count() > 0) {
    std::printf("%d of records that you may not see\n", response.withheld_count());
  } else if (table.empty()) {
    std::fputs("Nothing is behind it.\n", stdout);
  }
  return absl::OkStatus();
}

absl::Status ShowSeries(const Context& context, const Told& told) {
  kpis::v1::GetSeriesRequest request;
  request.set_code(told.code);
  request.set_period(told.period);
  request.set_periods(told.periods);
  RETURN_IF_ERROR(SetMoments(told, request));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<kpis::v1::GetSeriesResponse>(
                                            kKpisArea, kService, "GetSeries", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"PERIOD", "VALUE", "OF", "TARGET", "STATUS"});
  for (const Figure& figure : response.figures()) {
    table.Add({figure.period(), ValueOf(response.definition(), figure), PartsOf(figure),
               TargetOf(response.definition(), figure), StatusOf(figure)});
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

// The options that say of when a figure is.
void AddMoments(CLI::App* command, const std::shared_ptr<Told>& told) {
  command->add_option("--period", told->period, "a month such as 2026-11 [this one]");
  command->add_option("--as-at", told->as_at, "as it stood at this moment [now]");
  command->add_option("--known-at", told->known_at, "by what was known at this moment [now]");
}

}  // namespace

std::string ValueText(KpiDefinition::Unit unit, bool present, double value) {
  if (!present) return "-";
  switch (unit) {
    case KpiDefinition::UNIT_PERCENT:
      return absl::StrFormat("%.1f %%", value);
    case KpiDefinition::UNIT_HOURS:
      return absl::StrFormat("%.1f h", value);
    case KpiDefinition::UNIT_DAYS:
      return absl::StrFormat("%.1f days", value);
    default:
      return absl::StrFormat("%.0f", value);
  }
}

std::string StatusText(kpis::v1::Status status, bool red_not_ruled_out) {
  switch (status) {
    case kpis::v1::STATUS_GREEN:
      return "green";
    case kpis::v1::STATUS_AMBER:
      return red_not_ruled_out ? "amber, red cannot be ruled out" : "amber";
    case kpis::v1::STATUS_RED:
      return "red";
    case kpis::v1::STATUS_INCOMPLETE:
      return "incomplete";
    default:
      return "no target";
  }
}

void AddKpi(CLI::App& app, Context* context) {
  CLI::App* kpi = app.add_subcommand("kpi", "Figures, and what is behind them");
  kpi->require_subcommand(1);
  auto told = std::make_shared<Told>();
  CLI::App* show = kpi->add_subcommand("show", "Show all figures, or one with its evidence");
  AddRemoteOptions(show, context);
  show->add_option("code", told->code, "the figure's code [all]");
  show->add_option("--months", told->months, "months before it to show as well")
      ->check(CLI::Range(0, 24));
  show->footer("  fosterwatch kpi show --months 3\n");
  CLI::App* list = kpi->add_subcommand("list", "Show all figures, or those of a set");
  AddRemoteOptions(list, context);
  list->add_option("--set", told->set, "such as board or fostering [all]");
  list->add_option("--months", told->months, "months before it to show as well")
      ->check(CLI::Range(0, 24));
  list->footer("  fosterwatch kpi list --set board --period 2026-10 --months 3\n");
  CLI::App* explain = kpi->add_subcommand("explain", "Show one figure with what is behind it");
  AddRemoteOptions(explain, context);
  explain->add_option("code", told->code, "the figure's code")->required();
  for (CLI::App* command : {show, list, explain}) {
    AddMoments(command, told);
    command->callback([context, told] {
      context->run = [context, told] {
        return told->code.empty() ? ShowAll(*context, *told) : ShowOne(*context, *told);
      };
    });
  }
  CLI::App* series = kpi->add_subcommand("series", "Show one figure over many periods");
  AddRemoteOptions(series, context);
  series->add_option("code", told->code, "the figure's code")->required();
  series->add_option("--periods", told->periods, "how many, with --period the last")
      ->check(CLI::Range(1, 60));
  AddMoments(series, told);
  series->callback(
      [context, told] { context->run = [context, told] { return ShowSeries(*context, *told); }; });
  AddKpiCompare(kpi, context);
  AddKpiFigures(kpi, context);
  AddKpiEditions(kpi, context);
  AddKpiPlans(kpi, context);
}

}  // namespace fosterwatch::app
