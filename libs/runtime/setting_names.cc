#include "libs/runtime/setting_names.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <unistd.h>

#include "CLI/CLI.hpp"

namespace fosterwatch::runtime {
namespace {

constexpr absl::string_view kPrefix = "FOSTERWATCH_";

// Each without the prefix; setting_names_test holds them against the repository.
constexpr absl::string_view kReadElsewhere[] = {
    // `fosterwatch` as a client.
    "AGREED_TOKEN", "TOKEN",
    // ./dev, and the tests of the pages.
    "BIN", "BIN_DIR", "CACHE_DIR", "MAIL_URL", "SOURCE_DIR", "URL",
    // docker-compose.yml and deploy/.
    "CONTAINER_ENGINE", "GRAFANA_IMAGE", "GRAFANA_PORT", "IMAGE", "MAIL_PORT", "PORT",
    "PROMETHEUS_IMAGE", "PROMETHEUS_PORT",
    // libs/testing/crash_point.h.
    "CRASH_AT", "STOP_AT"};

// Kubernetes' service links: "GATEWAY_SERVICE_HOST", "GATEWAY_PORT" (tcp://...),
// "GATEWAY_PORT_8410_TCP_ADDR".
bool IsServiceLink(absl::string_view name, absl::string_view value) {
  if (absl::EndsWith(name, "SERVICE_HOST") || absl::StrContains(name, "SERVICE_PORT")) return true;
  const std::vector<absl::string_view> words = absl::StrSplit(name, '_');
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "PORT") continue;
    if (i + 1 == words.size()) return absl::StrContains(value, "://");
    if (std::all_of(words[i + 1].begin(), words[i + 1].end(), ::isdigit)) return true;
  }
  return false;
}

size_t EditsBetween(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::vector<std::string> VariablesOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_envname().empty()) names.push_back(option->get_envname());
  }
  return names;
}

void RefuseUnknownVariables(const CLI::App& app) {
  std::vector<std::string> known = VariablesOf(app);
  std::string wrong;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::pair<absl::string_view, absl::string_view> variable =
        absl::StrSplit(*entry, absl::MaxSplits('=', 1));
    const absl::string_view name = variable.first;
    if (!absl::StartsWith(name, kPrefix) || IsReadElsewhere(name, variable.second)) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string meant = NearestName(name, known);
    absl::StrAppend(&wrong, wrong.empty() ? "" : "\n", name, " is no setting",
                    meant.empty() ? "" : absl::StrCat("; is it ", meant, "?"));
  }
  if (!wrong.empty()) throw CLI::ExtrasError(wrong, CLI::ExitCodes::ExtrasError);
}

void AddFlags(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands()) AddFlags(*command, names);
}

// What CLI11 says, and which flags were probably meant by those that it does not know.
std::string Explain(const CLI::App* app, const CLI::Error& error) {
  std::string text = CLI::FailureMessage::simple(app, error);
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return text;
  std::vector<std::string> flags;
  AddFlags(*app, flags);
  for (absl::string_view word : absl::StrSplit(error.what(), ' ')) {
    if (!absl::StartsWith(word, "--")) continue;
    word = word.substr(0, word.find('='));
    const std::string meant = NearestName(word, flags);
    if (!meant.empty()) absl::StrAppend(&text, word, ": is it ", meant, "?\n");
  }
  return text;
}

}  // namespace

bool IsReadElsewhere(absl::string_view variable, absl::string_view value) {
  if (!absl::ConsumePrefix(&variable, kPrefix)) return false;
  return absl::StartsWith(variable, "TEST_") || IsServiceLink(variable, value) ||
         std::find(std::begin(kReadElsewhere), std::end(kReadElsewhere), variable) !=
             std::end(kReadElsewhere);
}

std::string NearestName(absl::string_view name, const std::vector<std::string>& names) {
  // Without what all of them begin with.
  const auto bare = [](absl::string_view text) {
    if (!absl::ConsumePrefix(&text, kPrefix)) absl::ConsumePrefix(&text, "--");
    return text;
  };
  std::string nearest;
  size_t least = std::max<size_t>(2, bare(name).size() / 3) + 1;
  for (const std::string& candidate : names) {
    const size_t edits = EditsBetween(bare(name), bare(candidate));
    if (edits >= least) continue;
    least = edits;
    nearest = candidate;
  }
  return nearest;
}

void RefuseUnknownNames(CLI::App& app) {
  app.failure_message(Explain);
  app.parse_complete_callback([&app] { RefuseUnknownVariables(app); });
}

}  // namespace fosterwatch::runtime
