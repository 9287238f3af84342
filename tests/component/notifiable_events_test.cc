// The register of notifiable events as its users meet it: the real binary, by gRPC and by the
// intake topic. First its stories, then what bad input gets: one clear error, and nothing half
// done.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
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
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Property;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using v1::NotifiableEvent;

constexpr char kIntake[] = "fosterwatch.intake.notifiable-events.v1";
constexpr char kFacts[] = "fosterwatch.notifiable-events.v1";
constexpr char kReported[] = "uk.fosterwatch.notifiable-event.reported.v1";

class NotifiableEventsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    // Who owns actions.
    directory::v1::AppointHolderRequest appoint;
    auto* holder = appoint.mutable_holder();
    holder->set_person_id("caseworker-1");
    holder->set_role(options::v1::ROLE_CASEWORKER);
    holder->set_name("Test Caseworker");
    holder->set_email("caseworker@example.org");
    holder->set_title("Caseworker");
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
    ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(
                    agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                    "AppointHolder", appoint),
                IsOk());
    ASSERT_TRUE(AwaitTrue(
        [] {
          auto rows = installation_->Database("notifiable_events")
                          ->Query("SELECT count(*) FROM reference.holder");
          return rows.ok() && rows->Int(0, 0) == 1;
        },
        absl::Seconds(60)));
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static v1::ReportEventRequest RequestOf(v1::EventKind kind, const std::string& request_id = "") {
    v1::ReportEventRequest request;
    request.set_request_id(request_id);
    *request.mutable_report() = agency_->Report(kind);
    return request;
  }
  static NotifiableEvent Report(v1::EventKind kind) {
    auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", RequestOf(kind));
    EXPECT_THAT(event, IsOk());
    return event.ok() ? *event : NotifiableEvent();
  }
  static absl::StatusOr<NotifiableEvent> Give(const NotifiableEvent& event,
                                              const v1::Notice& notice) {
    v1::GiveNoticeRequest give;
    give.set_event_id(event.event_id());
    give.set_notice_id(notice.notice_id());
    give.set_channel(type::v1::CHANNEL_TELEPHONE);
    give.set_reference("REF-1");
    return agency_->Call(agency_->Caseworker(), "GiveNotice", give);
  }
  static absl::StatusOr<NotifiableEvent> SignOff(const Person& person, const NotifiableEvent& event,
                                                 v1::SignOff::Stage stage) {
    v1::SignOffEventRequest sign_off;
    sign_off.set_event_id(event.event_id());
    sign_off.set_stage(stage);
    sign_off.set_comment("read and agreed");
    return agency_->Call(person, "SignOffEvent", sign_off);
  }
  static absl::StatusOr<NotifiableEvent> Get(const Person& person, const std::string& event_id) {
    v1::GetEventRequest get;
    get.set_event_id(event_id);
    return agency_->Call(person, "GetEvent", get);
  }

  // "CHIEF_INSPECTOR ofsted", in any order.
  static std::vector<std::string> Told(const NotifiableEvent& event,
                                       v1::Moment moment = v1::MOMENT_EVENT) {
    std::vector<std::string> told;
    for (const v1::Notice& notice : event.notices()) {
      if (notice.moment() != moment) continue;
      const std::string recipient = v1::Recipient_Name(notice.recipient());
      told.push_back(
          absl::StrCat(recipient.substr(std::string("RECIPIENT_").size()), " ", notice.body_id()));
    }
    return told;
  }

  // Everything that the register has recorded so far, counted.
  static int64_t Recorded() {
    auto counts = installation_->Database("notifiable_events")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.fact)"
                          " + (SELECT count(*) FROM ledger.request)"
                          " + (SELECT count(*) FROM view.event)"
                          " + (SELECT count(*) FROM view.notice)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

Installation* NotifiableEventsTest::installation_ = nullptr;
Agency* NotifiableEventsTest::agency_ = nullptr;
Agency* NotifiableEventsTest::other_ = nullptr;

// ---- Stories ----

TEST_F(NotifiableEventsTest, ADeathIsToldToAllWhomTheLawNames) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_DEATH);
  EXPECT_EQ(event.state(), NotifiableEvent::STATE_OPEN);
  EXPECT_EQ(event.reporter_id(), "caseworker-1");
  EXPECT_EQ(event.version(), 2);
  EXPECT_THAT(Told(event), UnorderedElementsAre(
                               "CHIEF_INSPECTOR ofsted", "SECRETARY_OF_STATE secretary-of-state",
                               "RESPONSIBLE_AUTHORITY northshire", "HEALTH_BODY health"));
  for (const v1::Notice& notice : event.notices()) {
    EXPECT_EQ(notice.state(), v1::Notice::STATE_OWED);
    EXPECT_TRUE(notice.released_by_person());
    EXPECT_EQ(clock::FromProto(notice.due_time()),
              clock::FromProto(event.report().became_aware_time()));
    EXPECT_EQ(clock::FromProto(notice.in_time_until()),
              clock::FromProto(event.report().became_aware_time()) + absl::Hours(24));
    v1::ExplainDueTimeRequest explain;
    explain.set_event_id(event.event_id());
    explain.set_duty_id(notice.notice_id());
    auto explained =
        agency_->Call<type::v1::Explanation>(agency_->Caseworker(), "ExplainDueTime", explain);
    ASSERT_THAT(explained, IsOk());
    EXPECT_EQ(explained->SerializeAsString(), notice.explanation().SerializeAsString());
  }
  EXPECT_THAT(event.sign_offs(), SizeIs(2));
}

TEST_F(NotifiableEventsTest, TheAreaAuthorityIsToldOnlyWhereItIsAnotherOne) {
  EXPECT_THAT(Told(Report(v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY)),
              UnorderedElementsAre("CHIEF_INSPECTOR ofsted", "RESPONSIBLE_AUTHORITY northshire"));
  v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY);
  request.mutable_report()->set_child_id("C-2");
  auto elsewhere = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  ASSERT_THAT(elsewhere, IsOk());
  EXPECT_THAT(Told(*elsewhere),
              UnorderedElementsAre("CHIEF_INSPECTOR ofsted", "RESPONSIBLE_AUTHORITY northshire",
                                   "AREA_AUTHORITY southshire"));
}

TEST_F(NotifiableEventsTest, AnEventRunsFromReportToConclusion) {
  NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_MISSING);
  v1::ConcludeEventRequest conclude;
  conclude.set_event_id(event.event_id());
  auto early = agency_->Call(agency_->RegisteredManager(), "ConcludeEvent", conclude);
  ASSERT_THAT(early, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(early, HasReason("NOT_READY_TO_CONCLUDE"));
  std::set<std::string> missing;
  for (const Violation& violation : ViolationsOf(early.status())) missing.insert(violation.field);
  std::set<std::string> expected = {"sign_offs[MANAGER]", "sign_offs[REGISTERED_MANAGER]",
                                    "discussion", "child_return", "outcome"};
  bool regulator = false;
  for (const v1::Notice& notice : event.notices()) {
    if (notice.basis() == v1::BASIS_POLICY) continue;
    expected.insert(absl::StrCat("notices[", notice.notice_id(), "]"));
    regulator |= notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR;
  }
  if (regulator) expected.insert("regulator_reference");
  EXPECT_EQ(missing, expected) << "the refusal names all that is missing";

  // Notices: given once, then acknowledged once.
  ASSERT_GT(event.notices_size(), 0);
  v1::AcknowledgeNoticeRequest acknowledge;
  acknowledge.set_event_id(event.event_id());
  acknowledge.set_notice_id(event.notices(0).notice_id());
  acknowledge.set_reference("ACK-7");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "AcknowledgeNotice", acknowledge),
              HasReason("NOTICE_NOT_GIVEN"));
  for (const v1::Notice& notice : event.notices()) ASSERT_THAT(Give(event, notice), IsOk());
  EXPECT_THAT(Give(event, event.notices(0)), HasReason("NOTICE_GIVEN_BEFORE"));
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "AcknowledgeNotice", acknowledge), IsOk());

  // What was told by telephone is confirmed in writing.
  for (const v1::Notice& notice : event.notices()) {
    if (notice.basis() == v1::BASIS_POLICY) continue;
    v1::ConfirmNoticeInWritingRequest confirm;
    confirm.set_event_id(event.event_id());
    confirm.set_notice_id(notice.notice_id());
    confirm.set_channel(type::v1::CHANNEL_EMAIL);
    ASSERT_THAT(agency_->Call(agency_->Caseworker(), "ConfirmNoticeInWriting", confirm), IsOk());
  }
  v1::RecordDiscussionRequest discuss;
  discuss.set_event_id(event.event_id());
  *discuss.mutable_discussed_time() = clock::ToProto(absl::Now());
  discuss.set_discussed_with("Ms Green");
  discuss.set_agreed("a talk about the way home");
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "RecordDiscussion", discuss), IsOk());

  // An action, and the child's return.
  v1::AddActionRequest add;
  add.set_event_id(event.event_id());
  add.set_description("talk with the child");
  add.set_owner_id("caseworker-1");
  *add.mutable_due_time() = clock::ToProto(absl::Now() + absl::Hours(48));
  auto with_action = agency_->Call(agency_->Caseworker(), "AddAction", add);
  ASSERT_THAT(with_action, IsOk());
  v1::CloseActionRequest close;
  close.set_event_id(event.event_id());
  close.set_action_id(with_action->actions(0).action_id());
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "CloseAction", close), HasReason("REQUIRED"));
  close.set_evidence("note of the talk");
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "CloseAction", close), IsOk());
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "CloseAction", close),
              HasReason("ACTION_CLOSED"));
  v1::RecordChildReturnRequest returned;
  returned.set_event_id(event.event_id());
  *returned.mutable_returned_time() = clock::ToProto(absl::Now() - absl::Minutes(5));
  ASSERT_THAT(agency_->Call(agency_->Publisher(), "RecordChildReturn", returned), IsOk());
  EXPECT_THAT(agency_->Call(agency_->Publisher(), "RecordChildReturn", returned),
              HasReason("RETURNED_BEFORE"));

  // Sign-off: manager, then registered manager, two people.
  EXPECT_THAT(SignOff(agency_->Caseworker(), event, v1::SignOff::STAGE_MANAGER),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(SignOff(agency_->RegisteredManager(), event, v1::SignOff::STAGE_REGISTERED_MANAGER),
              HasReason("MANAGER_FIRST"));
  ASSERT_THAT(SignOff(agency_->TeamManager(), event, v1::SignOff::STAGE_MANAGER), IsOk());
  EXPECT_THAT(SignOff(agency_->TeamManager(), event, v1::SignOff::STAGE_MANAGER),
              HasReason("SIGNED_BEFORE"));
  ASSERT_THAT(SignOff(agency_->RegisteredManager(), event, v1::SignOff::STAGE_REGISTERED_MANAGER),
              IsOk());

  conclude.set_outcome("back and well");
  conclude.set_regulator_reference("SC-100");
  auto concluded = agency_->Call(agency_->RegisteredManager(), "ConcludeEvent", conclude);
  ASSERT_THAT(concluded, IsOk());
  EXPECT_EQ(concluded->state(), NotifiableEvent::STATE_CONCLUDED);
  EXPECT_EQ(concluded->conclusion().outcome(), "back and well");
  EXPECT_EQ(concluded->timeline_size(), concluded->version());
  EXPECT_THAT(agency_->Call(agency_->RegisteredManager(), "ConcludeEvent", conclude),
              HasReason("EVENT_CONCLUDED"));
  auto read = Get(agency_->Caseworker(), event.event_id());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->SerializeAsString(), concluded->SerializeAsString());
}

TEST_F(NotifiableEventsTest, NobodySignsOffTheirOwnReport) {
  auto event = agency_->Call(agency_->TeamManager(), "ReportEvent",
                             RequestOf(v1::EVENT_KIND_INFECTIOUS_DISEASE));
  ASSERT_THAT(event, IsOk());
  auto refused = SignOff(agency_->TeamManager(), *event, v1::SignOff::STAGE_MANAGER);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(refused, HasReason("OWN_REPORT"));
}

TEST_F(NotifiableEventsTest, AnEnquiryIsToldAgainWhenItsOutcomeIsKnown) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY);
  EXPECT_THAT(Told(event, v1::MOMENT_ENQUIRY_OUTCOME), IsEmpty());
  v1::RecordEnquiryOutcomeRequest outcome;
  outcome.set_event_id(event.event_id());
  *outcome.mutable_outcome_time() = clock::ToProto(absl::Now() - absl::Minutes(10));
  *outcome.mutable_became_aware_time() = clock::ToProto(absl::Now() - absl::Minutes(5));
  outcome.set_outcome("no further action");
  auto after = agency_->Call(agency_->Caseworker(), "RecordEnquiryOutcome", outcome);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(Told(*after, v1::MOMENT_ENQUIRY_OUTCOME), Told(event));
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "RecordEnquiryOutcome", outcome),
              HasReason("OUTCOME_RECORDED_BEFORE"));
  outcome.set_event_id(Report(v1::EVENT_KIND_CHILD_MISSING).event_id());
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "RecordEnquiryOutcome", outcome),
              HasReason("NO_ENQUIRY"));
}

TEST_F(NotifiableEventsTest, ACorrectionAddsAndKeepsWhatWasSaidFirst) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_MISSING);
  v1::CorrectEventRequest correct;
  correct.set_event_id(event.event_id());
  correct.set_reason("the police say so");
  correct.mutable_report()->add_kinds(v1::EVENT_KIND_SEXUAL_EXPLOITATION);
  correct.mutable_report()->set_summary("a corrected account");
  auto corrected = agency_->Call(agency_->Caseworker(), "CorrectEvent", correct);
  ASSERT_THAT(corrected, IsOk());
  EXPECT_EQ(corrected->report().summary(), event.report().summary());
  EXPECT_EQ(corrected->corrections(0).report().summary(), "a corrected account");
  EXPECT_THAT(corrected->kinds(), UnorderedElementsAre(v1::EVENT_KIND_CHILD_MISSING,
                                                       v1::EVENT_KIND_SEXUAL_EXPLOITATION));
  EXPECT_GT(corrected->notices_size(), event.notices_size());
}

TEST_F(NotifiableEventsTest, TheListShowsItAndFiltersIt) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_DEATH);  // due when it was known
  v1::ListEventsRequest list;
  list.set_kind(v1::EVENT_KIND_CHILD_DEATH);
  list.set_overdue_only(true);
  list.set_page_size(1);
  auto page = agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", list);
  ASSERT_THAT(page, IsOk());
  ASSERT_THAT(page->events(), SizeIs(1));
  EXPECT_EQ(page->events(0).event_id(), event.event_id());
  EXPECT_EQ(page->events(0).notice_count(), event.notices_size());
  EXPECT_EQ(page->events(0).notices_overdue(), event.notices_size());
  v1::ListEventsRequest of_carer;
  of_carer.set_carer_id(event.report().carer_id());
  page = agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", of_carer);
  ASSERT_THAT(page, IsOk());
  EXPECT_GT(page->total_size(), 0);
  EXPECT_THAT(page->events(), Each(Property(&v1::EventSummary::carer_id, of_carer.carer_id())));
  of_carer.set_carer_id("F-NONE");
  page = agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", of_carer);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->events(), IsEmpty());
  auto foreign = other_->Call<v1::ListEventsResponse>(other_->Caseworker(), "ListEvents", list);
  ASSERT_THAT(foreign, IsOk());
  EXPECT_THAT(foreign->events(), IsEmpty());
}

TEST_F(NotifiableEventsTest, NoticeTextNamesNoPersonInItsSubject) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_MISSING);
  v1::GetNoticeContentRequest content;
  content.set_event_id(event.event_id());
  content.add_notice_ids(event.notices(0).notice_id());
  auto text = agency_->Call<v1::NoticeContent>(agency_->TeamManager(), "GetNoticeContent", content);
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(text->body(), HasSubstr(event.report().summary()));
  EXPECT_THAT(text->subject(), Not(HasSubstr(event.report().summary())));
  EXPECT_FALSE(text->template_version().empty());
}

TEST_F(NotifiableEventsTest, NothingPersonalLeavesTheRegister) {
  constexpr char kCanary[] = "Canary-Osprey-5512";
  v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_MISSING);
  request.mutable_report()->set_summary(kCanary);
  request.mutable_report()->set_place(kCanary);
  request.mutable_report()->set_immediate_actions(kCanary);
  auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  ASSERT_THAT(event, IsOk());
  auto bus = installation_->OpenBus();
  auto subscription = bus->Subscribe({"canary", {kFacts}, "", false});
  ASSERT_THAT(subscription, IsOk());
  bool seen = false;
  EXPECT_TRUE(AwaitTrue([&] {
    auto records = (*subscription)->Poll(500, absl::Seconds(1));
    if (!records.ok()) return false;
    for (const bus::Record& record : *records) {
      seen |= bus::HeaderOf(record, "ce_subject") == event->event_id();
      EXPECT_THAT(record.value, Not(HasSubstr(kCanary)));
      for (const auto& [name, value] : record.headers) EXPECT_THAT(value, Not(HasSubstr(kCanary)));
    }
    return seen;
  }));
  EXPECT_THAT(installation_->process().Output(), Not(HasSubstr(kCanary))) << "nor in a log";
}

// ---- What bad input gets: gRPC ----

TEST_F(NotifiableEventsTest, AWrongReportGetsOneErrorThatNamesTheFieldAndLeavesNothing) {
  const absl::Time now = absl::Now();
  struct Case {
    const char* what;
    const char* reason;
    const char* field;
    std::function<void(v1::EventReport&)> spoil;
  };
  const Case cases[] = {
      {"unknown kind", "UNKNOWN_ENUM_VALUE", "report.kinds[0]",
       [](auto& r) { r.set_kinds(0, static_cast<v1::EventKind>(99)); }},
      {"no kind", "REQUIRED", "report.kinds", [](auto& r) { r.clear_kinds(); }},
      {"a kind twice", "DUPLICATE_KIND", "report.kinds", [](auto& r) { r.add_kinds(r.kinds(0)); }},
      {"unknown child", "UNKNOWN_CHILD", "report.child_id",
       [](auto& r) { r.set_child_id("C-999"); }},
      {"no child", "REQUIRED", "report.child_id", [](auto& r) { r.clear_child_id(); }},
      {"unknown carer", "UNKNOWN_CARER", "report.carer_id",
       [](auto& r) { r.set_carer_id("F-999"); }},
      {"in the future", "IN_THE_FUTURE", "report.occurred_time",
       [=](auto& r) { *r.mutable_occurred_time() = clock::ToProto(now + absl::Hours(2)); }},
      {"aware before it occurred", "BEFORE_OCCURRED", "report.became_aware_time",
       [](auto& r) {
         *r.mutable_became_aware_time() =
             clock::ToProto(clock::FromProto(r.occurred_time()) - absl::Hours(1));
       }},
      {"no moment", "REQUIRED", "report.occurred_time", [](auto& r) { r.clear_occurred_time(); }},
      {"no moment at all", "INVALID_TIME", "report.occurred_time",
       [](auto& r) { r.mutable_occurred_time()->set_nanos(-5); }},
      {"no account", "REQUIRED", "report.summary", [](auto& r) { r.set_summary("  "); }},
      {"account too long", "TEXT_TOO_LONG", "report.summary",
       [](auto& r) { r.set_summary(std::string(20'001, 'x')); }},
  };
  for (const Case& c : cases) {
    v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_MISSING, c.what);
    c.spoil(*request.mutable_report());
    const int64_t before = Recorded();
    auto refused = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    const std::vector<Violation> violations = ViolationsOf(refused.status());
    ASSERT_FALSE(violations.empty()) << c.what;
    EXPECT_EQ(violations[0].field, c.field) << c.what;
    EXPECT_EQ(Recorded(), before) << c.what;
  }
}

TEST_F(NotifiableEventsTest, TextThatNoDatabaseHoldsIsTheCallersFault) {
  for (const std::string& bad : {std::string("C\0-1", 4), std::string(100'000, 'C')}) {
    v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_MISSING);
    request.mutable_report()->set_child_id(bad);
    EXPECT_THAT(agency_->Call(agency_->Caseworker(), "ReportEvent", request),
                StatusIs(absl::StatusCode::kInvalidArgument));
    request = RequestOf(v1::EVENT_KIND_CHILD_MISSING, bad);
    EXPECT_THAT(agency_->Call(agency_->Caseworker(), "ReportEvent", request),
                StatusIs(absl::StatusCode::kInvalidArgument));
    auto got = Get(agency_->Caseworker(), bad);
    EXPECT_TRUE(absl::IsInvalidArgument(got.status()) || absl::IsNotFound(got.status()))
        << got.status();
  }
  v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_MISSING);
  request.mutable_report()->set_summary(std::string("with a NUL \0 inside", 19));
  const auto refused = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  EXPECT_THAT(refused, HasReason("INVALID_TEXT"));
  const std::vector<Violation> violations = ViolationsOf(refused.status());
  ASSERT_EQ(violations.size(), 1);
  EXPECT_EQ(violations[0].field, "report.summary");
}

TEST_F(NotifiableEventsTest, OneByteTooManyAndWhatIsNoMessageAreRefusedAtTheDoor) {
  const int64_t before = Recorded();
  const runtime::Client::Options caller = {installation_->TokenOf(agency_->Caseworker())};
  const std::string path = absl::StrCat("/", testing::kEvents, "/ReportEvent");
  auto too_large =
      installation_->client().CallBytes("any", path, std::string(1'000'001, '\0'), caller);
  EXPECT_TRUE(absl::IsInvalidArgument(too_large.status()) ||
              absl::IsResourceExhausted(too_large.status()))
      << too_large.status();
  EXPECT_FALSE(ReasonOf(too_large.status()).empty()) << too_large.status();
  auto malformed = installation_->client().CallBytes("any", path, "\x12\xff no message", caller);
  EXPECT_THAT(malformed, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(ReasonOf(malformed.status()).empty()) << malformed.status();
  EXPECT_EQ(Recorded(), before);
}

TEST_F(NotifiableEventsTest, TheSameRequestAgainGetsTheSameAnswerAndAnotherBodyNone) {
  const v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_MISSING, "once");
  auto first = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Give(*first, first->notices(0)), IsOk());
  const int64_t before = Recorded();
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&] {
      auto again = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
    });
  }
  for (std::thread& thread : threads) thread.join();
  v1::ReportEventRequest other = request;
  other.mutable_report()->set_summary("another account");
  auto refused = agency_->Call(agency_->Caseworker(), "ReportEvent", other);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(refused, HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(Recorded(), before);
}

TEST_F(NotifiableEventsTest, AnotherAgencysEventIsNotFound) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_MISSING);
  const int64_t before = Recorded();
  auto read = Get(other_->Caseworker(), event.event_id());
  EXPECT_THAT(read, StatusIs(absl::StatusCode::kNotFound));
  auto unknown = Get(agency_->Caseworker(), "01890000-0000-7000-8000-000000000000");
  EXPECT_EQ(read.status(), unknown.status()) << "as if it were not there";
  v1::GiveNoticeRequest give;
  give.set_event_id(event.event_id());
  give.set_notice_id(event.notices(0).notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  EXPECT_THAT(other_->Call(other_->Caseworker(), "GiveNotice", give),
              StatusIs(absl::StatusCode::kNotFound));
  v1::RecordEnquiryOutcomeRequest outcome;
  outcome.set_event_id(event.event_id());
  EXPECT_THAT(other_->Call(other_->Caseworker(), "RecordEnquiryOutcome", outcome),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Recorded(), before);
}

TEST_F(NotifiableEventsTest, ATokenThatIsNotGoodGetsNowhere) {
  const v1::ReportEventRequest request = RequestOf(v1::EVENT_KIND_CHILD_MISSING);
  const std::string good = installation_->TokenOf(agency_->Caseworker());
  std::vector<std::string> parts = absl::StrSplit(good, '.');
  std::string forged = good;
  forged[good.size() - 5] = good[good.size() - 5] == 'A' ? 'B' : 'A';
  struct {
    const char* what;
    std::string token;
    absl::StatusCode code;
  } cases[] = {
      {"missing", "", absl::StatusCode::kUnauthenticated},
      {"no token at all", "nonsense", absl::StatusCode::kUnauthenticated},
      {"forged", forged, absl::StatusCode::kUnauthenticated},
      {"unsigned", absl::StrCat(parts[0], ".", parts[1], "."), absl::StatusCode::kUnauthenticated},
      {"wrong role", installation_->TokenOf(agency_->Administrator()),
       absl::StatusCode::kPermissionDenied},
  };
  const int64_t before = Recorded();
  for (const auto& c : cases) {
    auto refused = installation_->client().Call<NotifiableEvent>("any", testing::kEvents,
                                                                 "ReportEvent", request, {c.token});
    EXPECT_THAT(refused, StatusIs(c.code)) << c.what;
    EXPECT_FALSE(ReasonOf(refused.status()).empty()) << c.what;
  }
  auto expired = auth::LocalIssuer::Open(installation_->folder() + "/issuer");
  ASSERT_THAT(expired, IsOk());
  auto old = (*expired)->Issue(
      {"caseworker-1", agency_->id(), agency_->Caseworker().roles, absl::Now() - absl::Hours(1)},
      absl::Now() - absl::Hours(2));
  ASSERT_THAT(old, IsOk());
  auto refused = installation_->client().Call<NotifiableEvent>("any", testing::kEvents,
                                                               "ReportEvent", request, {*old});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(refused, HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(Recorded(), before);
}

// ---- What bad input gets: CloudEvents, by gRPC and by the intake topic ----

class IntakeTest : public NotifiableEventsTest {
 protected:
  static std::string Json(const google::protobuf::Message& message) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
    return json;
  }
  static v1::IngestCloudEventRequest EventOf(const std::string& id) {
    v1::IngestCloudEventRequest event;
    event.set_id(id);
    event.set_source(agency_->source());
    event.set_type(kReported);
    event.set_data(Json(agency_->Report(v1::EVENT_KIND_CHILD_MISSING)));
    return event;
  }
  static bus::Record RecordOf(const v1::IngestCloudEventRequest& event) {
    bus::Record record;
    record.topic = kIntake;
    record.key = "case-system";
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", event.id()},
                      {"ce_source", event.source()},
                      {"ce_type", event.type()},
                      {"content-type", "application/json"}};
    record.value = event.data();
    return record;
  }
  static pg::TextArray FactIds(const std::string& name) {
    auto rows = installation_->Database("notifiable_events")
                    ->Query("SELECT fact_id FROM ledger.fact WHERE agency_id = $1 AND name = $2",
                            {agency_->id(), name});
    pg::TextArray ids;
    for (int row = 0; rows.ok() && row < rows->rows(); ++row) ids.push_back(rows->Text(row, 0));
    return ids;
  }
  static int64_t Parked(const std::string& reason) {
    auto count = installation_->Database("notifiable_events")
                     ->Query("SELECT count(*) FROM ledger.parked WHERE reason_code = $1", {reason});
    return count.ok() ? count->Int(0, 0) : -1;
  }
};

TEST_F(IntakeTest, TheSameCloudEventByBothWaysIsOneEvent) {
  const v1::IngestCloudEventRequest event = EventOf("case-1");
  auto first = agency_->Call(agency_->Publisher(), "IngestCloudEvent", event);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->source(), agency_->source());
  auto again = agency_->Call(agency_->Publisher(), "IngestCloudEvent", event);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  v1::EventReport report;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(event.data(), &report).ok());
  v1::IngestCloudEventRequest spelled_otherwise = event;
  spelled_otherwise.set_data_content_type("application/protobuf");
  spelled_otherwise.set_data(report.SerializeAsString());
  again = agency_->Call(agency_->Publisher(), "IngestCloudEvent", spelled_otherwise);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->event_id(), first->event_id());
  v1::IngestCloudEventRequest changed = event;
  changed.set_data(Json(agency_->Report(v1::EVENT_KIND_CHILD_DEATH)));
  const auto refused = agency_->Call(agency_->Publisher(), "IngestCloudEvent", changed);
  EXPECT_THAT(refused, HasReason("REQUEST_ID_REUSED"));
  ASSERT_EQ(ViolationsOf(refused.status()).size(), 1u);
  EXPECT_EQ(ViolationsOf(refused.status())[0].field, "id") << "as the sender calls it";
  // The same on the topic.
  const int64_t before = Parked("REQUEST_ID_REUSED");
  ASSERT_THAT(installation_->OpenBus()->Publish({RecordOf(changed)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return Parked("REQUEST_ID_REUSED") == before + 1; }));
  const auto fields = installation_->Database("notifiable_events")
                          ->Query(
                              "SELECT DISTINCT field FROM ledger.parked"
                              " WHERE reason_code = 'REQUEST_ID_REUSED'");
  ASSERT_THAT(fields, IsOk());
  ASSERT_EQ(fields->rows(), 1);
  EXPECT_EQ(fields->Text(0, 0), "id");
}

TEST_F(IntakeTest, AWrongCloudEventIsRefusedWithItsReason) {
  struct {
    const char* what;
    const char* reason;
    std::function<void(v1::IngestCloudEventRequest&)> spoil;
  } cases[] = {
      {"no id", "ATTRIBUTE_MISSING", [](auto& e) { e.clear_id(); }},
      {"no source", "ATTRIBUTE_MISSING", [](auto& e) { e.clear_source(); }},
      {"unknown type", "UNKNOWN_EVENT_TYPE", [](auto& e) { e.set_type("com.example.other"); }},
      {"another agency's source", "SOURCE_NOT_REGISTERED",
       [](auto& e) { e.set_source(other_->source()); }},
      {"nobody's source", "SOURCE_NOT_REGISTERED", [](auto& e) { e.set_source("urn:nobody"); }},
      {"no JSON", "MALFORMED_JSON", [](auto& e) { e.set_data("{not json"); }},
      {"unknown field", "UNKNOWN_FIELD", [](auto& e) { e.set_data("{\"colour\": \"red\"}"); }},
      {"no protobuf", "MALFORMED_PROTOBUF",
       [](auto& e) {
         e.set_data_content_type("application/protobuf");
         e.set_data("\x12\xff");
       }},
      {"unknown field of protobuf", "UNKNOWN_FIELD",
       [](auto& e) {
         e.set_data_content_type("application/protobuf");
         e.set_data("\xea\x04\x01x");  // field 77
       }},
      {"neither", "UNSUPPORTED_DATA", [](auto& e) { e.set_data_content_type("text/plain"); }},
  };
  const int64_t before = Recorded();
  for (const auto& c : cases) {
    v1::IngestCloudEventRequest event = EventOf(c.what);
    c.spoil(event);
    auto refused = agency_->Call(agency_->Publisher(), "IngestCloudEvent", event);
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    EXPECT_FALSE(ViolationsOf(refused.status()).empty()) << c.what;
  }
  EXPECT_EQ(Recorded(), before);
}

TEST_F(IntakeTest, ASourceThatIsBoundIsSpokenForByItsProgramsAlone) {
  const std::string source = absl::StrCat("urn:second:", agency_->id());
  const Person second = {agency_->id(), "program:second", {options::v1::ROLE_PUBLISHER}};
  const auto bind = [&](const std::vector<std::string>& programs) {
    directory::v1::RegisterPublisherRequest request;
    request.mutable_publisher()->set_publisher_id("second");
    request.mutable_publisher()->set_source(source);
    request.mutable_publisher()->mutable_program_ids()->Assign(programs.begin(), programs.end());
    ASSERT_THAT(installation_->Call<directory::v1::Publisher>(
                    agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                    "RegisterPublisher", request),
                IsOk());
    ASSERT_TRUE(AwaitTrue([&] {
      const auto rows = installation_->Database("notifiable_events")
                            ->Query(
                                "SELECT count(*) FROM reference.publisher WHERE source = $1"
                                " AND cardinality(programs) = $2",
                                {source, static_cast<int64_t>(programs.size())});
      return rows.ok() && rows->Int(0, 0) == 1;
    }));
  };
  bind({"program:second"});
  v1::IngestCloudEventRequest event = EventOf("bound-1");
  event.set_source(source);

  const int64_t before = Recorded();
  for (const Person& other : {agency_->Publisher(), agency_->Caseworker(),
                              Person{agency_->id(), "second", {options::v1::ROLE_PUBLISHER}}}) {
    const auto refused = agency_->Call(other, "IngestCloudEvent", event);
    EXPECT_THAT(refused, HasReason("SOURCE_OF_ANOTHER"));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
    ASSERT_EQ(ViolationsOf(refused.status()).size(), 1u);
    EXPECT_EQ(ViolationsOf(refused.status())[0].field, "source");
  }
  // Nor does it speak for a source that does not name it, once that is known of it, too.
  v1::IngestCloudEventRequest unknown = EventOf("bound-0");
  v1::EventReport of_nobody = agency_->Report(v1::EVENT_KIND_CHILD_MISSING);
  of_nobody.set_child_id("C-999");
  unknown.set_data(Json(of_nobody));
  EXPECT_TRUE(AwaitTrue([&] {
    const auto refused = agency_->Call(second, "IngestCloudEvent", unknown);
    return ReasonOf(refused.status()) == "SOURCE_OF_ANOTHER";
  }));
  EXPECT_EQ(Recorded(), before);

  // The same id under each one's own source is two events.
  const auto own = agency_->Call(second, "IngestCloudEvent", event);
  ASSERT_THAT(own, IsOk());
  const auto others = agency_->Call(agency_->Publisher(), "IngestCloudEvent", EventOf("bound-1"));
  ASSERT_THAT(others, IsOk());
  EXPECT_NE(own->event_id(), others->event_id());

  // The broker alone knows who writes to a topic.
  const int64_t parked = Parked("SOURCE_OF_ANOTHER");
  event = EventOf("bound-2");
  event.set_source(source);
  ASSERT_THAT(installation_->OpenBus()->Publish({RecordOf(event)}), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return Parked("SOURCE_OF_ANOTHER") == parked + 1; }));
  bind({"program:second", "intake-topics"});
  const size_t reported = FactIds("event_reported").size();
  event = EventOf("bound-3");
  event.set_source(source);
  // Again and again, until that is known as well: once recorded, it is the same event.
  EXPECT_TRUE(AwaitTrue([&] {
    EXPECT_THAT(installation_->OpenBus()->Publish({RecordOf(event)}), IsOk());
    return FactIds("event_reported").size() == reported + 1;
  }));
  // That a source takes what is on topics binds no other.
  ASSERT_THAT(installation_->OpenBus()->Publish({RecordOf(EventOf("bound-4"))}), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return FactIds("event_reported").size() == reported + 2; }));
}

TEST_F(IntakeTest, ABadRecordIsParkedWithItsReasonAlertsAPersonAndTheNextIsTaken) {
  std::vector<std::string> reasons;
  std::vector<bus::Record> records;
  const auto bad = [&](const std::string& reason, bus::Record record) {
    reasons.push_back(reason);
    records.push_back(std::move(record));
  };
  v1::IngestCloudEventRequest event = EventOf("bad-json");
  event.set_data("{not json");
  bad("MALFORMED_JSON", RecordOf(event));
  event = EventOf("bad-child");
  v1::EventReport report = agency_->Report(v1::EVENT_KIND_CHILD_MISSING);
  report.set_child_id("C-999");
  event.set_data(Json(report));
  bad("UNKNOWN_CHILD", RecordOf(event));
  report = agency_->Report(v1::EVENT_KIND_CHILD_MISSING);
  *report.mutable_occurred_time() = clock::ToProto(absl::Now() + absl::Hours(3));
  *report.mutable_became_aware_time() = report.occurred_time();
  event = EventOf("future");
  event.set_data(Json(report));
  bad("IN_THE_FUTURE", RecordOf(event));
  event = EventOf("bad-type");
  event.set_type("com.example.other");
  bad("UNKNOWN_EVENT_TYPE", RecordOf(event));
  event = EventOf("foreign");
  event.set_source("urn:nobody");
  bad("SOURCE_NOT_REGISTERED", RecordOf(event));
  bus::Record no_envelope = RecordOf(EventOf("no-envelope"));
  no_envelope.headers.clear();
  bad("NOT_A_CLOUD_EVENT", no_envelope);
  bus::Record bytes = RecordOf(EventOf("bytes"));
  bytes.headers[1].second = "\xff\xfe";
  bytes.key = std::string("\0\xff", 2);
  bytes.value = std::string("\0\x01\xff", 3);
  bad("INVALID_UTF8", bytes);
  bus::Record nul = RecordOf(EventOf("nul"));
  nul.headers[1].second = std::string("i\0d", 3);
  nul.headers.emplace_back("traceparent", "\xff");
  records.push_back(nul);  // taken or parked, but never in the way

  std::map<std::string, int64_t> before;
  for (const std::string& reason : reasons) before[reason] = Parked(reason);
  const v1::IngestCloudEventRequest good = EventOf("the-next");
  // All of them before the good one, on its own partition.
  records.push_back(RecordOf(good));
  for (bus::Record& record : records) record.key = "one-key";
  auto bus = installation_->OpenBus();
  ASSERT_THAT(bus->Publish(records), IsOk());

  const auto taken = [&] {
    auto count = installation_->Database("notifiable_events")
                     ->Query(
                         "SELECT count(*) FROM ledger.fact WHERE actor = $1 AND"
                         " name = 'event_reported'",
                         {absl::StrCat("source:", agency_->source())});
    return count.ok() && count->Int(0, 0) >= 1;
  };
  EXPECT_TRUE(AwaitTrue(taken)) << installation_->process().Output();
  for (const std::string& reason : reasons) {
    EXPECT_TRUE(AwaitTrue([&] { return Parked(reason) == before[reason] + 1; })) << reason;
  }
  // A person is alerted of those whose agency is known.
  auto parked = installation_->Database("notifiable_events")
                    ->Query(
                        "SELECT aggregate_id FROM ledger.fact WHERE agency_id = $1"
                        " AND name = 'intake_record_parked'",
                        {agency_->id()});
  ASSERT_THAT(parked, IsOk());
  EXPECT_GE(parked->rows(), 4);
  // One alert tells of all of them.
  const auto alerts = [&] {
    auto count = installation_->Database("notifications")
                     ->Query(
                         "SELECT count(*) FROM ledger.fact WHERE agency_id = $1"
                         " AND aggregate_id LIKE 'parked-%' AND name = 'alert_raised'",
                         {agency_->id()});
    return count.ok() ? count->Int(0, 0) : -1;
  };
  EXPECT_TRUE(AwaitTrue([&] { return alerts() >= 1; }));
  const auto heard = [&] {
    auto count =
        installation_->Database("notifications")
            ->Query(
                "SELECT count(*) FROM ledger.inbox i WHERE agency_id = $1 AND inbox_id = ANY ($2)",
                {agency_->id(), FactIds("intake_record_parked")});
    return count.ok() && count->Int(0, 0) == parked->rows();
  };
  EXPECT_TRUE(AwaitTrue(heard));
  EXPECT_LE(alerts(), 2) << "one a day, should the day end in between";
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
