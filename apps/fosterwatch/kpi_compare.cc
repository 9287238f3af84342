// Figures of several agencies side by side, and of all of them together.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/kpi.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using kpis::v1::Figure;
using kpis::v1::KpiDefinition;
using kpis::v1::RollUp;

struct Told {
  std::string set, period, as_at, known_at;
};

// Of all that could not be rolled up: why, in the words of the table.
std::string WhyNot(const RollUp& rolled) {
  const std::string whose = absl::StrJoin(rolled.agency_ids(), ", ");
  switch (rolled.not_rolled_up()) {
    case RollUp::REASON_INCOMPLETE:
      return absl::StrCat("not rolled up: incomplete in ", whose);
    case RollUp::REASON_NOT_A_SUM:
      return "not rolled up: no sum";
    case RollUp::REASON_PARTS_UNKNOWN:
      return absl::StrCat("not rolled up: reported without its parts by ", whose);
    case RollUp::REASON_SUPPRESSED:
      return absl::StrCat("not rolled up: too few answers in ", whose);
    default:
      return "";
  }
}

std::string Shown(const KpiDefinition& definition, const Figure& figure) {
  return absl::StrCat(ValueText(definition.unit(), figure.has_value(), figure.value()), " (",
                      StatusText(figure.status(), figure.red_not_ruled_out()), ")");
}

absl::Status Compare(const Context& context, const Told& told) {
  kpis::v1::CompareAgenciesRequest request;
  request.set_set(told.set);
  request.set_period(told.period);
  if (!told.as_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_as_at_time(), ParseMoment(told.as_at, "as-at"));
  }
  if (!told.known_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_known_at_time(), ParseMoment(told.known_at, "known-at"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<kpis::v1::CompareAgenciesResponse>(
                                            kKpisArea, "KpisService", "CompareAgencies", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::vector<std::string> header = {"CODE", "TITLE"};
  header.insert(header.end(), response.agency_ids().begin(), response.agency_ids().end());
  header.push_back("ALL TOGETHER");
  Table table(std::move(header));
  for (const auto& kpi : response.kpis()) {
    std::vector<std::string> row = {kpi.definition().code(), kpi.definition().title()};
    for (const Figure& figure : kpi.figures()) row.push_back(Shown(kpi.definition(), figure));
    const RollUp& rolled = kpi.roll_up();
    row.push_back(rolled.not_rolled_up() == RollUp::REASON_UNSPECIFIED
                      ? Shown(kpi.definition(), rolled.figure())
                      : WhyNot(rolled));
    table.Add(std::move(row));
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddKpiCompare(CLI::App* kpi, Context* context) {
  auto told = std::make_shared<Told>();
  CLI::App* compare = kpi->add_subcommand(
      "compare", "Show a set's figures of several agencies side by side, and of all together");
  AddRemoteOptions(compare, context);
  compare->add_option("--other-agency", context->other_agencies,
                      "further agencies, with --as; a token of your own names its own");
  compare->add_option("--set", told->set, "such as board or fostering [all]");
  compare->add_option("--period", told->period, "a month such as 2026-11 [this one]");
  compare->add_option("--as-at", told->as_at, "as it stood at this moment [now]");
  compare->add_option("--known-at", told->known_at, "by what was known at this moment [now]");
  compare->footer(
      "  fosterwatch kpi compare --set fostering --agency northern --other-agency eastern\n");
  compare->callback(
      [context, told] { context->run = [context, told] { return Compare(*context, *told); }; });
}

}  // namespace fosterwatch::app
