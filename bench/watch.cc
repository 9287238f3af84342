#include "bench/watch.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <unistd.h>

namespace fosterwatch::bench {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// User and system time; with `reaped`, of children that have ended too.
double CpuOfProcess(int pid, bool reaped) {
  const std::string stat = ReadFile(absl::StrCat("/proc/", pid, "/stat"));
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return 0;
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipWhitespace());
  double ticks = 0;
  for (size_t i = 11; i < (reaped ? 15 : 13) && i < fields.size(); ++i) {
    ticks += std::atof(fields[i].c_str());
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<Watched> ParseWatched(const std::vector<std::string>& entries) {
  std::vector<Watched> watched;
  for (const std::string& entry : entries) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    Watched each{parts.first, 0};
    if (!absl::SimpleAtoi(parts.second, &each.pid)) {
      std::fprintf(stderr, "%s is no NAME=PID\n", entry.c_str());
      std::exit(2);
    }
    watched.push_back(std::move(each));
  }
  return watched;
}

std::map<std::string, double> CpuOf(const std::vector<Watched>& watched) {
  std::map<std::string, double> used;
  for (const Watched& each : watched) {
    const bool is_postgres = each.name == "postgres";
    double& cpu = used[each.name];
    cpu = CpuOfProcess(each.pid, is_postgres);
    if (!is_postgres) continue;
    const std::string children =
        ReadFile(absl::StrCat("/proc/", each.pid, "/task/", each.pid, "/children"));
    for (const absl::string_view child : absl::StrSplit(children, ' ', absl::SkipWhitespace())) {
      int pid = 0;
      if (absl::SimpleAtoi(child, &pid)) cpu += CpuOfProcess(pid, false);
    }
  }
  return used;
}

double CpuOfMachine() {
  std::istringstream line(ReadFile("/proc/stat"));
  std::string cpu;
  line >> cpu;
  double busy = 0, ticks = 0;
  for (int i = 0; i < 8 && line >> ticks; ++i) {
    if (i != 3 && i != 4) busy += ticks;  // neither idle nor waiting for the disk
  }
  return busy / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double CpuOfSelf() { return CpuOfProcess(getpid(), false); }

nlohmann::json MemoryOf(const std::vector<Watched>& watched) {
  nlohmann::json memory = nlohmann::json::object();
  for (const Watched& each : watched) {
    if (each.name == "postgres") continue;
    nlohmann::json& entry = memory[each.name];
    for (const absl::string_view line :
         absl::StrSplit(ReadFile(absl::StrCat("/proc/", each.pid, "/status")), '\n')) {
      const std::vector<std::string> words =
          absl::StrSplit(line, absl::ByAnyChar(": \t"), absl::SkipWhitespace());
      if (words.size() < 2) continue;
      if (words[0] == "VmRSS") entry["rss_mb"] = std::atof(words[1].c_str()) / 1024;
      if (words[0] == "VmHWM") entry["peak_mb"] = std::atof(words[1].c_str()) / 1024;
      if (words[0] == "Threads") entry["threads"] = std::atoi(words[1].c_str());
    }
  }
  return memory;
}

}  // namespace fosterwatch::bench
