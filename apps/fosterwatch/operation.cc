#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/modules.h"
#include "libs/ledger/relay.h"
#include "libs/runtime/log.h"
#include "libs/runtime/module.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

absl::Status Serve(const Context& context) {
  if (runtime::RunModules(context.settings, MakeModules()) == 0) return absl::OkStatus();
  return absl::InternalError("the services have ended; their last log lines say why");
}

absl::Status SetUpDatabases(const Context& context) {
  const std::vector<std::unique_ptr<runtime::Module>> modules = MakeModules();
  RETURN_IF_ERROR(runtime::SetUpDatabases(context.settings, modules));
  for (const auto& module : modules) {
    if (module->migrations().empty()) continue;
    ASSIGN_OR_RETURN(const auto owner,
                     pg::Connection::Open(absl::StrCat(context.settings.postgres_admin,
                                                       " dbname=fosterwatch_", module->name())));
    RETURN_IF_ERROR(ledger::AdoptLedger(*owner));
  }
  std::puts("The databases are set up.");
  return absl::OkStatus();
}

absl::Status Rebuild(const Context& context, const std::string& service) {
  std::vector<std::unique_ptr<runtime::Module>> modules = MakeModules(service);
  if (modules.empty()) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_SERVICE", "there is no such service");
  }
  runtime::InitLog("rebuild", context.settings.log_level);
  const size_t count = modules.size();
  // Held until the views are there: neither does a service start beside it unseen.
  std::vector<std::unique_ptr<pg::Connection>> alone;
  for (const auto& module : modules) {
    if (module->migrations().empty()) continue;
    ASSIGN_OR_RETURN(auto connection, pg::Connection::Open(context.settings.Database(
                                          module->name(), /*relay=*/true)));
    RETURN_IF_ERROR(ledger::TakeRelayLock(*connection, module->name()));
    alone.push_back(std::move(connection));
  }
  RETURN_IF_ERROR(runtime::RebuildModules(context.settings, std::move(modules)));
  std::printf("The views of %zu service%s are rebuilt.\n", count, count == 1 ? "" : "s");
  return absl::OkStatus();
}

}  // namespace

void AddOperation(CLI::App& app, Context* context) {
  app.add_subcommand("serve", "Run all services in this process until it is stopped")
      ->callback([context] { context->run = [context] { return Serve(*context); }; });

  CLI::App* database = app.add_subcommand("database", "Databases, roles and schema versions");
  database->require_subcommand(1);
  database
      ->add_subcommand("setup",
                       "Make databases and roles and apply what migrations are missing; needs "
                       "--postgres-admin and may be run again at any time")
      ->callback([context] { context->run = [context] { return SetUpDatabases(*context); }; });

  CLI::App* rebuild = app.add_subcommand(
      "rebuild", "Make the views again from the ledgers; publishes and sends nothing");
  auto service = std::make_shared<std::string>();
  rebuild->add_option("service", *service, "such as notifiable-events [all]");
  rebuild->footer(
      "Stop the services first.\n\n  fosterwatch rebuild\n  fosterwatch rebuild kpis\n");
  rebuild->callback([context, service] {
    context->run = [context, service] { return Rebuild(*context, *service); };
  });
}

}  // namespace fosterwatch::app
