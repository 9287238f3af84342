// What the register says of its events to who oversees the agency, by the real binary: the
// regulator's form without names, and counts by month held to a naive count over the facts.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::notifiable_events {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using GroupBy = v1::GetTrendRequest::GroupBy;

constexpr char kOversight[] = "fosterwatch.notifiable_events.v1.OversightService";
constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kFacts[] = "fosterwatch.notifiable-events.v1";

class OversightTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    mails_ = new mail::ScriptedSmtpServer;
    installation_ = new Installation({});
    installation_->Start({{"FOSTERWATCH_SMTP_URL", mails_->url()}});
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
    delete mails_;
  }

  static absl::StatusOr<v1::RegulatorExport> Export(const Person& person,
                                                    const std::string& event_id,
                                                    const std::string& urn = "") {
    v1::ExportForRegulatorRequest request;
    request.set_event_id(event_id);
    request.set_urn(urn);
    return installation_->Call<v1::RegulatorExport>(person, kOversight, "ExportForRegulator",
                                                    request);
  }
  static absl::StatusOr<v1::Trend> Trend(const Person& person, GroupBy by,
                                         const std::string& until = "") {
    v1::GetTrendRequest request;
    request.set_group_by(by);
    request.set_until_month(until);
    return installation_->Call<v1::Trend>(person, kOversight, "GetTrend", request);
  }
  static absl::StatusOr<v1::NotifiableEvent> Report(const v1::EventReport& report) {
    v1::ReportEventRequest request;
    *request.mutable_report() = report;
    return agency_->Call(agency_->Publisher(), "ReportEvent", request);
  }
  static int64_t Count(const std::string& sql) {
    auto count = installation_->Database("notifiable_events")->Query(sql);
    return count.ok() ? count->Int(0, 0) : -1;
  }
  // What was asked of the register and done; duties that fall due record facts by themselves.
  static int64_t Requests() { return Count("SELECT count(*) FROM ledger.request"); }

  static mail::ScriptedSmtpServer* mails_;
  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

mail::ScriptedSmtpServer* OversightTest::mails_ = nullptr;
Installation* OversightTest::installation_ = nullptr;
Agency* OversightTest::agency_ = nullptr;
Agency* OversightTest::other_ = nullptr;

TEST_F(OversightTest, TheRegulatorsFormHasInitialsAndNoNames) {
  for (const auto& [person_id, name, role] :
       {std::tuple{"caseworker-1", "Jane Applegarth", options::v1::ROLE_CASEWORKER},
        std::tuple{"registered-manager-1", "Ada Brightwell",
                   options::v1::ROLE_REGISTERED_MANAGER}}) {
    directory::v1::AppointHolderRequest request;
    auto* holder = request.mutable_holder();
    holder->set_holder_id(absl::StrCat("holder-", person_id));
    holder->set_person_id(person_id);
    holder->set_name(name);
    holder->set_email(absl::StrCat(person_id, "@example.org"));
    holder->set_title("Holder");
    holder->set_role(role);
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24 * 30));
    ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(agency_->Administrator(), kDirectory,
                                                               "AppointHolder", request),
                IsOk());
  }
  v1::ReportEventRequest request;
  *request.mutable_report() = agency_->Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  request.mutable_report()->set_place("The school");
  const auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  ASSERT_THAT(event, IsOk());
  v1::GiveNoticeRequest give;
  give.set_event_id(event->event_id());
  for (const v1::Notice& notice : event->notices()) {
    if (notice.recipient() == v1::RECIPIENT_RESPONSIBLE_AUTHORITY) {
      give.set_notice_id(notice.notice_id());
    }
  }
  give.set_channel(type::v1::CHANNEL_ONLINE_FORM);
  give.set_reference("Rosa Thistlewood");
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());

  const int64_t before = Requests();
  const auto form = Export(agency_->RegisteredManager(), event->event_id(), "SC123456");
  ASSERT_THAT(form, IsOk());
  EXPECT_EQ(form->reporter().initials(), "J.A.");
  EXPECT_EQ(form->reporter().role(), options::v1::ROLE_CASEWORKER);
  EXPECT_EQ(form->incident_place(), "The school");
  EXPECT_EQ(form->urn(), "SC123456");
  for (const char* name : {"Applegarth", "Brightwell", "Thistlewood", "caseworker-1"}) {
    EXPECT_THAT(form->DebugString(), Not(HasSubstr(name)));
  }
  EXPECT_THAT(form->DebugString(), HasSubstr("R.T."));
  EXPECT_THAT(form->missing(), ::testing::Contains(v1::RegulatorExport::FIELD_EVALUATION));
  EXPECT_EQ(Requests(), before) << "it only reads";

  std::string said;
  for (const auto& [format, has] :
       {std::pair{"text", "still_missing"}, std::pair{"json", "\"incidentPlace\": \"The school\""},
        std::pair{"csv", "The school"}}) {
    EXPECT_EQ(installation_->RunWith({"event", "export", event->event_id(), "--format", format,
                                      "--agency", "agency-a"},
                                     installation_->Settings(), absl::Minutes(1), &said),
              0)
        << said;
    EXPECT_THAT(said, HasSubstr(has)) << format;
    EXPECT_THAT(said, Not(HasSubstr("Thistlewood"))) << format;
  }
}

TEST_F(OversightTest, WhoAsksForAFormWronglyIsToldWhy) {
  const auto event = Report(agency_->Report(v1::EVENT_KIND_CHILD_MISSING));
  ASSERT_THAT(event, IsOk());
  const Person manager = agency_->RegisteredManager();
  EXPECT_THAT(Export(manager, ""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Export(manager, "nonsense"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Export(other_->RegisteredManager(), event->event_id()),
              StatusIs(absl::StatusCode::kNotFound));
  for (const char* urn : {"SC 1", "<script>", "012345678901234567890"}) {
    EXPECT_THAT(Export(manager, event->event_id(), urn), HasReason("INVALID_URN")) << urn;
  }
  EXPECT_THAT(Export(agency_->Caseworker(), event->event_id()),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Export(agency_->Publisher(), event->event_id()),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(OversightTest, WhoAsksForATrendWronglyIsToldWhy) {
  const Person manager = agency_->RegisteredManager();
  const GroupBy kind = v1::GetTrendRequest::GROUP_BY_KIND;
  for (const char* month :
       {"2026", "2026-13", "2026-00", "26-11", "2026-1", "2026-111", "-1-01", "2026/11", "0001-01",
        "20\xc3\xb1"
        "6-1",
        " 2026-1"}) {
    EXPECT_THAT(Trend(manager, kind, month), HasReason("INVALID_MONTH")) << month;
  }
  EXPECT_THAT(Trend(manager, kind, "9999-12"), HasReason("IN_THE_FUTURE"));
  EXPECT_THAT(Trend(manager, v1::GetTrendRequest::GROUP_BY_UNSPECIFIED), HasReason("REQUIRED"));
  EXPECT_THAT(Trend(agency_->Caseworker(), kind), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(OversightTest, HowEachNoticeWasGivenIsPutTogether) {
  directory::v1::RecordBodyRequest body;
  body.mutable_body()->set_body_id("ofsted");
  body.mutable_body()->set_kind(directory::v1::Body::KIND_CHIEF_INSPECTOR);
  body.mutable_body()->set_name("Ofsted");
  auto* contact = body.mutable_body()->add_contacts();
  contact->set_channel(type::v1::CHANNEL_EMAIL);
  contact->set_address("ofsted@example.org");
  ASSERT_THAT(installation_->Call<directory::v1::Body>(agency_->Administrator(), kDirectory,
                                                       "RecordBody", body),
              IsOk());
  // The register hears of it a moment later; then the message leaves by itself.
  v1::NotifiableEvent event;
  const auto to = [&event](v1::Recipient recipient) {
    return *std::find_if(event.notices().begin(), event.notices().end(),
                         [&](const auto& notice) { return notice.recipient() == recipient; });
  };
  ASSERT_TRUE(AwaitTrue([&] {
    const auto reported = Report(agency_->Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT));
    if (!reported.ok()) return false;
    event = *reported;
    return to(v1::RECIPIENT_CHIEF_INSPECTOR).channel() == type::v1::CHANNEL_EMAIL;
  }));
  ASSERT_TRUE(AwaitTrue([&] {
    v1::GetEventRequest get;
    get.set_event_id(event.event_id());
    const auto now = agency_->Call(agency_->RegisteredManager(), "GetEvent", get);
    if (now.ok()) event = *now;
    return to(v1::RECIPIENT_CHIEF_INSPECTOR).state() == v1::Notice::STATE_GIVEN;
  }));
  const v1::Notice by_telephone = to(v1::RECIPIENT_RESPONSIBLE_AUTHORITY);
  v1::GiveNoticeRequest give;
  give.set_event_id(event.event_id());
  give.set_notice_id(by_telephone.notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  give.set_reference("Duty desk, 4711");
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());
  v1::AcknowledgeNoticeRequest acknowledge;
  acknowledge.set_event_id(event.event_id());
  acknowledge.set_notice_id(by_telephone.notice_id());
  *acknowledge.mutable_acknowledged_time() = clock::ToProto(absl::Now());
  acknowledge.set_reference("NS-1");
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "AcknowledgeNotice", acknowledge), IsOk());

  std::string said;
  ASSERT_EQ(
      installation_->RunWith({"event", "proof", event.event_id(), "--agency", "agency-a", "--json"},
                             installation_->Settings(), absl::Minutes(1), &said),
      0)
      << said;
  const auto proof = nlohmann::json::parse(said, nullptr, false);
  ASSERT_EQ(proof["notices"].size(), static_cast<size_t>(event.notices_size())) << said;
  for (const auto& notice : proof["notices"]) {
    if (notice["noticeId"] == by_telephone.notice_id()) {
      EXPECT_EQ(notice["channel"], "CHANNEL_TELEPHONE");
      EXPECT_EQ(notice["givenBy"], "caseworker-1");
      EXPECT_EQ(notice["reference"], "Duty desk, 4711");
      EXPECT_EQ(notice["acknowledgementReference"], "NS-1");
      EXPECT_EQ(notice["inTime"], true);
      EXPECT_EQ(notice["attempts"].size(), 1u);
      EXPECT_TRUE(notice["writtenConfirmation"]["confirmedTime"].is_null())
          << "told by word of mouth, and not confirmed in writing yet";
    } else if (notice["recipient"] == "RECIPIENT_CHIEF_INSPECTOR") {
      EXPECT_EQ(notice["givenBy"], "service:notifications");
      ASSERT_FALSE(notice["messages"].empty()) << said;
      const auto& message = notice["messages"].back();
      EXPECT_EQ(message["result"], "RESULT_SENT");
      EXPECT_EQ(message["messageId"], notice["reference"]);
      EXPECT_EQ(std::string(message["sha256"]).size(), 64u);
      EXPECT_EQ(message["hashAgrees"], true);
      EXPECT_THAT(std::string(message["text"]), HasSubstr(event.event_id())) << "what it said";
    }
  }
  ASSERT_EQ(installation_->RunWith({"event", "proof", event.event_id(), "--agency", "agency-a"},
                                   installation_->Settings(), absl::Minutes(1), &said),
            0);
  for (const char* words : {"reference Duty desk, 4711", "SMTP_250", "SHA-256", "written"}) {
    EXPECT_THAT(said, HasSubstr(words));
  }
  EXPECT_EQ(installation_->RunWith({"event", "proof", "nonsense", "--agency", "agency-a"},
                                   installation_->Settings(), absl::Minutes(1), &said),
            3);
}

// Of one event, what its facts on the topic say.
struct Counted {
  std::set<int> kinds;
  std::string child, carer, placed_with;
  absl::Time occurred;
  bool withdrawn = false;
};

TEST_F(OversightTest, ATrendIsWhatANaiveCountOverTheFactsGives) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const auto below = [&random](unsigned most) { return random() % most; };
  const absl::TimeZone london = clock::London();
  for (int i = 0; i < 60; ++i) {
    v1::EventReport report = agency_->Report(
        below(2) == 0 ? v1::EVENT_KIND_CHILD_MISSING : v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    report.set_child_id(below(2) == 0 ? "C-1" : "C-2");
    if (below(3) == 0) report.set_carer_id("F-1");
    if (below(4) == 0) {
      report.clear_kinds();
      report.add_kinds(v1::EVENT_KIND_SERIOUS_COMPLAINT);
      report.clear_child_id();
      report.set_carer_id("F-1");
    }
    // Within 15 months; some at the very turn of a month of London.
    absl::Time occurred = absl::Now() - absl::Hours(2 + below(24 * 450));
    if (below(3) == 0) {
      const absl::CivilMonth month = absl::ToCivilMonth(occurred, london);
      occurred = absl::FromCivil(absl::CivilSecond(month), london) - absl::Seconds(below(2));
    }
    *report.mutable_occurred_time() = clock::ToProto(occurred);
    *report.mutable_became_aware_time() = clock::ToProto(occurred + absl::Hours(1));
    const auto event = Report(report);
    ASSERT_THAT(event, IsOk());
    if (below(5) == 0) {
      v1::WithdrawEventRequest withdraw;
      withdraw.set_event_id(event->event_id());
      withdraw.set_reason("Reported in error");
      ASSERT_THAT(agency_->Call(agency_->RegisteredManager(), "WithdrawEvent", withdraw), IsOk());
    } else if (below(5) == 0) {
      v1::CorrectEventRequest correct;
      correct.set_event_id(event->event_id());
      correct.set_reason("More is known");
      correct.mutable_report()->add_kinds(v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT);
      if (report.child_id().empty()) correct.mutable_report()->set_child_id("C-1");
      ASSERT_THAT(agency_->Call(agency_->Caseworker(), "CorrectEvent", correct), IsOk());
    }
  }

  // Every fact that tells of these events is on the topic, in order.
  const std::set<std::string> telling = {"event_reported", "event_corrected", "event_withdrawn"};
  const auto record_name = [](const bus::Record& record) {
    const std::string type = bus::HeaderOf(record, "ce_type");
    return type.substr(type.rfind('.') + 1);
  };
  auto bus = installation_->OpenBus();
  auto facts = bus->Subscribe({.group = "naive", .topics = {kFacts}});
  ASSERT_THAT(facts, IsOk());
  std::map<std::string, Counted> events;
  int64_t seen = 0;
  ASSERT_TRUE(AwaitTrue([&] {
    auto records = (*facts)->Poll(1000, absl::Milliseconds(100));
    if (!records.ok()) return false;
    for (const bus::Record& record : *records) {
      const bool counts = telling.count(record_name(record)) > 0;
      seen += counts;
      if (!counts || bus::HeaderOf(record, "ce_agencyid") != agency_->id()) continue;
      v1::NotifiableEventFact fact;
      if (!fact.ParseFromString(record.value)) return false;
      Counted& event = events[bus::HeaderOf(record, "ce_subject")];
      if (fact.has_event_reported()) {
        const v1::EventReport& report = fact.event_reported().report();
        event.kinds.insert(report.kinds().begin(), report.kinds().end());
        event.child = report.child_id();
        event.carer = report.carer_id();
        event.placed_with = fact.event_reported().placed_with_carer_id();
        event.occurred = clock::FromProto(report.occurred_time());
      } else if (fact.has_event_corrected()) {
        const v1::EventReport& report = fact.event_corrected().correction().report();
        event.kinds.insert(report.kinds().begin(), report.kinds().end());
        if (!report.child_id().empty()) event.child = report.child_id();
      } else if (fact.has_event_withdrawn()) {
        event.withdrawn = true;
      }
    }
    return seen == Count(
                       "SELECT count(*) FROM ledger.fact WHERE name IN"
                       " ('event_reported', 'event_corrected', 'event_withdrawn')");
  }));
  for (const auto& [id, event] : events) {
    if (event.child.empty() || event.kinds.count(v1::EVENT_KIND_SERIOUS_COMPLAINT) > 0) continue;
    EXPECT_EQ(event.placed_with, "F-1") << "both children are placed with F-1";
  }

  const absl::CivilMonth present = absl::ToCivilMonth(absl::Now(), london);
  for (int back = 0; back < 6; ++back) {
    const absl::CivilMonth last = present - back;
    const std::string until = absl::StrFormat("%04d-%02d", last.year(), last.month());
    for (const GroupBy by :
         {v1::GetTrendRequest::GROUP_BY_KIND, v1::GetTrendRequest::GROUP_BY_CARER,
          v1::GetTrendRequest::GROUP_BY_PLACEMENT}) {
      std::vector<int> n(12);
      std::map<std::string, std::vector<int>> naive;
      for (const auto& [id, event] : events) {
        const int month = 11 - static_cast<int>(last - absl::ToCivilMonth(event.occurred, london));
        if (event.withdrawn || month < 0 || month > 11) continue;
        ++n[month];
        std::set<std::string> keys;
        if (by == v1::GetTrendRequest::GROUP_BY_KIND) {
          for (const int kind : event.kinds) keys.insert(absl::StrCat(kind, " "));
        } else if (by == v1::GetTrendRequest::GROUP_BY_CARER) {
          keys.insert(absl::StrCat("0 ", event.carer.empty() ? event.placed_with : event.carer));
        } else if (event.placed_with.empty()) {
          keys.insert("0 ");
        } else {
          keys.insert(absl::StrCat("0 ", event.placed_with, " ", event.child));
        }
        for (const std::string& key : keys) {
          naive[key].resize(12);
          ++naive[key][month];
        }
      }
      const auto trend = Trend(agency_->RegisteredManager(), by, until);
      ASSERT_THAT(trend, IsOk());
      EXPECT_EQ(trend->months(11), until);
      EXPECT_EQ(std::vector<int>(trend->n().begin(), trend->n().end()), n) << until;
      std::map<std::string, std::vector<int>> counted;
      for (const auto& row : trend->rows()) {
        const std::string key = absl::StrCat(row.kind(), " ", row.carer_id(),
                                             row.child_id().empty() ? "" : " ", row.child_id());
        counted[key] = {row.counts().begin(), row.counts().end()};
      }
      EXPECT_EQ(counted, naive) << until << " " << v1::GetTrendRequest::GroupBy_Name(by);
    }
  }
  const auto others = Trend(other_->RegisteredManager(), v1::GetTrendRequest::GROUP_BY_KIND);
  ASSERT_THAT(others, IsOk());
  EXPECT_THAT(others->n(), ::testing::AllOf(::testing::SizeIs(12), Each(0))) << "an agency without";

  std::string said;
  EXPECT_EQ(installation_->RunWith({"event", "trend", "--by", "placement", "--agency", "agency-a"},
                                   installation_->Settings(), absl::Minutes(1), &said),
            0)
      << said;
  EXPECT_THAT(said, HasSubstr("n (events)"));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
