#include "apps/fosterwatch/feed_check.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "libs/json/to_message.h"
#include "services/kpis/domain/policy.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::app {
namespace {

namespace domain = notifiable_events::domain;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::json;

// A Wednesday; the feed was written within the hour.
const absl::Time kNow = domain::kNow;

Json Report(const std::string& id, const std::string& subject = "") {
  Json event = {{"specversion", "1.0"},
                {"id", id},
                {"source", "urn:case-system:7"},
                {"type", notifiable_events::kReportedType},
                {"time", "2026-11-18T14:10:00Z"},
                {"data",
                 {{"kinds", {"EVENT_KIND_CHILD_MISSING"}},
                  {"child_id", "C-1"},
                  {"occurred_time", "2026-11-18T13:00:00Z"},
                  {"became_aware_time", "2026-11-18T14:00:00Z"},
                  {"summary", absl::StrCat("Jane Smith has not come back, ", id)}}}};
  if (!subject.empty()) event["subject"] = subject;
  return event;
}

Json Return(const std::string& id, const std::string& subject = "") {
  Json event = Report(id, subject);
  event["type"] = notifiable_events::kChildReturnedType;
  event["time"] = "2026-11-18T14:40:00Z";
  event["data"] = {{"event_id", "event-1"}, {"returned_time", "2026-11-18T14:30:00Z"}};
  return event;
}

Json Outcome(const std::string& id, const std::string& subject = "") {
  Json event = Report(id, subject);
  event["type"] = notifiable_events::kEnquiryOutcomeType;
  event["time"] = "2026-11-18T14:40:00Z";
  event["data"] = {{"event_id", "event-2"},
                   {"outcome_time", "2026-11-18T14:20:00Z"},
                   {"became_aware_time", "2026-11-18T14:30:00Z"},
                   {"outcome", "Nothing further"}};
  return event;
}

Json Enquiry(const std::string& id, const std::string& subject = "") {
  Json event = Report(id, subject);
  event["data"]["kinds"] = {"EVENT_KIND_CHILD_PROTECTION_ENQUIRY"};
  return event;
}

const FeedCheck::Rules& OurRules() {
  static const auto* const forms = new domain::FormBook(
      domain::FormBook::Parse(domain::ReadSource("services/notifiable_events/law/forms.json"))
          .value());
  static const auto* const policies = new kpis::v1::KpiPolicies(
      kpis::domain::ParseKpiPolicies(domain::ReadSource("services/kpis/policy/kpis.json")).value());
  static const auto* const catalogue = [] {
    auto* kpis = new kpis::v1::Catalogue;
    EXPECT_TRUE(
        json::TextToMessage(domain::ReadSource("services/kpis/definitions/board.json"), *kpis)
            .ok());
    return kpis;
  }();
  static const auto* const rules =
      new FeedCheck::Rules{domain::OurLaw(), *forms, domain::OurCalendar(), *catalogue, *policies};
  return *rules;
}

FeedReport Check(const std::vector<Json>& feed, World world = StandInWorld()) {
  FeedCheck check(OurRules(), std::move(world), kNow);
  int line = 0;
  for (const Json& event : feed) {
    const absl::Status taken =
        check.Take({absl::StrCat("line ", ++line), cloudevents::FromJson(event.dump())});
    EXPECT_TRUE(taken.ok()) << taken;
  }
  auto report = check.Finish();
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *std::move(report) : FeedReport();
}

// "line 2 id ID_REUSED", faults only.
std::vector<std::string> Faults(const FeedReport& report, bool notes = false) {
  std::vector<std::string> shown;
  for (const Finding& finding : report.findings) {
    if (finding.fault != !notes) continue;
    shown.push_back(
        absl::StrCat(report.where[finding.record], " ", finding.field, " ", finding.code));
  }
  return shown;
}

std::vector<std::string> Notes(const FeedReport& report) { return Faults(report, true); }

TEST(FeedCheckTest, AGoodFeedHasNoFaultAndSaysWhatItWouldBringAbout) {
  const FeedReport report = Check({Report("a-1", "case-1"), Return("a-2", "case-1"),
                                   Enquiry("b-1", "case-2"), Outcome("b-2", "case-2")});
  EXPECT_THAT(report.findings, IsEmpty());
  std::vector<std::string> notices;
  for (const CausedNotice& caused : report.notices) {
    notices.push_back(
        absl::StrCat(report.where[caused.record], " ", domain::Name(caused.notice.recipient()), " ",
                     caused.notice.body_id(), " ", domain::Show(caused.notice.due_time())));
  }
  // Rows 8 and 10 of Schedule 7, 24 hours from awareness of the event or of its outcome.
  for (const char* notice :
       {"line 1 RESPONSIBLE_AUTHORITY (responsible authority) 2026-11-19T14:00:00Z",
        "line 3 CHIEF_INSPECTOR (Chief Inspector) 2026-11-19T14:00:00Z",
        "line 3 RESPONSIBLE_AUTHORITY (responsible authority) 2026-11-19T14:00:00Z",
        "line 3 AREA_AUTHORITY (area authority) 2026-11-19T14:00:00Z",
        "line 4 CHIEF_INSPECTOR (Chief Inspector) 2026-11-19T14:30:00Z",
        "line 4 AREA_AUTHORITY (area authority) 2026-11-19T14:30:00Z"}) {
    EXPECT_THAT(notices, ::testing::Contains(notice));
  }
  EXPECT_EQ(report.latest, absl::Minutes(10));
}

TEST(FeedCheckTest, ARecordThatTheIntakeWouldRefuseIsAFaultOfItsField) {
  struct {
    const char* what;
    std::function<void(Json&)> spoil;
    const char* fault;
  } cases[] = {
      {"no id", [](Json& e) { e.erase("id"); }, "line 1 id ATTRIBUTE_MISSING"},
      {"no source", [](Json& e) { e["source"] = ""; }, "line 1 source ATTRIBUTE_MISSING"},
      {"no CloudEvent", [](Json& e) { e.erase("specversion"); },
       "line 1 specversion NOT_A_CLOUD_EVENT"},
      {"no type of ours", [](Json& e) { e["type"] = "com.example.other"; },
       "line 1 type UNKNOWN_EVENT_TYPE"},
      {"no time zone", [](Json& e) { e["data"]["occurred_time"] = "2026-11-18T13:00:00"; },
       "line 1 data.occurred_time INVALID_TIMESTAMP"},
      {"unknown field", [](Json& e) { e["data"]["colour"] = "red"; },
       "line 1 data.colour UNKNOWN_FIELD"},
      {"unknown kind", [](Json& e) { e["data"]["kinds"] = {"EVENT_KIND_LOST"}; },
       "line 1 data.kinds[0] UNKNOWN_ENUM_VALUE"},
      {"no summary", [](Json& e) { e["data"].erase("summary"); }, "line 1 data.summary REQUIRED"},
      {"no child", [](Json& e) { e["data"].erase("child_id"); }, "line 1 data.child_id REQUIRED"},
      {"in the future", [](Json& e) { e["data"]["became_aware_time"] = "2026-11-18T15:30:00Z"; },
       "line 1 data.became_aware_time IN_THE_FUTURE"},
      {"an answer to no question",
       [](Json& e) {
         e["data"]["answers"] = {{{"question_id", "colour"}, {"text", "red"}}};
       },
       "line 1 data.answers UNKNOWN_QUESTION"},
      {"neither JSON nor protobuf", [](Json& e) { e["datacontenttype"] = "text/plain"; },
       "line 1 datacontenttype UNSUPPORTED_DATA"},
      {"return of no event", [](Json& e) { (e = Return("x-1"))["data"]["event_id"] = ""; },
       "line 1 data.event_id REQUIRED"},
      {"return in the future",
       [](Json& e) { (e = Return("x-1"))["data"]["returned_time"] = "2026-11-18T16:00:00Z"; },
       "line 1 data.returned_time IN_THE_FUTURE"},
      {"outcome before it is known",
       [](Json& e) { (e = Outcome("x-1"))["data"]["became_aware_time"] = "2026-11-18T14:00:00Z"; },
       "line 1 data.became_aware_time BEFORE_OUTCOME"},
  };
  for (const auto& c : cases) {
    Json event = Report("x-1");
    c.spoil(event);
    EXPECT_THAT(Faults(Check({event})), ElementsAre(c.fault)) << c.what;
  }
}

TEST(FeedCheckTest, WhatMustNotBeInAnEnvelopeIsAFaultAndIsNotRepeated) {
  struct {
    const char* what;
    std::function<void(Json&)> spoil;
    std::vector<std::string> faults;
  } cases[] = {
      {"an attribute of its own",
       [](Json& e) { e["childname"] = "Jane"; },
       {"line 1 childname ATTRIBUTE_NOT_ALLOWED"}},
      {"a name as subject",
       [](Json& e) { e["subject"] = "Jane Smith"; },
       {"line 1 subject SUBJECT_NOT_AN_ID"}},
      {"an NHS number as subject",
       [](Json& e) { e["subject"] = "943-476-5919"; },
       {"line 1 subject PERSONAL_DATA"}},
      {"a mail address as source",
       [](Json& e) { e["source"] = "mailto:jane@example.org"; },
       {"line 1 source PERSONAL_DATA"}},
      {"a telephone number as id",
       [](Json& e) { e["id"] = "07700 900123"; },
       {"line 1 id PERSONAL_DATA"}},
      {"a postcode in an attribute that is allowed",
       [](Json& e) { e["correlationid"] = "SW1A 1AA"; },
       {"line 1 correlationid PERSONAL_DATA"}},
      {"a child's id that is a name",
       [](Json& e) { e["data"]["child_id"] = "Jane"; },
       {"line 1 data.child_id NOT_AN_ID"}},
      {"a child's id that is an NHS number",
       [](Json& e) { e["data"]["child_id"] = "9434765919"; },
       {"line 1 data.child_id PERSONAL_DATA"}},
  };
  for (const auto& c : cases) {
    Json event = Report("x-1");
    c.spoil(event);
    const FeedReport report = Check({event});
    EXPECT_EQ(Faults(report), c.faults) << c.what;
    for (const Finding& finding : report.findings) {
      EXPECT_THAT(finding.text, Not(HasSubstr("Jane"))) << c.what;
      EXPECT_THAT(finding.text, Not(HasSubstr("943"))) << c.what;
    }
  }
}

TEST(FeedCheckTest, TheSameIdIsTheSameRecordAndNothingElse) {
  const FeedReport again = Check({Report("a-1"), Report("a-1")});
  EXPECT_THAT(Faults(again), IsEmpty());
  EXPECT_THAT(Notes(again), ElementsAre("line 2 id REPEATED"));
  EXPECT_EQ(again.notices.size(), Check({Report("a-1")}).notices.size()) << "brings nothing about";

  Json changed = Report("a-1");
  changed["data"]["summary"] = "Another";
  EXPECT_THAT(Faults(Check({Report("a-1"), changed})), ElementsAre("line 2 id ID_REUSED"));
  EXPECT_THAT(Check({Report("a-1"), changed}).findings[0].text, HasSubstr("line 1"));

  Json other_id = Report("a-1");
  other_id["id"] = "a-2";
  EXPECT_THAT(Faults(Check({Report("a-1"), other_id})),
              ElementsAre("line 2 id SAME_UNDER_ANOTHER_ID"));
  Json other_source = Report("a-1");
  other_source["source"] = "urn:case-system:8";
  EXPECT_THAT(Faults(Check({Report("a-1"), other_source})), IsEmpty());
  Json spelled_otherwise = Report("a-1");
  spelled_otherwise["data"]["occurred_time"] = "2026-11-18T14:00:00+01:00";
  EXPECT_THAT(Notes(Check({Report("a-1"), spelled_otherwise})), ElementsAre("line 2 id REPEATED"));
}

TEST(FeedCheckTest, OrderCountsWithinASubject) {
  EXPECT_THAT(
      Faults(Check({Return("a-2", "case-1"), Report("a-1", "case-1")})),
      UnorderedElementsAre("line 1 subject BEFORE_ITS_REPORT", "line 2 time TIME_GOES_BACK"));
  EXPECT_THAT(Faults(Check({Report("a-1", "case-1"), Report("a-2", "case-1")})),
              ElementsAre("line 2 subject REPORTED_AGAIN"));
  EXPECT_THAT(Faults(Check({Report("a-1", "case-1"), Outcome("a-2", "case-1")})),
              ElementsAre("line 2  NO_ENQUIRY"));
  Json twice = Return("a-3", "case-1");
  twice["data"]["note"] = "again";
  EXPECT_THAT(Faults(Check({Report("a-1", "case-1"), Return("a-2", "case-1"), twice})),
              ::testing::Contains("line 3 data.event_id RETURNED_BEFORE"));
  EXPECT_THAT(Notes(Check({Return("a-2", "case-1")})),
              ElementsAre("line 1 data.event_id REPORT_NOT_IN_FEED"));
  EXPECT_THAT(
      Notes(Check({Return("a-2")})),
      UnorderedElementsAre("line 1 subject NO_SUBJECT", "line 1 data.event_id REPORT_NOT_IN_FEED"));
}

TEST(FeedCheckTest, ASubjectOnTwoPartitionsKeepsNoOrder) {
  FeedCheck check(OurRules(), StandInWorld(), kNow);
  const auto event = [](const Json& json) { return cloudevents::FromJson(json.dump()); };
  EXPECT_TRUE(check.Take({"partition 0 offset 0", event(Report("a-1", "case-1")), 0}).ok());
  EXPECT_TRUE(check.Take({"partition 1 offset 0", event(Return("a-2", "case-1")), 1}).ok());
  EXPECT_THAT(Faults(*check.Finish()),
              ElementsAre("partition 1 offset 0 subject SUBJECT_ON_TWO_PARTITIONS"));
}

TEST(FeedCheckTest, ARecordThatComesWhenItsNoticesAreLateIsAFault) {
  Json late = Report("a-1");
  late["data"]["occurred_time"] = "2026-11-17T12:00:00Z";
  late["data"]["became_aware_time"] = "2026-11-17T14:10:00Z";
  EXPECT_THAT(Faults(Check({late})), IsEmpty()) << "24 hours to the second";
  late["time"] = "2026-11-18T14:10:01Z";
  const FeedReport report = Check({late});
  EXPECT_THAT(Faults(report), ElementsAre("line 1 time TOO_LATE"));
  EXPECT_EQ(report.latest, absl::Hours(24) + absl::Seconds(1));
}

TEST(FeedCheckTest, ChildrenAndPlacementsAreReadAsTheirIntakeReadsThem) {
  std::vector<Json> feed;
  for (const char* name : {"child_recorded", "placement_started", "placement_moved",
                           "placement_ended", "placement_recorded"}) {
    feed.push_back(Json::parse(domain::ReadSource(absl::StrCat("docs/samples/", name, ".json"))));
  }
  const FeedReport samples = Check(feed);
  EXPECT_THAT(Faults(samples), IsEmpty());
  EXPECT_THAT(Faults(samples, /*notes=*/true), IsEmpty());
  EXPECT_THAT(samples.notices, IsEmpty());

  feed[0]["data"]["colour"] = "red";
  feed[1]["data"]["carer_id"] = "jane.smith@example.org";
  feed[2]["data"]["next"]["carer_id"] = "Jane Smith";
  feed[3]["time"] = "2026-03-01T09:00:00Z";
  feed.push_back(feed[4]);
  feed[5]["data"]["placement_code"] = "U4";
  EXPECT_THAT(
      Faults(Check(feed)),
      UnorderedElementsAre("line 1 colour UNKNOWN_FIELD", "line 2 data.carer_id PERSONAL_DATA",
                           "line 3 data.carer_id NOT_AN_ID", "line 4 time TIME_GOES_BACK",
                           "line 6 id ID_REUSED"));
}

TEST(FeedCheckTest, FiguresAndSaferCaringPlansAreJudgedAndSayWhatTheyWouldBringAbout) {
  const auto sample = [](const char* name, const std::string& id) {
    Json event = Json::parse(domain::ReadSource(absl::StrCat("docs/samples/", name, ".json")));
    event["id"] = id;
    return event;
  };
  std::vector<Json> feed;
  for (const char* id : {"1", "2", "3"}) feed.push_back(sample("figure_reported", id));
  feed[2]["data"]["numerator"] = 12;
  for (const char* id : {"4", "5", "6", "7"}) {
    feed.push_back(sample("safer_caring_plan_reviewed", id));
  }
  feed[5]["data"]["withdrawn"] = true;
  feed[6]["data"]["reviewed_date"] = "2026-01-01";
  feed[6]["data"]["withdrawn"] = true;
  const FeedReport good = Check(feed);
  EXPECT_THAT(Faults(good), IsEmpty());
  EXPECT_THAT(Notes(good), ElementsAre("line 1  WOULD_RECORD", "line 2  CHANGES_NOTHING",
                                       "line 3  WOULD_CORRECT", "line 4  WOULD_RECORD",
                                       "line 5  CHANGES_NOTHING", "line 6  WOULD_TAKE_BACK",
                                       "line 7  WOULD_TAKE_BACK"));
  EXPECT_THAT(good.notices, IsEmpty());

  feed[0]["data"]["numerator"] = 31;
  feed[1]["data"]["code"] = "SC99";
  feed[2]["data"]["colour"] = "red";
  feed[3]["data"]["reviewed_date"] = "2026-11-31";
  feed[4]["data"]["carer_id"] = "Jane Smith";
  feed[5] = sample("figure_reported", "6");
  feed[5]["data"]["period"] = "2027-01";
  feed[6]["id"] = "6";
  EXPECT_THAT(Faults(Check(feed)),
              UnorderedElementsAre(
                  "line 1 data.numerator NUMERATOR_TOO_LARGE", "line 2 data.code UNKNOWN_KPI",
                  "line 3 colour UNKNOWN_FIELD", "line 4 data.reviewed_date INVALID_DATE",
                  "line 5 data.carer_id NOT_AN_ID", "line 5 data.carer_id INVALID_ID",
                  "line 6 data.period IN_THE_FUTURE", "line 7 id ID_REUSED"));
}

TEST(FeedCheckTest, AServerKnowsWhoIsThere) {
  World world;
  world.circumstances = [](const std::string& child_id, const std::string&) {
    domain::Circumstances circumstances;
    if (child_id == "C-1") circumstances = domain::World(domain::kHome);
    return absl::StatusOr<domain::Circumstances>(circumstances);
  };
  world.event =
      [](const std::string& event_id) -> absl::StatusOr<notifiable_events::v1::NotifiableEvent> {
    if (event_id != "event-1") return absl::NotFoundError("no such event");
    return domain::Reported({notifiable_events::v1::EVENT_KIND_CHILD_MISSING});
  };
  const FeedReport good = Check({Report("a-1"), Return("a-2")}, world);
  EXPECT_THAT(Faults(good), IsEmpty());
  ASSERT_FALSE(good.notices.empty());
  EXPECT_EQ(good.notices[0].notice.body_id(), "northshire");
  Json stranger = Report("a-1");
  stranger["data"]["child_id"] = "C-9";
  EXPECT_THAT(Faults(Check({stranger}, world)), ElementsAre("line 1 data.child_id UNKNOWN_CHILD"));
  EXPECT_THAT(Faults(Check({Outcome("a-2")}, world)),
              ElementsAre("line 1 data.event_id NOT_FOUND"));
}

}  // namespace
}  // namespace fosterwatch::app
