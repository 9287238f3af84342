// Figures as their readers meet them: the real binary, moved by facts of the register of events.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/http_client.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::testing::SizeIs;
using Json = nlohmann::json;
namespace events = notifiable_events::v1;

constexpr char kKpis[] = "fosterwatch.kpis.v1.KpisService";

class KpisTest : public ::testing::Test {
 protected:
  KpisTest() {
    installation_.Start();
    EXPECT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
    agency_ = std::make_unique<Agency>(&installation_, "agency-a");
  }

  std::map<std::string, v1::Figure> Figures(const testing::Person& person) {
    auto list =
        installation_.Call<v1::ListKpisResponse>(person, kKpis, "ListKpis", v1::ListKpisRequest());
    EXPECT_THAT(list, IsOk());
    std::map<std::string, v1::Figure> figures;
    if (!list.ok()) return figures;
    for (const v1::Kpi& kpi : list->kpis()) figures[kpi.definition().code()] = kpi.current();
    return figures;
  }
  std::map<std::string, v1::Figure> Figures() { return Figures(agency_->Caseworker()); }
  bool Becomes(const std::string& code, double value) {
    return AwaitTrue([&] { return Figures()[code].value() == value; });
  }

  events::NotifiableEvent Report(events::EventKind kind) {
    events::ReportEventRequest request;
    *request.mutable_report() = agency_->Report(kind);
    auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    EXPECT_THAT(event, IsOk());
    return event.ok() ? *event : events::NotifiableEvent();
  }
  void Give(const events::NotifiableEvent& event, int notice) {
    events::GiveNoticeRequest give;
    give.set_event_id(event.event_id());
    give.set_notice_id(event.notices(notice).notice_id());
    give.set_channel(type::v1::CHANNEL_TELEPHONE);
    EXPECT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());
  }

  // What is overdue in agency-a, side by side with agency-b, for those whose tokens name both.
  void ComparesWithAgencyB(int overdue) {
    const testing::Person of_one = {"agency-a", "ri", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
    const Agency other(&installation_, "agency-b");
    ASSERT_TRUE(AwaitTrue([&] { return Figures(other.Caseworker())["CR6"].value() == 1; }));
    testing::Person of_two = of_one;
    of_two.other_agencies = {"agency-b"};
    const auto compared = [&](const testing::Person& person) {
      auto response = installation_.Call<v1::CompareAgenciesResponse>(
          person, kKpis, "CompareAgencies", v1::CompareAgenciesRequest());
      EXPECT_THAT(response, IsOk());
      return response.value_or(v1::CompareAgenciesResponse());
    };
    const v1::CompareAgenciesResponse both = compared(of_two), one = compared(of_one);
    EXPECT_THAT(both.agency_ids(), ::testing::ElementsAre("agency-a", "agency-b"));
    EXPECT_THAT(one.agency_ids(), ::testing::ElementsAre("agency-a"));
    const auto of = [](const v1::CompareAgenciesResponse& response, const char* code) {
      for (const v1::ComparedKpi& kpi : response.kpis()) {
        if (kpi.definition().code() == code) return kpi;
      }
      ADD_FAILURE() << code;
      return v1::ComparedKpi();
    };
    const v1::ComparedKpi ne4 = of(both, "NE4");
    ASSERT_EQ(ne4.figures_size(), 2);
    EXPECT_EQ(ne4.figures(0).value(), overdue);
    EXPECT_EQ(ne4.figures(1).value(), 0);
    EXPECT_EQ(ne4.roll_up().figure().value(), overdue);
    EXPECT_EQ(ne4.roll_up().figure().status(), v1::STATUS_AMBER);
    EXPECT_EQ(of(both, "CR6").roll_up().figure().value(), 2);
    EXPECT_EQ(of(both, "NE1").roll_up().not_rolled_up(), v1::RollUp::REASON_INCOMPLETE);
    EXPECT_THAT(of(both, "NE1").roll_up().agency_ids(), ::testing::ElementsAre("agency-b"));
    EXPECT_EQ(of(both, "NE2").roll_up().not_rolled_up(), v1::RollUp::REASON_NOT_A_SUM);
    EXPECT_EQ(of(one, "NE1").roll_up().figure().value(), of(one, "NE1").figures(0).value());
    testing::Person caseworker = agency_->Caseworker();
    caseworker.other_agencies = {"agency-b"};
    EXPECT_THAT(installation_.Call<v1::CompareAgenciesResponse>(
                    caseworker, kKpis, "CompareAgencies", v1::CompareAgenciesRequest()),
                HasReason("ROLE_NOT_ALLOWED"));
    // Nothing else of the other agency is open by it.
    EXPECT_THAT(installation_.client().Call<v1::ListKpisResponse>(
                    "any", kKpis, "ListKpis", v1::ListKpisRequest(),
                    {.token = installation_.TokenOf(of_two),
                     .agency_id = "agency-b",
                     .timeout = absl::Minutes(1)}),
                HasReason("AGENCY_NOT_ALLOWED"));
    std::string table;
    EXPECT_EQ(installation_.RunWith({"kpi", "compare", "--agency", "agency-a", "--other-agency",
                                     "agency-b", "--as", "responsible_individual"},
                                    {}, absl::Minutes(1), &table),
              0)
        << table;
    EXPECT_THAT(table, ::testing::HasSubstr("ALL TOGETHER"));
    EXPECT_THAT(table, ::testing::HasSubstr("not rolled up: incomplete in agency-b"));
  }

  Installation installation_{{}};
  std::unique_ptr<Agency> agency_;
};

TEST_F(KpisTest, FiguresMoveWithFactsAndExplainWhatIsBehindThem) {
  const size_t shipped = Figures().size();
  ASSERT_THAT(Figures(), ::testing::Contains(::testing::Key("NE5")));
  EXPECT_EQ(Figures()["NE3"].value(), 0);
  EXPECT_FALSE(Figures()["NE2"].has_value()) << "the median of nothing is unknown, not zero";
  EXPECT_EQ(Figures()["NE2"].status(), v1::STATUS_INCOMPLETE) << "and never reads as fine";
  EXPECT_FALSE(Figures({"nobody"})["NE4"].has_value()) << "nothing was ever heard of them";
  EXPECT_EQ(Figures({"nobody"})["NE4"].status(), v1::STATUS_INCOMPLETE);
  EXPECT_TRUE(AwaitTrue([&] { return Figures()["NE4"].status() == v1::STATUS_GREEN; }))
      << "the agency is known by its carer, and nothing is overdue";
  EXPECT_EQ(Figures()["NE3"].status(), v1::STATUS_UNSPECIFIED) << "it has no target";

  // A death is due when it is known, so all its notices are overdue at once.
  const events::NotifiableEvent death = Report(events::EVENT_KIND_CHILD_DEATH);
  const events::NotifiableEvent missing = Report(events::EVENT_KIND_CHILD_MISSING);
  EXPECT_TRUE(Becomes("NE3", 2));
  EXPECT_TRUE(Becomes("NE4", death.notices_size()));
  EXPECT_EQ(Figures()["NE4"].status(), v1::STATUS_AMBER) << "nobody was here in October";
  EXPECT_TRUE(Figures()["NE4"].red_not_ruled_out());
  Give(death, 0);
  EXPECT_TRUE(Becomes("NE4", death.notices_size() - 1));
  EXPECT_TRUE(AwaitTrue([&] { return Figures()["NE2"].denominator() == 1; }));
  EXPECT_NEAR(Figures()["NE2"].value(), 0.5, 0.1) << "known for half an hour when it was given";

  auto register_ = installation_.Database("notifiable_events");
  for (const auto& [code, figure] : Figures()) {
    if (!absl::StartsWith(code, "NE")) continue;
    v1::ExplainKpiRequest request;
    request.set_code(code);
    auto explained = installation_.Call<v1::ExplainKpiResponse>(agency_->Caseworker(), kKpis,
                                                                "ExplainKpi", request);
    ASSERT_THAT(explained, IsOk()) << code;
    EXPECT_EQ(explained->figure().value(), figure.value()) << code;
    EXPECT_EQ(explained->figure().status(), figure.status()) << code;
    EXPECT_EQ(explained->figure().denominator(), explained->evidence_size()) << code;
    const auto counted =
        std::count_if(explained->evidence().begin(), explained->evidence().end(),
                      [](const v1::Evidence& evidence) { return evidence.counted(); });
    EXPECT_EQ(explained->figure().numerator(), counted) << code;
    for (const v1::Evidence& evidence : explained->evidence()) {
      auto fact = register_->Query("SELECT aggregate_id FROM ledger.fact WHERE fact_id = $1",
                                   {evidence.begin_fact_id()});
      ASSERT_THAT(fact, IsOk());
      ASSERT_EQ(fact->rows(), 1) << code << ": a fact of the register is behind it";
      EXPECT_EQ(fact->Text(0, 0), evidence.aggregate_id()) << code;
    }
  }
  v1::ExplainKpiRequest unknown;
  unknown.set_code("NE99");
  EXPECT_THAT(installation_.Call<v1::ExplainKpiResponse>(agency_->Caseworker(), kKpis, "ExplainKpi",
                                                         unknown),
              HasReason("UNKNOWN_KPI"));

  // Another agency's figures do not move.
  for (const auto& [code, figure] : Figures({"agency-b"}))
    EXPECT_EQ(figure.denominator(), 0) << code;
  ComparesWithAgencyB(death.notices_size() - 1);

  // A sixth KPI is a data file and nothing else; it knows what was there before it.
  namespace fs = std::filesystem;
  const char* share = std::getenv("FOSTERWATCH_SHARE_DIR");
  ASSERT_NE(share, nullptr);
  const std::string own = installation_.folder() + "/share";
  fs::copy(share, own, fs::copy_options::recursive);
  std::ofstream(own + "/kpis/sixth.json") << R"({"kpis": [{
    "code": "NE6", "title": "Events in hand", "unit": "UNIT_COUNT",
    "description": "Events that are not concluded, by another name.",
    "direction": "DIRECTION_LOWER_IS_BETTER", "measure": "MEASURE_OPEN_COUNT",
    "stream": "event", "source": "NMS 29.2", "version": "1"}]})";
  EXPECT_THAT(installation_.process().Stop(), IsOk());
  installation_.Start({{"FOSTERWATCH_SHARE_DIR", own}});
  ASSERT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
  EXPECT_THAT(Figures(), SizeIs(shipped + 1));
  EXPECT_TRUE(Becomes("NE6", 2));
}

// From a case system's own call to the figure; and what it may not say.
TEST_F(KpisTest, SaferCaringPlansAndFiguresComeOverHttp) {
  const auto sample = [](const std::string& name) {
    std::ifstream file(absl::StrCat(std::getenv("FOSTERWATCH_SOURCE_DIR"), "/docs/samples/", name));
    return Json::parse(file);
  };
  const auto post = [&](Json event, const Json& data = Json()) {
    event["source"] = agency_->source();
    if (!data.is_null()) event["id"] = data.dump();
    event["data"].update(data.is_null() ? Json::object() : data);
    testing::HttpConnection connection(installation_.http_port());
    connection.Send(testing::HttpText(
        "POST", "/v1/events",
        {{"Authorization", "Bearer " + installation_.TokenOf(agency_->Publisher())},
         {"Content-Type", "application/cloudevents+json"}},
        event.dump()));
    return connection.Read();
  };
  Json plan = sample("safer_caring_plan_reviewed.json");
  plan["data"]["carer_id"] = "F-1";
  EXPECT_TRUE(Becomes("CR6", 1));
  EXPECT_FALSE(Figures()["CR9"].has_value()) << "nobody has said anything of any plan";
  EXPECT_EQ(Figures()["CR9"].status(), v1::STATUS_INCOMPLETE);
  // Until the source has come to the figures.
  testing::HttpAnswer taken;
  EXPECT_TRUE(AwaitTrue([&] { return (taken = post(plan)).status != 403; }));
  EXPECT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(Json::parse(taken.body)["carer_id"], "F-1");
  EXPECT_EQ(Json::parse(taken.body)["location"], "/carers/F-1");
  EXPECT_EQ(post(plan).body, taken.body) << "the same again is the same";
  EXPECT_TRUE(Becomes("CR9", 100));
  v1::ExplainKpiRequest explain;
  explain.set_code("CR9");
  const auto explained = installation_.Call<v1::ExplainKpiResponse>(agency_->Caseworker(), kKpis,
                                                                    "ExplainKpi", explain);
  ASSERT_THAT(explained, IsOk());
  ASSERT_EQ(explained->evidence_size(), 1);
  EXPECT_EQ(explained->evidence(0).cover().due_explanation().rule(), "SAFER_CARING");
  // It was not made that day after all: none is on record.
  EXPECT_EQ(post(plan, {{"withdrawn", true}}).status, 202);
  EXPECT_TRUE(AwaitTrue([&] { return !Figures()["CR9"].has_value(); }));
  EXPECT_EQ(post(plan, {{"reviewed_date", "2024-01-01"}}).status, 202);
  EXPECT_TRUE(AwaitTrue([&] { return Figures()["CR9"].has_value(); }));
  EXPECT_EQ(Figures()["CR9"].value(), 0) << "one of years ago is not current";

  const auto refused = [&](const Json& event, const Json& data) {
    const testing::HttpAnswer answer = post(event, data);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr("Jane")));
    return Json::parse(answer.body).value("reason", answer.body);
  };
  EXPECT_EQ(refused(plan, {{"reviewed_date", "2999-01-01"}}), "IN_THE_FUTURE");
  EXPECT_EQ(refused(plan, {{"reviewed_date", "14/09/2026"}}), "INVALID_DATE");
  EXPECT_EQ(refused(plan, {{"carer_id", "Jane Smith"}}), "INVALID_ID");
  EXPECT_EQ(refused(plan, {{"carer_id", ""}}), "REQUIRED");
  EXPECT_EQ(refused(plan, {{"colour", "red"}}), "UNKNOWN_FIELD");
  EXPECT_EQ(refused(plan, {{"reviewed_date", 20260914}}), "WRONG_TYPE");
  EXPECT_EQ(refused(plan, {{"carer_id", "F-2"}, {"withdrawn", true}}), "NOTHING_REPORTED");

  const Json figure = sample("figure_reported.json");
  taken = post(figure);
  EXPECT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(Json::parse(taken.body)["period"], "2026-09");
  EXPECT_EQ(refused(figure, {{"numerator", 31}}), "NUMERATOR_TOO_LARGE");
  EXPECT_EQ(refused(figure, {{"numerator", -1}}), "NEGATIVE");
  EXPECT_EQ(refused(figure, {{"period", "2999-01"}}), "IN_THE_FUTURE");
  EXPECT_EQ(refused(figure, {{"code", "SC99"}}), "UNKNOWN_KPI");
  EXPECT_EQ(refused(figure, {{"code", "CR9"}}), "NOT_REPORTED") << "counted here";
  EXPECT_EQ(refused(figure, {{"value", 99}}), "VALUE_DISAGREES");
}

TEST_F(KpisTest, ADefinitionThatIsWrongStopsTheStartAndNamesTheFile) {
  namespace fs = std::filesystem;
  const std::string own = installation_.folder() + "/share";
  fs::copy(std::getenv("FOSTERWATCH_SHARE_DIR"), own, fs::copy_options::recursive);
  std::ofstream(own + "/kpis/sixth.json") << R"({"kpis": [{"code": "NE6", "colour": "red"}]})";
  installation_.Start({{"FOSTERWATCH_SHARE_DIR", own}});
  auto code = installation_.process().Wait(absl::Seconds(60));
  ASSERT_THAT(code, IsOk());
  EXPECT_NE(*code, 0);
  EXPECT_THAT(installation_.process().Output(), ::testing::HasSubstr("sixth.json"));
}

}  // namespace
}  // namespace fosterwatch::kpis
