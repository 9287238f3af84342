// Figures on a real PostgreSQL, from the public facts of the registers: what tests of them share.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/kpis/app.h"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/module.h"
#include "services/kpis/tallies.h"

namespace fosterwatch::kpis {

inline constexpr char kCarers[] = "fosterwatch.carers.v1";
inline constexpr char kPlacements[] = "fosterwatch.placements.v1";
inline constexpr char kComplaints[] = "fosterwatch.complaints.v1";
inline constexpr char kAllegations[] = "fosterwatch.allegations.v1";
inline constexpr char kOwn[] = "fosterwatch.kpis.v1";

inline absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
  return time;
}

// As a Timestamp in the text of a message.
inline std::string Stamp(const std::string& text) {
  return absl::StrCat("{seconds: ", absl::ToUnixSeconds(At(text)), "}");
}

// A fact on its way: the public part of what a register recorded.
struct Fact {
  std::string topic;
  std::string record;
  std::string text;  // of the topic's message
  absl::Time recorded;
};

// The figures of a database of its own, of any agencies.
class FigureWorld {
 public:
  FigureWorld() : database_("fosterwatch_kpis", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = [this] { return now_; };
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    auto catalogue = ReadCatalogue(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/kpis");
    EXPECT_THAT(catalogue, fosterwatch::testing::IsOk()) << catalogue.status();
    EXPECT_THAT(KeepTallies(database_.relay(), *catalogue), fosterwatch::testing::IsOk());
    app_ = std::make_unique<App>(ledger_.get(), *std::move(catalogue), [this] { return now_; });
  }

  static std::unique_ptr<google::protobuf::Message> MessageOf(const Fact& fact) {
    std::unique_ptr<google::protobuf::Message> message(KnownTopics().at(fact.topic)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fact.text, message.get()))
        << fact.text;
    return message;
  }

  // Each fact of a record has the next version; `copy` is the one before, once more.
  void Take(const Fact& fact, const std::string& agency = "northern", bool copy = false) {
    int& version = versions_[agency + fact.topic + fact.record];
    if (!copy) ++version;
    const auto message = MessageOf(fact);
    bus::Record record;
    record.topic = fact.topic;
    record.key = absl::StrCat(agency, "/", fact.record);
    record.value = message->SerializeAsString();
    std::string sequence = absl::StrCat(version);
    sequence.insert(0, 10 - sequence.size(), '0');
    record.headers = {
        {"ce_id", absl::StrCat(fact.topic, "/", fact.record, "/", version)},
        {"ce_agencyid", agency},
        {"ce_subject", fact.record},
        {"ce_sequence", sequence},
        {"ce_type", absl::StrCat(fact.topic, ".fact")},
        {"ce_time", absl::FormatTime(absl::RFC3339_full, fact.recorded, absl::UTCTimeZone())}};
    auto unit = app_->Observe(record);
    ASSERT_THAT(unit, fosterwatch::testing::IsOk()) << unit.status();
    if (!*unit) return;
    ASSERT_THAT(ledger_->SubmitAndWait(**std::move(unit)), fosterwatch::testing::IsOk());
  }

  std::map<std::string, v1::Figure> Figures(v1::ListKpisRequest request = {},
                                            const std::string& agency = "northern") {
    const auto list = app_->ListKpis(agency, request);
    EXPECT_THAT(list, fosterwatch::testing::IsOk()) << list.status();
    std::map<std::string, v1::Figure> figures;
    if (!list.ok()) return figures;
    for (const v1::Kpi& kpi : list->kpis()) figures[kpi.definition().code()] = kpi.current();
    return figures;
  }
  v1::Figure Of(const std::string& code, const std::string& period = "") {
    v1::ListKpisRequest request;
    request.add_codes(code);
    request.set_period(period);
    return Figures(request)[code];
  }
  v1::ExplainKpiResponse Explained(const std::string& code, const std::string& period = "") {
    v1::ExplainKpiRequest request;
    request.set_code(code);
    request.set_period(period);
    const auto response = app_->ExplainKpi("northern", request);
    EXPECT_THAT(response, fosterwatch::testing::IsOk()) << code << response.status();
    return response.value_or(v1::ExplainKpiResponse());
  }
  void Report(const std::string& code, const std::string& month, const std::string& value,
              const std::string& fact = "f1", const std::string& recorded = "2022-02-01") {
    EXPECT_THAT(fosterwatch::testing::Connect(database_.admin())
                    ->Script(absl::StrCat("INSERT INTO view.imported_figure VALUES ('northern', '",
                                          code, "', '", month, "', ", value, ", '", fact, "', '",
                                          recorded, "')")),
                fosterwatch::testing::IsOk());
  }
  // What another program says of files with a line of JSON for each message, and its exit code.
  std::pair<std::string, int> Judged(const std::string& program,
                                     const std::vector<std::string>& texts) {
    namespace fs = std::filesystem;
    std::vector<std::string> paths;
    std::string command = absl::StrCat("'", PYTHON, "' '", RECOMPUTE_DIR, "/", program, "'");
    for (const std::string& text : texts) {
      paths.push_back(
          absl::StrCat(::testing::TempDir(), "/", database_.name(), ".", paths.size(), ".jsonl"));
      std::ofstream(paths.back()) << text;
      absl::StrAppend(&command, " '", paths.back(), "'");
    }
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    std::string said;
    char buffer[4096];
    for (size_t read; (read = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      said.append(buffer, read);
    }
    const int code = pclose(pipe);
    for (const std::string& path : paths) fs::remove(path);
    return {said, WIFEXITED(code) ? WEXITSTATUS(code) : -1};
  }
  static std::string JsonOf(const google::protobuf::Message& message) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
    return json;
  }
  // What the second opinion says of the explanations.
  std::pair<std::string, int> Judged(const std::vector<v1::ExplainKpiResponse>& explained) {
    std::string text;
    for (const auto& each : explained) text += JsonOf(each) + "\n";
    return Judged("figures.py", {text});
  }

  absl::Time now_ = At("2026-11-22T12:00:00Z");
  const v1::KpiFact fact_;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
  std::map<std::string, int> versions_;
};

class AppTest : public ::testing::Test, protected FigureWorld {};

// ---- the facts of the register of carers

inline std::string Standing(const std::string& status, const std::string& kind, int max_children,
                            const std::string& ended = "") {
  return absl::StrCat("standing_changed { standing { carer_id: 'F-1' kind: ", kind,
                      " status: ", status, " approved_date: '2025-06-01' ended_date: '", ended,
                      "' usual_limit: 3 terms { effective_date: '2025-06-01' terms { "
                      "max_children: ",
                      max_children, " } } } }");
}

inline std::string Duty(const std::string& id, const std::string& kind, const std::string& begin,
                        const std::string& due, const std::string& last_done = "") {
  return absl::StrCat("duties { duty_id: '", id, "' kind: ", kind, " last_done_date: '", last_done,
                      "' due_time ", Stamp(due), " explanation { rule: '", id,
                      "' calendar_version: '2026-11-01' trigger_time ", Stamp(begin), " due_time ",
                      Stamp(due), " } } ");
}

inline std::string Duties(const std::string& duties, const std::vector<std::string>& gone = {}) {
  std::string text = "duties_changed { carer_id: 'F-1' " + duties;
  for (const std::string& id : gone) absl::StrAppend(&text, "gone_duty_ids: '", id, "' ");
  return text + "}";
}

}  // namespace fosterwatch::kpis
