// Reported figures and what follows from them, by the real binary: the board's table from CSV, a
// KPI that turns red and gets its plan, editions and restatements, what is wrong with the data, and
// what bad input gets.
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "fosterwatch/kpis/v1/data_quality_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "nlohmann/json.hpp"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kKpis[] = "fosterwatch.kpis.v1.KpisService";
constexpr char kFigures[] = "fosterwatch.kpis.v1.FiguresService";
constexpr char kPlans[] = "fosterwatch.kpis.v1.ActionPlansService";
constexpr char kEditions[] = "fosterwatch.kpis.v1.EditionsService";
constexpr char kQuality[] = "fosterwatch.kpis.v1.DataQualityService";
using Result = v1::ImportFiguresResponse::Result;

// "2026-10" of the month that is so many before the present one in London.
std::string Before(int months) {
  return absl::FormatCivilTime(absl::CivilMonth(clock::LondonDay(absl::Now())) - months);
}

v1::ReportedFigure Ratio(const std::string& code, const std::string& period, int64_t numerator,
                         int64_t denominator) {
  v1::ReportedFigure figure;
  figure.set_code(code);
  figure.set_period(period);
  figure.set_numerator(numerator);
  figure.set_denominator(denominator);
  return figure;
}

class KpiUpkeepTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  }
  static void TearDownTestSuite() { delete installation_; }

  Person Manager() const { return As(options::v1::ROLE_REGISTERED_MANAGER); }
  Person As(options::v1::Role role) const { return {agency_id_, "manager-1", {role}}; }

  template <typename Response>
  absl::StatusOr<Response> Call(const char* service, const std::string& method,
                                const google::protobuf::Message& request) const {
    return installation_->Call<Response>(Manager(), service, method, request);
  }
  Result Import(const v1::ReportedFigure& figure) const {
    v1::ImportFiguresRequest request;
    *request.add_figures() = figure;
    auto response = Call<v1::ImportFiguresResponse>(kFigures, "ImportFigures", request);
    EXPECT_THAT(response, IsOk());
    return response.ok() && response->results_size() == 1 ? response->results(0) : Result();
  }
  std::vector<v1::ActionPlan> Plans() const {
    auto list = Call<v1::ListPlansResponse>(kPlans, "ListPlans", v1::ListPlansRequest());
    EXPECT_THAT(list, IsOk());
    if (!list.ok()) return {};
    return {list->plans().begin(), list->plans().end()};
  }
  std::vector<v1::Restatement> Restatements() const {
    auto list = Call<v1::ListRestatementsResponse>(kEditions, "ListRestatements",
                                                   v1::ListRestatementsRequest());
    EXPECT_THAT(list, IsOk());
    if (!list.ok()) return {};
    return {list->restatements().begin(), list->restatements().end()};
  }
  std::vector<notifications::v1::Alert> Alerts(const std::string& reason) const {
    notifications::v1::ListAlertsRequest request;
    request.set_page_size(200);
    auto list = installation_->Call<notifications::v1::ListAlertsResponse>(
        Manager(), "fosterwatch.notifications.v1.NotificationsService", "ListAlerts", request);
    std::vector<notifications::v1::Alert> alerts;
    if (!list.ok()) return alerts;
    for (const auto& alert : list->alerts()) {
      if (alert.reason_code() == reason) alerts.push_back(alert);
    }
    return alerts;
  }
  std::map<std::string, v1::Figure> Board(const std::string& period) const {
    v1::ListKpisRequest request;
    request.set_period(period);
    request.set_set("board");
    auto list = Call<v1::ListKpisResponse>(kKpis, "ListKpis", request);
    EXPECT_THAT(list, IsOk());
    std::map<std::string, v1::Figure> figures;
    if (!list.ok()) return figures;
    for (const v1::Kpi& kpi : list->kpis()) figures[kpi.definition().code()] = kpi.current();
    return figures;
  }

  std::string Path(const std::string& name) const { return installation_->folder() + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  static std::string Text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  // A command of the binary; its exit code, and what it says.
  int Run(std::vector<std::string> arguments, std::string* output) const {
    arguments.push_back("--agency");
    arguments.push_back(agency_id_);
    return installation_->RunWith(std::move(arguments), {}, absl::Minutes(1), output);
  }

  static Installation* installation_;
  static int agencies_;
  // Of each test an agency of its own.
  const std::string agency_id_ = absl::StrCat("agency-", ++agencies_);
};
Installation* KpiUpkeepTest::installation_ = nullptr;
int KpiUpkeepTest::agencies_ = 0;

// The board's table of January 2022, as it was printed.
constexpr char kJanuary[] =
    "code,period,value\n"
    "SC1,2022-01,81.3\nSC2,2022-01,83.9\nSC3,2022-01,96.7\nSC4,2022-01,88.7\nSC5,2022-01,36.7\n"
    "SC6,2022-01,100.0\nSC7,2022-01,94.5\nSC8,2022-01,91.1\nSC9,2022-01,99.3\nSC10,2022-01,90.4\n"
    "SC11,2022-01,0.3\nSC12,2022-01,64.1\nEH1,2022-01,87.7\nED1,2022-01,100.0\nED2,2022-01,14.3\n"
    "ED3,2022-01,7.0\nED4,2022-01,41.0\nED6,2022-01,100.0%\n"
    "CLA,2022-01,902\nCP,2022-01,421\nCIN,2022-01,763\nEHCP,2022-01,4612\n";

TEST_F(KpiUpkeepTest, TheBoardsTableComesInFromCsvAndIsReadAsItWasPrinted) {
  const std::string file = Write("january.csv", kJanuary);
  std::string said;
  EXPECT_EQ(Run({"import", "figures", file, "--dry-run", "--json"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("\"recorded\": 22"));
  EXPECT_FALSE(Board("2022-01")["SC5"].has_value()) << "a dry run records nothing";
  EXPECT_EQ(Run({"import", "figures", file}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("22 rows: 22 recorded, 0 unchanged, 0 rejected"));
  EXPECT_EQ(Run({"import", "figures", file}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("22 rows: 0 recorded, 22 unchanged, 0 rejected"));

  auto board = Board("2022-01");
  ASSERT_EQ(board.size(), 18u);
  EXPECT_EQ(board["SC5"].value(), 36.7);
  EXPECT_EQ(board["SC5"].target(), 27.3);
  EXPECT_EQ(board["ED6"].value(), 100);
  std::set<std::string> missed;
  for (const auto& [code, figure] : board) {
    EXPECT_TRUE(figure.has_value()) << code;
    if (figure.status() == v1::STATUS_AMBER) {
      missed.insert(code);
    } else {
      EXPECT_EQ(figure.status(), v1::STATUS_GREEN) << code;
    }
  }
  EXPECT_THAT(missed, ::testing::ElementsAre("ED2", "ED3", "ED4", "SC5"));

  EXPECT_EQ(Run({"kpi", "list", "--set", "board", "--period", "2022-01"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("36.7 %"));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("0/0"))) << "what nobody reported is no nought";
  EXPECT_EQ(Run({"kpi", "explain", "SC5", "--period", "2022-01", "--json"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("36.7"));
  EXPECT_EQ(Run({"kpi", "series", "SC5", "--period", "2022-01", "--periods", "3"}, &said), 0)
      << said;
  EXPECT_THAT(said, HasSubstr("2021-11"));
}

TEST_F(KpiUpkeepTest, RowsThatCannotBeTrueAreRejectedByLineAndMendedComeIn) {
  const std::string file = Write("bad.csv",
                                 "code,period,numerator,denominator,value,source\n"
                                 "SC6,2022-02,30,31,,case system\n"
                                 "SC99,2022-02,1,2,,\n"
                                 "SC6,2022-13,1,2,,\n"
                                 "SC6,2022-03,3,2,,\n"
                                 "SC6,2022-04,-1,2,,\n"
                                 "SC6,2022-05,1,,,\n"
                                 "SC6,2022-06,1,2,60,\n"
                                 "SC6,2022-07,one,2,,\n"
                                 "SC6,2022-08,,,,\n"
                                 "SC6,2022-09,,,101,\n"
                                 "CLA,2022-02,,,902.5,\n"
                                 "SC6,2022-02,29,31,,\n"
                                 "SC6,2099-01,1,2,,\n");
  const std::string rejects = Path("rejects.csv");
  std::string said;
  EXPECT_EQ(Run({"import", "figures", file, "--rejects", rejects}, &said), 4) << said;
  EXPECT_THAT(said, HasSubstr("13 rows: 1 recorded, 0 unchanged, 12 rejected"));
  const std::string rows = Text(rejects);
  for (const char* row :
       {"3,UNKNOWN_KPI,code", "4,INVALID_PERIOD,period", "5,NUMERATOR_TOO_LARGE,numerator",
        "6,NEGATIVE,numerator", "7,TOGETHER,denominator", "8,VALUE_DISAGREES,value",
        "9,NOT_A_NUMBER,numerator", "10,REQUIRED,value", "11,IMPOSSIBLE_VALUE,value",
        "12,IMPOSSIBLE_VALUE,value", "13,DUPLICATE_ID,", "14,IN_THE_FUTURE,period"}) {
    EXPECT_THAT(rows, HasSubstr(absl::StrCat("\n", row))) << rows;
  }
  std::string mended = rows.substr(0, rows.find('\n') + 1);
  const size_t at = rows.find("\n5,");
  std::string row = rows.substr(at + 1, rows.find('\n', at + 1) - at);
  row.replace(row.find(",3,2,"), 5, ",2,2,");
  EXPECT_EQ(Run({"import", "figures", Write("mended.csv", mended + row)}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("1 rows: 1 recorded"));
  EXPECT_EQ(Run({"import", "figures", Write("columns.csv", "code,month\n")}, &said), 4) << said;
  EXPECT_THAT(said, HasSubstr("missing: period; not known: month"));
}

TEST_F(KpiUpkeepTest, ARedKpiOpensOnePlanThatAGreenMonthEndsAndALateCorrectionIsARestatement) {
  // SC5 is better the lower it is; its target is 27.3.
  EXPECT_EQ(Import(Ratio("SC5", Before(4), 12, 30)).outcome(), Result::OUTCOME_RECORDED);
  EXPECT_EQ(Import(Ratio("SC5", Before(3), 13, 31)).outcome(), Result::OUTCOME_RECORDED);
  EXPECT_EQ(Import(Ratio("SC5", Before(2), 14, 32)).outcome(), Result::OUTCOME_RECORDED);
  ASSERT_TRUE(AwaitTrue([&] { return Plans().size() == 1; }, absl::Seconds(60)));
  v1::ActionPlan plan = Plans()[0];
  EXPECT_EQ(plan.plan_id(), "SC5-1");
  EXPECT_EQ(plan.state(), v1::ActionPlan::STATE_OPEN);
  EXPECT_EQ(plan.first_red_period(), Before(2));
  ASSERT_TRUE(AwaitTrue([&] { return Alerts("KPI_RED").size() == 1; }, absl::Seconds(60)))
      << "the registered manager is alerted";

  // A person takes it in hand, by the command line.
  std::string said;
  EXPECT_EQ(Run({"kpi", "plan", "list", "--state", "open"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("SC5-1"));
  EXPECT_EQ(Run({"kpi", "plan", "owner", "SC5-1", "team-manager-1"}, &said), 0) << said;
  EXPECT_EQ(Run({"kpi", "plan", "add-action", "SC5-1", "--what", "Read the plans again", "--owner",
                 "team-manager-1", "--due", "2099-01-01 12:00", "--json"},
                &said),
            0)
      << said;
  const Json added = Json::parse(said, nullptr, false);
  ASSERT_FALSE(added.is_discarded()) << said;
  ASSERT_EQ(added["actions"].size(), 1u);
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto alerts = Alerts("KPI_RED");
        return alerts.size() == 1 && alerts[0].state() != notifications::v1::Alert::STATE_OPEN;
      },
      absl::Seconds(60)))
      << "it is set out, so nobody is alerted any more";
  EXPECT_EQ(Run({"kpi", "plan", "review", "SC5-1", "--note", "On its way"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("On its way"));
  EXPECT_EQ(Run({"kpi", "plan", "finish", "SC5-1",
                 added["actions"][0]["actionId"].get<std::string>(), "--evidence", "Read"},
                &said),
            0)
      << said;
  EXPECT_EQ(Run({"kpi", "plan", "show", "SC5-2"}, &said), 3) << said;

  // The first green month ends it.
  Import(Ratio("SC5", Before(1), 3, 30));
  ASSERT_TRUE(AwaitTrue(
      [&] { return !Plans().empty() && Plans()[0].state() == v1::ActionPlan::STATE_ENDED; },
      absl::Seconds(60)));
  plan = Plans()[0];
  EXPECT_EQ(plan.ended_period(), Before(1));
  EXPECT_EQ(plan.ending(), v1::ActionPlan::ENDING_GREEN_MONTH);
  EXPECT_EQ(Run({"kpi", "plan", "owner", "SC5-1", "somebody"}, &said), 4) << said;
  EXPECT_THAT(said, HasSubstr("PLAN_ENDED"));

  // The month was stated; what becomes known later is a restatement.
  EXPECT_EQ(Run({"kpi", "edition", "freeze", Before(2), "--set", "board", "--json"}, &said), 0)
      << said;
  const Json frozen = Json::parse(said, nullptr, false);
  ASSERT_FALSE(frozen.is_discarded()) << said;
  EXPECT_EQ(frozen["hash"], ledger::Sha256(frozen["content"].get<std::string>()))
      << "anybody can work the hash out again";
  const std::string edition_id = frozen["editionId"];
  EXPECT_EQ(Import(Ratio("SC5", Before(2), 15, 32)).outcome(), Result::OUTCOME_CORRECTED);
  ASSERT_TRUE(AwaitTrue([&] { return Restatements().size() == 1; }, absl::Seconds(60)));
  const v1::Restatement waiting = Restatements()[0];
  EXPECT_EQ(waiting.state(), v1::Restatement::STATE_WAITING);
  EXPECT_EQ(waiting.before().numerator(), 14);
  EXPECT_EQ(waiting.after().numerator(), 15);
  auto cause = installation_->Database("kpis")->Query(
      "SELECT name FROM ledger.fact WHERE fact_id = $1", {waiting.cause_fact_id()});
  ASSERT_THAT(cause, IsOk());
  ASSERT_EQ(cause->rows(), 1) << waiting.cause_fact_id();
  EXPECT_EQ(cause->Text(0, 0), "figure_corrected");
  EXPECT_TRUE(
      AwaitTrue([&] { return Alerts("RESTATEMENT_WAITING").size() == 1; }, absl::Seconds(60)));
  EXPECT_EQ(Run({"kpi", "edition", "freeze", Before(2)}, &said), 4) << said;
  EXPECT_THAT(said, HasSubstr("RESTATEMENTS_WAITING"));
  EXPECT_EQ(Run({"kpi", "restatement", "accept", waiting.restatement_id(), "--reason",
                 "One plan was counted late"},
                &said),
            0)
      << said;
  EXPECT_EQ(Run({"kpi", "restatement", "list", "--state", "accepted"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("One plan was counted late"));

  // The frozen edition is what it was, to the byte.
  EXPECT_EQ(Run({"kpi", "edition", "show", edition_id, "--json"}, &said), 0) << said;
  const Json shown = Json::parse(said, nullptr, false);
  EXPECT_EQ(shown["edition"], frozen);
  EXPECT_EQ(shown["restatements"].size(), 1u);
  EXPECT_EQ(Run({"kpi", "edition", "list"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr(edition_id));
  EXPECT_EQ(Plans().size(), 1u) << "one plan for one episode";
}

TEST_F(KpiUpkeepTest, WhatAKilledProcessForgotIsSeenWhenItStartsAgainAndNothingTwice) {
  for (int month = 4; month >= 2; --month) Import(Ratio("SC11", Before(month), 5, 100));
  installation_->process().Kill(SIGKILL);
  ASSERT_THAT(installation_->process().Wait(absl::Seconds(60)), IsOk());
  installation_->Start();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  ASSERT_TRUE(AwaitTrue([&] { return Plans().size() == 1; }, absl::Seconds(60)));
  EXPECT_EQ(Plans()[0].plan_id(), "SC11-1");
  ASSERT_TRUE(AwaitTrue([&] { return Alerts("KPI_RED").size() == 1; }, absl::Seconds(60)));
  auto began = installation_->Database("kpis")->Query(
      "SELECT count(*) FROM ledger.fact WHERE name = 'red_began' AND agency_id = $1", {agency_id_});
  ASSERT_THAT(began, IsOk());
  EXPECT_EQ(began->Int(0, 0), 1);

  // What is late is alerted; however slow this machine is, the action is due after now at first.
  v1::AddActionRequest add;
  add.set_plan_id("SC11-1");
  add.set_description("see to it");
  add.set_owner_id("team-manager-1");
  absl::Status added = absl::UnavailableError("not asked yet");
  for (absl::Duration ahead = absl::Seconds(1); !added.ok(); ahead *= 2) {
    *add.mutable_due_time() = clock::ToProto(absl::Now() + ahead);
    added = Call<v1::ActionPlan>(kPlans, "AddAction", add).status();
    ASSERT_TRUE(added.ok() || ReasonOf(added) == "DUE_IN_THE_PAST") << added;
  }
  EXPECT_TRUE(AwaitTrue([&] { return Alerts("ACTION_PLAN_ACTION_OVERDUE").size() == 1; },
                        absl::Seconds(60)));

  // Rebuilt, the tables are what they were.
  const auto tables = [&] {
    std::string all;
    for (const char* table :
         {"imported_figure", "action_plan", "edition", "restatement", "finding", "timer"}) {
      auto rows = installation_->Database("kpis")->Query(
          absl::StrCat("SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM view.",
                       table, " AS t"));
      EXPECT_THAT(rows, IsOk());
      if (rows.ok())
        absl::StrAppend(&all, table, " ", rows->Int(0, 0), " ", rows->Text(0, 1), "\n");
    }
    return all;
  };
  ASSERT_THAT(installation_->process().Stop(), IsOk());
  const std::string before = tables();
  EXPECT_EQ(installation_->Run({"rebuild", "kpis"}), 0);
  EXPECT_EQ(tables(), before);
  installation_->Start();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
}

TEST_F(KpiUpkeepTest, AMissingMonthIsFoundAndItsFigureClearsIt) {
  Import(Ratio("SC6", Before(5), 9, 10));
  Import(Ratio("SC6", Before(3), 9, 10));
  const auto open = [&] {
    v1::ListFindingsRequest request;
    request.set_code("SC6");
    request.set_state(v1::Finding::STATE_OPEN);
    auto list = Call<v1::ListFindingsResponse>(kQuality, "ListFindings", request);
    EXPECT_THAT(list, IsOk());
    return list.ok() ? *list : v1::ListFindingsResponse();
  };
  const std::string gap = absl::StrCat("SC6-", Before(4), "-gap");
  const auto has_gap = [&] {
    const v1::ListFindingsResponse now = open();
    for (const v1::Finding& each : now.findings()) {
      if (each.finding_id() == gap) return true;
    }
    return false;
  };
  ASSERT_TRUE(AwaitTrue(has_gap, absl::Seconds(60)));
  const v1::ListFindingsResponse found = open();
  ASSERT_EQ(found.coverage_size(), 1);
  EXPECT_EQ(found.coverage(0).first_period(), Before(5));
  EXPECT_EQ(found.coverage(0).months_with_figure(), 2);
  EXPECT_EQ(Board(Before(4))["SC6"].status(), v1::STATUS_INCOMPLETE) << "never green, never red";
  ASSERT_TRUE(AwaitTrue([&] { return !Alerts("KPI_DATA_GAP").empty(); }, absl::Seconds(60)));
  std::string said;
  EXPECT_EQ(Run({"kpi", "quality", "--code", "SC6"}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("gap"));
  Import(Ratio("SC6", Before(4), 8, 10));
  EXPECT_TRUE(AwaitTrue([&] { return !has_gap(); }, absl::Seconds(60)));
}

TEST_F(KpiUpkeepTest, BadInputIsRefusedWithTheFieldAtFault) {
  v1::ImportFiguresRequest many;
  for (int i = 0; i < 501; ++i) *many.add_figures() = Ratio("SC6", "2022-01", 1, 2);
  EXPECT_THAT(Call<v1::ImportFiguresResponse>(kFigures, "ImportFigures", many),
              HasReason("TOO_MANY"));
  const Result refused = Import(Ratio("SC6", "2022-01", 3, 2));
  EXPECT_EQ(refused.outcome(), Result::OUTCOME_REFUSED);
  EXPECT_EQ(refused.reason(), "NUMERATOR_TOO_LARGE");
  EXPECT_EQ(refused.field(), "numerator");

  v1::WithdrawFigureRequest withdraw;
  withdraw.set_code("SC99");
  EXPECT_THAT(Call<v1::ImportedFigure>(kFigures, "WithdrawFigure", withdraw),
              HasReason("UNKNOWN_KPI"));
  withdraw.set_code("SC6");
  EXPECT_THAT(Call<v1::ImportedFigure>(kFigures, "WithdrawFigure", withdraw),
              HasReason("INVALID_PERIOD"));
  withdraw.set_period("2022-01");
  EXPECT_THAT(Call<v1::ImportedFigure>(kFigures, "WithdrawFigure", withdraw),
              HasReason("REQUIRED"));
  withdraw.set_reason("another month's");
  EXPECT_THAT(Call<v1::ImportedFigure>(kFigures, "WithdrawFigure", withdraw),
              HasReason("NOTHING_REPORTED"));
  EXPECT_EQ(Import(Ratio("SC6", "2022-01", 1, 2)).outcome(), Result::OUTCOME_RECORDED);
  std::string said;
  EXPECT_EQ(Run({"kpi", "withdraw", "SC6", "2022-01", "--reason", "another month's"}, &said), 0);
  EXPECT_THAT(said, HasSubstr("SC6 of 2022-01 is taken back"));
  EXPECT_FALSE(Board("2022-01")["SC6"].has_value());
  v1::ListImportedFiguresRequest list;
  list.set_from_period("January");
  EXPECT_THAT(Call<v1::ListImportedFiguresResponse>(kFigures, "ListImportedFigures", list),
              HasReason("INVALID_PERIOD"));
  list.clear_from_period();
  auto listed = Call<v1::ListImportedFiguresResponse>(kFigures, "ListImportedFigures", list);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->figures_size(), 1);
  ASSERT_EQ(listed->figures(0).reports_size(), 2);
  EXPECT_EQ(listed->figures(0).reports(1).reason(), "another month's");

  const auto freeze = [&](const std::string& set, const std::string& period) {
    v1::FreezeEditionRequest request;
    request.set_set(set);
    request.set_period(period);
    return Call<v1::Edition>(kEditions, "FreezeEdition", request);
  };
  EXPECT_THAT(freeze("board", "January"), HasReason("INVALID_PERIOD"));
  EXPECT_THAT(freeze("boards", "2022-01"), HasReason("UNKNOWN_SET"));
  EXPECT_THAT(freeze("board", Before(0)), HasReason("MONTH_NOT_OVER"));
  EXPECT_THAT(freeze("board", "2022-01"), HasReason("NOTHING_TO_STATE"));
  v1::GetEditionRequest edition;
  edition.set_edition_id("board-2022-01-1");
  EXPECT_THAT(Call<v1::GetEditionResponse>(kEditions, "GetEdition", edition),
              HasReason("NOT_FOUND"));
  v1::AcceptRestatementRequest accept;
  accept.set_restatement_id("board-2022-01-r1");
  EXPECT_THAT(Call<v1::Restatement>(kEditions, "AcceptRestatement", accept),
              HasReason("NOT_FOUND"));
  v1::ListEditionsRequest editions;
  editions.set_page_token("forged");
  EXPECT_FALSE(Call<v1::ListEditionsResponse>(kEditions, "ListEditions", editions).ok());
  v1::ListRestatementsRequest restatements;
  restatements.set_page_size(-1);
  EXPECT_FALSE(
      Call<v1::ListRestatementsResponse>(kEditions, "ListRestatements", restatements).ok());
  v1::ListFindingsRequest findings;
  findings.set_page_size(-1);
  EXPECT_FALSE(Call<v1::ListFindingsResponse>(kQuality, "ListFindings", findings).ok());

  for (const char* id : {"", "SC5", "SC5-1", "SC5-x", "-1"}) {
    v1::GetPlanRequest get;
    get.set_plan_id(id);
    EXPECT_THAT(Call<v1::ActionPlan>(kPlans, "GetPlan", get), HasReason("NOT_FOUND")) << id;
    v1::NamePlanOwnerRequest owner;
    owner.set_plan_id(id);
    owner.set_owner_id("p");
    EXPECT_THAT(Call<v1::ActionPlan>(kPlans, "NamePlanOwner", owner), HasReason("NOT_FOUND")) << id;
    v1::FinishActionRequest finish;
    finish.set_plan_id(id);
    EXPECT_THAT(Call<v1::ActionPlan>(kPlans, "FinishAction", finish), HasReason("NOT_FOUND")) << id;
    v1::ReviewPlanRequest review;
    review.set_plan_id(id);
    review.set_note("n");
    EXPECT_THAT(Call<v1::ActionPlan>(kPlans, "ReviewPlan", review), HasReason("NOT_FOUND")) << id;
  }
  // Who may not.
  v1::FreezeEditionRequest request;
  request.set_set("board");
  request.set_period("2022-01");
  EXPECT_EQ(
      installation_
          ->Call<v1::Edition>(As(options::v1::ROLE_CASEWORKER), kEditions, "FreezeEdition", request)
          .status()
          .code(),
      absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(installation_
                ->Call<v1::ImportFiguresResponse>(As(options::v1::ROLE_CASEWORKER), kFigures,
                                                  "ImportFigures", v1::ImportFiguresRequest())
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(KpiUpkeepTest, APublishersFiguresComeByTopicAndWhatCannotBeTakenIsParkedAndAlerted) {
  const Agency agency(installation_, agency_id_);
  auto bus = installation_->OpenBus();
  const std::string sample = Text(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) +
                                  "/docs/samples/figure_reported.json");
  const auto publish = [&](Json event) {
    event["source"] = agency.source();
    bus::Record record;
    record.topic = "fosterwatch.intake.kpis.v1";
    record.key = event.value("subject", "none");
    record.headers = {{"content-type", "application/cloudevents+json"}};
    record.value = event.dump();
    EXPECT_THAT(bus->Publish({record}), IsOk());
  };
  const Json event = Json::parse(sample);
  ASSERT_TRUE(AwaitTrue(
      [&] {
        auto known = installation_->Database("kpis")->Query(
            "SELECT count(*) FROM reference.publisher WHERE agency_id = $1", {agency_id_});
        return known.ok() && known->Int(0, 0) > 0;
      },
      absl::Seconds(60)));
  publish(event);
  publish(event);
  ASSERT_TRUE(
      AwaitTrue([&] { return Board("2026-09")["SC5"].numerator() == 11; }, absl::Seconds(60)));
  Json bad = event;
  bad["id"] = "another";
  bad["data"]["numerator"] = 31;
  publish(bad);
  EXPECT_TRUE(
      AwaitTrue([&] { return Alerts("FIGURE_RECORD_PARKED").size() == 1; }, absl::Seconds(60)));

  // The same event by the other way is the same event.
  v1::IngestCloudEventRequest request;
  request.set_id(event["id"]);
  request.set_source(agency.source());
  request.set_type(event["type"]);
  request.set_data(event["data"].dump());
  const auto ingest = [&] {
    return installation_->Call<v1::ImportedFigure>(agency.Publisher(), kFigures, "IngestCloudEvent",
                                                   request);
  };
  auto known = ingest();
  ASSERT_THAT(known, IsOk());
  ASSERT_EQ(known->reports_size(), 1);
  EXPECT_EQ(known->reports(0).figure().source(), agency.source());
  const auto with = [&](auto change) {
    const v1::IngestCloudEventRequest right = request;
    change();
    auto answer = ingest();
    request = right;
    return answer;
  };
  EXPECT_THAT(with([&] { request.clear_id(); }), HasReason("ATTRIBUTE_MISSING"));
  EXPECT_THAT(with([&] { request.clear_source(); }), HasReason("ATTRIBUTE_MISSING"));
  EXPECT_THAT(with([&] { request.set_source("urn:stranger"); }),
              HasReason("SOURCE_NOT_REGISTERED"));
  directory::v1::RegisterPublisherRequest bound;
  bound.mutable_publisher()->set_publisher_id("second");
  bound.mutable_publisher()->set_source("urn:second");
  bound.mutable_publisher()->add_program_ids("program:second");
  ASSERT_THAT(installation_->Call<directory::v1::Publisher>(
                  agency.Administrator(), "fosterwatch.directory.v1.DirectoryService",
                  "RegisterPublisher", bound),
              IsOk());
  EXPECT_TRUE(AwaitTrue(
      [&] {
        return ReasonOf(with([&] { request.set_source("urn:second"); }).status()) ==
               "SOURCE_OF_ANOTHER";
      },
      absl::Seconds(60)));
  EXPECT_THAT(with([&] { request.set_type("uk.fosterwatch.figure.guessed.v1"); }),
              HasReason("UNKNOWN_EVENT_TYPE"));
  EXPECT_THAT(with([&] { request.set_data_content_type("text/csv"); }),
              HasReason("UNSUPPORTED_DATA"));
  EXPECT_THAT(with([&] { request.set_data("{"); }), HasReason("MALFORMED_JSON"));
  EXPECT_THAT(with([&] { request.set_data(R"({"code": "SC5", "colour": "red"})"); }),
              HasReason("UNKNOWN_FIELD"));
  EXPECT_THAT(with([&] { request.set_data(std::string(100'001, ' ')); }), HasReason("TOO_LARGE"));
  EXPECT_THAT(with([&] {
                request.set_data(
                    R"({"code": "SC5", "period": "2026-09", "numerator": 9, "denominator": 30})");
              }),
              HasReason("REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace fosterwatch::kpis
