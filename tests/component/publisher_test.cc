// What publishers are told, held to what the register does: the samples of docs/samples are taken,
// a feed that `fosterwatch publisher check` calls clean is taken entirely, and checking changes
// nothing anywhere.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "apps/fosterwatch/feed_check.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/bus/kafka_bus.h"
#include "libs/status/status_macros.h"
#include "libs/testing/await.h"
#include "libs/testing/mock_kafka.h"
#include "libs/testing/status_matchers.h"
#include "rapidcheck.h"
#include "services/notifiable_events/intake_data.h"
#include "services/placements/intake_data.h"
#include "tests/component/http_client.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using notifiable_events::kChildReturnedType;
using notifiable_events::kEnquiryOutcomeType;
using notifiable_events::kReportedType;
using notifiable_events::v1::NotifiableEvent;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

constexpr char kIntake[] = "fosterwatch.intake.notifiable-events.v1";

std::string Source(const std::string& path) {
  std::ifstream file(absl::StrCat(std::getenv("FOSTERWATCH_SOURCE_DIR"), "/", path));
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

std::string At(absl::Duration ago) {
  return absl::FormatTime(absl::RFC3339_sec, absl::Now() - ago, absl::UTCTimeZone());
}

class PublisherTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
  }
  static void TearDownTestSuite() {
    delete agency_;
    delete installation_;
  }

  static absl::StatusOr<NotifiableEvent> Ingest(const Json& event) {
    ASSIGN_OR_RETURN(cloudevents::CloudEvent read, cloudevents::FromJson(event.dump()));
    return agency_->Call(agency_->Publisher(), "IngestCloudEvent",
                         notifiable_events::IngestRequestOf(std::move(read)));
  }
  static bus::Record RecordOf(const Json& event) {
    bus::Record record;
    record.topic = kIntake;
    record.key = event.value("subject", "none");
    record.headers = {{"content-type", "application/cloudevents+json"}};
    record.value = event.dump();
    return record;
  }
  static int64_t Count(const std::string& sql) {
    auto count = installation_->Database("notifiable_events")->Query(sql);
    return count.ok() ? count->Int(0, 0) : -1;
  }
  static int64_t Parked() { return Count("SELECT count(*) FROM ledger.parked"); }
  // What was asked of the register and done; duties that fall due record facts by themselves.
  static int64_t Requests() { return Count("SELECT count(*) FROM ledger.request"); }
  // The command as a vendor calls it, on a file of these lines.
  static int Check(const std::vector<Json>& feed, std::vector<std::string> options,
                   std::string* output) {
    const std::string path = installation_->folder() + "/feed.jsonl";
    std::ofstream file(path);
    for (const Json& event : feed) file << event.dump() << "\n";
    file.close();
    std::vector<std::string> arguments = {"publisher", "check", path};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return installation_->RunWith(arguments, installation_->Settings(), absl::Minutes(1), output);
  }

  // A report of this agency that is right.
  static Json Report(const std::string& id, const std::string& subject = "") {
    Json event = {{"specversion", "1.0"},
                  {"id", id},
                  {"source", agency_->source()},
                  {"type", kReportedType},
                  {"time", At(absl::Minutes(20))},
                  {"data",
                   {{"kinds", {"EVENT_KIND_CHILD_MISSING"}},
                    {"child_id", "C-1"},
                    {"occurred_time", At(absl::Hours(1))},
                    {"became_aware_time", At(absl::Minutes(30))},
                    {"summary", absl::StrCat("Not back: ", id)}}}};
    if (!subject.empty()) event["subject"] = subject;
    return event;
  }

  static Installation* installation_;
  static Agency* agency_;
};

Installation* PublisherTest::installation_ = nullptr;
Agency* PublisherTest::agency_ = nullptr;

TEST_F(PublisherTest, EverySampleIsTakenAsItStandsInTheDocuments) {
  // In the order in which a case system would send them; of another agency's people.
  std::vector<Json> feed;
  for (const char* name : {"reported", "child_returned", "reported_enquiry", "enquiry_outcome",
                           "reported_complaint"}) {
    Json event = Json::parse(Source(absl::StrCat("docs/samples/", name, ".json")));
    event["source"] = agency_->source();
    for (const auto& [field, ours] : {std::pair{"child_id", "C-1"}, std::pair{"carer_id", "F-1"}}) {
      if (event["data"].contains(field)) event["data"][field] = ours;
    }
    feed.push_back(std::move(event));
  }
  auto bus = installation_->OpenBus();
  std::map<std::string, std::string> event_ids;  // by subject
  std::set<std::string> types;
  for (Json& event : feed) {
    const std::string subject = event["subject"];
    if (event["data"].contains("event_id")) event["data"]["event_id"] = event_ids[subject];
    types.insert(event["type"]);
    const int64_t before = Requests();
    ASSERT_THAT(bus->Publish({RecordOf(event)}), IsOk());
    ASSERT_TRUE(AwaitTrue([&] { return Requests() > before || Parked() > 0; }));
    ASSERT_EQ(Parked(), 0) << event.dump(2);
    // Sent again by the other way, it answers with the event that it became.
    const auto recorded = Ingest(event);
    ASSERT_THAT(recorded, IsOk());
    event_ids[subject] = recorded->event_id();
  }
  EXPECT_EQ(types, (std::set<std::string>{kReportedType, kChildReturnedType, kEnquiryOutcomeType}));
  std::string said;
  EXPECT_EQ(Check(feed, {}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("5 records, 0 faults, 0 notes."));
  EXPECT_THAT(said, HasSubstr("No server was asked"));
}

TEST_F(PublisherTest, EverySampleOfAChildAndItsPlacementsIsTakenToo) {
  agency_->TakeOverCarer("F-0002");
  for (const char* name : {"child_recorded", "placement_started", "placement_moved",
                           "placement_ended", "placement_recorded"}) {
    Json event = Json::parse(Source(absl::StrCat("docs/samples/", name, ".json")));
    event["source"] = agency_->source();
    Json& data = event["data"];
    if (data.value("carer_id", "") == "F-0001") data["carer_id"] = "F-1";
    absl::StatusOr<cloudevents::CloudEvent> read = cloudevents::FromJson(event.dump());
    ASSERT_THAT(read, IsOk());
    const auto request = placements::IngestRequestOf(*std::move(read));
    absl::Status taken;
    // Until the carer has come to the placements.
    EXPECT_TRUE(AwaitTrue([&] {
      taken = installation_
                  ->Call<placements::v1::Placement>(agency_->Publisher(),
                                                    "fosterwatch.placements.v1.PlacementsService",
                                                    "IngestCloudEvent", request)
                  .status();
      return taken.ok() || ReasonOf(taken) != "UNKNOWN_CARER";
    })) << name;
    EXPECT_THAT(taken, IsOk()) << name;
  }
}

TEST_F(PublisherTest, TheSampleOfFeedbackIsTakenByHttpAndByItsTopicAsOneRecord) {
  Json event = Json::parse(Source("docs/samples/feedback_received.json"));
  event["source"] = agency_->source();
  event["data"]["child_id"] = "C-1";
  event["data"]["carer_id"] = "F-1";
  const auto post = [](const Json& sent) {
    testing::HttpConnection connection(installation_->http_port());
    connection.Send(testing::HttpText(
        "POST", "/v1/events",
        {{"Authorization", "Bearer " + installation_->TokenOf(agency_->Publisher())},
         {"Content-Type", "application/cloudevents+json"}},
        sent.dump()));
    return connection.Read();
  };
  // Until the source has come to the complaints.
  testing::HttpAnswer taken;
  EXPECT_TRUE(AwaitTrue([&] { return (taken = post(event)).status != 403; }));
  EXPECT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(Json::parse(taken.body)["location"], "/complaints/seen-elsewhere");
  EXPECT_EQ(post(event).body, taken.body) << "the same again is the same";
  // By the topic another one: what was sent by both ways is seen once.
  Json second = event;
  second["id"] = "feedback-2";
  auto bus = installation_->OpenBus();
  for (Json* sent : {&event, &second}) {
    bus::Record record = RecordOf(*sent);
    record.topic = "fosterwatch.intake.complaints.v1";
    ASSERT_THAT(bus->Publish({record}), IsOk());
  }
  // Another sample, of an event that a complaint came with, is seen there too.
  const std::string received = event["data"]["received_time"];
  const auto seen = [&] {
    auto count = installation_->Database("complaints")
                     ->Query({"SELECT (SELECT count(*) FROM view.sighting"
                              "  WHERE seen_at = $1::timestamptz),"
                              " (SELECT count(*) FROM ledger.parked)",
                              {received}});
    return count.ok() ? std::pair(count->Int(0, 0), count->Int(0, 1)) : std::pair(-1L, -1L);
  };
  EXPECT_TRUE(AwaitTrue([&] { return seen() == std::pair(2L, 0L); }))
      << seen().first << " seen, " << seen().second << " parked";
  Json bad = event;
  bad["id"] = "feedback-3";
  bad["data"].erase("received_time");
  EXPECT_EQ(post(bad).status, 400);
  bad = event;
  bad["source"] = "urn:somebody-else";
  EXPECT_EQ(post(bad).status, 403);
  std::string said;
  EXPECT_EQ(Check({event, second}, {}, &said), 0) << said;
  EXPECT_THAT(said, HasSubstr("2 records, 0 faults, 0 notes."));
  second["data"].erase("received_time");
  EXPECT_NE(Check({event, second}, {}, &said), 0);
  EXPECT_THAT(said, HasSubstr("received_time"));
}

// One record of a feed that may or may not be right.
Json Spoiled(Json event, int how) {
  Json& data = event["data"];
  switch (how) {
    case 0:
      event.erase("id");
      break;
    case 1:
      data["colour"] = "red";
      break;
    case 2:
      data["kinds"] = {"EVENT_KIND_LOST"};
      break;
    case 3:
      data.erase("summary");
      data.erase("returned_time");
      data.erase("outcome");
      break;
    case 4:
      data["became_aware_time"] = data["returned_time"] = At(-absl::Hours(2));
      break;
    case 5:
      data["occurred_time"] = At(absl::ZeroDuration());
      break;
    case 6:
      data.erase("child_id");
      data.erase("event_id");
      break;
    case 7:
      data["kinds"] = {"EVENT_KIND_SERIOUS_COMPLAINT"};
      break;
    case 8:
      event["datacontenttype"] = "text/plain";
      break;
    case 9:
      event["type"] = "com.example.other";
      break;
    case 10:
      data["occurred_time"] = "2026-08-01T22:15:00";
      break;
    case 11:
      data["kinds"] = {"EVENT_KIND_CHILD_MISSING", "EVENT_KIND_CHILD_MISSING"};
      break;
    default:
      break;
  }
  return event;
}

TEST_F(PublisherTest, AFeedThatIsCalledCleanIsTakenEntirely) {
  const auto law = notifiable_events::domain::Law::Parse(
      Source("services/notifiable_events/law/schedule7.json"));
  const auto calendar =
      clock::WorkingCalendar::Parse(Source("libs/clock/data/bank_holidays_england_and_wales.json"));
  const auto forms = notifiable_events::domain::FormBook::Parse(
      Source("services/notifiable_events/law/forms.json"));
  ASSERT_THAT(law, IsOk());
  ASSERT_THAT(forms, IsOk());
  ASSERT_THAT(calendar, IsOk());
  const kpis::v1::Catalogue catalogue;
  const kpis::v1::KpiPolicies policies;
  int runs = 0, clean = 0, refused = 0;
  const bool holds = rc::check("clean is taken", [&] {
    ++runs;
    std::vector<Json> feed;
    std::map<std::string, std::string> event_ids;  // by subject
    std::vector<std::string> faults_of_intake;
    const int size = *rc::gen::inRange(1, 6);
    for (int i = 0; i < size; ++i) {
      const std::string subject = absl::StrCat("case-", runs, "-", *rc::gen::inRange(0, 2));
      // Some ids come twice.
      const std::string id = absl::StrCat("feed-", runs, "-", *rc::gen::inRange(0, 12));
      const int type = *rc::gen::inRange(0, 4);
      Json event = Report(id, subject);
      if (*rc::gen::inRange(0, 2) == 0) {
        event["data"]["kinds"] = {"EVENT_KIND_CHILD_PROTECTION_ENQUIRY"};
      }
      if (type >= 2) {
        event["type"] = type == 2 ? kChildReturnedType : kEnquiryOutcomeType;
        event["time"] = At(absl::Minutes(5));
        event["data"] = type == 2 ? Json{{"returned_time", At(absl::Minutes(10))}}
                                  : Json{{"outcome_time", At(absl::Minutes(12))},
                                         {"became_aware_time", At(absl::Minutes(10))},
                                         {"outcome", "Nothing further"}};
        // Of the event that was reported under its subject; else of one that is there already.
        std::string& event_id = event_ids[subject];
        if (event_id.empty()) {
          Json earlier = Report(absl::StrCat("earlier-", runs, "-", i));
          if (type == 3) earlier["data"]["kinds"] = {"EVENT_KIND_CHILD_PROTECTION_ENQUIRY"};
          const auto there = Ingest(earlier);
          RC_ASSERT(there.ok());
          event["data"]["event_id"] = there->event_id();
        } else {
          event["data"]["event_id"] = event_id;
        }
      }
      if (*rc::gen::inRange(0, 4) == 0) {
        event = Spoiled(std::move(event), *rc::gen::inRange(0, 12));
      }
      const auto taken = Ingest(event);
      if (!taken.ok()) {
        faults_of_intake.push_back(taken.status().ToString());
      } else if (event["type"] == kReportedType) {
        event_ids[subject] = taken->event_id();
      }
      feed.push_back(std::move(event));
    }
    app::FeedCheck check({*law, *forms, *calendar, catalogue, policies}, app::StandInWorld(),
                         absl::Now());
    for (const Json& event : feed) {
      RC_ASSERT(check.Take({"record", cloudevents::FromJson(event.dump())}).ok());
    }
    const auto report = check.Finish();
    RC_ASSERT(report.ok());
    refused += !faults_of_intake.empty();
    if (report->faults() > 0) return;
    ++clean;
    RC_LOG(absl::StrJoin(faults_of_intake, "\n"));
    RC_ASSERT(faults_of_intake.empty());
  });
  EXPECT_TRUE(holds);
  EXPECT_GT(clean, 10) << "of " << runs;
  EXPECT_GT(refused, 10) << "of " << runs;
}

TEST_F(PublisherTest, WithAServerItKnowsWhoIsThereAndChangesNothing) {
  Json stranger = Report("stranger-1");
  stranger["data"]["child_id"] = "C-999";
  Json returned = Report("returned-1");
  returned["type"] = kChildReturnedType;
  returned["data"] = {{"event_id", "event-999"}, {"returned_time", At(absl::Minutes(10))}};
  const int64_t before = Requests();
  std::string said;
  EXPECT_EQ(
      Check({Report("known-1"), stranger, returned}, {"--server", "--agency", "agency-a"}, &said),
      4);
  EXPECT_THAT(said, HasSubstr("UNKNOWN_CHILD"));
  EXPECT_THAT(said, HasSubstr("names no event of this agency"));
  EXPECT_THAT(said, HasSubstr("northshire")) << "who would be told";
  EXPECT_THAT(said, Not(HasSubstr("No server was asked")));
  EXPECT_EQ(Requests(), before);
  EXPECT_EQ(Parked(), 0);
}

TEST_F(PublisherTest, WhatItSaysRepeatsNoValueAndItsExitCodeSaysWhetherItIsClean) {
  Json bad = Report("07700 900123");
  bad["subject"] = "Jane Smith";
  bad["childname"] = "Jane Smith";
  bad["data"]["child_id"] = "9434765919";
  bad["data"]["summary"] = "Jane Smith is away";
  std::string said;
  EXPECT_EQ(Check({bad}, {}, &said), 4);
  for (const char* value : {"Jane", "07700", "943476"}) EXPECT_THAT(said, Not(HasSubstr(value)));
  for (const char* code : {"PERSONAL_DATA", "SUBJECT_NOT_AN_ID", "ATTRIBUTE_NOT_ALLOWED"}) {
    EXPECT_THAT(said, HasSubstr(code));
  }
  EXPECT_EQ(Check({}, {}, &said), 3) << "no record";
  EXPECT_EQ(Check({Report("a-1")}, {"--json"}, &said), 0);
  const Json json = Json::parse(said, nullptr, false);
  EXPECT_EQ(json["clean"], true);
  EXPECT_EQ(json["notices"][0]["kind"], "EVENT_KIND_CHILD_MISSING");
  EXPECT_EQ(Check({Report("a-1")}, {"--topic", "t"}, &said), 2) << "a file and a topic";
}

TEST_F(PublisherTest, ATopicIsReadToItsEndAndNobodysPlaceMoves) {
  testing::MockKafka kafka;
  kafka.MakeTopic("feed", 4);
  auto bus = bus::MakeKafkaBus({.brokers = kafka.brokers()});
  ASSERT_THAT(bus, IsOk());
  std::vector<bus::Record> records;
  for (int i = 0; i < 50; ++i) {
    records.push_back(RecordOf(Report(absl::StrCat("topic-", i), absl::StrCat("case-", i))));
    records.back().topic = "feed";
  }
  ASSERT_THAT((*bus)->Publish(records), IsOk());
  // Whoever joins a group or commits to one meets these.
  const auto group = {testing::MockKafka::kFindCoordinator, testing::MockKafka::kJoinGroup,
                      testing::MockKafka::kOffsetCommit};
  for (const auto request : group) {
    kafka.Fail(request, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});
  }
  std::string said;
  const auto check = [&] {
    return installation_->RunWith(
        {"publisher", "check", "--topic", "feed", "--brokers", kafka.brokers()}, {},
        absl::Minutes(1), &said);
  };
  EXPECT_EQ(check(), 0) << said;
  EXPECT_THAT(said, HasSubstr("50 records, 0 faults"));
  bus::Record changed = records[7];
  Json event = Json::parse(changed.value);
  event["data"]["summary"] = "Another";
  changed.value = event.dump();
  ASSERT_THAT((*bus)->Publish({changed}), IsOk());
  EXPECT_EQ(check(), 4) << said;
  EXPECT_THAT(said, HasSubstr("ID_REUSED"));
  EXPECT_THAT(said, HasSubstr("51 records, 1 fault, 0 notes."));
  for (const auto request : group) EXPECT_EQ(kafka.Unmet(request), 1);
}

}  // namespace
}  // namespace fosterwatch
