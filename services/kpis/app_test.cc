// Figures on a real PostgreSQL: from the public facts of the registers to what is asked for, as at
// any moment and as known at any moment, and worked out again by another program.
#include "services/kpis/app.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/module.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::google::protobuf::Message;
using ::google::protobuf::TextFormat;
using ::testing::HasSubstr;

constexpr char kCarers[] = "fosterwatch.carers.v1";
constexpr char kPlacements[] = "fosterwatch.placements.v1";
constexpr char kComplaints[] = "fosterwatch.complaints.v1";
constexpr char kAllegations[] = "fosterwatch.allegations.v1";

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
  return time;
}

// As a Timestamp in the text of a message.
std::string Stamp(const std::string& text) {
  return absl::StrCat("{seconds: ", absl::ToUnixSeconds(At(text)), "}");
}

// A fact on its way: the public part of what a register recorded.
struct Fact {
  std::string topic;
  std::string record;
  std::string text;  // of the topic's message
  absl::Time recorded;
};

class AppTest : public ::testing::Test {
 protected:
  AppTest() : database_("fosterwatch_kpis", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = [this] { return now_; };
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    auto catalogue = ReadCatalogue(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/kpis");
    EXPECT_THAT(catalogue, IsOk()) << catalogue.status();
    app_ = std::make_unique<App>(ledger_.get(), *std::move(catalogue), [this] { return now_; });
  }

  // Each fact of a record has the next version; `copy` is the one before, once more.
  void Take(const Fact& fact, const std::string& agency = "northern", bool copy = false) {
    int& version = versions_[agency + fact.topic + fact.record];
    if (!copy) ++version;
    std::unique_ptr<Message> message(KnownTopics().at(fact.topic)->New());
    ASSERT_TRUE(TextFormat::ParseFromString(fact.text, message.get())) << fact.text;
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
    ASSERT_THAT(unit, IsOk()) << unit.status();
    if (!*unit) return;
    ASSERT_THAT(ledger_->SubmitAndWait(**std::move(unit)), IsOk());
  }

  std::map<std::string, v1::Figure> Figures(v1::ListKpisRequest request = {},
                                            const std::string& agency = "northern") {
    const auto list = app_->ListKpis(agency, request);
    EXPECT_THAT(list, IsOk()) << list.status();
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
    EXPECT_THAT(response, IsOk()) << code << response.status();
    return response.value_or(v1::ExplainKpiResponse());
  }
  void Report(const std::string& code, const std::string& month, const std::string& value,
              const std::string& fact = "f1", const std::string& recorded = "2022-02-01") {
    EXPECT_THAT(fosterwatch::testing::Connect(database_.admin())
                    ->Script(absl::StrCat("INSERT INTO view.imported_figure VALUES ('northern', '",
                                          code, "', '", month, "', ", value, ", '", fact, "', '",
                                          recorded, "')")),
                IsOk());
  }
  // What the second opinion says of the explanations, and its exit code.
  std::pair<std::string, int> Judged(const std::vector<v1::ExplainKpiResponse>& explained) {
    namespace fs = std::filesystem;
    const std::string path =
        absl::StrCat(::testing::TempDir(), "/", database_.name(), ".explained.jsonl");
    std::ofstream file(path);
    for (const auto& each : explained) {
      std::string json;
      EXPECT_TRUE(google::protobuf::util::MessageToJsonString(each, &json).ok());
      file << json << "\n";
    }
    file.close();
    const std::string command = absl::StrCat("'", PYTHON, "' '", FIGURES_PY, "' '", path, "' 2>&1");
    FILE* pipe = popen(command.c_str(), "r");
    std::string said;
    char buffer[4096];
    for (size_t read; (read = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      said.append(buffer, read);
    }
    const int code = pclose(pipe);
    fs::remove(path);
    return {said, WIFEXITED(code) ? WEXITSTATUS(code) : -1};
  }

  absl::Time now_ = At("2026-11-22T12:00:00Z");
  const v1::KpiFact fact_;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
  std::map<std::string, int> versions_;
};

// ---- the facts of the registers

std::string Standing(const std::string& status, const std::string& kind, int max_children,
                     const std::string& ended = "") {
  return absl::StrCat("standing_changed { standing { carer_id: 'F-1' kind: ", kind,
                      " status: ", status, " approved_date: '2025-06-01' ended_date: '", ended,
                      "' usual_limit: 3 terms { effective_date: '2025-06-01' terms { "
                      "max_children: ",
                      max_children, " } } } }");
}

std::string Duty(const std::string& id, const std::string& kind, const std::string& begin,
                 const std::string& due, const std::string& last_done = "") {
  return absl::StrCat("duties { duty_id: '", id, "' kind: ", kind, " last_done_date: '", last_done,
                      "' due_time ", Stamp(due), " explanation { rule: '", id,
                      "' calendar_version: '2026-11-01' trigger_time ", Stamp(begin), " due_time ",
                      Stamp(due), " } } ");
}

std::string Duties(const std::string& duties, const std::vector<std::string>& gone = {}) {
  std::string text = "duties_changed { carer_id: 'F-1' " + duties;
  for (const std::string& id : gone) absl::StrAppend(&text, "gone_duty_ids: '", id, "' ");
  return text + "}";
}

TEST_F(AppTest, TheFosteringFiguresOfCarersFollowFromTheFactsOfTheRegister) {
  const auto take = [&](const std::string& text, const char* recorded) {
    Take({kCarers, "F-1", text, At(recorded)});
  };
  EXPECT_EQ(Of("CR6").value(), 0);
  EXPECT_EQ(Of("CR1").status(), v1::STATUS_INCOMPLETE) << "nobody to visit is unknown, not fine";
  take(Standing("STATUS_APPROVED", "KIND_CONNECTED", 0), "2025-06-01T09:00:00Z");
  take(Duties(Duty("UNANNOUNCED_VISIT", "DUTY_KIND_UNANNOUNCED_VISIT", "2025-05-31T23:00:00Z",
                   "2026-06-01T23:00:00Z") +
              Duty("FIRST_REVIEW", "DUTY_KIND_FIRST_REVIEW", "2025-05-31T23:00:00Z",
                   "2026-06-01T23:00:00Z") +
              Duty("AGREEMENT_RETURN/a1", "DUTY_KIND_AGREEMENT_RETURN", "2026-11-02T00:00:00Z",
                   "2026-11-16T00:00:00Z") +
              Duty("TRAINING_STANDARDS", "DUTY_KIND_TRAINING_STANDARDS", "2025-05-31T23:00:00Z",
                   "2026-12-01T00:00:00Z") +
              Duty("DECISION/r1", "DUTY_KIND_DECISION", "2026-11-02T10:00:00Z",
                   "2026-11-12T00:00:00Z")),
       "2025-06-01T09:00:01Z");
  EXPECT_EQ(Of("CR6").value(), 1);
  ASSERT_EQ(Of("CR6").shares_size(), 1);
  EXPECT_EQ(Of("CR6").shares(0).title(), "Connected persons");
  EXPECT_EQ(Of("CR7").value(), 3) << "the terms set no number: the usual limit";
  EXPECT_EQ(Of("CR1", "2026-05").value(), 100) << "approved less than a year before";
  EXPECT_EQ(Of("CR1").value(), 0);
  EXPECT_EQ(Of("CR1").status(), v1::STATUS_RED);
  EXPECT_EQ(Of("CR2", "2026-06").value(), 0);
  EXPECT_EQ(Of("CR8").value(), 4) << "the training standards are not yet due";

  // The review was held in time; it is recorded late. The next one is due a year after it.
  take("review_held { carer_id: 'F-1' review { review_date: '2026-05-20' } }",
       "2026-11-20T10:00:00Z");
  take(Duties(Duty("ANNUAL_REVIEW", "DUTY_KIND_ANNUAL_REVIEW", "2026-05-19T23:00:00Z",
                   "2027-05-20T23:00:00Z", "2026-05-20"),
              {"FIRST_REVIEW"}),
       "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR2", "2026-06").value(), 100);
  v1::ListKpisRequest then;
  then.set_period("2026-06");
  *then.mutable_known_at_time() = clock::ToProto(At("2026-11-20T09:59:59Z"));
  EXPECT_EQ(Figures(then)["CR2"].value(), 0) << "what was known before";

  // An unannounced visit: what was owed since the approval ends by it, and is owed anew.
  take(Duties(Duty("UNANNOUNCED_VISIT", "DUTY_KIND_UNANNOUNCED_VISIT", "2026-11-10T00:00:00Z",
                   "2027-11-11T00:00:00Z", "2026-11-10")),
       "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR1").value(), 100);
  EXPECT_EQ(Of("CR1", "2026-10").value(), 0) << "late is late, though it was done since";

  // Due on the 12th and 16th: on the day itself it is too late, the day before it is not.
  take("decision_made { decision { recommendation_id: 'r1' decided_time " +
           Stamp("2026-11-12T00:00:00Z") + " } }",
       "2026-11-20T10:00:00Z");
  take(Duties("", {"DECISION/r1"}), "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR5").value(), 0);
  take(
      "agreement_set { agreement { agreement_id: 'a1' issued_date: '2026-11-02'"
      " returned_date: '2026-11-15' } }",
      "2026-11-20T10:00:00Z");
  take(Duties("", {"AGREEMENT_RETURN/a1"}), "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR3").value(), 100);
  take("check_recorded { check { kind: CHECK_KIND_TRAINING_STANDARDS done_date: '2026-11-18' } }",
       "2026-11-20T10:00:00Z");
  take(Duties("", {"TRAINING_STANDARDS"}), "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR4").denominator(), 0) << "it falls due in December";
  EXPECT_EQ(Of("CR4", "2026-Q4").value(), 100);

  // Explained, with the calendar by which it was due.
  const auto explained = Explained("CR3");
  ASSERT_EQ(explained.evidence_size(), 1);
  EXPECT_EQ(explained.evidence(0).due_explanation().calendar_version(), "2026-11-01");
  EXPECT_EQ(explained.target().value(), 100);

  // Other terms from a day on; then the approval ends, at the end of its last day.
  take(
      "standing_changed { standing { kind: KIND_CONNECTED status: STATUS_APPROVED approved_date:"
      " '2025-06-01' usual_limit: 3 terms { effective_date: '2025-06-01' } terms {"
      " effective_date: '2026-11-15' terms { max_children: 1 } } } }",
      "2026-11-20T11:00:00Z");
  EXPECT_EQ(Of("CR7").value(), 1);
  EXPECT_EQ(Of("CR7", "2026-10").value(), 3);
  take(Standing("STATUS_ENDED", "KIND_CONNECTED", 1, "2026-11-21"), "2026-11-22T08:00:00Z");
  EXPECT_EQ(Of("CR6").value(), 0);
  EXPECT_EQ(Of("CR6", "2026-11-20").value(), 1);
  EXPECT_EQ(Of("CR7").value(), 0);
}

TEST_F(AppTest, TheFosteringFiguresOfPlacementsFollowFromWhereChildrenLive) {
  const auto start = [](const char* id, const char* kind, const char* from) {
    return absl::StrCat("placement_started { placement { placement_id: '", id, "' kind: '", kind,
                        "' start_date: '", from, "' } }");
  };
  const absl::Time recorded = At("2026-11-01T10:00:00Z");
  Take({kPlacements, "C-1", start("P-1", "SHORT_TERM", "2026-10-05"), recorded});
  Take({kPlacements, "C-2", start("P-2", "LONG_TERM", "2026-10-06"), recorded});
  Take({kPlacements, "C-3", start("P-3", "SHORT_TERM", "2026-10-07"), recorded});
  EXPECT_EQ(Of("PL1").value(), 3);
  ASSERT_EQ(Of("PL1").shares_size(), 2);
  EXPECT_EQ(Of("PL1").shares(0).title(), "Short term");
  EXPECT_EQ(Of("PL1").shares(0).count(), 2);
  const auto end = [](const char* id, const char* day, const char* ending) {
    return absl::StrCat("placement_ended { placement_id: '", id, "' end_date: '", day,
                        "' ending: ", ending, " }");
  };
  Take({kPlacements, "C-1", end("P-1", "2026-11-10", "ENDING_UNPLANNED"), recorded});
  Take({kPlacements, "C-2", end("P-2", "2026-11-11", "ENDING_PLANNED"), recorded});
  Take({kPlacements, "C-3", end("P-3", "2026-11-12", "ENDING_NOT_COUNTED"), recorded});
  EXPECT_EQ(Of("PL1").value(), 0);
  EXPECT_EQ(Of("PL1", "2026-10").value(), 3);
  EXPECT_EQ(Of("PL2").value(), 1);
  EXPECT_EQ(Of("PL3").value(), 50);
  // It had not ended at all.
  Take({kPlacements, "C-1",
        "placement_corrected { placement { placement_id: 'P-1' kind: 'EMERGENCY'"
        " start_date: '2026-10-05' } }",
        recorded});
  EXPECT_EQ(Of("PL1").value(), 1);
  EXPECT_EQ(Of("PL1").shares(0).title(), "Emergency");
  EXPECT_EQ(Of("PL2").value(), 0);
}

TEST_F(AppTest, TheFosteringFiguresOfComplaintsFollowFromTheirRegister) {
  const auto told = [](const char* id, const char* received) {
    return absl::StrCat("complaint_recorded { complaint_id: '", id,
                        "' report { kind: COMPLAINT_KIND_COMPLAINT category: 'DELAY'"
                        " received_time ",
                        Stamp(received), " } stage { number: 1 clock_start_time ", Stamp(received),
                        " } duties { duty_id: 'x' kind: DUTY_KIND_ACKNOWLEDGEMENT due_time ",
                        Stamp("2026-11-05T00:00:00Z"),
                        " } duties { duty_id: 'd' kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                        Stamp("2026-11-16T00:00:00Z"), " } }");
  };
  const absl::Time recorded = At("2026-11-02T10:00:00Z");
  for (const char* id : {"c1", "c2", "c3", "c4"}) {
    Take({kComplaints, id, told(id, "2026-11-02T09:00:00Z"), recorded});
  }
  Take({kComplaints, "c5",
        "complaint_recorded { complaint_id: 'c5' report { kind: COMPLAINT_KIND_COMPLIMENT"
        " received_time " +
            Stamp("2026-11-03T09:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC3").value(), 4);
  EXPECT_EQ(Of("CC3").shares(0).title(), "Delay, or a service not given");
  EXPECT_EQ(Of("CC4").value(), 4);
  EXPECT_EQ(Of("CC5").value(), 1);
  EXPECT_EQ(Of("CC1").denominator(), 4);
  const auto answer = [](const char* id, const char* when) {
    return absl::StrCat("stage_answered { complaint_id: '", id,
                        "' stage_number: 1 step { done_time ", Stamp(when), " } }");
  };
  Take({kComplaints, "c1", answer("c1", "2026-11-15T23:59:59Z"), recorded});
  Take({kComplaints, "c2", answer("c2", "2026-11-16T00:00:00Z"), recorded});
  EXPECT_EQ(Of("CC1").numerator(), 1) << "at the end of the last day it is too late";
  Take({kComplaints, "c3",
        "stage_extended { stage_number: 1 duty { kind: DUTY_KIND_STEP stage_number: 1 due_time " +
            Stamp("2026-12-01T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC1").denominator(), 3);
  Take({kComplaints, "c4", "stage_paused { stage_number: 1 }", recorded});
  EXPECT_EQ(Of("CC1").denominator(), 2) << "its clock stands still";
  Take({kComplaints, "c4",
        "stage_resumed { stage_number: 1 duties { kind: DUTY_KIND_STEP stage_number: 1 due_time " +
            Stamp("2026-11-20T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC1").denominator(), 3);
  Take({kComplaints, "c4",
        "complaint_withdrawn { complaint_id: 'c4' withdrawal { withdrawn_time " +
            Stamp("2026-11-19T12:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC1").denominator(), 2) << "withdrawn before it was due";
  EXPECT_EQ(Of("CC4").value(), 3);
  Take({kComplaints, "c1",
        "complaint_closed { complaint_id: 'c1' closure { closed_time " +
            Stamp("2026-11-16T10:00:00Z") +
            " } duties { duty_id: 'l' kind: DUTY_KIND_LEARNING_REVIEW due_time " +
            Stamp("2026-11-21T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC4").value(), 2);
  EXPECT_EQ(Of("CC2").value(), 0) << "past its due time and not done";
  Take({kComplaints, "c1",
        "learning_review_closed { complaint_id: 'c1' review_id: 'r' closed_time " +
            Stamp("2026-11-20T10:00:00Z") + " }",
        recorded});
  EXPECT_EQ(Of("CC2").value(), 100);
}

TEST_F(AppTest, TheFosteringFiguresOfAllegationsFollowFromTheirRegister) {
  const absl::Time recorded = At("2026-11-02T10:00:00Z");
  const auto item = [](const char* id, const char* due) {
    return absl::StrCat("items { code: 'PANEL' action { action_id: '", id, "' due_time ",
                        Stamp(due), " } } ");
  };
  Take({kAllegations, "a1",
        "allegation_received { allegation_id: 'a1' report { became_aware_time " +
            Stamp("2026-11-01T10:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("AL2").value(), 1);
  EXPECT_EQ(Of("AL3").value(), 1);
  Take({kAllegations, "a1",
        "checklist_opened { allegation_id: 'a1' " + item("i1", "2026-11-10T00:00:00Z") +
            item("i2", "2026-11-11T00:00:00Z") + item("i3", "2026-11-12T00:00:00Z") + "}",
        recorded});
  EXPECT_EQ(Of("AL1").denominator(), 3);
  const auto close = [](const char* id, const char* state, const char* when) {
    return absl::StrCat("checklist_item_closed { action { action_id: '", id, "' state: ", state,
                        " closed_time ", Stamp(when), " } }");
  };
  Take({kAllegations, "a1", close("i1", "STATE_DONE", "2026-11-09T10:00:00Z"), recorded});
  Take({kAllegations, "a1", close("i2", "STATE_DROPPED", "2026-11-10T10:00:00Z"), recorded});
  EXPECT_EQ(Of("AL1").numerator(), 1);
  EXPECT_EQ(Of("AL1").denominator(), 2) << "dropped before it was due";
  Take({kAllegations, "a1",
        "allegation_due_times_moved { allegation_id: 'a1' items { action_id: 'i3' due_time " +
            Stamp("2026-12-02T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("AL1").denominator(), 1) << "a new bank holiday moved what was open";
  Take({kAllegations, "a1",
        "allegation_closed { allegation_id: 'a1' closure { closed_time " +
            Stamp("2026-11-20T10:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("AL2").value(), 0);
  Take({kAllegations, "a1", "allegation_reopened { allegation_id: 'a1' }", recorded});
  EXPECT_EQ(Of("AL2").value(), 1);
}

TEST_F(AppTest, TheBoardsTableOfJanuary2022ReadsAsItIsAndByItsLetter) {
  now_ = At("2022-02-01T09:00:00Z");
  const std::map<std::string, std::string> table = {
      {"SC1", "81.3"},  {"SC2", "83.9"},  {"SC3", "96.7"},  {"SC4", "88.7"},  {"SC5", "36.7"},
      {"SC6", "100.0"}, {"SC7", "94.5"},  {"SC8", "91.1"},  {"SC9", "99.3"},  {"SC10", "90.4"},
      {"SC11", "0.3"},  {"SC12", "64.1"}, {"EH1", "87.7"},  {"ED1", "100.0"}, {"ED2", "14.3"},
      {"ED3", "7.0"},   {"ED4", "41.0"},  {"ED6", "100.0"},
  };
  for (const auto& [code, value] : table) Report(code, "2022-01", "NULL, NULL, " + value);
  v1::ListKpisRequest request;
  request.set_set("board");
  request.set_period("2022-01");
  request.set_history_months(3);
  const auto list = app_->ListKpis("northern", request);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->kpis_size(), 18);
  std::vector<std::string> worse, worse_literally;
  std::string rows;
  for (const v1::Kpi& kpi : list->kpis()) {
    const v1::Figure& figure = kpi.current();
    rows += kpi.definition().row();
    EXPECT_EQ(absl::StrFormat("%.1f", figure.value()), table.at(figure.code()));
    EXPECT_TRUE(figure.has_target()) << figure.code();
    EXPECT_EQ(figure.has_benchmark(),
              figure.code() == "SC2" || figure.code() == "SC4" || figure.code() == "SC6");
    const auto is_amber = [&](v1::Status status, bool unsure) {
      // The months before are not known: red cannot be ruled out.
      EXPECT_EQ(unsure, status == v1::STATUS_AMBER) << figure.code();
      EXPECT_NE(status, v1::STATUS_RED) << figure.code();
      return status == v1::STATUS_AMBER;
    };
    if (is_amber(figure.status(), figure.red_not_ruled_out()))
      worse.push_back(kpi.definition().row());
    if (is_amber(figure.status_literal(), figure.literal_red_not_ruled_out())) {
      worse_literally.push_back(kpi.definition().row());
    }
    ASSERT_EQ(kpi.history_size(), 3);
    EXPECT_EQ(kpi.history(2).period(), "2021-12") << "the three months before, as they truly are";
    EXPECT_EQ(kpi.history(2).status(), v1::STATUS_INCOMPLETE);
  }
  EXPECT_EQ(rows, "ABCDEFGHIJKLMNOPQR");
  EXPECT_THAT(worse, ::testing::ElementsAre("E", "O", "P", "Q"));
  EXPECT_THAT(worse_literally, ::testing::ElementsAre("K", "O", "P", "Q"));

  // What is reported later counts from then on; what was known before can still be asked for.
  Report("SC5", "2021-12", "NULL, NULL, 30", "f2", "2022-02-01 09:00:01+00");
  Report("SC5", "2021-11", "3, 10, NULL", "f3", "2022-02-01 09:00:02+00");
  now_ = At("2022-02-02T09:00:00Z");
  EXPECT_EQ(Of("SC5", "2022-01").status(), v1::STATUS_RED);
  *request.mutable_known_at_time() = clock::ToProto(At("2022-02-01T09:00:01Z"));
  EXPECT_EQ(Figures(request)["SC5"].status(), v1::STATUS_AMBER);
  Report("SC5", "2021-12", "NULL, NULL, NULL", "f4", "2022-02-01 09:00:03+00");
  EXPECT_EQ(Of("SC5", "2022-01").status(), v1::STATUS_AMBER) << "taken back: nobody knows";
  EXPECT_TRUE(Of("SC5", "2022-01").red_not_ruled_out());
}

TEST_F(AppTest, AYearsAimAddsUpFromAprilAndMakesNoStreakWithTheYearBefore) {
  now_ = At("2022-08-01T09:00:00Z");
  Report("EH1", "2022-01", "NULL, NULL, 50");
  Report("EH1", "2022-02", "NULL, NULL, 55");
  Report("EH1", "2022-03", "NULL, NULL, 60");
  EXPECT_EQ(Of("EH1", "2022-03").status(), v1::STATUS_RED);
  Report("EH1", "2022-04", "10, 200, NULL");
  Report("EH1", "2022-05", "20, 200, NULL");
  Report("EH1", "2022-06", "30, 200, NULL");
  EXPECT_EQ(Of("EH1", "2022-04").value(), 5);
  EXPECT_EQ(Of("EH1", "2022-05").value(), 15) << "with April's";
  EXPECT_EQ(Of("EH1", "2022-06").value(), 30);
  EXPECT_EQ(Of("EH1", "2022-04").status(), v1::STATUS_AMBER);
  EXPECT_FALSE(Of("EH1", "2022-04").red_not_ruled_out());
  EXPECT_EQ(Of("EH1", "2022-05").status(), v1::STATUS_AMBER);
  EXPECT_EQ(Of("EH1", "2022-06").status(), v1::STATUS_RED);
  Report("EH1", "2022-08", "1, 200, NULL");
  EXPECT_FALSE(Of("EH1", "2022-08").has_value()) << "July is missing: its sum is not known";
  EXPECT_EQ(Of("EH1", "2022-Q2").value(), 30) << "a quarter ends with its last month";
  EXPECT_EQ(
      Judged({Explained("EH1", "2022-03"), Explained("EH1", "2022-04"), Explained("EH1", "2022-06"),
              Explained("EH1", "2022-08"), Explained("EH1", "2022-Q2")}),
      std::pair(std::string("5 figures worked out again, 0 faults\n"), 0));
}

TEST_F(AppTest, QuartersAndYearsOfReportedFiguresNeedAllTheirMonths) {
  now_ = At("2022-08-01T09:00:00Z");
  Report("SC1", "2022-04", "1, 2, NULL");
  Report("SC1", "2022-05", "2, 2, NULL");
  EXPECT_FALSE(Of("SC1", "2022-Q2").has_value());
  Report("SC1", "2022-06", "6, 8, NULL");
  EXPECT_EQ(Of("SC1", "2022-Q2").value(), 75);
  EXPECT_EQ(Of("SC1", "2022-Q2").denominator(), 12);
  EXPECT_FALSE(Of("SC1", "2022-W20").has_value());
  Report("CLA", "2022-06", "NULL, NULL, 902");
  EXPECT_EQ(Of("CLA", "2022-Q2").value(), 902) << "as it stood at the end";
}

// ---- any history

// A history of some records, each fact later than the one before.
std::vector<Fact> RandomHistory(std::mt19937& random, int length) {
  const auto pick = [&](int count) { return static_cast<int>(random() % count); };
  const auto day = [&](int spread) { return absl::CivilDay(2026, 9, 1) + pick(spread); };
  const auto stamp = [&](absl::CivilDay of) {
    return Stamp(absl::StrCat(absl::FormatCivilTime(of), "T", 10 + pick(10), ":00:00Z"));
  };
  const auto text = [](absl::CivilDay of) { return absl::FormatCivilTime(of); };
  std::vector<Fact> facts;
  absl::Time recorded = At("2026-09-01T00:00:00Z");
  for (int i = 0; i < length; ++i) {
    recorded += absl::Minutes(1 + pick(2500));
    const int n = 1 + pick(3);
    const auto add = [&](const char* topic, const std::string& record, const std::string& fact) {
      facts.push_back({topic, record, fact, recorded});
    };
    const std::string carer = absl::StrCat("F-", n), child = absl::StrCat("C-", n),
                      complaint = absl::StrCat("c", n);
    const std::string placement =
        absl::StrCat("placement { placement_id: 'P-", n, pick(3),
                     "' kind: 'SHORT_TERM' start_date: '", text(day(60)), "' ");
    switch (pick(9)) {
      case 0: {
        const absl::CivilDay last = day(80);
        const std::string kind = pick(2) == 0 ? "UNANNOUNCED_VISIT" : "ANNUAL_REVIEW";
        add(kCarers, carer,
            Duties(absl::StrCat("duties { duty_id: '", kind, "' kind: DUTY_KIND_", kind,
                                " last_done_date: '", text(last), "' due_time ",
                                stamp(last + pick(30)), " explanation { trigger_time ", stamp(last),
                                " } } "),
                   pick(3) == 0 ? std::vector<std::string>{"ANNUAL_REVIEW"}
                                : std::vector<std::string>{}));
        break;
      }
      case 1:
        add(kCarers, carer, Duties("", {pick(2) == 0 ? "UNANNOUNCED_VISIT" : "ANNUAL_REVIEW"}));
        break;
      case 2:
        add(kCarers, carer,
            Standing(pick(4) == 0 ? "STATUS_ENDED" : "STATUS_APPROVED", "KIND_MAINSTREAM", pick(4),
                     pick(4) == 0 ? text(day(80)) : ""));
        break;
      case 3:
        add(kPlacements, child, "placement_started { " + placement + "} }");
        break;
      case 4:
        add(kPlacements, child,
            "placement_corrected { " + placement +
                (pick(2) == 0
                     ? absl::StrCat("end_date: '", text(day(80)), "' ending: ENDING_UNPLANNED")
                     : std::string()) +
                "} }");
        break;
      case 5:
        add(kPlacements, child,
            absl::StrCat("placement_ended { placement_id: 'P-", n, pick(3), "' end_date: '",
                         text(day(80)), "' ending: ENDING_PLANNED }"));
        break;
      case 6:
        add(kComplaints, complaint,
            absl::StrCat("complaint_recorded { complaint_id: '", complaint,
                         "' report { kind: COMPLAINT_KIND_COMPLAINT received_time ", stamp(day(70)),
                         " } stage { number: 1 clock_start_time ", stamp(day(70)),
                         " } duties { kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                         stamp(day(80)), " } }"));
        break;
      case 7:
        add(kComplaints, complaint,
            pick(2) == 0 ? absl::StrCat("stage_answered { stage_number: 1 step { done_time ",
                                        stamp(day(80)), " } }")
                         : std::string("stage_paused { stage_number: 1 }"));
        break;
      default:
        add(kComplaints, complaint,
            pick(2) == 0 ? absl::StrCat("complaint_withdrawn { complaint_id: '", complaint,
                                        "' withdrawal { withdrawn_time ", stamp(day(80)), " } }")
                         : absl::StrCat("complaint_reopened { complaint_id: '", complaint,
                                        "' duties { kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                                        stamp(day(80)), " } }"));
    }
  }
  return facts;
}

// Figures without when they were asked for.
std::string Text(std::map<std::string, v1::Figure> figures) {
  std::string text;
  for (auto& [code, figure] : figures) {
    figure.clear_known_at_time();
    text += figure.ShortDebugString() + "\n";
  }
  return text;
}

TEST_F(AppTest, WhateverTheHistoryAnyPastMomentIsAsItWasKeptThen) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string agency = absl::StrCat("agency-", seed), other = agency + "-otherwise";
    const std::vector<Fact> history = RandomHistory(random, 80);
    struct Kept {
      absl::Time when;
      std::string figures;
    };
    std::vector<Kept> kept;
    for (size_t i = 0; i < history.size(); ++i) {
      Take(history[i], agency);
      if (random() % 4 == 0) Take(history[i], agency, /*copy=*/true);
      if (i % 10 == 9) {
        now_ = history[i].recorded;
        kept.push_back({now_, Text(Figures({}, agency))});
      }
    }
    now_ = At("2027-02-01T00:00:00Z");
    for (const Kept& each : kept) {
      v1::ListKpisRequest then;
      *then.mutable_as_at_time() = clock::ToProto(each.when);
      *then.mutable_known_at_time() = clock::ToProto(each.when);
      EXPECT_EQ(Text(Figures(then, agency)), each.figures) << each.when;
    }
    // The order between records does not matter, and what is kept is what all observations add up
    // to.
    std::vector<Fact> otherwise = history;
    std::stable_sort(otherwise.begin(), otherwise.end(), [](const Fact& a, const Fact& b) {
      return std::pair(a.record, a.topic) > std::pair(b.record, b.topic);
    });
    for (const Fact& fact : otherwise) Take(fact, other);
    for (const char* period : {"2026-09", "2026-10", "2026-11", "2026-W41", "2026"}) {
      v1::ListKpisRequest known;
      known.set_period(period);
      const std::string now = Text(Figures(known, agency));
      EXPECT_EQ(Text(Figures(known, other)), now) << period;
      *known.mutable_known_at_time() = clock::ToProto(now_);
      EXPECT_EQ(Text(Figures(known, agency)), now) << period;
    }
  }
}

TEST_F(AppTest, AnotherProgramWorksEveryFigureOutAgainFromItsExplanation) {
  std::mt19937 random(7);
  for (const Fact& fact : RandomHistory(random, 150)) Take(fact);
  Report("SC5", "2026-10", "3, 10, NULL");
  Report("SC5", "2026-11", "NULL, NULL, 27.3");
  Report("SC11", "2026-11", "NULL, NULL, 2");
  Report("CLA", "2026-11", "NULL, NULL, 902");
  std::vector<v1::ExplainKpiResponse> explained;
  for (const v1::KpiDefinition& kpi : app_->catalogue().kpis()) {
    for (const char* period :
         {"2026-09", "2026-10", "", "2026-12", "2026-W44", "2026-Q4", "2026"}) {
      explained.push_back(Explained(kpi.code(), period));
      EXPECT_EQ(explained.back().next_page_token(), "");
    }
  }
  auto [said, code] = Judged(explained);
  EXPECT_EQ(code, 0) << said;
  EXPECT_THAT(said,
              HasSubstr(absl::StrCat(explained.size(), " figures worked out again, 0 faults")));

  // Each kind of fault is found, and named.
  v1::ExplainKpiResponse* placed = nullptr;
  for (auto& each : explained) {
    if (each.figure().code() == "PL1" && each.figure().numerator() > 0) placed = &each;
  }
  ASSERT_NE(placed, nullptr);
  const v1::ExplainKpiResponse right = *placed;
  const auto found = [&](const char* what) {
    const auto [fault, exit] = Judged(explained);
    EXPECT_EQ(exit, 1);
    EXPECT_THAT(fault, HasSubstr("PL1"));
    EXPECT_THAT(fault, HasSubstr(what));
    *placed = right;
  };
  placed->mutable_figure()->set_value(placed->figure().value() + 1);
  found("value");
  placed->mutable_figure()->set_numerator(0);
  found("numerator");
  placed->mutable_figure()->set_status(v1::STATUS_GREEN);
  found("status");
  placed->mutable_evidence()->RemoveLast();
  found("denominator");
  *placed->mutable_evidence(0)->mutable_end_time() = placed->evidence(0).begin_time();
  found("counted wrongly");
}

TEST_F(AppTest, EvidenceComesInPagesAndSeriesInOneCall) {
  for (int i = 0; i < 25; ++i) {
    Take({kPlacements, absl::StrCat("C-", i),
          absl::StrCat("placement_started { placement { placement_id: 'P-", i,
                       "' start_date: '2026-10-", 10 + i % 15, "' } }"),
          At("2026-11-01T10:00:00Z")});
  }
  v1::ExplainKpiRequest request;
  request.set_code("PL1");
  request.set_page_size(10);
  std::vector<std::string> keys;
  do {
    const auto page = app_->ExplainKpi("northern", request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->figure().value(), 25) << "over all of it";
    for (const auto& each : page->evidence()) keys.push_back(each.key());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(keys.size(), 25u);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 25u);
  request.set_page_token("nonsense");
  EXPECT_THAT(app_->ExplainKpi("northern", request), HasReason("INVALID_PAGE_TOKEN"));

  v1::GetSeriesRequest series;
  series.set_code("PL1");
  series.set_periods(36);
  const auto figures = app_->GetSeries("northern", series);
  ASSERT_THAT(figures, IsOk());
  ASSERT_EQ(figures->figures_size(), 36);
  EXPECT_EQ(figures->figures(0).period(), "2023-12");
  EXPECT_EQ(figures->figures(34).value(), 25);
  EXPECT_EQ(figures->figures(33).value(), 0);

  v1::GetServiceDataRequest data;
  *data.mutable_as_at_time() = clock::ToProto(At("2026-10-12T12:00:00Z"));
  const auto then = app_->GetServiceData("northern", data);
  ASSERT_THAT(then, IsOk());
  std::map<std::string, double> values;
  for (const auto& kpi : then->kpis()) values[kpi.definition().code()] = kpi.current().value();
  EXPECT_EQ(values["PL1"], 6) << "two that began on each of the 10th to the 12th";
  EXPECT_THAT(values, ::testing::SizeIs(8));
}

TEST_F(AppTest, WhatCannotBeAskedIsRefusedByItsField) {
  v1::ListKpisRequest list;
  list.set_set("nothing");
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("UNKNOWN_SET"));
  list = {};
  list.add_codes("SC99");
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("UNKNOWN_KPI"));
  list = {};
  list.set_history_months(25);
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("OUT_OF_RANGE"));
  list = {};
  list.set_period("2026-13");
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("INVALID_PERIOD"));
  list = {};
  *list.mutable_as_at_time() = clock::ToProto(now_ + absl::Seconds(1));
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("IN_THE_FUTURE"));
  list = {};
  list.mutable_known_at_time()->set_nanos(-1);
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("INVALID_TIME"));
  v1::GetSeriesRequest series;
  series.set_code("PL1");
  series.set_periods(61);
  EXPECT_THAT(app_->GetSeries("northern", series), HasReason("OUT_OF_RANGE"));
  series.set_code("none");
  EXPECT_THAT(app_->GetSeries("northern", series), HasReason("UNKNOWN_KPI"));
}

}  // namespace
}  // namespace fosterwatch::kpis
