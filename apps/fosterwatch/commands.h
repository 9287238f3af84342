// The commands, each added to the command line with what it does. A command sets Context::run.
#pragma once

#include "CLI/CLI.hpp"
#include "apps/fosterwatch/remote.h"

namespace fosterwatch::app {

// serve, database setup, rebuild.
void AddOperation(CLI::App& app, Context* context);
// topics apply, list; consumers list, resume.
void AddBus(CLI::App& app, Context* context);
// doctor, health.
void AddDoctor(CLI::App& app, Context* context);
// token, links.
void AddSignIn(CLI::App& app, Context* context);
// demonstration load.
void AddDemonstration(CLI::App& app, Context* context);
// event report, list, show, explain, give, acknowledge, return, outcome, sign-off, conclude.
void AddEvent(CLI::App& app, Context* context);
// body webhook set, rotate, test.
void AddBody(CLI::App& app, Context* context);
// alert list, ack.
void AddAlert(CLI::App& app, Context* context);
// parked list, show, retry, discard.
void AddParked(CLI::App& app, Context* context);
// kpi show.
void AddKpi(CLI::App& app, Context* context);

}  // namespace fosterwatch::app
