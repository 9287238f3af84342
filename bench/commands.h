// The parts of the bench, each a command of one program; deploy/local/bench.sh runs them in order.
// Every command that measures writes its figures as JSON.
#pragma once

#include <string>

#include "absl/status/status.h"

#include "CLI/CLI.hpp"
#include "apps/fosterwatch/remote.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::bench {

// prepare: twenty agencies with their children, and a token for each, in a file.
void AddPrepare(CLI::App& app, app::Context* context);
// load: reports over HTTP, and when their alerts came.
void AddLoad(CLI::App& app, app::Context* context);
// sink: a mail server that takes everything at once and counts.
void AddSink(CLI::App& app, app::Context* context);
// pages: how long a page of the list of events takes.
void AddPages(CLI::App& app, app::Context* context);
// pack: how long an inspection pack of an agency with ten years behind it takes.
void AddPack(CLI::App& app, app::Context* context);
// screens: how long a fact takes to the screens that are open.
void AddScreens(CLI::App& app, app::Context* context);
// limits: what the machine can do with the same rows, records and calls.
void AddLimits(CLI::App& app, app::Context* context);
// table: the figures of a run as Markdown.
void AddTable(CLI::App& app, app::Context* context);

absl::Status WriteJson(const std::string& path, const nlohmann::json& json);
absl::StatusOr<nlohmann::json> ReadJson(const std::string& path);

}  // namespace fosterwatch::bench
