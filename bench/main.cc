// fosterwatch_bench: what ./dev bench runs. Not installed.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "CLI/CLI.hpp"
#include "bench/commands.h"

namespace fosterwatch::bench {

absl::Status WriteJson(const std::string& path, const nlohmann::json& json) {
  std::ofstream file(path);
  if (!(file << json.dump(1) << "\n")) return absl::UnavailableError("cannot write " + path);
  return absl::OkStatus();
}

absl::StatusOr<nlohmann::json> ReadJson(const std::string& path) {
  std::ifstream file(path);
  nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return absl::NotFoundError("cannot read JSON from " + path);
  return json;
}

}  // namespace fosterwatch::bench

int main(int argc, char** argv) {
  namespace bench = fosterwatch::bench;
  fosterwatch::app::Context context;
  CLI::App cli("Measures Fosterwatch and the machine that it runs on.");
  cli.name("fosterwatch_bench");
  cli.require_subcommand(1);
  cli.fallthrough();
  fosterwatch::runtime::AddSettings(cli, context.settings);
  bench::AddPrepare(cli, &context);
  bench::AddLoad(cli, &context);
  bench::AddSink(cli, &context);
  bench::AddPages(cli, &context);
  bench::AddPack(cli, &context);
  bench::AddScreens(cli, &context);
  bench::AddLimits(cli, &context);
  bench::AddTable(cli, &context);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : 2;
  }
  std::error_code ignored;
  fosterwatch::runtime::CompleteSettings(
      context.settings, std::filesystem::read_symlink("/proc/self/exe", ignored).string());
  const absl::Status status = context.run();
  if (!status.ok()) fosterwatch::app::PrintError(status, /*json=*/false);
  return fosterwatch::app::ExitCodeOf(status);
}
