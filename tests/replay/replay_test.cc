// Ledgers that earlier commits recorded, under today's programs: the schema is brought up to date,
// the relays publish what they published then, the services take it for known, and a rebuild gives
// the views of then. Nobody is told anything, and nothing is recorded but of types that came later
// and of figures as they are today.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/replay/recording.h"
#include "tests/support/installation.h"

namespace fosterwatch::replay {
namespace {

using mail::ScriptedSmtpServer;
using testing::AwaitTrue;
using testing::Installation;
using testing::IsOk;

std::vector<std::string> Recordings() {
  const char* source = std::getenv("FOSTERWATCH_SOURCE_DIR");
  std::vector<std::string> folders;
  if (source == nullptr) return folders;
  const std::string all = absl::StrCat(source, "/tests/replay/recordings");
  for (const auto& entry : std::filesystem::directory_iterator(all)) {
    folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

void ExpectSame(const std::string& path, const absl::StatusOr<std::vector<Json>>& actual) {
  const auto expected = ReadLines(path);
  ASSERT_THAT(expected, IsOk());
  ASSERT_THAT(actual, IsOk()) << path;
  ASSERT_EQ(actual->size(), expected->size()) << path;
  // A column that was added since stands in the way of their order, so each looks for its own.
  std::vector<bool> taken(actual->size());
  for (size_t i = 0; i < expected->size(); ++i) {
    size_t at = i;
    for (size_t j = 0; j < actual->size(); ++j) {
      const size_t candidate = (i + j) % actual->size();
      if (taken[candidate] || !Difference((*expected)[i], (*actual)[candidate]).empty()) continue;
      at = candidate;
      break;
    }
    ASSERT_EQ(Difference((*expected)[i], (*actual)[at]), "") << path << ", line " << i + 1;
    taken[at] = true;
  }
}

// Without the rows of views, and of streams within one, that came later.
absl::StatusOr<std::vector<Json>> OfThatDay(const std::string& folder, const std::string& service,
                                            absl::StatusOr<std::vector<Json>> rows) {
  const auto views = ViewsIn(folder, service);
  if (!rows.ok() || !views.ok()) return rows.ok() ? views.status() : rows.status();
  std::set<std::string> streams;
  const auto then = ReadLines(absl::StrCat(folder, "/", service, ".views.jsonl"));
  if (!then.ok()) return then.status();
  for (const Json& line : *then) {
    if (line["row"].contains("stream")) streams.insert(line["row"]["stream"]);
  }
  rows->erase(std::remove_if(rows->begin(), rows->end(),
                             [&](const Json& row) {
                               return views->count(row["table"]) == 0 ||
                                      (row["row"].contains("stream") &&
                                       streams.count(row["row"]["stream"]) == 0);
                             }),
              rows->end());
  return rows;
}

// Without the lines whose word (a type of aggregate, or of record) is none of those.
absl::StatusOr<std::vector<Json>> OnlyOf(const std::set<std::string>& words,
                                         const Json::json_pointer& word,
                                         absl::StatusOr<std::vector<Json>> lines) {
  if (!lines.ok()) return lines.status();
  lines->erase(std::remove_if(lines->begin(), lines->end(),
                              [&](const Json& line) {
                                return words.count(line.at(word).get<std::string>()) == 0;
                              }),
               lines->end());
  return lines;
}

// The words of a recording's lines.
std::set<std::string> WordsIn(const std::string& path, const Json::json_pointer& word) {
  std::set<std::string> words;
  const auto lines = ReadLines(path);
  EXPECT_THAT(lines, IsOk());
  for (size_t i = 0; lines.ok() && i < lines->size(); ++i) {
    words.insert((*lines)[i].at(word).get<std::string>());
  }
  return words;
}

// By service, and by type of aggregate and name of fact.
using Counts = std::map<std::string, std::map<std::string, int64_t>>;

// Without what services make of figures as they are today: their changes, the plans of those that
// are red, and the alerts of them.
Counts Facts(const Installation& installation, const std::string& started) {
  Counts facts;
  for (const std::string& service : Services()) {
    auto rows = installation.Database(service)->Query(
        "SELECT aggregate_type || '.' || name, count(*) FROM ledger.fact"
        " WHERE NOT starts_with(aggregate_id, 'kpis/')"
        " AND NOT (aggregate_type = 'change' AND recorded_at >= $1::text::timestamptz)"
        " GROUP BY 1",
        {started});
    EXPECT_THAT(rows, IsOk());
    for (int row = 0; rows.ok() && row < rows->rows(); ++row) {
      facts[service][rows->Text(row, 0)] = rows->Int(row, 1);
    }
  }
  return facts;
}

// Without what came later: a service may make it from what it finds.
Counts OfThatDay(const Counts& before, Counts facts) {
  for (auto& [service, types] : facts) {
    const auto known = before.find(service);
    for (auto type = types.begin(); type != types.end();) {
      const bool was = known != before.end() && known->second.count(type->first) > 0;
      type = was ? std::next(type) : types.erase(type);
    }
  }
  for (auto service = facts.begin(); service != facts.end();) {
    service = service->second.empty() ? facts.erase(service) : std::next(service);
  }
  return facts;
}

// The aggregates that today's programs have begun.
std::set<std::string> BegunSince(const Installation& installation, const std::string& service,
                                 const std::string& started) {
  auto rows = installation.Database(service)->Query(
      "SELECT aggregate_id FROM ledger.fact GROUP BY 1"
      " HAVING min(recorded_at) >= $1::text::timestamptz",
      {started});
  EXPECT_THAT(rows, IsOk());
  std::set<std::string> begun;
  for (int row = 0; rows.ok() && row < rows->rows(); ++row) begun.insert(rows->Text(row, 0));
  return begun;
}

// Without the lines that are of those aggregates, as one of these words of theirs says.
absl::StatusOr<std::vector<Json>> WithoutThoseOf(const std::set<std::string>& aggregates,
                                                 const std::vector<std::string>& words,
                                                 absl::StatusOr<std::vector<Json>> lines) {
  if (!lines.ok()) return lines.status();
  const auto is_of_them = [&](const Json& line) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      const Json::json_pointer at(word);
      return line.contains(at) && line.at(at).is_string() &&
             aggregates.count(line.at(at).get<std::string>()) > 0;
    });
  };
  lines->erase(std::remove_if(lines->begin(), lines->end(), is_of_them), lines->end());
  return lines;
}

// Whether every fact is on the bus, and every group has taken all that there is.
bool AllTaken(const Installation& installation) {
  int64_t facts = 0;
  for (const std::string& service : Services()) {
    facts += FactsOf(installation, service).value_or(-1'000'000);
  }
  auto state = installation.Database("bus")->Query(
      "SELECT (SELECT sum(next_offset)::bigint FROM partition),"
      " (SELECT count(*) FROM consumer_offset JOIN partition USING (topic, partition)"
      "  WHERE consumer_offset.next_offset < partition.next_offset),"
      " (SELECT count(DISTINCT consumer_group) FROM consumer_offset)");
  return state.ok() && state->Int(0, 0) == facts && state->Int(0, 1) == 0 && state->Int(0, 2) >= 4;
}

class Replay : public ::testing::TestWithParam<std::string> {};

TEST_P(Replay, GivesTheSameViewsAndTellsNobody) {
  const std::string folder = GetParam();
  ScriptedSmtpServer mails;
  Installation installation({});
  ASSERT_THAT(Restore(folder, installation), IsOk());
  ASSERT_EQ(installation.Run({"database", "setup"}), 0) << "the schema is brought up to date";
  // What has passed its due time since the recording is not what this is about; the rebuild brings
  // the timers back, as the facts say.
  for (const char* service : {"notifiable_events", "carers"}) {
    ASSERT_THAT(installation.Database(service)->Script("DELETE FROM view.timer"), IsOk());
  }
  const std::string started =
      absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  const auto facts = Facts(installation, started);

  installation.Start({{"FOSTERWATCH_SMTP_URL", mails.url()}});
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  EXPECT_TRUE(AwaitTrue([&] { return AllTaken(installation); }, absl::Seconds(60)))
      << installation.process().Output();
  for (const std::string& service : ServicesIn(folder)) {
    const std::string path = absl::StrCat(folder, "/", service, ".records.jsonl");
    const Json::json_pointer type("/headers/ce_type");
    // The records first: what comes meanwhile is then among what was begun since.
    auto records = OnlyOf(WordsIn(path, type), type, RecordsOf(installation, service));
    ExpectSame(path, WithoutThoseOf(BegunSince(installation, service, started),
                                    {"/headers/ce_subject"}, std::move(records)));
  }
  ASSERT_THAT(installation.process().Stop(), IsOk());

  ASSERT_EQ(installation.Run({"rebuild"}), 0);
  for (const std::string& service : ServicesIn(folder)) {
    const std::string stem = absl::StrCat(folder, "/", service);
    const auto begun = BegunSince(installation, service, started);
    ExpectSame(stem + ".views.jsonl",
               WithoutThoseOf(begun, {"/row/aggregate_id", "/row/subject_id"},
                              OfThatDay(folder, service, ViewsOf(installation, service))));
    const Json::json_pointer type("/type");
    ExpectSame(stem + ".states.jsonl",
               WithoutThoseOf(begun, {"/id"},
                              OnlyOf(WordsIn(stem + ".states.jsonl", type), type,
                                     StatesOf(installation, service))));
  }
  EXPECT_EQ(OfThatDay(facts, Facts(installation, started)), facts);
  EXPECT_EQ(mails.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(Recordings, Replay, ::testing::ValuesIn(Recordings()),
                         [](const ::testing::TestParamInfo<std::string>& recording) {
                           std::string name =
                               std::filesystem::path(recording.param).filename().string();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
                               '_');
                           return name;
                         });

TEST(Recordings, AreThere) { EXPECT_THAT(Recordings(), ::testing::Not(::testing::IsEmpty())); }

TEST(Difference, IsWhatIsLessOrOtherAtAnyDepth) {
  const Json expected = Json::parse(R"({"a": 1, "b": {"c": [1, {"d": "x"}]}})");
  EXPECT_EQ(Difference(expected, expected), "");
  EXPECT_EQ(Difference(expected, Json::parse(
                                     R"({"a": 1, "z": 0, "b": {"y": 0, "c": [1, {"d": "x",
                                         "e": 5}]}})")),
            "");
  EXPECT_EQ(Difference(expected, Json::parse(R"({"a": 1})")), "b is missing");
  EXPECT_EQ(Difference(expected, Json::parse(R"({"a": 1, "b": {"c": [1, {"d": "y"}]}})")),
            R"(b.c.[1].d.is "y" instead of "x")");
  EXPECT_EQ(Difference(expected, Json::parse(R"({"a": 1, "b": {"c": [1]}})")),
            R"(b.c.is [1] instead of [1,{"d":"x"}])");
}

}  // namespace
}  // namespace fosterwatch::replay
