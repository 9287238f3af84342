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

constexpr char kArea[] = "kpis";
constexpr char kService[] = "KpisService";

struct Told {
  std::string code, period;
  int months = 0;
};

// Unknown is not zero.
std::string ValueOf(const KpiDefinition& definition, const Figure& figure) {
  if (!figure.has_value()) return "-";
  switch (definition.unit()) {
    case KpiDefinition::UNIT_PERCENT:
      return absl::StrFormat("%.1f %%", figure.value());
    case KpiDefinition::UNIT_HOURS:
      return absl::StrFormat("%.1f h", figure.value());
    default:
      return absl::StrFormat("%.0f", figure.value());
  }
}

std::string TargetOf(const KpiDefinition& definition, const Figure& figure) {
  if (!figure.has_target()) return "-";
  Figure target;
  target.set_value(figure.target());
  return ValueOf(definition, target);
}

std::string StatusOf(const Figure& figure) {
  switch (figure.status()) {
    case kpis::v1::STATUS_GREEN:
      return "green";
    case kpis::v1::STATUS_AMBER:
      return figure.red_not_ruled_out() ? "amber, red cannot be ruled out" : "amber";
    case kpis::v1::STATUS_RED:
      return "red";
    case kpis::v1::STATUS_INCOMPLETE:
      return "incomplete";
    default:
      return "no target";
  }
}

absl::Status ShowAll(const Context& context, const Told& told) {
  kpis::v1::ListKpisRequest request;
  request.set_period(told.period);
  request.set_history_months(told.months);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response,
                   remote->Call<kpis::v1::ListKpisResponse>(kArea, kService, "ListKpis", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CODE", "TITLE", "PERIOD", "VALUE", "OF", "TARGET", "STATUS"});
  for (const auto& kpi : response.kpis()) {
    const auto add = [&](const Figure& figure) {
      table.Add({kpi.definition().code(), kpi.definition().title(), figure.period(),
                 ValueOf(kpi.definition(), figure),
                 absl::StrCat(figure.numerator(), "/", figure.denominator()),
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
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<kpis::v1::ExplainKpiResponse>(
                                            kArea, kService, "ExplainKpi", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  const KpiDefinition& definition = response.definition();
  const Figure& figure = response.figure();
  std::printf("%s  %s\n%s\n%s: %s (%lld of %lld); target %s: %s\n\n", definition.code().c_str(),
              definition.title().c_str(), definition.description().c_str(), figure.period().c_str(),
              ValueOf(definition, figure).c_str(), static_cast<long long>(figure.numerator()),
              static_cast<long long>(figure.denominator()), TargetOf(definition, figure).c_str(),
              StatusOf(figure).c_str());
  Table table({"COUNTED", "ID", "RECORD", "BEGAN", "DUE", "ENDED"});
  for (const auto& evidence : response.evidence()) {
    table.Add({evidence.counted() ? "yes" : "no", evidence.key(), evidence.aggregate_id(),
               ShowTime(evidence.begin_time(), evidence.has_begin_time()),
               ShowTime(evidence.due_time(), evidence.has_due_time()),
               ShowTime(evidence.end_time(), evidence.has_end_time())});
  }
  std::fputs(table.empty() ? "Nothing is behind it.\n" : table.Text().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddKpi(CLI::App& app, Context* context) {
  CLI::App* kpi = app.add_subcommand("kpi", "Figures, and what is behind them");
  kpi->require_subcommand(1);
  auto told = std::make_shared<Told>();
  CLI::App* show = kpi->add_subcommand("show", "Show all figures, or one with its evidence");
  AddRemoteOptions(show, context);
  show->add_option("code", told->code, "the figure's code [all]");
  show->add_option("--period", told->period, "a month such as 2026-11 [this one]");
  show->add_option("--months", told->months, "months before it to show as well")
      ->check(CLI::Range(0, 24));
  show->footer("  fosterwatch kpi show --months 3\n");
  show->callback([context, told] {
    context->run = [context, told] {
      return told->code.empty() ? ShowAll(*context, *told) : ShowOne(*context, *told);
    };
  });
}

}  // namespace fosterwatch::app
