// The figures of a run as Markdown: the limits, ours, the peers, and ours as ratios of them.
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "bench/commands.h"

namespace fosterwatch::bench {
namespace {

using Json = nlohmann::json;

// A number at a path; NaN where it was not measured.
double At(const Json& json, const std::string& path) {
  const Json::json_pointer pointer(path);
  if (!json.contains(pointer) || !json.at(pointer).is_number()) return NAN;
  return json.at(pointer).get<double>();
}

std::string Show(double value, int digits = 0) {
  if (std::isnan(value)) return "-";
  if (digits == 0 && value >= 1000) {
    return absl::StrFormat("%d,%03d", static_cast<int>(value) / 1000,
                           static_cast<int>(value) % 1000);
  }
  return absl::StrFormat("%.*f", digits, value);
}

void Row(const std::vector<std::string>& cells) {
  std::printf("| %s |\n", absl::StrJoin(cells, " | ").c_str());
}

void Head(const std::vector<std::string>& cells) {
  Row(cells);
  Row(std::vector<std::string>(cells.size(), "---"));
}

// One stack's figures, ours or a peer's.
struct Stack {
  std::string name;
  double accepted = NAN, end_to_end = NAN, p50 = NAN, p90 = NAN, p99 = NAN, max = NAN, cold = NAN,
         own_cpu = NAN, postgres_cpu = NAN, kafka_cpu = NAN, lost = NAN, duplicated = NAN,
         wrong = NAN;
  std::string memory;
};

void PerEvent(const Json& closed, Stack& stack) {
  const double accepted = At(closed, "/accepted");
  if (!closed.contains("cpu_s")) return;
  double own = 0;
  for (const auto& [name, seconds] : closed["cpu_s"].items()) {
    const double each = 1000 * seconds.get<double>() / accepted;
    if (name == "postgres") {
      stack.postgres_cpu = each;
    } else if (name == "kafka") {
      stack.kafka_cpu = each;
    } else {
      own += each;
    }
  }
  stack.own_cpu = own;
}

Stack Ours(const std::string& way, const Json& open, const Json& closed, const Json& cold) {
  Stack stack;
  stack.name = absl::StrCat("Fosterwatch, ", way);
  stack.accepted = At(closed, "/accepted_per_s");
  stack.end_to_end = At(closed, "/end_to_end_per_s");
  stack.p50 = At(open, "/alert_ms/p50");
  stack.p90 = At(open, "/alert_ms/p90");
  stack.p99 = At(open, "/alert_ms/p99");
  stack.max = At(open, "/alert_ms/max");
  stack.cold = At(cold, "/cold_ms");
  stack.lost = At(open, "/lost") + At(closed, "/lost");
  stack.duplicated = At(open, "/duplicated") + At(closed, "/duplicated");
  stack.wrong = At(open, "/wrong_answers") + At(closed, "/wrong_answers");
  PerEvent(closed, stack);
  std::vector<std::string> memory;
  if (open.contains("memory")) {
    for (const auto& [name, use] : open["memory"].items()) {
      if (name != "kafka") memory.push_back(absl::StrCat(name, " ", Show(At(use, "/rss_mb"))));
    }
  }
  stack.memory = absl::StrJoin(memory, ", ");
  return stack;
}

Stack Peer(const Json& leg) {
  Stack stack;
  stack.name = leg.value("peer", "");
  stack.accepted = At(leg, "/closed/accepted_per_s");
  stack.end_to_end = At(leg, "/closed/end_to_end_per_s");
  stack.p50 = At(leg, "/open/alert_ms/P50");
  stack.p90 = At(leg, "/open/alert_ms/P90");
  stack.p99 = At(leg, "/open/alert_ms/P99");
  stack.max = At(leg, "/open/alert_ms/Max");
  stack.cold = At(leg, "/cold_ms");
  stack.lost = At(leg, "/open/lost") + At(leg, "/closed/lost");
  stack.duplicated = At(leg, "/open/duplicated") + At(leg, "/closed/duplicated");
  stack.wrong = At(leg, "/open/wrong_answers") + At(leg, "/closed/wrong_answers");
  if (leg.contains("closed")) PerEvent(leg["closed"], stack);
  std::vector<std::string> memory;
  if (leg.contains(Json::json_pointer("/open/memory_mb"))) {
    for (const auto& [name, use] : leg["open"]["memory_mb"].items()) {
      memory.push_back(absl::StrCat(name, " ", Show(At(use, "/VmRSS"))));
    }
  }
  stack.memory = absl::StrJoin(memory, ", ");
  return stack;
}

void PrintStacks(const std::vector<Stack>& stacks) {
  std::printf("### Stacks\n\n");
  Head({"", "accepted/s", "end to end/s", "alert ms p50", "p90", "p99", "max", "cold ms",
        "CPU ms an event: own + PostgreSQL + Kafka", "lost", "duplicated", "wrong answers",
        "RSS MB"});
  for (const Stack& s : stacks) {
    Row({s.name, Show(s.accepted), Show(s.end_to_end), Show(s.p50, 1), Show(s.p90, 1),
         Show(s.p99, 1), Show(s.max, 1), Show(s.cold),
         absl::StrCat(Show(s.own_cpu, 2), " + ", Show(s.postgres_cpu, 2), " + ",
                      Show(s.kafka_cpu, 2)),
         Show(s.lost), Show(s.duplicated), Show(s.wrong), s.memory});
  }
}

void PrintRatios(const std::vector<Stack>& ours, const std::vector<Stack>& peers) {
  if (peers.empty()) return;
  std::printf("\n### Ours to each peer\n\n");
  Head({"", "peer", "end to end", "alert p50", "alert p99"});
  for (const Stack& s : ours) {
    for (const Stack& p : peers) {
      Row({s.name, p.name, Show(s.end_to_end / p.end_to_end, 2), Show(s.p50 / p.p50, 2),
           Show(s.p99 / p.p99, 2)});
    }
  }
}

void PrintLimits(const Json& limits, const std::map<std::string, Json>& closed,
                 const std::map<std::string, Json>& rebuilds) {
  if (limits.empty()) return;
  std::printf("\n### The machine's limits, and ours beside them\n\n");
  Head({"limit", "a second", "ours", "a second", "ratio"});
  const double commits = At(limits, "/commits/reports_per_s");
  for (const auto& [way, figures] : closed) {
    const double accepted = At(figures, "/accepted_per_s");
    Row({absl::StrFormat("pipelined commits of the rows of a report (%.1f rows)",
                         At(limits, "/commits/rows") / At(limits, "/commits/reports")),
         Show(commits), "reports accepted, " + way, Show(accepted), Show(accepted / commits, 2)});
  }
  const double copy = At(limits, "/copy/rows_per_s");
  for (const auto& [way, figures] : rebuilds) {
    const double rows = At(figures, "/rows") / At(figures, "/seconds");
    Row({"COPY of the rows of the views", Show(copy), "rebuild of the views, " + way, Show(rows),
         Show(rows / copy, 2)});
  }
  Row({"librdkafka loopback: produced", Show(At(limits, "/kafka/produced_per_s")), "", "", ""});
  Row({"librdkafka loopback: consumed", Show(At(limits, "/kafka/consumed_per_s")), "", "", ""});
  Row({"gRPC calls that do nothing", Show(At(limits, "/grpc_calls_per_s")), "", "", ""});
}

void PrintFacts(const std::map<std::string, Json>& counts) {
  for (const auto& [way, json] : counts) {
    const double reports = At(json, "/facts/event_reported");
    if (!json.contains("facts") || !(reports > 0)) continue;
    std::printf("\n### Facts of a report, %s\n\n", way.c_str());
    Head({"fact", "recorded", "a report"});
    double all = 0;
    for (const auto& [name, count] : json["facts"].items()) {
      all += count.get<double>();
      Row({name, Show(count.get<double>()), Show(count.get<double>() / reports, 2)});
    }
    Row({"all", Show(all), Show(all / reports, 2)});
    std::printf("\nSends that were due and waiting when the load ended: %s.\n",
                Show(At(json, "/mails_waiting")).c_str());
  }
}

absl::Status PrintTable(const std::string& folder) {
  const auto read = [&folder](const std::string& name) {
    auto json = ReadJson(absl::StrCat(folder, "/", name, ".json"));
    return json.ok() ? *std::move(json) : Json::object();
  };
  std::vector<Stack> ours, peers;
  std::map<std::string, Json> closed, rebuilds, counts;
  for (const std::string way : {"embedded", "kafka"}) {
    const Json figures = read(way + ".closed");
    if (figures.empty()) continue;
    closed[way] = figures;
    counts[way] = read(way + ".counts");
    if (const Json rebuild = read(way + ".rebuild"); !rebuild.empty()) rebuilds[way] = rebuild;
    ours.push_back(Ours(way, read(way + ".open"), figures, read(way + ".cold")));
  }
  if (const Json legs = read("peers"); legs.is_array()) {
    for (const Json& leg : legs) peers.push_back(Peer(leg));
  }
  std::vector<Stack> all = ours;
  all.insert(all.end(), peers.begin(), peers.end());
  PrintStacks(all);
  PrintRatios(ours, peers);
  PrintLimits(read("limits"), closed, rebuilds);
  PrintFacts(counts);
  if (const Json scale = read("scale"); scale.is_array()) {
    std::printf("\n### With more facts in the ledger\n\n");
    Head({"facts", "report p50 ms", "p99 ms", "list page p99 ms", "fact to alert p99 ms"});
    for (const Json& step : scale) {
      Row({Show(At(step, "/facts")), Show(At(step, "/report_p50_ms"), 1),
           Show(At(step, "/report_p99_ms"), 1), Show(At(step, "/list_p99_ms"), 1),
           Show(At(step, "/alert_p99_ms"), 1)});
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddTable(CLI::App& app, app::Context* context) {
  CLI::App* table = app.add_subcommand("table", "Print the figures of a run as Markdown");
  auto folder = std::make_shared<std::string>();
  table->add_option("--results", *folder, "folder of the figures")->required();
  table->callback([=] { context->run = [folder] { return PrintTable(*folder); }; });
}

}  // namespace fosterwatch::bench
