#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include <unistd.h>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/import_run.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::app {
namespace {

// How far it is: a bar on a terminal, a line for each tenth elsewhere.
class Bar {
 public:
  void Show(double done, int64_t rows) {
    const double seconds = absl::ToDoubleSeconds(absl::Now() - begun_);
    const std::string text = absl::StrFormat("%3.0f %%  %d rows  %.0f rows/s", done * 100, rows,
                                             static_cast<double>(rows) / std::max(seconds, 0.001));
    if (terminal_) {
      const int filled = static_cast<int>(done * 30);
      std::fprintf(stderr, "\r[%s%s] %s", std::string(filled, '#').c_str(),
                   std::string(30 - filled, '.').c_str(), text.c_str());
      if (done >= 1) std::fputc('\n', stderr);
    } else if (static_cast<int>(done * 10) > tenths_) {
      tenths_ = static_cast<int>(done * 10);
      std::fprintf(stderr, "%s\n", text.c_str());
    }
  }
  double seconds() const { return absl::ToDoubleSeconds(absl::Now() - begun_); }

 private:
  const absl::Time begun_ = absl::Now();
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  int tenths_ = 0;
};

absl::Status Import(const Context& context, const std::string& noun, ImportOptions options) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered-manager"));
  const auto destination = MakeRegister(noun, remote.get());
  // Before a dry run nothing was recorded that might still be on its way.
  if (options.dry_run) options.patience = absl::ZeroDuration();
  Bar bar;
  options.progress = [&bar](double done, int64_t rows) { bar.Show(done, rows); };
  ASSIGN_OR_RETURN(const ImportSummary summary, RunImport(*destination, options));
  if (context.json) {
    const nlohmann::ordered_json said = {
        {"dryRun", options.dry_run},    {"rows", summary.rows},
        {"recorded", summary.recorded}, {"unchanged", summary.unchanged},
        {"rejected", summary.rejected}, {"possibleDuplicates", summary.possible_duplicates},
        {"seconds", bar.seconds()}};
    std::printf("%s\n", said.dump(2).c_str());
  } else {
    std::printf("%d rows: %d %s, %d unchanged, %d rejected, %d possible duplicates (%.1f s).\n",
                static_cast<int>(summary.rows), static_cast<int>(summary.recorded),
                options.dry_run ? "to be recorded" : "recorded",
                static_cast<int>(summary.unchanged), static_cast<int>(summary.rejected),
                static_cast<int>(summary.possible_duplicates), bar.seconds());
  }
  if (summary.rejected == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "ROWS_REJECTED",
               options.rejects_file.empty()
                   ? "some rows were rejected: --rejects FILE says which and why"
                   : absl::StrCat("some rows were rejected: ", options.rejects_file,
                                  " says why; mended, it is a file to import"));
}

std::string ColumnsText(const std::string& noun) {
  std::string text = "Columns (* needed), by their names in the first line, in any order:\n";
  for (const Column& column : MakeRegister(noun, nullptr)->columns()) {
    absl::StrAppend(&text, "  ", column.name, column.required ? "*" : "",
                    column.what.empty() ? "" : ": ", column.what, "\n");
  }
  absl::StrAppend(&text, "\n  fosterwatch import ", noun, " ", noun,
                  ".csv --dry-run --rejects rejects.csv\n");
  return text;
}

}  // namespace

void AddImport(CLI::App& app, Context* context) {
  CLI::App* import = app.add_subcommand(
      "import", "Takes a whole register from CSV (UTF-8) [as registered manager]");
  import->require_subcommand(1);
  import->footer(
      "In this order: carers, children, placements; figures at any time. The same file again "
      "changes nothing.\n"
      "Exit code 4 where rows were rejected; the others are recorded.\n");
  for (const auto& [noun, what] :
       {std::pair{"carers", "Approved carers with their terms"},
        std::pair{"children", "Children and the authorities that answer for them"},
        std::pair{"placements", "Where children lived and live, in any order"},
        std::pair{"figures", "Monthly figures that another system counts"}}) {
    CLI::App* command = import->add_subcommand(noun, what);
    AddRemoteOptions(command, context);
    auto options = std::make_shared<ImportOptions>();
    command->add_option("file", options->file, "CSV file")->required()->type_name("FILE");
    command->add_flag("--dry-run", options->dry_run,
                      "say what would come of it, by the rules of the register; record nothing");
    command->add_option("--rejects", options->rejects_file, "write rejected rows here")
        ->type_name("FILE");
    command
        ->add_option("--duplicates", options->duplicates_file,
                     "write rows here that look like another one")
        ->type_name("FILE");
    command->footer(ColumnsText(noun));
    command->callback([context, options, noun = std::string(noun)] {
      context->run = [context, options, noun] { return Import(*context, noun, *options); };
    });
  }
}

}  // namespace fosterwatch::app
