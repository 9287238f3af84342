// fosterwatch: all services in one process, and the client of a running Fosterwatch.
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "CLI/CLI.hpp"
#include "apps/fosterwatch/commands.h"

int main(int argc, char** argv) {
  namespace app = fosterwatch::app;
  app::Context context;
  CLI::App cli("Fosterwatch watches over the Schedule 7 events of an English fostering agency.");
  cli.name("fosterwatch");
  cli.set_version_flag("--version", FOSTERWATCH_VERSION);
  cli.require_subcommand(1);
  // Settings may stand before or after the command.
  cli.fallthrough();
  fosterwatch::runtime::AddSettings(cli, context.settings);
  app::AddOperation(cli, &context);
  app::AddForget(cli, &context);
  app::AddBus(cli, &context);
  app::AddDoctor(cli, &context);
  app::AddSignIn(cli, &context);
  app::AddDemonstration(cli, &context);
  app::AddEvent(cli, &context);
  app::AddEventReporting(cli, &context);
  app::AddEventOversight(cli, &context);
  app::AddEventProof(cli, &context);
  app::AddComplaint(cli, &context);
  app::AddComplaintActs(cli, &context);
  app::AddComplaintOversight(cli, &context);
  app::AddDecision(cli, &context);
  app::AddEventDuties(cli, &context);
  app::AddAllegation(cli, &context);
  app::AddAudit(cli, &context);
  app::AddChronology(cli, &context);
  app::AddBody(cli, &context);
  app::AddHolder(cli, &context);
  app::AddSessions(cli, &context);
  app::AddDirectory(cli, &context);
  app::AddCarer(cli, &context);
  app::AddVisit(cli, &context);
  app::AddPlacement(cli, &context);
  app::AddImport(cli, &context);
  app::AddDelegation(cli, &context);
  app::AddAbsence(cli, &context);
  app::AddAlert(cli, &context);
  app::AddSend(cli, &context);
  app::AddMail(cli, &context);
  app::AddTemplate(cli, &context);
  app::AddPack(cli, &context);
  app::AddParked(cli, &context);
  app::AddAccess(cli, &context);
  app::AddPublisher(cli, &context);
  app::AddKpi(cli, &context);
  app::AddLaw(cli, &context);
  cli.footer(
      "Each setting has an environment variable, such as FOSTERWATCH_DATA_DIR for --data-dir.\n"
      "Exit codes: 0 done, 2 wrong command line, 3 not found, 4 refused, 5 not allowed,\n"
      "6 not reachable, 1 anything else.\n\n"
      "  fosterwatch event report --kind child-missing --child C-0001 --summary \"...\"\n"
      "  fosterwatch event list --state open\n"
      "  fosterwatch kpi show --json\n");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : 2;
  }
  std::error_code ignored;
  fosterwatch::runtime::CompleteSettings(
      context.settings, std::filesystem::read_symlink("/proc/self/exe", ignored).string());
  const absl::Status status = context.run();
  if (!status.ok()) app::PrintError(status, context.json);
  return app::ExitCodeOf(status);
}
