// What another system reported of a KPI, taken back.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/fosterwatch/kpi.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

struct Told {
  std::string code, period, reason, request_id;
};

absl::Status Withdraw(const Context& context, const Told& told) {
  kpis::v1::WithdrawFigureRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_code(told.code);
  request.set_period(told.period);
  request.set_reason(told.reason);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto figure, remote->Call<kpis::v1::ImportedFigure>(
                                          kKpisArea, "FiguresService", "WithdrawFigure", request));
  if (context.json) {
    PrintJson(figure);
    return absl::OkStatus();
  }
  std::printf("%s of %s is taken back: it has no figure now.\n", figure.code().c_str(),
              figure.period().c_str());
  return absl::OkStatus();
}

}  // namespace

void AddKpiFigures(CLI::App* kpi, Context* context) {
  auto told = std::make_shared<Told>();
  CLI::App* withdraw =
      kpi->add_subcommand("withdraw", "Take back what was reported of a KPI in a month");
  AddRemoteOptions(withdraw, context);
  withdraw->add_option("code", told->code, "the figure's code")->required();
  withdraw->add_option("period", told->period, "the month, such as 2026-10")->required();
  withdraw->add_option("--reason", told->reason, "why")->required();
  withdraw->add_option("--request-id", told->request_id, "to try again under [a new one]");
  withdraw->footer("  fosterwatch kpi withdraw SC5 2026-10 --reason 'of another authority'\n");
  withdraw->callback(
      [context, told] { context->run = [context, told] { return Withdraw(*context, *told); }; });
}

}  // namespace fosterwatch::app
